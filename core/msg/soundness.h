/* SPDX-License-Identifier: BSD-2-Clause */
/* What every message must have before anything is done with it (RFC 3261 8.1.1, 16.3 item 1). */
#ifndef MSG_SOUNDNESS_H
#define MSG_SOUNDNESS_H

#include "core/msg/worker.h"

/* NULL, or what is wrong with a request: constant text that names the header field, fit for a reason phrase. */
const char *request_fault(struct ctx *ctx);
const char *response_fault(struct ctx *ctx);

#endif

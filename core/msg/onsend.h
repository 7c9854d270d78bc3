/* SPDX-License-Identifier: BSD-2-Clause */
/* onsend_route: the script's last look at a message that is written and about to leave, and what it sees of it. */
#ifndef MSG_ONSEND_H
#define MSG_ONSEND_H

#include "core/msg/worker.h"

/* Runs onsend_route, if there is one, for the n pieces of a message that goes to t. False: it said drop, the message is not to be sent (counted). */
bool onsend_lets(struct ctx *ctx, const struct target *t, const struct iovec *iov, unsigned n);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What other modules may have written: module_api(conf, "acc") is a struct acc_api. */
#ifndef ACC_API_H
#define ACC_API_H

#include "core/mod/api.h"

struct acc_api {
	/* A line as acc_log_request() writes it: status (0: none) and reason. uri: what $ru is meanwhile; null: as it is. */
	void (*log_request)(struct ctx *ctx, unsigned status, struct str reason, struct str uri);
};

#endif

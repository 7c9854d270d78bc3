/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of the counters. */
#include "modules/tls/counters.h"

static const struct counter_def defs[TLS_COUNTS] = {
#define X(id, name, help) { name, help },
	TLS_COUNTER_TABLE(X)
#undef X
};

struct counter_group tls_counters = { .name = "tls", .defs = defs, .n = TLS_COUNTS };

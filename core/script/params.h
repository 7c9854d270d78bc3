/* SPDX-License-Identifier: BSD-2-Clause */
/* The script's own parameters. */
#ifndef SCRIPT_PARAMS_H
#define SCRIPT_PARAMS_H

#include "core/run/rows.h"

struct script_conf {
	int64_t max_depth;	    /* of routes calling routes */
	int64_t max_steps;	    /* operations for one message */
	int64_t max_loops;	    /* turns of one while */
	struct own_value *settings; /* the script's own */
	struct own_value *defines;
};

/* Ends with P_END. */
extern const struct param_def script_params[];

#endif

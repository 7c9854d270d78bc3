/* SPDX-License-Identifier: BSD-2-Clause */
/* The script's own parameters, and those of the family that no layer has. */
#ifndef SCRIPT_PARAMS_H
#define SCRIPT_PARAMS_H

#include "core/run/rows.h"

struct script_conf {
	int64_t max_depth; /* of routes calling routes */
	int64_t max_steps; /* operations for one message */
};

/* Ends with P_END. A parameter that another layer really has wins over one that is not needed here. */
extern const struct param_def script_params[];

#endif

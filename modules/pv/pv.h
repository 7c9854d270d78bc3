/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of pv. */
#ifndef PV_PV_H
#define PV_PV_H

#include "core/mod/api.h"

#define PV_FN(NAME) int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc)

/* xavp.c */
PV_FN(xavp_params_explode);
PV_FN(xavp_copy);
PV_FN(xavp_rm);
PV_FN(pv_xavp_print);

#endif

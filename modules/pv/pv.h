/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of pv. */
#ifndef PV_PV_H
#define PV_PV_H

#include "core/mod/api.h"

/* xavp.c */
MODULE_FN(xavp_params_explode);
MODULE_FN(xavp_copy);
MODULE_FN(xavp_rm);
MODULE_FN(pv_xavp_print);

#endif

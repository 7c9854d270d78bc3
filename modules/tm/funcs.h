/* SPDX-License-Identifier: BSD-2-Clause */
/* The script's functions. */
#ifndef TM_FUNCS_H
#define TM_FUNCS_H

#include "modules/tm/tm.h"

extern const struct func_def tm_functions[];

#endif

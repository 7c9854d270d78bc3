/* SPDX-License-Identifier: BSD-2-Clause */
/* The attributes that the script itself has. */
#ifndef SCRIPT_VARS_H
#define SCRIPT_VARS_H

#include "core/run/rows.h"

extern const struct attr_def script_attrs[]; /* ends with get NULL */

#endif

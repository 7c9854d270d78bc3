/* SPDX-License-Identifier: BSD-2-Clause */
/* What scripts read of a transaction: SER's @tm, Kamailio's $T_… */
#ifndef TM_ATTRS_H
#define TM_ATTRS_H

#include "modules/tm/tm.h"

extern const struct attr_def tm_attrs[];

#endif

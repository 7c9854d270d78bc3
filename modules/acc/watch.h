/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a transaction is written: the flags of its request decide. */
#ifndef ACC_WATCH_H
#define ACC_WATCH_H

#include "modules/acc/acc.h"
#include "modules/tm/api.h"

extern const struct tm_watcher acc_watcher;

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of the whole router as log lines of area "status", on USR2: counters, slots, memory, core.verify. */
#ifndef RUN_STATUS_H
#define RUN_STATUS_H

#include "core/run/worker.h"

/* By whichever worker main asked. The last line is "status end seq=…". */
void status_write(struct worker *w, uint32_t seq);

#endif

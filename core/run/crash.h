/* SPDX-License-Identifier: BSD-2-Clause */
/* Crash files: what a worker had in hand when it died, "crash-<time>-<pid>.sip". */
#ifndef RUN_CRASH_H
#define RUN_CRASH_H

#include "core/run/slot.h"

/* Writes what slot's dead worker (pid, ended by signal; 0: it exited) had in hand into dir (mode 0600); the twenty newest files are kept. Nothing is
 * written when it had nothing in hand that has a text. By the successor, before it clears the row. */
void crash_write(const struct slot *slot, int pid, int signal, const char *dir_z);

#endif

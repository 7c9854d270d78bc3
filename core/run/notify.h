/* SPDX-License-Identifier: BSD-2-Clause */
/* Talking to the service manager (sd_notify's protocol) from main. */
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

#include <stdint.h>

/* Sends state ("READY=1") to NOTIFY_SOCKET; nothing happens where there is none. Never blocks. */
void notify_send(const char *state_z);
/* Milliseconds between two WATCHDOG=1 that keep the manager content (half of WATCHDOG_USEC), 0: it does not watch. */
uint32_t notify_watchdog_ms(void);

#endif

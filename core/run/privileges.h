/* SPDX-License-Identifier: BSD-2-Clause */
/* Becoming an ordinary user after the sockets are open. */
#ifndef RUN_PRIVILEGES_H
#define RUN_PRIVILEGES_H

#include "core/base/str.h"

/* Becomes user and group (names or numbers; null: unchanged; group null: the user's own). Keeps CAP_NET_BIND_SERVICE for main, so that it can open its
 * sockets again when it has to start over. Nothing happens when the process is that user already. On error: logged, -errno. */
int privileges_drop(struct str user, struct str group);
/* In a worker: gives up what main kept. */
void privileges_drop_all(void);

#endif

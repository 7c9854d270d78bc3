/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a branch's fate puts its destination on the list of dead ones (core/net/blocklist.h). */
#ifndef TM_DEAD_H
#define TM_DEAD_H

#include "modules/tm/fsm.h"

/* x->c timed out. An INVITE that had no response at all: its destination is dead. */
void dead_silent(struct turn *x);
/* The request of x->c did not arrive, as is told later than it was sent. A datagram that had no response yet: its destination is dead. */
void dead_returned(struct turn *x);
/* x->c got the final response x->reply. A 503 says for how long nothing should be sent there, if blst_503 is set. */
void dead_answered(struct turn *x);

#endif

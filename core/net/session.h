/* SPDX-License-Identifier: BSD-2-Clause */
/* Who uses the session of a connection's layer (layer.h): one worker at a time, whose slot stands in conn.holder; nobody waits. Who does not get it leaves
 * his message in the inbox and marks the connection for its owner; who lets it go sees that, and marks, too: nothing stays behind.
 *
 * A holder's death leaves its slot in the word: its successor says that the connection is broken, and the owner closes it. */
#ifndef NET_SESSION_H
#define NET_SESSION_H

#include "core/net/conn.h"

/* Sessions may be used by all workers, or by their owners only: what the layer's self-test found; before the first fork. */
void session_share_set(bool shared);
bool session_is_shared(void);

/* False: somebody else has it, it is not up, or it is over. */
bool session_enter(struct worker *w, struct conn *c);
/* The owner's, in any state. False: it will be marked when it is free. */
bool session_enter_owner(struct worker *w, struct conn *c);
void session_leave(struct worker *w, struct conn *c);
/* In session: sends what waits in the inbox, then m (plain), and leaves. m is freed. 0 or -ENOTCONN: the connection is broken; -ENOMEM: m is not sent. */
int session_send(struct worker *w, struct conn *c, struct queued *m);
/* In session: sends what waits in the inbox. 0 or -ENOTCONN. */
int session_drain(struct worker *w, struct conn *c);
/* What the dead worker of slot left in it; before anybody else owns it. Main may. */
void session_mend(struct run *run, struct conn *c, unsigned slot);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the owner of a connection with a layer does with it. A step may end the connection, as those of own.h. */
#ifndef NET_LAYERED_H
#define NET_LAYERED_H

#include "core/net/own.h"
#include "core/net/session.h"

/* Memory for the layer of a connection that is being made to t; before it is published. -ENOMEM. */
int layered_prepare(struct worker *w, struct conn *c, const struct target *t);
/* The row is published: so is that. */
void layered_publish(struct conn *c);
/* The other system answers: the layer begins. */
void layered_open(struct own *o);
/* What was received goes through the layer. 0; -ENOMEM: it waits; -ECANCELED: the connection has ended, or takes no input. */
int layered_input(struct own *o);
/* Plain messages that wait, and the good-bye behind the last. False: the connection has ended. */
bool layered_output(struct own *o);
/* Connections that were used gave their layers memory for it: those of some time ago give it back. */
void layered_rest(struct net_worker *nw);
/* Is there more to be produced before it may be shut? */
bool layered_has_output(const struct own *o);
/* It will not come up, and that is not the layer's doing: its time is over, or the peer has gone. */
void layered_unfinished(struct own *o, int reason);
/* Nobody sends on it any more: its memory goes, when nobody can look at it; sound: no worker died in it, so the layer can say what else it has. */
void layered_end(struct net_worker *nw, struct conn *c, bool sound);
/* A death between the steps of the above; before shm_recover. */
void layered_mend(struct run *run, struct conn *c);

#endif

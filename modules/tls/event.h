/* SPDX-License-Identifier: BSD-2-Clause */
/* event_route[tls:connection-in] and [tls:connection-out]: what the script says of a connection that is up, before anything passes on it. */
#ifndef TLS_EVENT_H
#define TLS_EVENT_H

#include "core/mod/api.h"

struct conn;

/* In new_generation: finds the routes of conf. */
void tls_event_begin(struct worker *w, const struct conf *conf);

/* Runs the route for c, whose handshake is done; session, which begins with its struct tls_facts, is what the route sees as @tls.*. By its owner, with no heap entered, before
 * LAYER_UP. False: the script said drop, which is logged and counted; the connection must end. */
bool tls_event_admits(struct worker *w, const struct conn *c, const void *session);

#endif

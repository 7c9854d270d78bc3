/* SPDX-License-Identifier: BSD-2-Clause */
/* A route for what happened to a connection, or because it is time, when there is no message of somebody's.
 *
 * The route runs on a request that is made for it and whose origin is the connection's, if there is one: what tells where a message came from ($si, $proto, $conid, @tls.*) is
 * true, the rest of it says nothing. It is there to be looked at, logged and judged; sending it on and answering it are refused. Nothing in the route
 * can wait. */
#ifndef MSG_EVENT_H
#define MSG_EVENT_H

#include "core/msg/ctx.h"

/* The number of event_route[name] in conf, plus one; 0: the script has none. For a new_generation hook. */
uint32_t event_find(struct worker *w, const struct conf *conf, struct str name);
/* The same of route[name], to be run in the same way. */
uint32_t event_find_route(struct worker *w, const struct conf *conf, struct str name);

/* Runs the route of that number (0: there is none) of the turn's configuration. session: what the connection's layer keeps, while others cannot see it yet; NULL:
 * net_conn_session() tells. True when the route said drop; also when it could not be run: who relies on it is not left without it. */
bool event_refuses(struct worker *w, uint32_t route, const struct origin *from,
		   const void *session);

#endif

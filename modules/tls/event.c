/* SPDX-License-Identifier: BSD-2-Clause */
/* Which routes there are for connections, and what their drop means. */
#include "modules/tls/event.h"

#include "core/mod/stream.h"
#include "modules/tls/counters.h"
#include "modules/tls/facts.h"

/* event_find() in each configuration of this process, by its place. */
static struct {
	uint32_t in, out;
} routes[CONFS_MAX];

void tls_event_begin(struct worker *w, const struct conf *conf)
{
	routes[conf->place].in = event_find(w, conf, STR("tls:connection-in"));
	routes[conf->place].out = event_find(w, conf, STR("tls:connection-out"));
}

static void refused(const struct conn *c, const struct tls_facts *f)
{
	tls_count(TLS_COUNT_FAILED_EVENT);
	tls_count(c->accepted ? TLS_COUNT_FAILED_SERVER : TLS_COUNT_FAILED_CLIENT);
	log_limited(LOG_NOTICE, "tls", "a connection was refused", KV_ADDR("peer", &c->peer),
		    KV_STR("domain", f->domain), KV_STR("server_name", f->server_name),
		    KV_Z("stage", "event"),
		    KV_Z("reason", c->accepted ? "event_route[tls:connection-in] said drop"
					       : "event_route[tls:connection-out] said drop"),
		    KV_ID("conn", c->id));
}

bool tls_event_admits(struct worker *w, const struct conn *c, const void *session)
{
	unsigned place = worker_conf(w)->place;
	uint32_t route = c->accepted ? routes[place].in : routes[place].out;
	struct origin from;

	if (!route ||
	    (net_conn_origin(w->run, c->id, &from) && !event_refuses(w, route, &from, session)))
		return true;
	refused(c, session);
	return false;
}

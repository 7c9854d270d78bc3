/* SPDX-License-Identifier: BSD-2-Clause */
/* The request that an event route runs on when nobody sent one. */
#include "core/msg/event.h"

#include "core/msg/worker.h"

#include "core/run/log.h"

static const char request_z[] = "OPTIONS sip:event@invalid SIP/2.0\r\n"
				"Via: SIP/2.0/TCP invalid\r\n"
				"From: <sip:event@invalid>;tag=event\r\n"
				"To: <sip:event@invalid>\r\n"
				"Call-ID: event\r\n"
				"CSeq: 1 OPTIONS\r\n"
				"Content-Length: 0\r\n\r\n";

static uint32_t find(struct worker *w, const struct conf *conf, enum route_kind kind,
		     struct str name)
{
	int64_t route = w->msg->script->route_find(conf, kind, name);

	return route < 0 ? 0 : (uint32_t)route + 1;
}

uint32_t event_find(struct worker *w, const struct conf *conf, struct str name)
{
	return find(w, conf, IN_EVENT, name);
}

uint32_t event_find_route(struct worker *w, const struct conf *conf, struct str name)
{
	return find(w, conf, IN_REQUEST, name);
}

bool event_refuses(struct worker *w, uint32_t route, const struct origin *from, const void *session)
{
	struct ctx *ctx;
	bool dropped;

	if (!route)
		return false;
	ctx = ctx_of_text(w, from, str_z(request_z));
	if (!ctx) {
		log_limited(LOG_WARN, "core", "could not run an event route",
			    KV_Z("why", "there is no memory"), KV_ADDR("src", &from->src));
		return true;
	}
	ctx->is_event = true;
	ctx->session = session;
	dropped = w->msg->script->route_run(ctx, IN_EVENT, route - 1);
	ctx_give(ctx);
	return dropped;
}

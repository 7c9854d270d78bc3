/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is refused, how, and when the overload is over. */
#include "core/msg/overload.h"

#include "core/msg/drop.h"
#include "core/msg/event.h"
#include "core/msg/receive.h"
#include "core/msg/reply.h"
#include "core/msg/stateful.h"
#include "core/msg/waiting.h"

#include "core/run/log.h"

/* So long after the last refusal it is over. */
#define CALM_MS 1000u

static enum overload_why why_of(const struct worker *w, const struct origin *from)
{
	const struct msg_conf *c = msg_conf_of(worker_conf(w));
	const struct trans_hooks *trans = w->msg->trans;

	if (c->overload_lag && from->late_us > (uint64_t)c->overload_lag * 1000)
		return OVERLOAD_LATE;
	if (trans && trans->in_use(w->run) >= (uint64_t)c->max_transactions)
		return OVERLOAD_FULL;
	return OVERLOAD_NONE;
}

/* --- begin and end --------------------------------------------------------------------------------------------------------------- */

static void begin(const struct ctx *ctx)
{
	const struct msg_conf *c = msg_conf_of(ctx->conf);

	if (ctx->overloaded == OVERLOAD_LATE)
		log_warn("core", "overloaded, new requests are refused",
			 KV_Z("why", "messages wait too long for a worker"),
			 KV_INT("ms", ctx->from.late_us / 1000),
			 KV_INT("overload_lag", c->overload_lag));
	else
		log_warn("core", "overloaded, new requests are refused",
			 KV_Z("why", "there are too many transactions"),
			 KV_INT("max_transactions", c->max_transactions));
}

static void watch_end(struct msg_worker *mw)
{
	if (!timer_runs(&mw->overload_end))
		timer_start(&mw->overload_end, CALM_MS);
}

static void end_fire(struct timer *t)
{
	struct msg_worker *mw = container_of(t, struct msg_worker, overload_end);
	struct overload *o = &mw->w->run->msgs->overload;
	uint64_t since = atomic_load(&o->since), now = mw->w->now;

	if (!since)
		return;
	if (atomic_load(&o->last) + CALM_MS > now) {
		watch_end(mw);
		return;
	}
	/* whoever is first says so */
	if (atomic_compare_exchange_strong(&o->since, &since, 0))
		log_notice("core", "no longer overloaded", KV_INT("ms", now - since),
			   KV_INT("refused", atomic_exchange(&o->refused, 0)));
}

void overload_start(struct worker *w)
{
	timer_init(&w->msg->overload_end, w->timers, end_fire);
	if (atomic_load(&w->run->msgs->overload.since))
		watch_end(w->msg);
}

void overload_stop(struct worker *w)
{
	timer_stop(&w->msg->overload_end);
}

static void refuse(struct ctx *ctx)
{
	struct overload *o = &ctx->worker->run->msgs->overload;
	uint64_t none = 0;

	msg_count(ctx->overloaded == OVERLOAD_LATE ? MSG_REFUSED_LATE : MSG_REFUSED_FULL);
	atomic_store(&o->last, ctx->worker->now);
	atomic_fetch_add(&o->refused, 1);
	if (!atomic_load(&o->since) &&
	    atomic_compare_exchange_strong(&o->since, &none, ctx->worker->now))
		begin(ctx);
	watch_end(ctx->worker->msg);
	if (!(ctx->done & CTX_REPLIED))
		(void)reply_unavailable(ctx);
}

/* --- who is exempt ---------------------------------------------------------------------------------------------------------------- */

/* RFC 5031: "sos" and what is below it. */
static bool is_sos(struct str ruri)
{
	const struct str sos = STR("urn:service:sos");

	return str_starts_nocase(ruri, sos) && (ruri.n == sos.n || ruri.p[sos.n] == '.');
}

static bool number_is_in(struct str number, struct str numbers)
{
	struct str piece;

	while (number.n && str_split(&numbers, ',', &piece)) {
		if (str_eq(str_trim(piece), number))
			return true;
	}
	return false;
}

static bool is_number(struct str s)
{
	bool plus = s.n > 1 && s.p[0] == '+';

	for (size_t i = plus; i < s.n; i++) {
		if (!char_is_digit(s.p[i]))
			return false;
	}
	return s.n > 0;
}

const char *overload_numbers_fault(struct str numbers)
{
	struct str piece;

	if (!numbers.n)
		return NULL;
	while (str_split(&numbers, ',', &piece)) {
		if (!is_number(str_trim(piece)))
			return "emergency_numbers are numbers with commas: \"112,911\"";
	}
	return NULL;
}

static bool is_emergency(struct ctx *ctx)
{
	struct str user;
	ssize_t semicolon;
	struct sip_uri u;

	if (is_sos(ctx->msg->ruri))
		return true;
	if (uri_parse(ctx->msg->ruri, &u, NULL))
		return false;
	/* "112;phone-context=…" */
	semicolon = str_chr(u.user, ';');
	user = semicolon < 0 ? u.user : str_head(u.user, (size_t)semicolon);
	return number_is_in(user, msg_conf_of(ctx->conf)->emergency_numbers);
}

/* It is taken already: its retransmissions belong to whoever has it. */
static bool is_taken(struct ctx *ctx)
{
	const struct trans_hooks *trans = trans_of(ctx);

	return waits_meet(ctx) != MEET_NOTHING || (trans && trans->knows(ctx));
}

/* What cannot be read so far goes its usual way, too, on which it is told what is wrong with it. */
static bool is_new_request(struct ctx *ctx, struct str bytes)
{
	const struct sip_msg *msg = ctx->msg;

	return sip_msg_parse_head(ctx->msg, ctx->pool, bytes) && msg->is_request &&
	       msg->method != METHOD_ACK && msg->method != METHOD_CANCEL &&
	       !sip_msg_via(ctx->msg, &ctx->via) && !request_has_to_tag(ctx);
}

/* --- the verdict ------------------------------------------------------------------------------------------------------------------ */

void overload_generation(struct worker *w, const struct conf *conf)
{
	w->msg->overload_route = event_find(w, conf, STR("core:overload"));
}

/* True: it is refused, and answered. */
static bool judge(struct ctx *ctx, struct str bytes, enum overload_why *ask_r)
{
	if (!is_new_request(ctx, bytes))
		return false;
	if (is_emergency(ctx)) {
		msg_count(MSG_EXEMPT);
		return false;
	}
	if (is_taken(ctx))
		return false;
	if (ctx->worker->msg->overload_route) {
		*ask_r = ctx->overloaded;
		return false;
	}
	msg_count(MSG_REQUESTS);
	refuse(ctx);
	return true;
}

bool overload_refuses(struct worker *w, const struct origin *from, struct str bytes,
		      enum overload_why *ask_r)
{
	enum overload_why why = why_of(w, from);
	struct ctx *ctx;
	struct str none;
	bool refused;

	*ask_r = OVERLOAD_NONE;
	if (!why || str_starts(bytes, STR("SIP/")))
		return false;
	/* nothing of it waits or is kept, so that the text is not copied */
	ctx = ctx_take(w, from, STR(""), &none);
	if (!ctx)
		return false;
	ctx->overloaded = why;
	refused = judge(ctx, bytes, ask_r);
	ctx_give(ctx);
	return refused;
}

bool overload_asks(struct ctx *ctx)
{
	const struct msg_worker *mw = ctx->worker->msg;

	if (!ctx->overloaded)
		return false;
	if (mw->script->route_run(ctx, IN_EVENT, mw->overload_route - 1)) {
		msg_count(MSG_EXEMPT);
		return false;
	}
	refuse(ctx);
	return true;
}

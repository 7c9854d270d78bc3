/* SPDX-License-Identifier: BSD-2-Clause */
/* Choosing among the branches' final responses, and what is changed in the one that goes up. */
#include "modules/tm/upward.h"

#include "modules/tm/client.h"
#include "modules/tm/failover.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"
#include "modules/tm/suspend.h"

#define REASON_ROOM 96

/* --- the best one ---------------------------------------------------------------------------------------------------------------------- */

/* RFC 3261 16.7 item 6: 6xx, then the lowest class; in it what tells the caller how to go on. The smaller, the better. */
static unsigned rank(unsigned status)
{
	switch (status) {
	case 401:
	case 407:
	case 415:
	case 420:
	case 484:
		return 4000;
	case 408:
		return 4999;
	case 503:
		return 5999;
	default:
		return status >= 600  ? status
		       : status < 300 ? 0
				      : status / 100 * 1000 + status % 100 + 1;
	}
}

static bool is_candidate(const struct client *c)
{
	return client_is_final(c) && !c->replaced && !c->is_dropped;
}

struct client *trans_best(const struct body *b)
{
	struct client *best = NULL;

	clients_each (c, b) {
		if (is_candidate(c) && (!best || rank(c->status) < rank(best->status)))
			best = c;
	}
	return best;
}

/* --- challenges ------------------------------------------------------------------------------------------------------------------------- */

static bool is_challenged(const struct client *c)
{
	return is_candidate(c) && (c->status == 401 || c->status == 407) && !str_is_null(c->final);
}

static void challenges_put(struct buf *b, const struct sip_msg *msg)
{
	for (const struct sip_hdr *h = msg->hdrs; h; h = h->next)
		if (h->id == HDR_WWW_AUTHENTICATE || h->id == HDR_PROXY_AUTHENTICATE)
			buf_str_put(b, h->whole);
}

/* RFC 3261 16.7 item 7: the challenges of all branches, in the order of these, behind those of the best response. Its text where it is the only one. */
static struct str aggregate(struct turn *x, struct pool *p, const struct client *best)
{
	struct str text = best->final;
	size_t cap = text.n;
	struct sip_msg msg, other;
	struct sip_error e;
	struct buf b;

	clients_each (c, x->b)
		if (c != best && is_challenged(c))
			cap += c->final.n;
	if (cap == text.n || !tm_conf_of(worker_conf(x->w))->aggregate_challenges ||
	    sip_msg_parse(&msg, p, text, false, &e))
		return text;
	b = buf_over(pool_alloc(p, cap), cap);
	if (!b.p)
		return text;
	buf_mem(&b, text.p, (size_t)(str_end(msg.headers) - text.p));
	clients_each (c, x->b) {
		if (c != best && is_challenged(c) && !sip_msg_parse(&other, p, c->final, false, &e))
			challenges_put(&b, &other);
	}
	buf_str_put(&b, str_between(str_end(msg.headers), str_end(text)));
	return buf_ok(&b) ? buf_str(&b) : text;
}

/* --- 503 -------------------------------------------------------------------------------------------------------------------------------- */

/* RFC 3261 16.7 item 6: a server further down refuses, not we. Retry-After would be about it, and is left out. */
static struct str as_500(struct pool *p, struct str text)
{
	struct str reason = reply_reason(500);
	struct sip_msg msg;
	struct sip_error e;
	struct buf b;

	if (sip_msg_parse(&msg, p, text, false, &e))
		return text;
	b = buf_over(pool_alloc(p, text.n + reason.n), text.n + reason.n);
	if (!b.p)
		return text;
	buf_lit(&b, "SIP/2.0 500 ");
	buf_str_put(&b, reason);
	buf_lit(&b, "\r\n");
	for (const struct sip_hdr *h = msg.hdrs; h; h = h->next)
		if (!str_eq_nocase(h->name, STR("Retry-After")))
			buf_str_put(&b, h->whole);
	buf_str_put(&b, str_between(str_end(msg.headers), str_end(text)));
	return buf_ok(&b) ? buf_str(&b) : text;
}

/* --- up --------------------------------------------------------------------------------------------------------------------------------- */

static void answer_made(struct turn *x, unsigned status, struct str reason)
{
	struct ctx *request = turn_request(x);

	if (!request || server_reply(x, request, status, reason, STR_NULL))
		server_give_up(x, status);
}

/* No response came by which to answer. */
static void answer_without(struct turn *x, unsigned status)
{
	const struct tm_conf *conf = tm_conf_of(worker_conf(x->w));

	if (x->b->cancelled)
		answer_made(x, 487, STR_NULL);
	else if (x->b->is_local)
		answer_made(x, status, STR_NULL);
	else if (status == 408 && x->b->method != METHOD_INVITE)
		server_feed(x, SERVER_GIVE_UP); /* RFC 4320 4.2: who asked has given up by now */
	else if (status == 408)
		answer_made(x, (unsigned)conf->reply_408_code, conf->reply_408_reason);
	else if (status == 503 || status < 300)
		answer_made(x, 500, STR("Next Hop Cannot Be Reached"));
	else
		answer_made(x, status, STR_NULL);
}

static struct client *client_of_status(struct body *b, unsigned status)
{
	clients_each (c, b)
		if (is_candidate(c) && c->status == status)
			return c;
	return NULL;
}

void trans_answer(struct turn *x)
{
	struct client *best = trans_best(x->b);
	bool remap = tm_conf_of(worker_conf(x->w))->remap_503_500;
	struct pool *p;
	struct str text;
	unsigned status;

	if (server_is_answered(x->b))
		return;
	/* who cancelled is told so, whatever other branches had said before */
	if (x->b->cancelled && best && best->status != 487 && best->status >= 300)
		best = client_of_status(x->b, 487);
	x->answers = best;
	if (!best || str_is_null(best->final) || !(p = turn_pool(x))) {
		answer_without(x, best ? best->status : 500);
		return;
	}
	text = best->final;
	status = best->status;
	if (status == 401 || status == 407)
		text = aggregate(x, p, best);
	if (status == 503 && remap && !x->b->is_local) {
		status = 500;
		text = as_500(p, text);
	}
	if (!x->b->is_local)
		tm_count(TM_RELAYED);
	server_up(x, status, text, text.p == best->final.p);
}

/* --- all branches together -------------------------------------------------------------------------------------------------------------- */

/* RFC 3326: why the others are cancelled. */
static struct str reason_line(struct turn *x, unsigned status, char *line, size_t size)
{
	struct buf b = buf_over(line, size);

	if (!tm_conf_of(worker_conf(x->w))->local_cancel_reason || !status)
		return STR_NULL;
	buf_lit(&b, "Reason: SIP;cause=");
	buf_uint(&b, status);
	if (status < 300)
		buf_lit(&b, ";text=\"Call completed elsewhere\"");
	buf_lit(&b, "\r\n");
	return buf_str(&b);
}

static void cancel_others(struct turn *x, unsigned status)
{
	char line[REASON_ROOM];

	clients_cancel(x, x->b->cancelled ? x->b->cancel_reason
					  : reason_line(x, status, line, sizeof(line)));
}

struct tally {
	unsigned pending;
	unsigned decisive; /* 2xx of another method than INVITE, 6xx; 0: none */
};

static struct tally tally_of(const struct body *b)
{
	struct tally sum = { 0 };

	clients_each (c, b) {
		if (!client_is_final(c))
			sum.pending++;
		else if (is_candidate(c) &&
			 (c->status < 300 || (c->status >= 600 && !b->no_6xx_block)))
			sum.decisive = c->status;
	}
	return sum;
}

void trans_decide(struct turn *x)
{
	struct body *b = x->b;
	struct tally sum;

	if (atomic_load(&x->t->script))
		return;
	if (server_is_answered(b))
		suspension_end(x);
	if (b->suspended || !b->clients_n)
		return;
	if (!server_is_answered(b) && !b->cancelled)
		fail_over(x);
	while (!server_is_answered(b) && !b->cancelled && branch_failure_run(x))
		if (atomic_load(&x->t->script) || b->suspended)
			return;
	sum = tally_of(b);
	if (server_is_answered(b)) {
		if (sum.pending)
			cancel_others(x, b->server.status);
		return;
	}
	if (sum.decisive && sum.decisive < 300)
		trans_answer(x);
	if (sum.pending && (sum.decisive || b->cancelled))
		cancel_others(x, sum.decisive);
	if (sum.pending || server_is_answered(b))
		return;
	if (!failure_run(x))
		trans_answer(x);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a branch does in its states. */
#include "modules/tm/client.h"

#include "modules/tm/dead.h"
#include "modules/tm/hopbyhop.h"
#include "modules/tm/run.h"
#include "modules/tm/server.h"

#include <errno.h>

/* --- out --------------------------------------------------------------------------------------------------------------------------- */

/* A resend, a CANCEL and the ACK: what could not be sent is sent again, or was never needed. */
static int send_text(struct turn *x, const struct client *c, struct str text, uint64_t token)
{
	struct iovec iov = { (void *)text.p, text.n };

	return x->w->msg->net->send(x->w, &c->target, &iov, 1, token);
}

/* A stream delivers or fails; an INVITE's text is needed for its CANCEL and ACK, too. */
static bool is_needed(const struct client *c)
{
	return c->is_invite || !c->target.transport->reliable;
}

static int sent_keep(struct body *b, struct client *c, const struct iovec *iov, unsigned n)
{
	size_t size = 0, at = 0;
	char *p;

	for (unsigned i = 0; i < n; i++)
		size += iov[i].iov_len;
	/* at another address it is as long as at the one before */
	p = size <= c->sent.n ? (char *)c->sent.p : arena_alloc(b->arena, size);
	if (!p)
		return -ENOMEM;
	for (unsigned i = 0; i < n; at += iov[i++].iov_len)
		memcpy(p + at, iov[i].iov_base, iov[i].iov_len);
	c->sent = str_of(p, size);
	return 0;
}

static void timers_begin(struct turn *x, struct client *c, uint32_t fr)
{
	c->alarm = (struct alarm){ .end_at = x->now + fr }; /* B, F */
	if (c->target.transport->reliable)
		return;
	c->alarm.interval = x->b->t1; /* A, E */
	c->alarm.resend_at = x->now + x->b->t1;
}

int client_start(struct turn *x, struct client *c, struct ctx *ctx, const struct target *to,
		 const struct iovec *iov, unsigned n)
{
	if (target_keep(x->b, &c->target, to) || (is_needed(c) && sent_keep(x->b, c, iov, n)))
		return -ENOMEM;
	timers_begin(x, c, x->b->fr);
	FAULT("tm.client.send");
	return nexthop_send(ctx, to, iov, n, trans_token(x->t, c->number));
}

void client_resend(struct turn *x)
{
	struct client *c = x->c;
	struct alarm *a = &c->alarm;
	uint32_t next = a->interval * 2;
	int err;

	/* RFC 3261 17.1.1.2: A doubles until B; 17.1.2.2: E up to T2, and is T2 once there was a provisional response */
	if (!c->is_invite)
		next = c->state == CLIENT_PROCEEDING || next > x->b->t2 ? x->b->t2 : next;
	a->interval = next;
	a->resend_at = x->now + next;
	tm_count(TM_RESENT_REQUESTS);
	err = send_text(x, c, c->sent, c->is_cancel ? 0 : trans_token(x->t, c->number));
	if (err && err != -EAGAIN)
		log_limited(LOG_INFO, "tm", "could not send a request again",
			    KV_ADDR("dst", &c->target.addr),
			    KV_Z("transport", c->target.transport->name), KV_ERRNO(-err));
}

/* --- CANCEL and ACK ------------------------------------------------------------------------------------------------------------------ */

static struct str joined(struct pool *p, struct str a, struct str b)
{
	struct buf out = buf_over(pool_alloc(p, a.n + b.n), a.n + b.n);

	if (!out.p)
		return STR_NULL;
	buf_str_put(&out, a);
	buf_str_put(&out, b);
	return buf_str(&out);
}

void client_cancel(struct turn *x)
{
	const struct tm_conf *conf = tm_conf_of(worker_conf(x->w));
	struct client *c = x->c, *cancel = c->cancel;
	struct pool *p = turn_pool(x);
	struct str extra = p ? joined(p, x->reason, conf->ac_extra_hdrs) : STR_NULL;
	struct str text = p ? cancel_make(p, x->w, x->b, c->sent, extra) : STR_NULL;

	/* RFC 3261 9.1: when no final response comes then, none will */
	c->alarm = (struct alarm){ .end_at = x->now + body_t1_times(x->b) };
	if (!cancel)
		cancel = arena_zalloc(x->b->arena, sizeof(*cancel));
	if (str_is_null(text) || !cancel) {
		log_limited(LOG_WARN, "tm", "no memory for a CANCEL");
		return;
	}
	cancel->is_cancel = true;
	cancel->number = c->number;
	cancel->target = c->target;
	if (sent_keep(x->b, cancel, &(struct iovec){ (void *)text.p, text.n }, 1))
		return;
	timers_begin(x, cancel, body_t1_times(x->b));
	c->cancel = cancel;
	tm_count(TM_CANCELS);
	FAULT("tm.cancel");
	(void)send_text(x, cancel, text, 0);
}

/* RFC 3261 16.8: timer C */
void client_cancel_silent(struct turn *x)
{
	x->c->timed_out = true;
	tm_count(TM_TIMEOUTS);
	client_cancel(x);
}

static struct str to_of(struct ctx *reply)
{
	const struct sip_hdr *h = reply->msg->first[HDR_TO];

	return h ? h->body : STR_NULL;
}

void client_ack(struct turn *x)
{
	struct str to = to_of(x->reply), text;

	text = ack_make(x->reply->pool, x->w, x->b, x->c->sent, to);
	if (!str_is_null(text))
		(void)send_text(x, x->c, text, 0);
}

/* --- in ------------------------------------------------------------------------------------------------------------------------------ */

/* The response as it goes up: our Via is taken off. Null: it cannot be made. */
static struct str up_text(struct turn *x)
{
	struct ctx *r = x->reply;
	struct iovec iov[EMIT_IOV];
	struct sip_via *second;
	unsigned n;

	if (x->b->is_local)
		return r->msg->buf;
	if (sip_msg_via_next(r->msg, r->via, &second) ||
	    emit_response(r, second, &x->b->server.up, iov, &n))
		return STR_NULL;
	if (n == 1)
		return str_of(iov[0].iov_base, iov[0].iov_len);
	return joined(r->pool, str_of(iov[0].iov_base, iov[0].iov_len),
		      str_of(iov[1].iov_base, iov[1].iov_len));
}

static void up(struct turn *x, unsigned status)
{
	struct str text;

	if (x->reply->done & CTX_DROPPED && status < 200)
		return;
	text = up_text(x);
	if (str_is_null(text))
		return;
	if (!x->b->is_local)
		tm_count(TM_RELAYED);
	x->answers = x->c;
	server_up(x, status, text, false);
}

void client_rang(struct turn *x)
{
	struct client *c = x->c;
	unsigned status = x->reply->msg->status;
	bool first = !c->rang;

	c->rang = true;
	c->status = status;
	if (!c->is_invite) {
		/* RFC 4320: no provisional response but 100 goes up, and that is hop by hop */
		c->alarm.interval = x->b->t2;
		return;
	}
	c->alarm.resend_at = 0;
	if (first || status > 100)
		c->alarm.end_at = x->now + x->b->fr_inv; /* C */
	if (status > 100 && !server_is_answered(x->b))
		up(x, status);
}

void client_rang_unwanted(struct turn *x)
{
	x->c->rang = true;
	client_cancel(x);
}

void client_won(struct turn *x)
{
	struct client *c = x->c;

	if (c->state != CLIENT_ACCEPTED)
		c->alarm = (struct alarm){ .end_at = x->now + body_t1_times(x->b) }; /* M */
	up(x, x->reply->msg->status);
	c->status = x->reply->msg->status;
}

static void final_keep(struct turn *x)
{
	struct str text = up_text(x);

	x->c->final = str_is_null(text) ? STR_NULL : arena_str(x->b->arena, text);
	if (str_is_null(x->c->final))
		log_limited(LOG_WARN, "tm", "no memory to keep a response: it is answered for here",
			    KV_INT("status", x->reply->msg->status));
}

void client_refused(struct turn *x)
{
	struct client *c = x->c;

	client_ack(x);
	dead_answered(x);
	final_keep(x);
	c->alarm = (struct alarm){ .end_at = x->now + turn_linger(x, c->target.transport,
								  body_t1_times(x->b)) }; /* D */
	c->status = c->timed_out && x->reply->msg->status == 487 ? 408 : x->reply->msg->status;
	if (c->status == 408 && c->timed_out)
		c->final = STR_NULL;
}

void client_answered(struct turn *x)
{
	struct client *c = x->c;

	dead_answered(x);
	if (!c->is_cancel)
		final_keep(x);
	c->alarm = (struct alarm){ .end_at = x->now +
					     turn_linger(x, c->target.transport, TM_T4) }; /* K */
	c->status = x->reply->msg->status;
}

void client_silent(struct turn *x)
{
	struct client *c = x->c;

	c->alarm = (struct alarm){ 0 };
	if (c->is_cancel)
		return;
	if (!c->timed_out)
		tm_count(TM_TIMEOUTS);
	dead_silent(x);
	c->timed_out = true;
	c->status = 408;
	log_debug("tm", "a branch did not answer", KV_ADDR("dst", &c->target.addr),
		  KV_Z("transport", c->target.transport->name));
}

/* RFC 3261 16.9: as if it had answered 503 */
void client_unsent(struct turn *x)
{
	struct client *c = x->c;

	c->alarm = (struct alarm){ 0 };
	c->status = 503;
	tm_count(TM_UNSENT);
	log_limited(LOG_INFO, "tm", "could not send a request", KV_ADDR("dst", &c->target.addr),
		    KV_Z("transport", c->target.transport->name), KV_ERRNO(x->error));
}

void client_respond(struct turn *x, struct client *c)
{
	struct sip_cseq cseq;

	if (sip_msg_cseq(x->reply->msg, &cseq))
		return;
	if (cseq.method == METHOD_CANCEL && x->b->method != METHOD_CANCEL)
		c = c->cancel;
	else if (cseq.method != x->b->method)
		return;
	if (c)
		client_feed(x, c, client_event_of(x->reply->msg->status));
}

bool client_due(struct turn *x, struct client *c)
{
	struct alarm *a = &c->alarm;
	bool any = false;

	if (a->end_at && a->end_at <= x->now) {
		a->end_at = a->resend_at = 0;
		client_feed(x, c, CLIENT_TIMEOUT);
		any = true;
	} else if (a->resend_at && a->resend_at <= x->now) {
		a->resend_at = 0;
		client_feed(x, c, CLIENT_RESEND);
		any = true;
	}
	if (c->cancel)
		any = client_due(x, c->cancel) || any;
	return any;
}

void clients_cancel(struct turn *x, struct str reason)
{
	struct client *was = x->c;

	x->reason = reason;
	clients_each (c, x->b)
		if (!client_is_final(c))
			client_feed(x, c, CLIENT_CANCEL);
	x->reason = STR_NULL;
	x->c = was;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server side does in its states. */
#include "modules/tm/server.h"

#include "modules/tm/local.h"
#include "modules/tm/run.h"
#include "modules/tm/watch.h"

#include <errno.h>

static int send_up(struct turn *x, struct str text)
{
	struct iovec iov = { (void *)text.p, text.n };
	int err;

	if (x->b->is_local)
		return 0;
	err = x->w->msg->net->send(x->w, &x->b->server.up, &iov, 1, 0);
	if (err)
		log_limited(LOG_INFO, "tm", "could not send an answer",
			    KV_ADDR("dst", &x->b->server.up.addr),
			    KV_Z("transport", x->b->server.up.transport->name), KV_ERRNO(-err));
	return err;
}

/* The answer itself. */
static void answer_send(struct turn *x)
{
	x->error = -send_up(x, x->text);
	x->is_up = true;
}

/* What a retransmission will be answered with: on a stream none comes. */
static void keep(struct turn *x)
{
	struct server *s = &x->b->server;

	if (s->up.transport->reliable || x->b->is_local)
		return;
	s->last = STR_NULL;
	if (x->text_kept) {
		s->last = x->text;
	} else if (room_make(x->b, &s->room, x->text.n)) {
		log_limited(LOG_WARN, "tm",
			    "no memory to keep an answer: a retransmission gets none",
			    KV_INT("status", x->status));
	} else {
		memcpy(s->room.p, x->text.p, x->text.n);
		s->last = str_of(s->room.p, x->text.n);
	}
}

static void count(unsigned status)
{
	static const enum tm_counter by_class[] = { TM_FINAL_2XX, TM_FINAL_3XX, TM_FINAL_4XX,
						    TM_FINAL_5XX, TM_FINAL_6XX };

	if (status >= 200 && status < 700)
		tm_count(by_class[status / 100 - 2]);
}

void server_send(struct turn *x)
{
	struct server *s = &x->b->server;

	answer_send(x);
	/* a 2xx that comes late changes nothing of what has been said */
	if (s->status >= 200)
		return;
	s->status = x->status;
	keep(x);
}

void server_accept(struct turn *x)
{
	struct server *s = &x->b->server;

	answer_send(x);
	s->status = x->status;
	s->alarm = (struct alarm){ .end_at = x->now + body_t1_times(x->b) }; /* L */
	count(x->status);
}

void server_refuse(struct turn *x)
{
	struct server *s = &x->b->server;

	keep(x);
	answer_send(x);
	s->status = x->status;
	s->alarm = (struct alarm){ .end_at = x->now + body_t1_times(x->b) }; /* H */
	if (!s->up.transport->reliable) {
		s->alarm.interval = x->b->t1; /* G */
		s->alarm.resend_at = x->now + x->b->t1;
	}
	count(x->status);
}

void server_answer(struct turn *x)
{
	struct server *s = &x->b->server;

	keep(x);
	answer_send(x);
	s->status = x->status;
	s->alarm = (struct alarm){ .end_at = x->now + turn_linger(x, s->up.transport,
								  body_t1_times(x->b)) }; /* J */
	count(x->status);
}

void server_confirm(struct turn *x)
{
	struct server *s = &x->b->server;

	s->alarm = (struct alarm){
		.end_at = x->now + turn_linger(x, s->up.transport, TM_T4) /* I */
	};
}

void server_resend(struct turn *x)
{
	if (!x->b->server.last.n)
		return;
	tm_count(TM_RESENT_REPLIES);
	(void)send_up(x, x->b->server.last);
}

void server_resend_timed(struct turn *x)
{
	struct alarm *a = &x->b->server.alarm;

	server_resend(x);
	a->interval = a->interval * 2 < x->b->t2 ? a->interval * 2 : x->b->t2;
	a->resend_at = x->now + a->interval;
}

static void go_up(struct turn *x, unsigned status, struct str text, bool kept)
{
	x->is_up = false;
	x->status = status;
	x->text = text;
	x->text_kept = kept;
	x->error = 0;
	server_feed(x, server_event_of(status));
	if (x->b->is_local)
		local_up(x, status, text);
}

void server_give_up(struct turn *x, unsigned status)
{
	server_feed(x, SERVER_GIVE_UP);
	if (x->b->is_local)
		local_up(x, status, STR_NULL);
}

void server_up(struct turn *x, unsigned status, struct str text, bool kept)
{
	go_up(x, status, text, kept);
	if (x->is_up)
		watch_answered(x, NULL);
}

int server_reply(struct turn *x, struct ctx *request, unsigned status, struct str reason,
		 struct str headers)
{
	struct str text;
	int err;

	if (server_is_answered(x->b))
		return -EALREADY;
	err = reply_make(request, status, reason, headers, &text);
	if (err)
		return err;
	tm_count(TM_GENERATED);
	go_up(x, status, text, false);
	if (x->is_up)
		watch_answered(x, request->trans ? request : NULL);
	if (status >= 200)
		request->done |= CTX_REPLIED;
	return -x->error;
}

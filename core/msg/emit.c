/* SPDX-License-Identifier: BSD-2-Clause */
/* The one place where output is made of a received message: buffer, the script's edits and the router's own merged by place. */
#include "core/msg/emit.h"

#include "core/base/must.h"
#include "core/msg/ownvia.h"
#include "core/msg/sentby.h"

#include <errno.h>

#define MAXFWD_DEFAULT	70
#define MAXFWD_MOST	255u /* RFC 3261 20.22 */
#define VIA_OVERHEAD	160  /* a Via line without host and branch */
#define NUMBER_LINE	40 /* the longest name of such a header field, a number, ": " and a line end */
#define ONE_PIECE_BYTES 8192 /* up to this size a copy costs less than a second piece */

void emit_edit(struct emit *e, size_t at, size_t drop, struct str text)
{
	unsigned i = e->n++;

	MUST(i < EMIT_OWN_EDITS);
	/* in order of places; at the same place in the order made */
	for (; i && e->own[i - 1].at > at; i--)
		e->own[i] = e->own[i - 1];
	e->own[i] = (struct edit){ .at = (uint32_t)at, .drop = (uint32_t)drop, .text = text };
}

/* The next edit of both lists; at the same place the script's comes first, so that nothing gets between two Vias. */
static const struct edit *edit_next(const struct emit *e, unsigned *i, const struct edit **script)
{
	const struct edit *s = *script;

	if (*i < e->n && (!s || e->own[*i].at < s->at))
		return &e->own[(*i)++];
	if (s)
		*script = s->next;
	return s;
}

/* Writes buf with all edits that begin before `end`, up to there (the whole: buf.n + 1). What two edits both leave out is left out once. */
static void merge(struct buf *out, struct str buf, const struct emit *e, const struct edit *script)
{
	const struct edit *x;
	size_t pos = 0;
	unsigned i = 0;

	while ((x = edit_next(e, &i, &script))) {
		if (x->at > pos) {
			buf_mem(out, buf.p + pos, x->at - pos);
			pos = x->at;
		}
		buf_str_put(out, x->text);
		if (x->at + x->drop > pos)
			pos = x->at + x->drop;
	}
	if (pos < buf.n)
		buf_mem(out, buf.p + pos, buf.n - pos);
}

static size_t body_at(const struct sip_msg *msg)
{
	return (size_t)(msg->body.p - msg->buf.p);
}

/* How long the body becomes. Edits overlap in no byte and none crosses into the body. */
static size_t body_length(const struct ctx *ctx, bool *changed_r)
{
	size_t at = body_at(ctx->msg), n = ctx->msg->body.n;

	*changed_r = false;
	for (const struct edit *x = ctx->edits.first; x; x = x->next) {
		if (x->at < at)
			continue;
		*changed_r = true;
		n = n + x->text.n - x->drop;
	}
	return n;
}

/* Whether there is such a header field, which the script has not left out. */
static bool is_there(const struct ctx *ctx, const struct sip_hdr *h)
{
	return h && !(ctx->edits.first &&
		      edits_removed(&ctx->edits, (size_t)(h->body.p - ctx->msg->buf.p), h->body.n));
}

/* A header field with a number that the router sets: its value, or the whole of it behind all others. */
static int number_edit(struct ctx *ctx, struct emit *e, enum hdr_id id, uint64_t value)
{
	const struct sip_hdr *h = ctx->msg->first[id];
	const char *base = ctx->msg->buf.p;
	struct buf b = buf_over(pool_alloc(ctx->pool, NUMBER_LINE), NUMBER_LINE);

	if (!b.p)
		return -ENOMEM;
	if (!is_there(ctx, h)) {
		buf_str_put(&b, hdr_name(id));
		buf_lit(&b, ": ");
		buf_uint(&b, value);
		buf_lit(&b, "\r\n");
		emit_edit(e, (size_t)(str_end(ctx->msg->headers) - base), 0, buf_str(&b));
		return 0;
	}
	buf_uint(&b, value);
	/* what the script put in the place of a part of it stays */
	if (!ctx->edits.first || !edits_overlap(&ctx->edits, (size_t)(h->body.p - base), h->body.n))
		emit_edit(e, (size_t)(h->body.p - base), h->body.n, buf_str(&b));
	return 0;
}

/* The texts of late edits, and their length together. */
static int late_make(struct ctx *ctx, const struct target *t, size_t *n_r)
{
	int err = 0;

	*n_r = 0;
	for (struct edit *x = ctx->edits.first; x && !err; x = x->next) {
		if (!x->late)
			continue;
		x->text = STR_NULL;
		if (t)
			err = x->late->make(ctx, t, x->data, x->data_n, &x->text);
		*n_r += x->text.n;
	}
	return err;
}

int emit_message(struct ctx *ctx, const struct target *t, struct emit *e, struct iovec *iov,
		 unsigned *n_r)
{
	const struct sip_msg *msg = ctx->msg;
	bool body_changed;
	size_t body_n = body_length(ctx, &body_changed), size;
	struct str text = msg->buf;
	struct buf out;
	int err = late_make(ctx, t, &size);

	if (!err && (body_changed || (t && t->transport->reliable &&
				      !is_there(ctx, msg->first[HDR_CONTENT_LENGTH]))))
		err = number_edit(ctx, e, HDR_CONTENT_LENGTH, body_n);
	if (err)
		return err;
	size += ctx->edits.grown;
	for (unsigned i = 0; i < e->n; i++)
		size += e->own[i].text.n;
	*n_r = 1;
	if (!body_changed && msg->body.n && size + text.n > ONE_PIECE_BYTES) {
		text.n = body_at(msg);
		iov[1] = (struct iovec){ (void *)msg->body.p, msg->body.n };
		*n_r = 2;
	}
	size += text.n;
	out = buf_over(pool_alloc(ctx->pool, size), size);
	if (!out.p)
		return -ENOMEM;
	merge(&out, text, e, ctx->edits.first);
	MUST(buf_ok(&out));
	iov[0] = (struct iovec){ out.p, out.n };
	return 0;
}

int emit_maxfwd(struct ctx *ctx, uint32_t *value_r)
{
	return sip_msg_uint(ctx->msg, HDR_MAX_FORWARDS, value_r);
}

static int maxfwd_edit(struct ctx *ctx, struct emit *e)
{
	uint32_t value = MAXFWD_DEFAULT + 1;

	if (ctx->made_here)
		return 0;
	if (ctx->msg->first[HDR_MAX_FORWARDS] && emit_maxfwd(ctx, &value))
		return 0; /* nexthop_allowed refused it; whoever emits without it passes it on */
	value = ctx->maxfwd != CTX_MAXFWD_NONE ? ctx->maxfwd : value ? value - 1 : 0;
	return number_edit(ctx, e, HDR_MAX_FORWARDS, value > MAXFWD_MOST ? MAXFWD_MOST : value);
}

/* RFC 5393 5.3.3; 5.4.1: in a CANCEL it means nothing. */
static int breadth_edit(struct ctx *ctx, struct emit *e, uint32_t breadth)
{
	uint32_t received;

	if (!breadth || ctx->msg->method == METHOD_CANCEL)
		return 0;
	if (!sip_msg_uint(ctx->msg, HDR_MAX_BREADTH, &received) && received == breadth)
		return 0;
	return number_edit(ctx, e, HDR_MAX_BREADTH, breadth);
}

static int via_edits(struct ctx *ctx, const struct target *t, struct str branch, struct emit *e)
{
	const struct str line = ctx->via->hdr->whole;
	const char *base = ctx->msg->buf.p;
	size_t cap = VIA_OVERHEAD + branch.n + sent_by_toward(ctx, t).host.n;
	struct buf b = buf_over(pool_alloc(ctx->pool, cap), cap);
	struct edit stamp;
	int err;

	if (!b.p || str_is_null(branch))
		return -ENOMEM;
	via_own_put(ctx, t, branch, &b);
	MUST(buf_ok(&b));
	emit_edit(e, (size_t)(line.p - base), ctx->made_here ? line.n : 0, buf_str(&b));
	if (ctx->made_here)
		return 0;
	if (via_stamp(ctx, &stamp, &err) &&
	    !edits_overlap(&ctx->edits, (size_t)(ctx->via->whole.p - base), ctx->via->whole.n))
		emit_edit(e, stamp.at, stamp.drop, stamp.text);
	return err;
}

int emit_request(struct ctx *ctx, const struct target *t, const struct nexthop *next,
		 struct str branch, struct iovec *iov, unsigned *n_r)
{
	const struct routing *routing = &next->routing;
	const struct sip_msg *msg = ctx->msg;
	struct emit e;
	int err;

	e.n = 0;
	err = via_edits(ctx, t, branch, &e);
	if (!err)
		err = maxfwd_edit(ctx, &e);
	if (!err)
		err = breadth_edit(ctx, &e, next->breadth);
	if (err)
		return err;
	if (routing->ruri.p != msg->ruri.p)
		emit_edit(&e, (size_t)(msg->ruri.p - msg->buf.p), msg->ruri.n, routing->ruri);
	for (unsigned i = 0; i < routing->n; i++)
		emit_edit(&e, routing->edits[i].at, routing->edits[i].drop, routing->edits[i].text);
	return emit_message(ctx, t, &e, iov, n_r);
}

int emit_response(struct ctx *ctx, const struct sip_via *second, const struct target *t,
		  struct iovec *iov, unsigned *n_r)
{
	const struct sip_hdr *h = ctx->via->hdr;
	const char *base = ctx->msg->buf.p;
	struct emit e;

	e.n = 0;
	if (second->hdr == h) /* somebody joined the Vias into one header field */
		emit_edit(&e, (size_t)(h->body.p - base), (size_t)(second->whole.p - h->body.p),
			  STR_NULL);
	else
		emit_edit(&e, (size_t)(h->whole.p - base), h->whole.n, STR_NULL);
	return emit_message(ctx, t, &e, iov, n_r);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Forking in series: the targets by their q, one group after the other (t_load_contacts, t_next_contacts). */
#include "modules/tm/funcs.h"

#include <stdlib.h>

/* Where the targets that are not tried yet stand: one value for each, with the request's other attributes, so that a failure route finds them. */
static const struct str store_name = STR_INIT("tm contacts");

/* The texts of one, in their order, each with a line end behind it: a URI has none. */
static struct str row_text(struct ctx *ctx, const struct branch *b)
{
	const struct str texts[] = { b->uri,	  b->dst_uri,	 b->path,    b->ruid,
				     b->instance, b->tls_domain, b->tls_name };
	size_t cap = 64;
	struct buf out;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cap += texts[i].n + 1;
	out = buf_over(pool_alloc(ctx->pool, cap), cap);
	if (!out.p)
		return STR_NULL;
	buf_int(&out, b->q);
	buf_char(&out, '\n');
	buf_uint(&out, b->flags);
	buf_char(&out, '\n');
	buf_int(&out, b->socket ? (int64_t)b->socket->index : -1);
	buf_char(&out, '\n');
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		buf_str_put(&out, texts[i]);
		buf_char(&out, '\n');
	}
	return buf_ok(&out) ? buf_str(&out) : STR_NULL;
}

static struct str text_next(struct str *rest)
{
	struct str piece = STR_NULL;

	(void)str_split(rest, '\n', &piece);
	return piece.n ? piece : STR_NULL;
}

static int64_t number_next(struct str *rest)
{
	int64_t n = 0;

	(void)str_int(text_next(rest), &n);
	return n;
}

static struct branch row_branch(struct ctx *ctx, struct str row)
{
	struct branch b = { 0 };
	int64_t socket;

	b.q = (int)number_next(&row);
	b.flags = (uint32_t)number_next(&row);
	socket = number_next(&row);
	b.socket = socket < 0 ? NULL
			      : msg_net_of(ctx)->listener_at(ctx->worker->run, (unsigned)socket);
	b.uri = text_next(&row);
	b.dst_uri = text_next(&row);
	b.path = text_next(&row);
	b.ruid = text_next(&row);
	b.instance = text_next(&row);
	b.tls_domain = text_next(&row);
	b.tls_name = text_next(&row);
	return b;
}

/* Without q, 1 (RFC 3261 20.10 says nothing, the family tries them first). */
static int q_of(const struct branch *b)
{
	return b->q == BRANCH_Q_NONE ? 1000 : b->q;
}

static int by_q(const void *x, const void *y)
{
	return q_of(x) - q_of(y);
}

static int store(struct ctx *ctx, const struct branch *all, unsigned n)
{
	struct avp_name name = avp_name(store_name);
	struct avps *avps = ctx_avps(ctx);

	if (!avps)
		return -1;
	avp_remove_all(avps, &avps->first[AVP_X], &name);
	/* the newest is found first: the least wanted is put in first */
	for (unsigned i = 0; i < n; i++) {
		struct value v = value_str(row_text(ctx, &all[i]));

		if (str_is_null(v.s) ||
		    avp_add(avps, ctx->pool, &avps->first[AVP_X], &name, &v, NULL))
			return -1;
	}
	return 0;
}

MODULE_FN(t_load_contacts)
{
	struct branch *all = pool_alloc(ctx->pool, (ctx->branches.n + 1) * sizeof(*all));
	unsigned n = 0, at = 0;

	(void)argv;
	(void)argc;
	if (!all)
		return FN_FALSE;
	/* one target needs no order */
	if (!ctx->branches.n)
		return FN_TRUE;
	while (branch_next(ctx, &at, &all[n]))
		n++;
	qsort(all, n, sizeof(*all), by_q);
	if (store(ctx, all, n))
		return FN_FALSE;
	branches_clear(ctx);
	ctx->uri_used = true;
	return FN_TRUE;
}

static int main_set(struct ctx *ctx, const struct branch *b)
{
	if (ctx_uri_set(ctx, b->uri) || ctx_dst_uri_set(ctx, b->dst_uri))
		return FN_FALSE;
	ctx->path = b->path;
	ctx->ruid = b->ruid;
	ctx->instance = b->instance;
	ctx->tls_domain = b->tls_domain;
	ctx->tls_name = b->tls_name;
	ctx->send_socket = b->socket;
	ctx->branch_flags = b->flags;
	ctx->q = b->q;
	return FN_TRUE;
}

/* The next group: all that have the highest q of those left. */
MODULE_FN(t_next_contacts)
{
	struct avp_name name = avp_name(store_name);
	struct avps *avps = ctx->avps;
	int q = 0;
	bool any = false;

	(void)argv;
	(void)argc;
	while (avps) {
		struct avp *a = avp_find(avps->first[AVP_X], &name, 0);
		struct branch b;

		if (!a)
			break;
		b = row_branch(ctx, a->value.s);
		if (any && q_of(&b) != q)
			break;
		if (any ? branch_add(ctx, &b) != 0 : main_set(ctx, &b) != FN_TRUE)
			return FN_FALSE;
		any = true;
		q = q_of(&b);
		avp_remove(avps, &avps->first[AVP_X], a);
	}
	return any ? FN_TRUE : -2;
}

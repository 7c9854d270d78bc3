/* SPDX-License-Identifier: BSD-2-Clause */
/* How a context's changes are copied out of its pool and put into another. */
#include "core/msg/kept.h"

#include <errno.h>

/* Where the copy goes; once it has failed it stays failed. */
struct keeper {
	avps_alloc *alloc;
	void *arg;
	bool failed;
};

static void *keep_alloc(struct keeper *k, size_t n)
{
	void *p = k->failed ? NULL : k->alloc(k->arg, n);

	if (!p)
		k->failed = true;
	return p;
}

static struct str keep_text(struct keeper *k, struct str s)
{
	char *p;

	if (str_is_null(s))
		return STR_NULL;
	p = keep_alloc(k, s.n + 1);
	if (!p)
		return STR_NULL;
	memcpy(p, s.p, s.n);
	return str_of(p, s.n);
}

static void keep_edits(struct keeper *k, const struct edits *from, struct edits *to)
{
	struct edit **link = &to->first;

	*to = *from;
	to->first = to->last = NULL;
	for (const struct edit *x = from->first; x; x = x->next) {
		struct edit *e = keep_alloc(k, sizeof(*e));

		if (!e)
			return;
		*e = *x;
		e->next = NULL;
		/* what is made for a target is made again */
		e->text = x->late ? STR_NULL : keep_text(k, x->text);
		e->data = keep_text(k, str_of(x->data, x->data_n)).p;
		*link = to->last = e;
		link = &e->next;
	}
}

static void keep_branches(struct keeper *k, const struct branches *from, struct branches *to)
{
	struct branch *rows;

	if (!from->n)
		return;
	rows = keep_alloc(k, from->n * sizeof(*rows));
	if (!rows)
		return;
	for (unsigned i = 0; i < from->n; i++) {
		rows[i] = from->rows[i];
		rows[i].uri = keep_text(k, rows[i].uri);
		rows[i].dst_uri = keep_text(k, rows[i].dst_uri);
		rows[i].path = keep_text(k, rows[i].path);
		rows[i].ruid = keep_text(k, rows[i].ruid);
		rows[i].instance = keep_text(k, rows[i].instance);
		rows[i].tls_domain = keep_text(k, rows[i].tls_domain);
		rows[i].tls_name = keep_text(k, rows[i].tls_name);
	}
	*to = (struct branches){ .rows = rows, .n = from->n, .cap = from->n };
}

int ctx_keep(const struct ctx *ctx, unsigned what, avps_alloc *alloc, void *arg,
	     const struct ctx_kept **kept_r)
{
	struct keeper k = { .alloc = alloc, .arg = arg };
	struct ctx_kept *kept = keep_alloc(&k, sizeof(*kept));

	if (!kept)
		return -ENOMEM;
	*kept = (struct ctx_kept){ .text_n = ctx->msg->buf.n };
	if (ctx->texts)
		kept->text = keep_text(&k, ctx->msg->buf);
	keep_edits(&k, &ctx->edits, &kept->edits);
	if (what & KEEP_BRANCHES)
		keep_branches(&k, &ctx->branches, &kept->branches);
#define X(name) kept->name = keep_text(&k, ctx->name);
	KEPT_TARGET_TEXTS(X);
	KEPT_TEXTS(X);
#undef X
#define X(type, name) kept->name = ctx->name;
	KEPT_TARGET_VALUES(X);
	KEPT_VALUES(X);
#undef X
	if (k.failed || ctx_data_copy(ctx->data, alloc, arg, &kept->data))
		return -ENOMEM;
	*kept_r = kept;
	return 0;
}

/* What concerns one target, besides its edits. */
static void target_set(struct ctx *ctx, const struct ctx_kept *kept)
{
#define X(name) ctx->name = kept->name;
	KEPT_TARGET_TEXTS(X);
#undef X
#define X(type, name) ctx->name = kept->name;
	KEPT_TARGET_VALUES(X);
#undef X
}

static void *pool_of(void *arg, size_t n)
{
	return pool_alloc(arg, n);
}

/* The list is changed later: its rows are the context's. */
static int branches_set(struct ctx *ctx, const struct branches *from)
{
	struct branches *to = &ctx->branches;

	*to = *from;
	if (!from->n)
		return 0;
	to->rows = pool_alloc(ctx->pool, from->n * sizeof(*to->rows));
	if (!to->rows)
		return -ENOMEM;
	memcpy(to->rows, from->rows, from->n * sizeof(*to->rows));
	return 0;
}

static bool is_of(const struct ctx_kept *kept, struct str text)
{
	return str_is_null(kept->text) ? text.n == kept->text_n : str_eq(text, kept->text);
}

int ctx_restore(struct ctx *ctx, const struct ctx_kept *kept)
{
	int err;

	if (!is_of(kept, ctx->msg->buf))
		return -EBADMSG;
	err = edits_copy(&kept->edits, ctx->pool, &ctx->edits);
	if (!err)
		err = branches_set(ctx, &kept->branches);
	if (!err)
		err = ctx_data_copy(kept->data, pool_of, ctx->pool, &ctx->data);
	if (err)
		return err;
	target_set(ctx, kept);
#define X(name) ctx->name = kept->name;
	KEPT_TEXTS(X);
#undef X
#define X(type, name) ctx->name = kept->name;
	KEPT_VALUES(X);
#undef X
	ctx->uri_parsed = NULL;
	ctx->texts = !str_is_null(kept->text);
	return 0;
}

int ctx_keep_avps(const struct ctx *ctx, avps_alloc *alloc, void *arg, const struct avps **kept_r)
{
	struct avps *kept;
	int err;

	*kept_r = NULL;
	if (!ctx->avps || !ctx->avps->values)
		return 0;
	kept = alloc(arg, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	err = avps_copy(ctx->avps, alloc, arg, kept);
	if (!err)
		*kept_r = kept;
	return err;
}

int ctx_restore_avps(struct ctx *ctx, const struct avps *kept)
{
	struct avps *avps;

	ctx->avps = NULL;
	if (!kept)
		return 0;
	avps = ctx_avps(ctx);
	return avps ? avps_copy(kept, pool_of, ctx->pool, avps) : -ENOMEM;
}

void ctx_mark(const struct ctx *ctx, struct ctx_mark *mark_r)
{
	struct ctx_kept *kept = &mark_r->kept;

	*mark_r = (struct ctx_mark){ .msg = *ctx->msg,
				     .via = ctx->via,
				     .uri_parsed = ctx->uri_parsed,
				     .texts = ctx->texts };
	kept->edits = ctx->edits;
#define X(name) kept->name = ctx->name;
	KEPT_TARGET_TEXTS(X);
#undef X
#define X(type, name) kept->name = ctx->name;
	KEPT_TARGET_VALUES(X);
#undef X
}

int ctx_back(struct ctx *ctx, const struct ctx_mark *mark)
{
	struct edits edits;
	int err = edits_copy(&mark->kept.edits, ctx->pool, &edits);

	if (err)
		return err;
	/* what remembers places in another text must not find them in this one */
	if (ctx->texts != mark->texts)
		ctx->texts++;
	ctx->edits = edits;
	target_set(ctx, &mark->kept);
	*ctx->msg = mark->msg;
	ctx->via = mark->via;
	ctx->uri_parsed = mark->uri_parsed;
	return 0;
}

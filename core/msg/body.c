/* SPDX-License-Identifier: BSD-2-Clause */
/* How bodies are set. */
#include "core/msg/body.h"

#include "core/base/buf.h"
#include "core/msg/header.h"

#include <errno.h>

static bool is_type(struct str type)
{
	return type.n && str_chr(type, '\r') < 0 && str_chr(type, '\n') < 0 &&
	       str_chr(type, '\0') < 0;
}

static int type_line(struct ctx *ctx, struct str type, struct str *line_r)
{
	size_t n = type.n + sizeof("Content-Type: \r\n");
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);

	if (!is_type(type))
		return -EINVAL;
	if (!b.p)
		return -ENOMEM;
	buf_lit(&b, "Content-Type: ");
	buf_str_put(&b, type);
	buf_lit(&b, "\r\n");
	*line_r = buf_str(&b);
	return 0;
}

/* A Content-Type that was added to the head, and nothing with it. */
static bool is_added_type(const struct ctx *ctx, const struct edit *x)
{
	size_t head = (size_t)(str_end(ctx->msg->headers) - ctx->msg->buf.p);

	return !x->drop && x->at <= head && str_starts_nocase(x->text, STR("Content-Type:")) &&
	       (size_t)str_find(x->text, STR("\r\n")) + 2 == x->text.n;
}

int content_type_set(struct ctx *ctx, struct str type)
{
	const struct sip_hdr *h = ctx->msg->first[HDR_CONTENT_TYPE];
	struct edits *e = &ctx->edits;
	struct str line;
	int err = type_line(ctx, type, &line);

	if (err)
		return err;
	/* one that was added before counts no longer */
	for (struct edit *x = e->first; x; x = x->next) {
		if (is_added_type(ctx, x)) {
			e->grown -= x->text.n;
			x->text = STR_NULL;
		}
	}
	for (; h; h = sip_hdr_next(h)) {
		err = header_drop(ctx, h);
		if (err)
			return err;
	}
	h = ctx->msg->first[HDR_CONTENT_TYPE];
	return edits_add(
		e, ctx->pool,
		(size_t)((h ? str_end(h->whole) : str_end(ctx->msg->headers)) - ctx->msg->buf.p), 0,
		line);
}

int body_set(struct ctx *ctx, struct str text, struct str type)
{
	const struct sip_msg *msg = ctx->msg;
	size_t at = (size_t)(msg->body.p - msg->buf.p);
	int err = str_is_null(type) ? 0 : content_type_set(ctx, type);

	if (err)
		return err;
	edits_forget_behind(&ctx->edits, at);
	return edits_add(&ctx->edits, ctx->pool, at, msg->body.n, text);
}

int body_remove(struct ctx *ctx)
{
	unsigned n;
	int err = header_remove(ctx, STR("Content-Type"), &n);

	return err ? err : body_set(ctx, STR(""), STR_NULL);
}

int reply_body_set(struct ctx *ctx, struct str text, struct str type)
{
	struct str line;
	int err = type_line(ctx, type, &line);

	if (err)
		return err;
	ctx->reply_body = text;
	ctx->reply_type = line;
	return 0;
}

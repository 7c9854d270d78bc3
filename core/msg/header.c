/* SPDX-License-Identifier: BSD-2-Clause */
/* Script-made header fields: checked for what would make two of one, then put on the list of edits. */
#include "core/msg/header.h"

#include <errno.h>

static bool is_fold(struct str line)
{
	return line.n && (line.p[0] == ' ' || line.p[0] == '\t');
}

/* Of a header field; empty: the line is none. */
static struct str name_of(struct str line)
{
	ssize_t colon = str_chr(line, ':');
	struct str name = str_head(line, colon < 0 ? 0 : (size_t)colon);

	while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] >= 127)
			return STR("");
	}
	return name;
}

static bool is_clean(struct str line)
{
	return str_chr(line, '\r') < 0 && str_chr(line, '\n') < 0 && str_chr(line, '\0') < 0;
}

/* Takes a line and its CRLF off *rest. */
static struct str line_take(struct str *rest)
{
	ssize_t end = str_find(*rest, STR("\r\n"));
	struct str line = end < 0 ? *rest : str_head(*rest, (size_t)end);

	*rest = end < 0 ? STR("") : str_skip(*rest, (size_t)end + 2);
	return line;
}

int header_check(struct str text)
{
	struct str rest = text;
	int err = -EINVAL;

	while (rest.n) {
		struct str line = line_take(&rest), name = name_of(line);

		if (!is_clean(line) || !(name.n || (!err && is_fold(line))))
			return -EINVAL;
		if (hdr_id_of(name) == HDR_CONTENT_LENGTH)
			return -EPERM;
		err = 0;
	}
	return err;
}

/* text with its last CRLF, in the pool where one had to be added. */
static int completed(struct ctx *ctx, struct str text, struct str *text_r)
{
	char *p;
	int err = header_check(text);

	if (err)
		return err;
	if (text.n > 2 && text.p[text.n - 1] == '\n') {
		*text_r = text;
		return 0;
	}
	p = pool_alloc(ctx->pool, text.n + 2);
	if (!p)
		return -ENOMEM;
	memcpy(p, text.p, text.n);
	memcpy(p + text.n, "\r\n", 2);
	*text_r = str_of(p, text.n + 2);
	return 0;
}

static int place(struct ctx *ctx, struct str name, bool front, const char **at_r)
{
	const struct sip_msg *msg = ctx->msg;
	const struct sip_hdr *h, *next;

	if (str_is_null(name)) {
		*at_r = front ? msg->headers.p : str_end(msg->headers);
		return 0;
	}
	h = sip_msg_find(msg, name);
	if (!h)
		return -ENOENT;
	while (!front && (next = sip_hdr_next(h)))
		h = next;
	*at_r = front ? h->whole.p : str_end(h->whole);
	return 0;
}

int header_add(struct ctx *ctx, struct str text, struct str name, bool front)
{
	const char *at;
	int err = place(ctx, name, front, &at);

	return err ? err : header_add_at(ctx, text, at);
}

int header_add_at(struct ctx *ctx, struct str text, const char *at)
{
	int err = completed(ctx, text, &text);

	if (err)
		return err;
	return edits_add(&ctx->edits, ctx->pool, (size_t)(at - ctx->msg->buf.p), 0, text);
}

int header_drop(struct ctx *ctx, const struct sip_hdr *h)
{
	size_t at = (size_t)(h->whole.p - ctx->msg->buf.p);

	if (edits_removed(&ctx->edits, at, h->whole.n))
		return 0;
	edits_forget(&ctx->edits, at, h->whole.n);
	return edits_add(&ctx->edits, ctx->pool, at, h->whole.n, STR_NULL);
}

int header_remove(struct ctx *ctx, struct str name, unsigned *n_r)
{
	*n_r = 0;
	for (const struct sip_hdr *h = sip_msg_find(ctx->msg, name); h; h = sip_hdr_next(h)) {
		int err = header_drop(ctx, h);

		if (err)
			return err;
		++*n_r;
	}
	return 0;
}

bool header_leaves(const struct ctx *ctx, struct str name)
{
	const struct sip_msg *msg = ctx->msg;
	size_t head_end = (size_t)(str_end(msg->headers) - msg->buf.p);

	for (const struct sip_hdr *h = sip_msg_find(msg, name); h; h = sip_hdr_next(h)) {
		size_t at = (size_t)(h->whole.p - msg->buf.p);

		if (!edits_removed(&ctx->edits, at, h->whole.n))
			return true;
	}
	for (const struct edit *e = ctx->edits.first; e && e->at <= head_end; e = e->next) {
		struct str rest = e->text;

		while (rest.n) {
			if (str_eq_nocase(name_of(line_take(&rest)), name))
				return true;
		}
	}
	return false;
}

int header_add_to_reply(struct ctx *ctx, struct str text)
{
	struct str all;
	char *p;
	int err = completed(ctx, text, &text);

	if (err)
		return err;
	all = ctx->reply_headers;
	p = pool_alloc(ctx->pool, all.n + text.n);
	if (!p)
		return -ENOMEM;
	if (all.n)
		memcpy(p, all.p, all.n);
	memcpy(p + all.n, text.p, text.n);
	ctx->reply_headers = str_of(p, all.n + text.n);
	return 0;
}

/* Whether a change lies inside of the line of Content-Length (1), or partly (-1). */
static int is_in_clen(const struct sip_msg *msg, size_t at, size_t n)
{
	const struct sip_hdr *h = msg->first[HDR_CONTENT_LENGTH];
	size_t from = h ? (size_t)(h->whole.p - msg->buf.p) : 0, to = from + (h ? h->whole.n : 0);

	if (at + n <= from || at >= to)
		return 0;
	return at >= from && at + n <= to ? 1 : -1;
}

int message_replace(struct ctx *ctx, size_t at, size_t n, struct str text)
{
	const struct sip_msg *msg = ctx->msg;
	size_t headers = (size_t)(msg->headers.p - msg->buf.p),
	       headers_end = headers + msg->headers.n,
	       body = msg->body.p ? (size_t)(msg->body.p - msg->buf.p) : msg->buf.n;
	bool in_head = at >= headers && at + n <= headers_end;
	bool in_body = at >= body && at + n <= msg->buf.n;

	int in_clen = is_in_clen(msg, at, n);

	if ((!in_head && !in_body) || in_clen < 0)
		return -EINVAL;
	return in_clen ? 0 : edits_add(&ctx->edits, ctx->pool, at, n, text);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies: set, taken apart, put together. */
#include "modules/textops/textops.h"

#include <errno.h>

#define BOUNDARY "unique-boundary-1"

int fn_has_body(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sip_hdr *h = ctx->msg->first[HDR_CONTENT_TYPE];

	if (!ctx->msg->body.n)
		return FN_FALSE;
	if (!argc)
		return FN_TRUE;
	/* RFC 3261 20.15 makes Content-Type a must; in the family a body without it is taken for SDP */
	return is_media_type(h ? h->body : STR("application/sdp"), argv[0].s) ? FN_TRUE : FN_FALSE;
}

/* "0D 0a…" as the bytes it means; white space is passed over. Null: it is not hexadecimal, or no memory. */
static struct str from_hex(struct ctx *ctx, struct str hex)
{
	char *out = pool_alloc(ctx->pool, hex.n / 2 + 1);
	size_t digits = 0;
	int high = 0;

	for (size_t i = 0; out && i < hex.n; i++) {
		int d = char_hex(hex.p[i]);

		if (strchr(" \t\r\n", hex.p[i]) && hex.p[i])
			continue;
		if (d < 0)
			return STR_NULL;
		if (digits++ % 2)
			out[digits / 2 - 1] = (char)(high << 4 | d);
		else
			high = d;
	}
	return out && digits % 2 == 0 ? str_of(out, digits / 2) : STR_NULL;
}

typedef int body_setter(struct ctx *ctx, struct str text, struct str type);

static int set(struct ctx *ctx, struct str text, struct str type, body_setter *setter)
{
	int err = str_is_null(text) || !type.n ? -EINVAL : setter(ctx, text, type);

	return err ? textops_failed("could not set a body", type, err) : FN_TRUE;
}

#define SET_BODY(NAME, TEXT, SETTER)                                            \
	int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc) \
	{                                                                       \
		(void)argc;                                                     \
		return set(ctx, TEXT, argv[1].s, SETTER);                       \
	}
SET_BODY(set_body, argv[0].s, body_set)
SET_BODY(set_body_hex, from_hex(ctx, argv[0].s), body_set)
SET_BODY(set_reply_body, argv[0].s, reply_body_set)
SET_BODY(set_reply_body_hex, from_hex(ctx, argv[0].s), reply_body_set)

/* Leaves out a part of the body that may be empty. */
static int cut(struct ctx *ctx, const char *from, const char *to)
{
	if (from >= to)
		return 0;
	return message_replace(ctx, (size_t)(from - ctx->msg->buf.p), (size_t)(to - from),
			       STR_NULL);
}

int fn_filter_body(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str body = ctx->msg->body;
	struct part part;
	int err;

	(void)argc;
	if (!multipart_find(ctx, argv[0].s, &part))
		return FN_FALSE;
	err = cut(ctx, body.p, part.content.p);
	if (!err)
		err = cut(ctx, str_end(part.content), str_end(body));
	return err ? textops_failed("could not filter the body", argv[0].s, err) : FN_TRUE;
}

int fn_remove_body_part(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct part part;
	int err;

	(void)argc;
	if (!multipart_find(ctx, argv[0].s, &part))
		return FN_FALSE;
	err = cut(ctx, part.whole.p, str_end(part.whole));
	return err ? textops_failed("could not remove a part of the body", argv[0].s, err)
		   : FN_TRUE;
}

static int get_part(struct ctx *ctx, const struct value *argv, bool raw)
{
	struct part part;
	struct value v;
	int err;

	if (!multipart_find(ctx, argv[0].s, &part))
		return FN_FALSE;
	v = value_str(raw ? part.whole : part.content);
	err = attr_use_set(ctx, argv[1].attr, &v);
	return err ? textops_failed("could not keep a part of the body", argv[0].s, err) : FN_TRUE;
}

int fn_get_body_part(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return get_part(ctx, argv, false);
}

int fn_get_body_part_raw(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return get_part(ctx, argv, true);
}

/* --- parts are added -------------------------------------------------------------------------------------------------------------------------- */
static bool is_line(struct str s)
{
	return str_chr(s, '\0') < 0 && str_chr(s, '\n') < 0 && str_chr(s, '\r') < 0;
}

/* RFC 2046 5.1.1 bchars, without those that would need more care inside quotes. */
static bool is_boundary(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!char_is_digit(c) && !(char_lower(c) >= 'a' && char_lower(c) <= 'z') &&
		    !(c && strchr("'()+_,-./:=?", c)))
			return false;
	}
	return s.n > 0 && s.n <= 70;
}

/* Whether a part with this text would seem to end inside of it. */
static bool holds_boundary(struct str text, struct str boundary)
{
	ssize_t at;

	/* a boundary may begin with dashes itself */
	while ((at = str_find(text, STR("--"))) >= 0) {
		if (str_starts(str_skip(text, (size_t)at + 2), boundary))
			return true;
		text = str_skip(text, (size_t)at + 1);
	}
	return false;
}

/* The content type may be followed by further header fields, as in the family. */
static bool is_part_type(struct str type)
{
	struct str rest = type, line;
	bool more = type.n > 0;

	while (more && str_split(&rest, '\n', &line)) {
		bool last = str_is_null(rest);

		if (!last && (!line.n || line.p[line.n - 1] != '\r'))
			return false;
		line = last ? line : str_head(line, line.n - 1);
		more = line.n > 0 && is_line(line);
	}
	return more;
}

/* One part with its delimiter line before it. */
static void part_put(struct buf *b, struct str boundary, struct str text, struct str type,
		     struct str disposition)
{
	buf_lit(b, "--");
	buf_str_put(b, boundary);
	buf_lit(b, "\r\nContent-Type: ");
	buf_str_put(b, type);
	if (disposition.n) {
		buf_lit(b, "\r\nContent-Disposition: ");
		buf_str_put(b, disposition);
	}
	buf_lit(b, "\r\n\r\n");
	buf_str_put(b, text);
	buf_lit(b, "\r\n");
}

static size_t part_size(struct str boundary, struct str text, struct str type,
			struct str disposition)
{
	return 2 * boundary.n + text.n + type.n + disposition.n + 80;
}

static int multipart_set(struct ctx *ctx, struct str text, struct str type, struct str boundary)
{
	size_t n = part_size(boundary, text, type, STR_NULL), n_type = boundary.n + 40;
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);
	struct buf t = buf_over(pool_alloc(ctx->pool, n_type), n_type);
	int err;

	if (!is_boundary(boundary) || !is_part_type(type) || holds_boundary(text, boundary))
		return -EINVAL;
	if (!b.p || !t.p)
		return -ENOMEM;
	part_put(&b, boundary, text, type, STR_NULL);
	buf_lit(&b, "--");
	buf_str_put(&b, boundary);
	buf_lit(&b, "--\r\n");
	buf_lit(&t, "multipart/mixed;boundary=\"");
	buf_str_put(&t, boundary);
	buf_char(&t, '"');
	err = body_set(ctx, buf_str(&b), buf_str(&t));
	if (!err && !header_leaves(ctx, STR("Mime-Version")))
		err = header_add(ctx, STR("Mime-Version: 1.0"), STR_NULL, false);
	return err;
}

/* (), (boundary), (text, type), (text, type, boundary) */
int fn_set_body_multipart(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sip_hdr *h = ctx->msg->first[HDR_CONTENT_TYPE];
	struct str boundary = argc == 3 ? argv[2].s : argc == 1 ? argv[0].s : STR(BOUNDARY);
	struct str text = argc > 1 ? argv[0].s : ctx->msg->body;
	struct str type = argc > 1 ? argv[1].s : h ? h->body : STR("application/sdp");
	int err = text.n ? multipart_set(ctx, text, type, boundary) : -EINVAL;

	return err ? textops_failed("could not make the body a multipart one", type, err) : FN_TRUE;
}

/* In front of the closing delimiter; a body that lacks it gets one. */
static int part_add(struct ctx *ctx, struct str text, struct str type, struct str disposition)
{
	struct multipart m;
	struct part part;
	size_t n;
	struct buf b;
	int err = multipart_open(ctx, &m);

	if (err)
		return err;
	if (!is_part_type(type) || !is_line(disposition) || str_is_null(text) ||
	    holds_boundary(text, m.boundary))
		return -EINVAL;
	while (multipart_next(&m, &part))
		;
	n = part_size(m.boundary, text, type, disposition);
	b = buf_over(pool_alloc(ctx->pool, n), n);
	if (!b.p)
		return -ENOMEM;
	if (!m.close && m.body.p[m.body.n - 1] != '\n')
		buf_lit(&b, "\r\n");
	part_put(&b, m.boundary, text, type, disposition);
	if (!m.close)
		buf_fmt(&b, "--" STRF "--\r\n", STRA(m.boundary));
	return message_replace(ctx,
			       (size_t)((m.close ? m.close : str_end(m.body)) - ctx->msg->buf.p), 0,
			       buf_str(&b));
}

static int append_part(struct ctx *ctx, const struct value *argv, unsigned argc, struct str text)
{
	int err = part_add(ctx, text, argv[1].s, argc > 2 ? argv[2].s : STR(""));

	if (err == -ENOENT)
		log_limited(LOG_WARN, "textops", "could not add a part: the body is not multipart",
			    KV_Z("hint", "behind set_body_multipart() call msg_apply_changes() "
					 "before the next change"));
	else if (err)
		return textops_failed("could not add a part to the body", argv[1].s, err);
	return err ? FN_FALSE : FN_TRUE;
}

int fn_append_body_part(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return append_part(ctx, argv, argc, argv[0].s);
}

int fn_append_body_part_hex(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return append_part(ctx, argv, argc, from_hex(ctx, argv[0].s));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* From and To as attributes that can be set: $fu, $fU, $fd, $fn and their like. Each becomes one edit of the name-addr, made anew at each assignment, which
 * sees what the ones before it did. */
#include "core/msg/attr_pv.h"
#include "core/msg/header.h"

#include <errno.h>

/* What a name-addr is put together from. */
struct address {
	struct str display; /* with its quotes */
	struct str uri;
};

/* From the display name to the end of the URI with its bracket: parameters stay. */
static struct str address_range(const struct sip_nameaddr *na)
{
	const char *end = str_end(na->uri) + (na->in_brackets ? 1 : 0);

	return str_between(na->whole.p, end);
}

/* As the edits left it. */
static int address_now(struct ctx *ctx, struct str range, struct address *a_r)
{
	size_t at = (size_t)(range.p - ctx->msg->buf.p);
	struct sip_nameaddr na;
	struct str text = range;

	for (const struct edit *e = ctx->edits.first; e && e->at <= at; e = e->next)
		if (e->at == at && e->drop == range.n)
			text = e->text;
	if (nameaddr_parse(text, &na, NULL) < 0)
		return -EBADMSG;
	*a_r = (struct address){ .display = na.display, .uri = na.uri };
	return 0;
}

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] < 32 || s.p[i] == 127)
			return false;
	return true;
}

/* A URI that can stand between brackets. */
static bool is_uri(struct str s)
{
	struct sip_uri u;

	return is_printable(s) && str_chr(s, '<') < 0 && str_chr(s, '>') < 0 &&
	       str_chr(s, ' ') < 0 && uri_parse(s, &u, NULL) == 0;
}

/* Text that was given as it shall stand, or as a person reads it: then it is quoted. */
static int display_of(struct ctx *ctx, struct str s, struct str *display_r)
{
	size_t room = s.n * 2 + 2;
	bool quoted = s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
	struct buf b;

	if (!is_printable(s))
		return -EINVAL;
	if (quoted)
		s = str_of(s.p + 1, s.n - 2);
	b = buf_over(pool_alloc(ctx->pool, room), room);
	if (!b.p)
		return -ENOMEM;
	buf_char(&b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (quoted && s.p[i] == '\\' && i + 1 < s.n)
			buf_char(&b, s.p[i++]);
		else if (s.p[i] == '"' || s.p[i] == '\\')
			buf_char(&b, '\\');
		buf_char(&b, s.p[i]);
	}
	buf_char(&b, '"');
	*display_r = buf_str(&b);
	return 0;
}

/* The URI with another user (empty: none) or host. */
static int uri_change(struct ctx *ctx, unsigned part, struct str s, struct str *uri_r)
{
	size_t room = uri_r->n + s.n + 2;
	enum uri_host_kind kind;
	struct sip_uri u;
	struct buf b;

	if (uri_parse(*uri_r, &u, NULL) < 0 || (u.scheme != URI_SIP && u.scheme != URI_SIPS))
		return -EINVAL;
	if (part == PART_USER ? s.n && !uri_is_user(s) : !uri_is_host(s, &kind))
		return -EINVAL;
	b = buf_over(pool_alloc(ctx->pool, room), room);
	if (!b.p)
		return -ENOMEM;
	buf_str_put(&b, u.scheme_text);
	buf_char(&b, ':');
	if (part != PART_USER) {
		buf_str_put(&b, str_between(str_end(u.scheme_text) + 1, u.host.p));
		buf_str_put(&b, s);
	} else {
		if (s.n) {
			buf_str_put(&b, s);
			if (!str_is_null(u.password)) {
				buf_char(&b, ':');
				buf_str_put(&b, u.password);
			}
			buf_char(&b, '@');
		}
		buf_str_put(&b, u.host);
	}
	buf_str_put(&b, str_between(str_end(u.host), str_end(*uri_r)));
	*uri_r = buf_str(&b);
	return 0;
}

static int address_change(struct ctx *ctx, unsigned part, struct str s, struct address *a)
{
	switch (part) {
	case PART_DISPLAY:
		a->display = s;
		return s.n ? display_of(ctx, s, &a->display) : 0;
	case PART_URI:
		if (!is_uri(s))
			return -EINVAL;
		a->uri = s;
		return 0;
	default:
		return uri_change(ctx, part, s, &a->uri);
	}
}

static int address_put(struct ctx *ctx, struct str range, const struct address *a)
{
	size_t at = (size_t)(range.p - ctx->msg->buf.p), room = a->display.n + a->uri.n + 3;
	struct buf b = buf_over(pool_alloc(ctx->pool, room), room);

	if (!b.p)
		return -ENOMEM;
	if (a->display.n) {
		buf_str_put(&b, a->display);
		buf_char(&b, ' ');
	}
	buf_char(&b, '<');
	buf_str_put(&b, a->uri);
	buf_char(&b, '>');
	edits_forget(&ctx->edits, at, range.n);
	return message_replace(ctx, at, range.n, buf_str(&b));
}

int attr_address_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	enum hdr_id id = TAG_BASE(arg->tag) == BASE_FROM ? HDR_FROM : HDR_TO;
	struct sip_nameaddr *na;
	struct address a;
	struct str s = v->type == VALUE_STR ? v->s : STR(""), range;
	int err = v->type == VALUE_INT ? attr_number_text(ctx, v->i, &s) : 0;

	if (!err)
		err = sip_msg_nameaddr(ctx->msg, id, &na);
	if (err)
		return err;
	range = address_range(na);
	err = address_now(ctx, range, &a);
	if (!err)
		err = address_change(ctx, TAG_PART(arg->tag), s, &a);
	return err ? err : address_put(ctx, range, &a);
}

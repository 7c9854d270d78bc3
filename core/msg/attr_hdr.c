/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in header fields, as attributes; a negative index counts from the last. */
#include "core/base/buf.h"
#include "core/msg/attrs.h"

#include <errno.h>

static const enum hdr_id base_hdr[] = {
	[BASE_FROM] = HDR_FROM,
	[BASE_TO] = HDR_TO,
	[BASE_CONTACT] = HDR_CONTACT,
	[BASE_ROUTE] = HDR_ROUTE,
	[BASE_RECORD_ROUTE] = HDR_RECORD_ROUTE,
	[BASE_REFER_TO] = HDR_REFER_TO,
	[BASE_RPID] = HDR_REMOTE_PARTY_ID,
	[BASE_PAI] = HDR_P_ASSERTED_IDENTITY,
	[BASE_PPI] = HDR_P_PREFERRED_IDENTITY,
	[BASE_DIVERSION] = HDR_DIVERSION,
	[BASE_PATH] = HDR_PATH,
};

/* Which one of n an index means, from 0; -1: none. */
static int64_t place(const struct attr_arg *arg, int64_t n)
{
	int64_t index = arg->has_index ? arg->index : 1;
	int64_t at = index < 0 ? n + index : index - 1;

	return index != 0 && at >= 0 && at < n ? at : -1;
}

static int nameaddr_at(struct ctx *ctx, enum hdr_id id, const struct attr_arg *arg,
		       struct sip_nameaddr **na_r)
{
	struct sip_nameaddr *na, *x;
	int64_t n = 1, at = 0;
	int err = sip_msg_nameaddr(ctx->msg, id, &na);

	if (err)
		return err;
	if (arg->has_index) {
		for (x = na; !sip_msg_nameaddr_next(ctx->msg, x, &x);)
			n++;
		at = place(arg, n);
	}
	if (at < 0)
		return -ENOENT;
	for (; at; at--) {
		err = sip_msg_nameaddr_next(ctx->msg, na, &na);
		if (err)
			return err;
	}
	*na_r = na;
	return 0;
}

static struct str unquoted(struct str s)
{
	return s.n >= 2 && s.p[0] == '"' ? str_of(s.p + 1, s.n - 2) : s;
}

static struct str header_param(const struct sip_nameaddr *na, struct str name)
{
	struct sip_param p;

	if (!sip_param_find(na->params, name, &p))
		return STR_NULL;
	return str_is_null(p.value) ? STR("") : p.value;
}

static struct str param_named(const struct sip_nameaddr *na, const struct attr_arg *arg)
{
	if (arg->has_key)
		return unquoted(header_param(na, arg->key));
	return na->params.n ? str_skip(na->params, 1) : STR_NULL;
}

static struct str nameaddr_text(const struct sip_nameaddr *na, unsigned part,
				const struct attr_arg *arg)
{
	switch (part) {
	case PART_WHOLE:
		return na->whole;
	case PART_NAME:
		return na->display.n ? unquoted(na->display) : STR_NULL;
	case PART_DISPLAY:
		return na->display.n ? na->display : STR_NULL;
	case PART_TAG:
		return na->tag;
	case PART_PARAM:
		return param_named(na, arg);
	case PART_EXPIRES:
		return header_param(na, STR("expires"));
	case PART_Q:
		return header_param(na, STR("q"));
	case PART_METHODS:
		return unquoted(header_param(na, STR("methods")));
	case PART_RECEIVED:
		return unquoted(header_param(na, STR("received")));
	case PART_INSTANCE:
		return unquoted(header_param(na, STR("+sip.instance")));
	case PART_REASON:
		return unquoted(header_param(na, STR("reason")));
	case PART_PRIVACY:
		return unquoted(header_param(na, STR("privacy")));
	case PART_COUNTER:
		return unquoted(header_param(na, STR("counter")));
	default:
		return na->uri;
	}
}

int attr_nameaddr_part(struct ctx *ctx, struct sip_nameaddr *na, unsigned part,
		       const struct attr_arg *arg, struct value *value_r)
{
	struct sip_uri *u;
	int err;

	*value_r = value_null();
	if (part == PART_URI || part >= PART_WHOLE) {
		*value_r = value_str(nameaddr_text(na, part, arg));
		return 0;
	}
	err = na->is_star ? -ENOENT : nameaddr_uri(ctx->msg, na, &u);
	if (err)
		return err == -ENOMEM ? err : 0;
	return attr_uri_part(ctx, u, part, arg, value_r);
}

int attr_nameaddr(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct sip_nameaddr *na;
	int err = nameaddr_at(ctx, base_hdr[TAG_BASE(arg->tag)], arg, &na);

	*value_r = value_null();
	if (err)
		return err == -ENOMEM ? err : 0;
	return attr_nameaddr_part(ctx, na, TAG_PART(arg->tag), arg, value_r);
}

static int via_at(struct ctx *ctx, const struct attr_arg *arg, struct sip_via **via_r)
{
	struct sip_via *via = ctx->via, *x = ctx->via;
	int64_t n = 1, at = 0;
	int err = 0;

	if (arg->has_index) {
		while (!sip_msg_via_next(ctx->msg, x, &x))
			n++;
		at = place(arg, n);
	}
	if (at < 0)
		return -ENOENT;
	for (; at && !err; at--)
		err = sip_msg_via_next(ctx->msg, via, &via);
	*via_r = via;
	return err;
}

static struct value via_params(const struct sip_via *via, const struct attr_arg *arg)
{
	struct sip_param p;

	if (!arg->has_key)
		return value_str(via->params.n ? str_skip(via->params, 1) : STR_NULL);
	if (!sip_param_find(via->params, arg->key, &p))
		return value_null();
	return value_str(str_is_null(p.value) ? STR("") : unquoted(p.value));
}

int attr_via(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct sip_via *via;
	int err = via_at(ctx, arg, &via);

	*value_r = value_null();
	if (err)
		return err == -ENOMEM ? err : 0;
	switch ((enum via_part)arg->tag) {
	case VIA_WHOLE:
		*value_r = value_str(via->whole);
		break;
	case VIA_NAME:
		*value_r = value_str(via->protocol);
		break;
	case VIA_VERSION:
		*value_r = value_str(via->version);
		break;
	case VIA_TRANSPORT:
		*value_r = value_str(via->transport);
		break;
	case VIA_HOST:
		*value_r = value_str(via->host);
		break;
	case VIA_PORT:
		*value_r = via->port ? value_int(via->port) : value_null();
		break;
	case VIA_PARAMS:
		*value_r = via_params(via, arg);
		break;
	case VIA_BRANCH:
		*value_r = value_str(via->branch);
		break;
	case VIA_RECEIVED:
		*value_r = value_str(via->received);
		break;
	case VIA_RPORT:
		*value_r = value_str(via->rport);
		break;
	case VIA_I:
		*value_r = value_str(via->i);
		break;
	case VIA_ALIAS:
		*value_r = via->has_alias ? value_str(STR("")) : value_null();
		break;
	case VIA_COMMENT:
		break;
	}
	return 0;
}

int attr_cseq(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct sip_cseq cseq;

	*value_r = value_null();
	if (sip_msg_cseq(ctx->msg, &cseq))
		return 0;
	if (arg->tag == CSEQ_METHOD) {
		*value_r = value_str(cseq.method_text);
	} else if (arg->tag == CSEQ_NUMBER) {
		struct str body = ctx->msg->first[HDR_CSEQ]->body;
		size_t n = 0;

		while (n < body.n && char_is_digit(body.p[n]))
			n++;
		*value_r = value_str(str_head(body, n));
	} else {
		*value_r = value_str(ctx->msg->first[HDR_CSEQ]->body);
	}
	return 0;
}

/* A header field's body with its folds undone. */
static int body_of(struct ctx *ctx, const struct sip_hdr *h, struct value *value_r)
{
	struct str body = sip_unfold(ctx->pool, h->body);

	if (!body.p && h->body.p)
		return -ENOMEM;
	*value_r = value_str(body.p ? body : STR(""));
	return 0;
}

static int header_at(struct ctx *ctx, const struct sip_hdr *first, const struct attr_arg *arg,
		     struct value *value_r)
{
	const struct sip_hdr *h;
	int64_t n = 0, at;

	*value_r = value_null();
	for (h = first; h; h = sip_hdr_next(h))
		n++;
	at = place(arg, n);
	if (at < 0)
		return 0;
	for (h = first; at; at--)
		h = sip_hdr_next(h);
	return body_of(ctx, h, value_r);
}

/* The row's tag is the header's id. */
int attr_header(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	return header_at(ctx, ctx->msg->first[arg->tag], arg, value_r);
}

/* $(hdr(x)[*]) */
static int headers_joined(struct ctx *ctx, const struct sip_hdr *first, struct value *value_r)
{
	size_t room = 0;
	struct buf b;

	*value_r = value_null();
	if (!first)
		return 0;
	for (const struct sip_hdr *h = first; h; h = sip_hdr_next(h))
		room += h->body.n + 1;
	b = buf_over(pool_alloc(ctx->pool, room), room);
	if (!b.p)
		return -ENOMEM;
	for (const struct sip_hdr *h = first; h; h = sip_hdr_next(h)) {
		struct value one;
		int err = body_of(ctx, h, &one);

		if (err)
			return err;
		if (h != first)
			buf_char(&b, ',');
		buf_str_put(&b, one.s);
	}
	*value_r = value_str(buf_str(&b));
	return 0;
}

int attr_named_header(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	if (arg->all)
		return headers_joined(ctx, sip_msg_find(ctx->msg, arg->key), value_r);
	return header_at(ctx, sip_msg_find(ctx->msg, arg->key), arg, value_r);
}

int attr_rare_header(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	static const struct str names[] = { [RARE_IDENTITY_INFO] = STR_INIT("Identity-Info"),
					    [RARE_ORGANIZATION] = STR_INIT("Organization"),
					    [RARE_PRIORITY] = STR_INIT("Priority"),
					    [RARE_SIP_IF_MATCH] = STR_INIT("SIP-If-Match") };

	return header_at(ctx, sip_msg_find(ctx->msg, names[arg->tag]), arg, value_r);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of URIs as attributes, and the ones that can be written: $ru, $rU, $rd, $rp, $du. */
#include "core/msg/attrs.h"

#include "core/msg/rewrite.h"
#include "core/msg/route.h"

#include <errno.h>

int attr_text(struct ctx *ctx, struct str text, struct value *value_r)
{
	struct str copy = pool_str(ctx->pool, text);

	if (!copy.p)
		return -ENOMEM;
	*value_r = value_str(copy);
	return 0;
}

static bool is_sip(const struct sip_uri *u)
{
	return u->scheme == URI_SIP || u->scheme == URI_SIPS;
}

static unsigned port_number(const struct sip_uri *u)
{
	return u->port ? u->port : u->scheme == URI_SIPS ? 5061 : 5060;
}

/* With the default port where none was given, as in SER. */
static int hostport(struct ctx *ctx, const struct sip_uri *u, struct value *value_r)
{
	char text[300];
	struct buf b = BUF_ON(text);

	if (u->port && u->port_text.p == str_end(u->host) + 1) {
		*value_r = value_str(str_between(u->host.p, str_end(u->port_text)));
		return 0;
	}
	buf_str_put(&b, u->host);
	buf_char(&b, ':');
	buf_uint(&b, port_number(u));
	return buf_ok(&b) ? attr_text(ctx, buf_str(&b), value_r) : 0;
}

static struct str params_of(const struct sip_uri *u, const struct attr_arg *arg)
{
	if (arg->has_key)
		return uri_param(u, arg->key);
	return u->params.n ? str_skip(u->params, 1) : STR_NULL;
}

static struct str rn_user(const struct sip_uri *u)
{
	ssize_t semicolon = str_chr(u->user, ';');

	return semicolon < 0 ? u->user : str_head(u->user, (size_t)semicolon);
}

int attr_uri_part(struct ctx *ctx, const struct sip_uri *u, unsigned part,
		  const struct attr_arg *arg, struct value *value_r)
{
	switch (part) {
	case PART_URI:
		*value_r = value_str(u->text);
		break;
	case PART_TYPE:
		*value_r = value_str(u->scheme_text);
		break;
	case PART_USER:
		*value_r = value_str(u->user);
		break;
	case PART_PWD:
		*value_r = value_str(u->password);
		break;
	case PART_HOST:
		*value_r = value_str(u->host);
		break;
	case PART_PORT:
		*value_r = value_str(u->port_text);
		break;
	case PART_PORT_NUMBER:
		*value_r = is_sip(u) ? value_int(port_number(u)) : value_null();
		break;
	case PART_USER_LEN:
		*value_r = value_int((int64_t)u->user.n);
		break;
	case PART_PROTO:
		*value_r = value_str(uri_param(u, STR("transport")));
		if (!value_r->s.n)
			*value_r = value_str(u->scheme == URI_SIPS ? STR("tls") : STR("udp"));
		break;
	case PART_HOSTPORT:
		if (is_sip(u))
			return hostport(ctx, u, value_r);
		break;
	case PART_PARAMS:
		*value_r = value_str(params_of(u, arg));
		break;
	case PART_TRANSPORT:
		*value_r = value_str(uri_param(u, STR("transport")));
		break;
	case PART_RN_USER:
		*value_r = value_str(rn_user(u));
		break;
	default:
		break;
	}
	return 0;
}

/* The URI that would be sent to. */
static struct str next_hop(struct ctx *ctx)
{
	struct routing r;

	if (!str_is_null(ctx->dst_uri))
		return ctx->dst_uri;
	if (ctx->msg->first[HDR_ROUTE] && !routing_read(ctx, ctx_uri_text(ctx), false, &r) &&
	    !str_is_null(r.next))
		return r.next;
	return ctx_uri_text(ctx);
}

int attr_uri(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	unsigned base = TAG_BASE(arg->tag), part = TAG_PART(arg->tag);
	struct sip_uri *u = NULL;
	struct str text;

	*value_r = value_null();
	if (!ctx->msg->is_request)
		return 0;
	text = base == BASE_RURI	   ? ctx_uri_text(ctx)
	       : base == BASE_DST_URI	   ? ctx->dst_uri
	       : base == BASE_ORIGINAL_URI ? ctx->msg->ruri
					   : next_hop(ctx);
	if (str_is_null(text))
		return 0;
	if (part == PART_URI) {
		*value_r = value_str(text);
		return 0;
	}
	u = base == BASE_RURI ? ctx_uri(ctx) : ctx_uri_parse(ctx, text);
	return u ? attr_uri_part(ctx, u, part, arg, value_r) : 0;
}

static int part_set(struct ctx *ctx, unsigned part, struct str s)
{
	struct uri_parts p;
	int err;

	if (part == PART_USER)
		return ctx_uri_user_set(ctx, s);
	err = uri_parts_of(ctx, &p);
	if (err)
		return err;
	if (part == PART_HOST) {
		p.host = uri_host_text(ctx, s);
		if (str_is_null(p.host))
			return -EINVAL;
	} else {
		p.port = s.n ? s : STR_NULL;
	}
	return uri_parts_set(ctx, &p);
}

int attr_ruri_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	unsigned part = TAG_PART(arg->tag);
	char digits[24];
	struct buf b = BUF_ON(digits);
	struct str s = v->type == VALUE_STR ? v->s : STR_NULL;

	if (v->type == VALUE_INT) {
		buf_int(&b, v->i);
		s = buf_str(&b);
	}
	if (!ctx->msg->is_request)
		return -EINVAL;
	if (part != PART_URI)
		return part_set(ctx, part, s);
	if (v->type != VALUE_NULL)
		return ctx_uri_set(ctx, s);
	ctx_uri_revert(ctx);
	return 0;
}

int attr_dst_uri_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	(void)arg;
	if (v->type == VALUE_INT)
		return -EINVAL;
	return ctx_dst_uri_set(ctx, v->type == VALUE_NULL || !v->s.n ? STR_NULL : v->s);
}

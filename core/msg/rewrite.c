/* SPDX-License-Identifier: BSD-2-Clause */
/* rewriteuser() and its kin: the current R-URI taken apart and put together again. */
#include "core/msg/rewrite.h"

#include "core/msg/funcs.h"
#include "core/run/log.h"

#include <errno.h>

int arg_int(const struct value *v, int64_t *i_r)
{
	if (v->type == VALUE_INT) {
		*i_r = v->i;
		return 0;
	}
	return v->type == VALUE_STR ? str_int(v->s, i_r) : -EINVAL;
}

int uri_parts_of(struct ctx *ctx, struct uri_parts *parts_r)
{
	const struct sip_uri *u = ctx_uri(ctx);

	if (!u || (u->scheme != URI_SIP && u->scheme != URI_SIPS && u->scheme != URI_TEL))
		return -EBADMSG;
	*parts_r = (struct uri_parts){ .scheme = u->scheme_text,
				       .user = u->user,
				       .password = u->password,
				       .host = u->host,
				       .port = u->port_text,
				       .params = u->params,
				       .headers = u->headers };
	return 0;
}

static void put(const struct uri_parts *p, struct buf *b)
{
	bool to_sip = !str_is_null(p->host) && str_eq_nocase(p->scheme, STR("tel"));

	buf_str_put(b, to_sip ? STR("sip") : p->scheme);
	buf_char(b, ':');
	buf_str_put(b, p->user);
	if (!str_is_null(p->password)) {
		buf_char(b, ':');
		buf_str_put(b, p->password);
	}
	if (!str_is_null(p->host) && (p->user.n || !str_is_null(p->password)))
		buf_char(b, '@');
	buf_str_put(b, p->host);
	if (!str_is_null(p->port)) {
		buf_char(b, ':');
		buf_str_put(b, p->port);
	}
	if (to_sip)
		buf_lit(b, ";user=phone");
	buf_str_put(b, p->params);
	if (!str_is_null(p->headers)) {
		buf_char(b, '?');
		buf_str_put(b, p->headers);
	}
}

int uri_parts_set(struct ctx *ctx, const struct uri_parts *p)
{
	uint64_t port;
	size_t n = p->scheme.n + p->user.n + p->password.n + p->host.n + p->port.n + p->params.n +
		   p->headers.n + 32;
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);

	/* parameters behind it would become the URI's */
	if (!str_is_null(p->port) && str_uint(p->port, UINT16_MAX, &port))
		return -EINVAL;
	if (!b.p)
		return -ENOMEM;
	put(p, &b);
	return ctx_uri_set(ctx, buf_str(&b));
}

int ctx_uri_user_set(struct ctx *ctx, struct str user)
{
	struct uri_parts p;
	int err = uri_parts_of(ctx, &p);

	if (err)
		return err;
	if (user.n && !str_is_null(p.host) && !uri_is_user(user))
		return -EINVAL;
	p.user = user;
	if (!user.n)
		p.password = STR_NULL;
	return uri_parts_set(ctx, &p);
}

static int result(struct ctx *ctx, int err, const struct value *v)
{
	if (!err)
		return FN_TRUE;
	log_limited(LOG_WARN, "script", "could not change the Request-URI",
		    KV_STR("uri", ctx_uri_text(ctx)), KV_STR("value", v ? v->s : STR_NULL),
		    KV_ERRNO(-err));
	return FN_FALSE;
}

int fn_seturi(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return result(ctx, ctx_uri_set(ctx, argv[0].s), &argv[0]);
}

int fn_reverturi(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	ctx_uri_revert(ctx);
	return FN_TRUE;
}

struct str uri_host_text(struct ctx *ctx, struct str host)
{
	enum uri_host_kind kind;
	struct addr a;
	struct buf b;

	if (uri_is_host(host, &kind))
		return host;
	if (addr_parse(host, &a))
		return STR_NULL;
	b = buf_over(pool_alloc(ctx->pool, ADDR_TEXT_MAX), ADDR_TEXT_MAX);
	if (!b.p)
		return STR_NULL;
	addr_host_put(&b, &a);
	return buf_str(&b);
}

int fn_sethost(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct uri_parts p;
	int err = uri_parts_of(ctx, &p);

	(void)argc;
	p.host = uri_host_text(ctx, argv[0].s);
	if (!err && str_is_null(p.host))
		err = -EINVAL;
	return result(ctx, err ? err : uri_parts_set(ctx, &p), &argv[0]);
}

/* "host" or "host:port", an IPv6 address in brackets. */
void host_port_split(struct str s, struct str *host_r, struct str *port_r)
{
	ssize_t colon = str_rchr(s, ':'), bracket = str_rchr(s, ']');

	*host_r = s;
	*port_r = STR_NULL;
	if (colon <= bracket)
		return;
	*host_r = str_head(s, (size_t)colon);
	*port_r = str_skip(s, (size_t)colon + 1);
}

int fn_sethostport(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct uri_parts p;
	int err = uri_parts_of(ctx, &p);

	(void)argc;
	host_port_split(argv[0].s, &p.host, &p.port);
	p.host = uri_host_text(ctx, p.host);
	if (!err && str_is_null(p.host))
		err = -EINVAL;
	return result(ctx, err ? err : uri_parts_set(ctx, &p), &argv[0]);
}

/* The parameters of the URI without "transport". */
static int params_without_transport(struct ctx *ctx, struct uri_parts *p)
{
	struct sip_param param;

	if (!sip_param_find(p->params, STR("transport"), &param))
		return 0;
	struct buf b = buf_over(pool_alloc(ctx->pool, p->params.n), p->params.n);

	if (!b.p)
		return -ENOMEM;
	buf_mem(&b, p->params.p, (size_t)(param.whole.p - p->params.p));
	buf_mem(&b, str_end(param.whole), (size_t)(str_end(p->params) - str_end(param.whole)));
	p->params = buf_str(&b);
	return 0;
}

/* "host:port;transport=tcp" */
int fn_sethostporttrans(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str s = argv[0].s, more = STR("");
	struct uri_parts p;
	ssize_t semicolon = str_chr(s, ';');
	struct buf b;
	int err = uri_parts_of(ctx, &p);

	(void)argc;
	if (semicolon >= 0) {
		more = str_skip(s, (size_t)semicolon);
		s = str_head(s, (size_t)semicolon);
	}
	host_port_split(s, &p.host, &p.port);
	p.host = uri_host_text(ctx, p.host);
	if (!err && str_is_null(p.host))
		err = -EINVAL;
	if (!err)
		err = params_without_transport(ctx, &p);
	if (err)
		return result(ctx, err, &argv[0]);
	b = buf_over(pool_alloc(ctx->pool, p.params.n + more.n), p.params.n + more.n);
	if (!b.p)
		return result(ctx, -ENOMEM, &argv[0]);
	buf_str_put(&b, p.params);
	buf_str_put(&b, more);
	p.params = buf_str(&b);
	return result(ctx, uri_parts_set(ctx, &p), &argv[0]);
}

int fn_userphone(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct uri_parts p;
	struct sip_param param;
	struct buf b;
	int err = uri_parts_of(ctx, &p);

	(void)argv;
	(void)argc;
	if (err)
		return result(ctx, err, NULL);
	if (sip_param_find(p.params, STR("user"), &param))
		return FN_TRUE;
	b = buf_over(pool_alloc(ctx->pool, p.params.n + 16), p.params.n + 16);
	if (!b.p)
		return FN_FALSE;
	buf_str_put(&b, p.params);
	buf_lit(&b, ";user=phone");
	p.params = buf_str(&b);
	return result(ctx, uri_parts_set(ctx, &p), NULL);
}

int fn_setuser(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return result(ctx, ctx_uri_user_set(ctx, argv[0].s), &argv[0]);
}

int fn_setuserpass(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str s = argv[0].s;
	struct uri_parts p;
	ssize_t colon = str_chr(s, ':');
	int err = uri_parts_of(ctx, &p);

	(void)argc;
	p.user = colon >= 0 ? str_head(s, (size_t)colon) : s;
	p.password = colon >= 0 ? str_skip(s, (size_t)colon + 1) : STR_NULL;
	if (!err && !uri_is_user(p.user))
		err = -EINVAL;
	return result(ctx, err ? err : uri_parts_set(ctx, &p), &argv[0]);
}

int fn_setport(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	char text[8];
	struct buf b = BUF_ON(text);
	struct uri_parts p;
	int64_t port = 0;
	int err = uri_parts_of(ctx, &p);

	(void)argc;
	if (!err && arg_int(&argv[0], &port))
		err = -EINVAL;
	if (!err && (port < 1 || port > 65535))
		err = -ERANGE;
	buf_int(&b, port);
	p.port = buf_str(&b);
	return result(ctx, err ? err : uri_parts_set(ctx, &p), &argv[0]);
}

int fn_prefix(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct uri_parts p;
	struct buf b;
	int err = uri_parts_of(ctx, &p);

	(void)argc;
	if (err || str_is_null(argv[0].s))
		return result(ctx, err ? err : -EINVAL, &argv[0]);
	b = buf_over(pool_alloc(ctx->pool, argv[0].s.n + p.user.n), argv[0].s.n + p.user.n);
	if (!b.p)
		return result(ctx, -ENOMEM, &argv[0]);
	buf_str_put(&b, argv[0].s);
	buf_str_put(&b, p.user);
	p.user = buf_str(&b);
	if (!str_is_null(p.host) && !uri_is_user(p.user))
		err = -EINVAL;
	return result(ctx, err ? err : uri_parts_set(ctx, &p), &argv[0]);
}

static int strip(struct ctx *ctx, const struct value *argv, bool tail)
{
	struct uri_parts p;
	int64_t n = 0;
	int err = uri_parts_of(ctx, &p);

	if (!err && (arg_int(&argv[0], &n) || n < 0))
		err = -EINVAL;
	if (err)
		return result(ctx, err, NULL);
	if ((uint64_t)n > p.user.n)
		n = (int64_t)p.user.n;
	p.user = tail ? str_head(p.user, p.user.n - (size_t)n) : str_skip(p.user, (size_t)n);
	if (!p.user.n)
		p.password = STR_NULL;
	return result(ctx, uri_parts_set(ctx, &p), NULL);
}

int fn_strip(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return strip(ctx, argv, false);
}

int fn_strip_tail(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return strip(ctx, argv, true);
}

int fn_setdsturi(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return result(ctx, str_is_null(argv[0].s) ? -EINVAL : ctx_dst_uri_set(ctx, argv[0].s),
		      &argv[0]);
}

int fn_resetdsturi(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return ctx_dst_uri_set(ctx, STR_NULL) ? FN_FALSE : FN_TRUE;
}

int fn_isdsturiset(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return str_is_null(ctx->dst_uri) ? FN_FALSE : FN_TRUE;
}

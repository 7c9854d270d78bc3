/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the Request-URI and of URIs in variables. */
#include "modules/siputils/siputils.h"

#include <errno.h>

/* --- parameters of the Request-URI ----------------------------------------------------------------------------------------------------------------- */
static bool find(struct ctx *ctx, struct str name, struct sip_param *p_r)
{
	struct sip_uri *u = ctx_uri(ctx);

	return u && name.n && sip_param_find(u->params, name, p_r);
}

/* (name): is it there without a value? (name, value): with this one? */
int fn_uri_param(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_param p;

	if (!find(ctx, argv[0].s, &p))
		return FN_FALSE;
	if (argc == 1)
		return p.value.n ? FN_FALSE : FN_TRUE;
	return str_eq_nocase(p.value, argv[1].s) ? FN_TRUE : FN_FALSE;
}

int fn_uri_param_any(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_param p;

	(void)argc;
	return find(ctx, argv[0].s, &p) ? FN_TRUE : FN_FALSE;
}

int fn_get_uri_param(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_param p;
	struct value v;

	(void)argc;
	if (!find(ctx, argv[0].s, &p))
		return FN_FALSE;
	v = value_str(str_is_null(p.value) ? STR("") : p.value);
	return attr_use_set(ctx, argv[1].attr, &v) ? FN_FALSE : FN_TRUE;
}

static int uri_set(struct ctx *ctx, struct str text)
{
	int err = str_is_null(text) ? -ENOMEM : ctx_uri_set(ctx, text);

	return err ? siputils_failed("could not change the Request-URI", text, err) : FN_TRUE;
}

/* The URI's text with what lies between from and to replaced. */
static struct str spliced(struct ctx *ctx, struct str uri, const char *from, const char *to,
			  struct str a, struct str b)
{
	return siputils_join(ctx, str_between(uri.p, from), a, b, str_between(to, str_end(uri)));
}

/* Where parameters end: before '?'. */
static const char *params_end(const struct sip_uri *u)
{
	return str_is_null(u->headers) ? str_end(u->text) : u->headers.p - 1;
}

int fn_add_uri_param(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_uri *u = ctx_uri(ctx);

	(void)argc;
	if (!u || (u->scheme != URI_SIP && u->scheme != URI_SIPS) || !argv[0].s.n)
		return siputils_failed("could not add a parameter to the Request-URI", argv[0].s,
				       -EINVAL);
	return uri_set(ctx,
		       spliced(ctx, u->text, params_end(u), params_end(u), STR(";"), argv[0].s));
}

int fn_uri_param_rm(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_param p;

	(void)argc;
	if (!find(ctx, argv[0].s, &p))
		return FN_FALSE;
	return uri_set(ctx, spliced(ctx, ctx_uri(ctx)->text, p.whole.p, str_end(p.whole), STR(""),
				    STR("")));
}

/* --- tel URIs ------------------------------------------------------------------------------------------------------------------------------------------ */
static bool is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')';
}

/* RFC 3261 25.1 user. */
static bool may_stand_in_user(char c)
{
	return char_is_digit(c) || (c >= 'a' && c <= 'z') || (c && strchr("-_.!~*'()&=+$,;?/%", c));
}

/* The number without visual separators, its parameters as they stand; escape: what may not stand in a user part as %HH. */
static void number_put(struct buf *b, struct str number, bool escape)
{
	bool in_params = false;

	for (size_t i = 0; i < number.n; i++) {
		char c = char_lower(number.p[i]);

		in_params = in_params || c == ';';
		if (!in_params && is_separator(c))
			continue;
		if (!escape || may_stand_in_user(c)) {
			buf_char(b, c);
			continue;
		}
		buf_char(b, '%');
		buf_hex(b, (unsigned char)c, 2);
	}
}

static int tel2sip(struct ctx *ctx, const struct value *argv, bool escape)
{
	struct str uri = argv[0].s, host = argv[1].s;
	size_t n = 3 * uri.n + host.n + sizeof("sip:@;user=phone");
	struct buf b;
	struct value v;
	struct sip_uri u;
	int err;

	if (!str_starts_nocase(uri, STR("tel:")))
		return 2;
	b = buf_over(pool_alloc(ctx->pool, n), n);
	if (!b.p)
		return siputils_failed("could not convert a URI", uri, -ENOMEM);
	buf_lit(&b, "sip:");
	number_put(&b, str_skip(uri, 4), escape);
	buf_char(&b, '@');
	buf_str_put(&b, host);
	buf_lit(&b, ";user=phone");
	v = value_str(buf_str(&b));
	err = uri_parse(v.s, &u, NULL) ? -EINVAL : attr_use_set(ctx, argv[2].attr, &v);
	return err ? siputils_failed("could not convert a URI", uri, err) : FN_TRUE;
}

int fn_tel2sip(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return tel2sip(ctx, argv, false);
}

int fn_tel2sip2(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return tel2sip(ctx, argv, true);
}

/* --- URIs in variables ------------------------------------------------------------------------------------------------------------------------------------ */
/* The URI that a variable holds. NULL: it holds none. */
static struct sip_uri *uri_in(struct ctx *ctx, const struct value *variable)
{
	struct value v = value_null();

	if (attr_use_get(ctx, variable->attr, &v) || v.type != VALUE_STR)
		return NULL;
	return ctx_uri_parse(ctx, v.s);
}

static int uri_out(struct ctx *ctx, const struct value *variable, struct str text)
{
	struct value v = value_str(text);
	struct sip_uri u;
	int err = str_is_null(text) ? -ENOMEM : uri_parse(text, &u, NULL) ? -EINVAL : 0;

	if (!err)
		err = attr_use_set(ctx, variable->attr, &v);
	return err ? siputils_failed("could not change a URI", text, err) : FN_TRUE;
}

int fn_set_uri_user(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_uri *u = uri_in(ctx, &argv[0]);
	struct str user = argv[1].s;
	const char *from, *to;

	(void)argc;
	if (!u || (u->scheme != URI_SIP && u->scheme != URI_SIPS) || (user.n && !uri_is_user(user)))
		return siputils_failed("could not set the user of a URI", user, -EINVAL);
	from = str_end(u->scheme_text) + 1;
	/* with the '@'; a password goes with its user */
	to = user.n ? str_end(u->user) : u->host.p;
	if (str_is_null(u->user))
		to = from;
	return uri_out(ctx, &argv[0],
		       spliced(ctx, u->text, from, to, user,
			       user.n && str_is_null(u->user) ? STR("@") : STR("")));
}

int fn_set_uri_host(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_uri *u = uri_in(ctx, &argv[0]);
	enum uri_host_kind kind;

	(void)argc;
	if (!u || str_is_null(u->host) || !uri_is_host(argv[1].s, &kind))
		return siputils_failed("could not set the host of a URI", argv[1].s, -EINVAL);
	return uri_out(ctx, &argv[0],
		       spliced(ctx, u->text, u->host.p, str_end(u->host), argv[1].s, STR("")));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in digest credentials (RFC 7616): @authorization["realm"].username, $au and their kin. Nothing here says that they are right. */
#include "core/msg/attr_pv.h"

#include <errno.h>

/* Parameters by enum auth_part. */
static const char *const names[] = {
	[AUTH_USERNAME] = "username", [AUTH_USER] = "username",
	[AUTH_DOMAIN] = "username",   [AUTH_REALM] = "realm",
	[AUTH_NONCE] = "nonce",	      [AUTH_URI] = "uri",
	[AUTH_RESPONSE] = "response", [AUTH_ALGORITHM] = "algorithm",
	[AUTH_CNONCE] = "cnonce",     [AUTH_OPAQUE] = "opaque",
	[AUTH_QOP] = "qop",	      [AUTH_NC] = "nc",
};

/* Takes 'name=value' before the next comma off *rest; quotes hold commas. */
static bool param_next(struct str *rest, struct str *name_r, struct str *value_r)
{
	bool quoted = false;
	ssize_t equals;
	struct str item;
	size_t n = 0;

	if (!rest->n)
		return false;
	for (; n < rest->n && (quoted || rest->p[n] != ','); n++) {
		if (rest->p[n] == '\\' && quoted && n + 1 < rest->n)
			n++;
		else if (rest->p[n] == '"')
			quoted = !quoted;
	}
	item = str_head(*rest, n);
	*rest = str_skip(*rest, n + 1);
	equals = str_chr(item, '=');
	*name_r = str_trim(equals < 0 ? item : str_head(item, (size_t)equals));
	*value_r = equals < 0 ? STR_NULL : str_trim(str_skip(item, (size_t)equals + 1));
	return true;
}

/* The value of a parameter as written; null if there is none. */
static struct str param_of(struct str credentials, const char *name_z)
{
	struct str name, value;

	while (param_next(&credentials, &name, &value))
		if (str_eq_nocase(name, str_z(name_z)))
			return value;
	return STR_NULL;
}

/* Quotes and escapes undone. */
static int plain(struct ctx *ctx, struct str value, struct str *plain_r)
{
	char *out;

	*plain_r = value;
	if (value.n < 2 || value.p[0] != '"')
		return 0;
	out = pool_alloc(ctx->pool, value.n);
	if (!out)
		return -ENOMEM;
	*plain_r = sip_unquote(value, out);
	return 0;
}

/* The first digest credentials of header field id, of that realm if one is asked for. -ENOENT. */
static int credentials_in(struct ctx *ctx, enum hdr_id id, const struct attr_arg *arg,
			  struct str *params_r)
{
	for (const struct sip_hdr *h = ctx->msg->first[id]; h; h = sip_hdr_next(h)) {
		struct str params = str_skip(h->body, 6), realm;
		int err;

		if (!str_starts_nocase(h->body, STR("Digest")) || !params.n ||
		    (params.p[0] != ' ' && params.p[0] != '\t' && params.p[0] != '\r'))
			continue;
		err = plain(ctx, param_of(params, "realm"), &realm);
		if (err < 0)
			return err;
		if (arg->has_key && !str_eq(realm, arg->key))
			continue;
		*params_r = params;
		return 0;
	}
	return -ENOENT;
}

static int credentials_of(struct ctx *ctx, const struct attr_arg *arg, struct str *params_r)
{
	int err;

	switch ((enum auth_base)TAG_BASE(arg->tag)) {
	case AUTH_OF_UAS:
		return credentials_in(ctx, HDR_AUTHORIZATION, arg, params_r);
	case AUTH_OF_PROXY:
		return credentials_in(ctx, HDR_PROXY_AUTHORIZATION, arg, params_r);
	default:
		err = credentials_in(ctx, HDR_PROXY_AUTHORIZATION, arg, params_r);
		return err != -ENOENT ? err : credentials_in(ctx, HDR_AUTHORIZATION, arg, params_r);
	}
}

int attr_auth(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	unsigned part = TAG_PART(arg->tag);
	struct str params, text;
	ssize_t at;
	int err = credentials_of(ctx, arg, &params);

	*value_r = value_null();
	if (!err && part == AUTH_WHOLE) {
		*value_r = value_str(str_trim(params));
		return 0;
	}
	if (!err)
		err = plain(ctx, param_of(params, names[part]), &text);
	if (err < 0)
		return err == -ENOMEM ? err : 0;
	at = str_rchr(text, '@');
	if (part == AUTH_USER && at >= 0)
		text = str_head(text, (size_t)at);
	if (part == AUTH_DOMAIN)
		text = at >= 0 ? str_skip(text, (size_t)at + 1) : STR_NULL;
	*value_r = value_str(text);
	return 0;
}

int attr_account(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	static const struct attr_arg user = { .tag = ATTR_TAG(AUTH_OF_ANY, AUTH_USER) };
	static const struct attr_arg realm = { .tag = ATTR_TAG(AUTH_OF_ANY, AUTH_REALM) };
	static const struct attr_arg from_user = { .tag = ATTR_TAG(BASE_FROM, PART_USER) };
	static const struct attr_arg from_host = { .tag = ATTR_TAG(BASE_FROM, PART_HOST) };
	struct value name, place;
	bool is_from;
	struct buf b;
	int err = attr_auth(ctx, &user, &name);

	(void)arg;
	*value_r = value_null();
	is_from = !err && !name.s.n;
	if (is_from)
		err = attr_nameaddr(ctx, &from_user, &name);
	if (!err)
		err = is_from ? attr_nameaddr(ctx, &from_host, &place)
			      : attr_auth(ctx, &realm, &place);
	if (err)
		return err;
	if (!place.s.n) {
		*value_r = name;
		return 0;
	}
	b = buf_over(pool_alloc(ctx->pool, name.s.n + 1 + place.s.n), name.s.n + 1 + place.s.n);
	if (!b.p)
		return -ENOMEM;
	buf_str_put(&b, name.s);
	buf_char(&b, '@');
	buf_str_put(&b, place.s);
	*value_r = value_str(buf_str(&b));
	return 0;
}

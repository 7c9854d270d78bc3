/* SPDX-License-Identifier: BSD-2-Clause */
/* Contacts hidden in others: as "sip:prefix*user*password*host*port*transport@public", or as a parameter of a URI of ours, in base64url. */
#include "modules/siputils/siputils.h"

#include <errno.h>

#define URI_MOST      4096 /* what is hidden becomes longer */
#define CONTACTS_MOST 256  /* of one message: nobody has more */

enum field {
	FIELD_PREFIX,
	FIELD_USER,
	FIELD_PASSWORD,
	FIELD_HOST,
	FIELD_PORT,
	FIELD_TRANSPORT,
	FIELDS
};

/* What is made of a Contact's URI: 0 with *new_r in the pool (null: it stays), or -errno. */
typedef int uri_change(struct ctx *ctx, const struct sip_uri *u, const struct value *argv,
		       struct str *new_r);

/* Puts a URI in the place of a Contact's; without brackets its parameters would become the header field's. */
static int contact_replace(struct ctx *ctx, const struct sip_nameaddr *na, struct str uri)
{
	if (!na->in_brackets)
		uri = siputils_join(ctx, STR("<"), uri, STR(">"), STR(""));
	if (str_is_null(uri))
		return -ENOMEM;
	return message_replace(ctx, (size_t)(na->uri.p - ctx->msg->buf.p), na->uri.n, uri);
}

/* -E2BIG: there are more than are changed at a time; -errno of what cannot be parsed. */
static int contacts_count(struct ctx *ctx)
{
	struct sip_nameaddr *na;
	int n = 0, err = sip_msg_nameaddr(ctx->msg, HDR_CONTACT, &na);

	for (; !err && n <= CONTACTS_MOST; n++)
		err = sip_msg_nameaddr_next(ctx->msg, na, &na);
	return n > CONTACTS_MOST ? -E2BIG : err == -ENOENT ? 0 : err;
}

/* Changes all Contacts. How many were changed, or -errno. */
static int contacts_change(struct ctx *ctx, const struct value *argv, uri_change *change)
{
	struct sip_nameaddr *na;
	int n = 0, err = contacts_count(ctx);

	if (!err)
		err = sip_msg_nameaddr(ctx->msg, HDR_CONTACT, &na);
	for (; !err; err = sip_msg_nameaddr_next(ctx->msg, na, &na)) {
		struct str uri = STR_NULL;
		struct sip_uri *u;

		if (na->is_star)
			continue;
		err = nameaddr_uri(ctx->msg, na, &u);
		if (!err && (u->scheme == URI_SIP || u->scheme == URI_SIPS))
			err = change(ctx, u, argv, &uri);
		if (!err && !str_is_null(uri))
			err = contact_replace(ctx, na, uri);
		if (err)
			return err;
		n += !str_is_null(uri);
	}
	return err == -ENOENT ? n : err;
}

/* In the family a message without a Contact is as good as one that was changed. */
static int all_done(int n)
{
	return n < 0 ? siputils_failed("could not change a Contact", STR_NULL, n) : FN_TRUE;
}

/* --- in the user part ---------------------------------------------------------------------------------------------------------------------- */
static char separator(const struct ctx *ctx)
{
	struct str s = siputils_conf_of(ctx)->contact_flds_separator;

	return s.n ? s.p[0] : '*';
}

/* The parameters but "transport", which has a field of its own. */
static void params_put(struct buf *b, struct str params)
{
	struct sip_param p;

	while (sip_param_next(&params, &p) > 0) {
		if (!str_eq_nocase(p.name, STR("transport")))
			buf_str_put(b, p.whole);
	}
}

/* argv: prefix, public host and port */
static int encode(struct ctx *ctx, const struct sip_uri *u, const struct value *argv,
		  struct str *new_r)
{
	struct str fields[FIELDS] = { argv[0].s, u->user,      u->password,
				      u->host,	 u->port_text, uri_param(u, STR("transport")) };
	size_t n = u->text.n + argv[0].s.n + argv[1].s.n + FIELDS + 8;
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);
	char c = separator(ctx);

	if (!b.p)
		return -ENOMEM;
	buf_str_put(&b, u->scheme_text);
	buf_char(&b, ':');
	for (int i = 0; i < FIELDS; i++) {
		/* it could not be told apart again */
		if (str_chr(fields[i], c) >= 0)
			return -EINVAL;
		if (i)
			buf_char(&b, c);
		buf_str_put(&b, fields[i]);
	}
	buf_char(&b, '@');
	buf_str_put(&b, argv[1].s);
	params_put(&b, u->params);
	if (!str_is_null(u->headers)) {
		buf_char(&b, '?');
		buf_str_put(&b, u->headers);
	}
	*new_r = buf_str(&b);
	return buf_ok(&b) && !uri_parse(*new_r, &(struct sip_uri){ 0 }, NULL) ? 0 : -EINVAL;
}

int fn_encode_contact(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return all_done(contacts_change(ctx, argv, encode));
}

static void decoded_put(struct buf *b, const struct sip_uri *u, const struct str *fields)
{
	buf_str_put(b, u->scheme_text);
	buf_char(b, ':');
	buf_str_put(b, fields[FIELD_USER]);
	if (fields[FIELD_PASSWORD].n) {
		buf_char(b, ':');
		buf_str_put(b, fields[FIELD_PASSWORD]);
	}
	if (fields[FIELD_USER].n)
		buf_char(b, '@');
	buf_str_put(b, fields[FIELD_HOST]);
	if (fields[FIELD_PORT].n) {
		buf_char(b, ':');
		buf_str_put(b, fields[FIELD_PORT]);
	}
	if (fields[FIELD_TRANSPORT].n) {
		buf_lit(b, ";transport=");
		buf_str_put(b, fields[FIELD_TRANSPORT]);
	}
	params_put(b, u->params);
	if (!str_is_null(u->headers)) {
		buf_char(b, '?');
		buf_str_put(b, u->headers);
	}
}

/* Null: nothing is hidden in it. */
static int decode(struct ctx *ctx, const struct sip_uri *u, const struct value *argv,
		  struct str *new_r)
{
	struct str fields[FIELDS], rest = u->user;
	size_t n = u->text.n + sizeof(";transport=");
	struct buf b;
	int i = 0;

	(void)argv;
	*new_r = STR_NULL;
	while (i < FIELDS && str_split(&rest, separator(ctx), &fields[i]))
		i++;
	if (i < FIELDS || !str_is_null(rest) || !fields[FIELD_HOST].n)
		return 0;
	b = buf_over(pool_alloc(ctx->pool, n), n);
	if (!b.p)
		return -ENOMEM;
	decoded_put(&b, u, fields);
	*new_r = buf_str(&b);
	return buf_ok(&b) && !uri_parse(*new_r, &(struct sip_uri){ 0 }, NULL) ? 0 : -EINVAL;
}

/* The Request-URI, which was a Contact that we hid. */
static int ruri_change(struct ctx *ctx, const struct value *argv, uri_change *change,
		       bool nothing_is_true)
{
	struct sip_uri *u = ctx_uri(ctx);
	struct str uri = STR_NULL;
	int err = u ? change(ctx, u, argv, &uri) : -EINVAL;

	if (!err && str_is_null(uri))
		return nothing_is_true ? FN_TRUE : FN_FALSE;
	if (!err)
		err = ctx_uri_set(ctx, uri);
	return err ? siputils_failed("could not decode the Request-URI", uri, err) : FN_TRUE;
}

int fn_decode_contact(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return ruri_change(ctx, argv, decode, false);
}

int fn_decode_contact_header(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int n = contacts_change(ctx, argv, decode);

	(void)argc;
	return n ? all_done(n) : FN_FALSE;
}

/* --- in a parameter ------------------------------------------------------------------------------------------------------------------------- */
static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* RFC 4648 5, without padding. */
static void base64_put(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i += 3) {
		size_t n = s.n - i < 3 ? s.n - i : 3;
		uint32_t v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (k < n ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k <= n; k++)
			buf_char(b, digits64[v >> (18 - 6 * k) & 63]);
	}
}

/* False: it is not that. */
static bool base64_read(struct buf *b, struct str s)
{
	uint32_t v = 0;
	unsigned bits = 0;

	while (s.n && s.p[s.n - 1] == '=')
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(digits64, s.p[i]) : NULL;

		if (!at)
			return false;
		v = v << 6 | (uint32_t)(at - digits64);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_char(b, (char)(v >> bits & 0xff));
		}
	}
	return s.n > 0 && s.n % 4 != 1 && buf_ok(b);
}

/* argv: the parameter's name, the URI it is put into */
static int param_encode(struct ctx *ctx, const struct sip_uri *u, const struct value *argv,
			struct str *new_r)
{
	size_t n = argv[0].s.n + argv[1].s.n + u->text.n * 4 / 3 + 8;
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);

	if (!b.p)
		return -ENOMEM;
	if (u->text.n > URI_MOST)
		return -EMSGSIZE;
	buf_str_put(&b, argv[1].s);
	buf_char(&b, ';');
	buf_str_put(&b, argv[0].s);
	buf_char(&b, '=');
	base64_put(&b, u->text);
	*new_r = buf_str(&b);
	return buf_ok(&b) && !uri_parse(*new_r, &(struct sip_uri){ 0 }, NULL) ? 0 : -EINVAL;
}

int fn_contact_param_encode(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return all_done(contacts_change(ctx, argv, param_encode));
}

/* Null: the parameter is not there. What a stranger wrote into it must be a URI. */
static int param_decode(struct ctx *ctx, const struct sip_uri *u, const struct value *argv,
			struct str *new_r)
{
	struct str value = uri_param(u, argv[0].s);
	struct buf b;

	*new_r = STR_NULL;
	if (!value.n)
		return 0;
	b = buf_over(pool_alloc(ctx->pool, value.n), value.n);
	if (!b.p)
		return -ENOMEM;
	if (!base64_read(&b, value) || uri_parse(buf_str(&b), &(struct sip_uri){ 0 }, NULL))
		return -EINVAL;
	*new_r = buf_str(&b);
	return 0;
}

int fn_contact_param_decode(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return all_done(contacts_change(ctx, argv, param_decode));
}

int fn_contact_param_decode_uri(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return ruri_change(ctx, argv, param_decode, true);
}

static int param_remove(struct ctx *ctx, const struct sip_uri *u, const struct value *argv,
			struct str *new_r)
{
	struct sip_param p;

	*new_r = STR_NULL;
	if (!sip_param_find(u->params, argv[0].s, &p))
		return 0;
	*new_r = siputils_join(ctx, str_between(u->text.p, p.whole.p),
			       str_between(str_end(p.whole), str_end(u->text)), STR(""), STR(""));
	return new_r->p ? 0 : -ENOMEM;
}

int fn_contact_param_rm(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return all_done(contacts_change(ctx, argv, param_remove));
}

int fn_contact_param_check(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_nameaddr *na;
	struct sip_param p;
	int err = sip_msg_nameaddr(ctx->msg, HDR_CONTACT, &na);

	(void)argc;
	for (; !err; err = sip_msg_nameaddr_next(ctx->msg, na, &na)) {
		struct sip_uri *u;

		if (!na->is_star && !nameaddr_uri(ctx->msg, na, &u) &&
		    sip_param_find(u->params, argv[0].s, &p))
			return FN_TRUE;
	}
	return FN_FALSE;
}

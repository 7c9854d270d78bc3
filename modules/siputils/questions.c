/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions about the message and about texts. */
#include "modules/siputils/siputils.h"

#include <errno.h>
#include <time.h>

static int answer(bool yes)
{
	return yes ? FN_TRUE : FN_FALSE;
}

/* --- the message ---------------------------------------------------------------------------------------------------------------------------- */
int fn_is_request(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return answer(ctx->msg->is_request);
}

int fn_is_reply(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return answer(!ctx->msg->is_request);
}

int fn_is_sip(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return answer(str_starts_nocase(ctx->msg->version, STR("SIP/")));
}

int fn_is_http(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return answer(str_starts_nocase(ctx->msg->version, STR("HTTP/")));
}

int fn_has_totag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_nameaddr *to;

	(void)argv;
	(void)argc;
	return answer(!sip_msg_nameaddr(ctx->msg, HDR_TO, &to) && to->tag.n);
}

/* A request with one Via; a response whose top Record-Route is ours and that did not come from ourselves (mode 1: wherever from). */
int fn_is_first_hop(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t mode = argc ? argv[0].i : 0;
	struct sip_nameaddr *rr;
	struct sip_via *second;
	struct sip_uri *u;

	if (ctx->msg->is_request)
		return answer(sip_msg_via_next(ctx->msg, ctx->via, &second) == -ENOENT);
	if (sip_msg_nameaddr(ctx->msg, HDR_RECORD_ROUTE, &rr) || nameaddr_uri(ctx->msg, rr, &u) ||
	    !ctx_uri_is_own(ctx, u))
		return FN_FALSE;
	if (mode == 1)
		return FN_TRUE;
	return answer((u->host_kind == URI_HOST_V4 || u->host_kind == URI_HOST_V6) &&
		      !ctx_from_own(ctx));
}

int fn_is_supported(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	for (const struct sip_hdr *h = ctx->msg->first[HDR_SUPPORTED]; h; h = sip_hdr_next(h)) {
		struct str rest = h->body, one;

		while (sip_list_next(&rest, &one)) {
			if (str_eq_nocase(one, argv[0].s))
				return FN_TRUE;
		}
	}
	return FN_FALSE;
}

/* RFC 5627 4: 1 a public GRUU, 2 a temporary one. */
int fn_is_gruu(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_uri *u = argc ? ctx_uri_parse(ctx, argv[0].s) : ctx_uri(ctx);
	struct str gr = u ? uri_param(u, STR("gr")) : STR_NULL;

	return str_is_null(gr) ? FN_FALSE : gr.n ? 1 : 2;
}

static struct str unquoted(struct str s)
{
	return s.n >= 2 && s.p[0] == '"' ? str_of(s.p + 1, s.n - 2) : s;
}

/* The user of Authorization or Proxy-Authorization. */
static struct str username_of(const struct sip_hdr *h)
{
	struct str rest = h->body, one;
	ssize_t blank = str_chr(rest, ' ');

	rest = blank < 0 ? STR_NULL : str_skip(rest, (size_t)blank + 1);
	while (sip_list_next(&rest, &one)) {
		ssize_t equals = str_chr(one, '=');

		if (equals > 0 &&
		    str_eq_nocase(str_trim(str_head(one, (size_t)equals)), STR("username")))
			return unquoted(str_trim(str_skip(one, (size_t)equals + 1)));
	}
	return STR_NULL;
}

int fn_is_user(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	static const enum hdr_id ids[] = { HDR_AUTHORIZATION, HDR_PROXY_AUTHORIZATION };

	(void)argc;
	for (int i = 0; i < 2; i++) {
		for (const struct sip_hdr *h = ctx->msg->first[ids[i]]; h; h = sip_hdr_next(h)) {
			struct str name = username_of(h);

			if (name.n && str_eq(name, argv[0].s))
				return FN_TRUE;
		}
	}
	return FN_FALSE;
}

/* "Sat, 13 Nov 2010 23:29:00 GMT" (RFC 3261 25.1 SIP-date), which no system call is asked for. False: it is not one. */
static bool date_parse(struct str text, time_t *at_r)
{
	char z[40];
	struct buf b = BUF_ON(z);
	struct tm tm = { 0 };
	const char *end;

	buf_str_put(&b, text);
	if (!buf_ok(&b) || b.n == b.cap)
		return false;
	end = strptime(buf_z(&b), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (!end || *end)
		return false;
	*at_r = timegm(&tm);
	return true;
}

/* -1: there is no Date, or it is none; -4: it is more than so many seconds old. */
int fn_hdr_date_check(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sip_hdr *h = ctx->msg->first[HDR_DATE];
	time_t at;

	(void)argc;
	if (!h || !date_parse(h->body, &at))
		return FN_FALSE;
	return (int64_t)time(NULL) - (int64_t)at > argv[0].i ? -4 : FN_TRUE;
}

/* All header fields are found when a message arrives; here it is asked whether those with addresses are sound. */
int fn_sip_parse_headers(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	static const enum hdr_id ids[] = { HDR_FROM, HDR_TO, HDR_CONTACT, HDR_ROUTE,
					   HDR_RECORD_ROUTE };

	(void)argv;
	(void)argc;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct sip_nameaddr *na;
		int err = sip_msg_nameaddr(ctx->msg, ids[i], &na);

		while (!err)
			err = sip_msg_nameaddr_next(ctx->msg, na, &na);
		if (err != -ENOENT)
			return FN_FALSE;
	}
	return FN_TRUE;
}

/* --- texts ------------------------------------------------------------------------------------------------------------------------------------ */
static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_digit(s.p[i]))
			return false;
	}
	return s.n > 0;
}

bool siputils_is_e164(struct ctx *ctx, struct str s)
{
	return s.n > 2 && s.p[0] == '+' && all_digits(str_skip(s, 1)) &&
	       (int64_t)s.n - 1 <= siputils_conf_of(ctx)->e164_max_len;
}

int fn_is_e164(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return answer(siputils_is_e164(ctx, argv[0].s));
}

int fn_is_uri_user_e164(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_uri *u = argv[0].s.n ? ctx_uri_parse(ctx, argv[0].s) : NULL;

	(void)argc;
	return answer(u && siputils_is_e164(ctx, u->user));
}

int fn_is_uri(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return answer(argv[0].s.n && ctx_uri_parse(ctx, argv[0].s));
}

/* Digits, behind a '+' not beginning with 0. */
int fn_is_tel_number(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str s = argv[0].s;

	(void)ctx;
	(void)argc;
	if (s.n && s.p[0] == '+') {
		s = str_skip(s, 1);
		if (s.n && s.p[0] == '0')
			return FN_FALSE;
	}
	return answer(all_digits(s));
}

int fn_is_numeric(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	return answer(all_digits(argv[0].s));
}

static bool all_alphanum(struct str s, struct str extra)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = char_lower(s.p[i]);

		if (!char_is_digit(c) && !(c >= 'a' && c <= 'z') && str_chr(extra, s.p[i]) < 0)
			return false;
	}
	return s.n > 0;
}

int fn_is_alphanum(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	return answer(all_alphanum(argv[0].s, STR("")));
}

int fn_is_alphanumex(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	return answer(all_alphanum(argv[0].s, argv[1].s));
}

int fn_cmp_uri(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_uri *a = ctx_uri_parse(ctx, argv[0].s), *b = ctx_uri_parse(ctx, argv[1].s);

	(void)argc;
	return answer(a && b && uri_eq(a, b));
}

/* User and host of two URIs. */
int fn_cmp_aor(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_uri *a = ctx_uri_parse(ctx, argv[0].s), *b = ctx_uri_parse(ctx, argv[1].s);

	(void)argc;
	return answer(a && b && str_eq(a->user, b->user) && str_eq_nocase(a->host, b->host));
}

/* Long and compact form are the same name. */
int fn_cmp_hdr_name(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str a = argv[0].s, b = argv[1].s;
	enum hdr_id id = hdr_id_of(a);

	(void)ctx;
	(void)argc;
	return answer(a.n && (str_eq_nocase(a, b) || (id != HDR_OTHER && id == hdr_id_of(b))));
}

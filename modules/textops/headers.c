/* SPDX-License-Identifier: BSD-2-Clause */
/* Header fields: added, left out, asked for. */
#include "modules/textops/textops.h"

#include <errno.h>
#include <time.h>

static int add(struct ctx *ctx, const struct value *argv, unsigned argc, bool front)
{
	int err = header_add(ctx, argv[0].s, argc > 1 ? argv[1].s : STR_NULL, front);

	return err ? textops_failed("could not add a header field", argv[0].s, err) : FN_TRUE;
}

int fn_append_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return add(ctx, argv, argc, false);
}

int fn_insert_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return add(ctx, argv, argc, true);
}

/* The Request-URI as received between two texts. */
int fn_append_urihf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str uri = ctx->msg->ruri;
	size_t n = argv[0].s.n + uri.n + argv[1].s.n;
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);
	struct value text;

	(void)argc;
	if (!b.p)
		return textops_failed("could not add a header field", argv[0].s, -ENOMEM);
	buf_str_put(&b, argv[0].s);
	buf_str_put(&b, uri);
	buf_str_put(&b, argv[1].s);
	text = value_str(buf_str(&b));
	return add(ctx, &text, 1, false);
}

int fn_append_to_reply(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int err = header_add_to_reply(ctx, argv[0].s);

	(void)argc;
	return err ? textops_failed("could not add a header field to the reply", argv[0].s, err)
		   : FN_TRUE;
}

/* "Date: Sat, 13 Nov 2010 23:29:00 GMT" (RFC 3261 20.17), in the pool. */
static struct str date_line(struct ctx *ctx)
{
	char text[64];
	time_t now = time(NULL);
	struct tm tm;
	size_t n;

	if (!gmtime_r(&now, &tm))
		return STR_NULL;
	/* no setlocale() is called anywhere: the names are English */
	n = strftime(text, sizeof(text), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
	return n ? pool_str(ctx->pool, str_of(text, n)) : STR_NULL;
}

int fn_append_time(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct value line = value_str(date_line(ctx));

	(void)argv;
	(void)argc;
	return line.type == VALUE_NULL ? FN_FALSE : fn_append_to_reply(ctx, &line, 1);
}

int fn_append_time_to_request(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct value line = value_str(date_line(ctx));

	(void)argv;
	(void)argc;
	return line.type == VALUE_NULL ? FN_FALSE : add(ctx, &line, 1, false);
}

/* --- left out ----------------------------------------------------------------------------------------------------------------------------- */
/* What a removal came to: n of them, or -errno. */
static int removed(int n, struct str what)
{
	if (n < 0)
		return textops_failed("could not remove a header field", what, n);
	return n ? FN_TRUE : FN_FALSE;
}

int fn_remove_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	unsigned n;
	int err = header_remove(ctx, argv[0].s, &n);

	(void)argc;
	return removed(err ? err : (int)n, argv[0].s);
}

/* 1: the text matches re, and not except (may be NULL); 0; -errno. */
static int matches(struct regex_budget *budget, const struct regex *re, const struct regex *except,
		   struct str text)
{
	int r = re ? regex_exec_within(budget, re, text, 0, NULL) : 0;

	if (r <= 0 || !except)
		return r;
	r = regex_exec_within(budget, except, text, 0, NULL);
	return r < 0 ? r : !r;
}

int fn_remove_hf_exp(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct regex *match = lines_regex(ctx, argv[0].re);
	const struct regex *skip = argc > 1 ? lines_regex(ctx, argv[1].re) : NULL;
	struct regex_budget budget = REGEX_BUDGET;
	int n = 0;

	for (const struct sip_hdr *h = ctx->msg->hdrs; h; h = h->next) {
		int err = matches(&budget, match, skip, h->name);

		if (!err)
			continue;
		if (err > 0)
			err = header_drop(ctx, h);
		if (err)
			return removed(err, h->name);
		n++;
	}
	return removed(n, argv[0].re->pattern);
}

int fn_remove_hf_re(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return fn_remove_hf_exp(ctx, argv, 1);
}

int fn_remove_hf_idx(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sip_hdr *h, *first = sip_msg_find(ctx->msg, argv[0].s);
	int64_t n = 0, at = argv[1].i;
	int err;

	(void)argc;
	for (h = first; h; h = sip_hdr_next(h))
		n++;
	at = at < 0 ? n + at : at;
	if (at < 0 || at >= n)
		return FN_FALSE;
	for (h = first; at; at--)
		h = sip_hdr_next(h);
	err = header_drop(ctx, h);
	return removed(err ? err : 1, argv[0].s);
}

enum match_op { MATCH_EQ, MATCH_NE, MATCH_IN, MATCH_RE, MATCH_NONE };

static enum match_op match_op_of(struct str word)
{
	static const struct str words[] = { STR_INIT("eq"), STR_INIT("ne"), STR_INIT("in"),
					    STR_INIT("re") };
	unsigned i = 0;

	while (i < MATCH_NONE && !str_eq_nocase(word, words[i]))
		i++;
	return i;
}

const char *check_remove_hf_match(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[1].type == VALUE_STR && match_op_of(argv[1].s) == MATCH_NONE)
		return "the operator is \"eq\", \"ne\", \"in\" (contains) or \"re\" (matches)";
	return NULL;
}

/* As matches(). */
static int body_matches(struct regex_budget *budget, const struct regex *re, enum match_op op,
			struct str body, struct str text)
{
	switch (op) {
	case MATCH_EQ:
		return str_eq(body, text);
	case MATCH_NE:
		return !str_eq(body, text);
	case MATCH_IN:
		return str_find(body, text) >= 0;
	default:
		return matches(budget, re, NULL, body);
	}
}

int fn_remove_hf_match(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	enum match_op op = match_op_of(argv[1].s);
	const struct regex *re = NULL;
	struct regex_budget budget = REGEX_BUDGET;
	struct regex_error e;
	int n = 0;

	(void)argc;
	if (op == MATCH_NONE || !argv[2].s.n ||
	    (op == MATCH_RE && regex_new(ctx->pool, argv[2].s, REGEX_MULTILINE, &re, &e)))
		return removed(-EINVAL, argv[2].s);
	for (const struct sip_hdr *h = sip_msg_find(ctx->msg, argv[0].s); h; h = sip_hdr_next(h)) {
		int err = body_matches(&budget, re, op, h->body, argv[2].s);

		if (!err)
			continue;
		if (err > 0)
			err = header_drop(ctx, h);
		if (err)
			return removed(err, h->name);
		n++;
	}
	return removed(n, argv[0].s);
}

/* A parameter of a Via, the top one being number 1. */
int fn_via_param_rm(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_via *via = ctx->via;
	struct sip_param p;
	int64_t n = argc > 1 ? argv[1].i : 1, count = 1;
	int err = 0;

	for (struct sip_via *x = via; n < 0 && !sip_msg_via_next(ctx->msg, x, &x);)
		count++;
	n = n < 0 ? count + n + 1 : n;
	for (; n > 1 && !err; n--)
		err = sip_msg_via_next(ctx->msg, via, &via);
	if (n < 1 || err || !sip_param_find(via->params, argv[0].s, &p))
		return FN_FALSE;
	err = message_replace(ctx, (size_t)(p.whole.p - ctx->msg->buf.p), p.whole.n, STR_NULL);
	return err && err != -EEXIST
		       ? textops_failed("could not remove a parameter", argv[0].s, err)
		       : FN_TRUE;
}

/* --- asked for ---------------------------------------------------------------------------------------------------------------------------- */
int fn_is_present_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return sip_msg_find(ctx->msg, argv[0].s) ? FN_TRUE : FN_FALSE;
}

int fn_is_present_hf_re(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct regex *re = lines_regex(ctx, argv[0].re);
	struct regex_budget budget = REGEX_BUDGET;
	int r = 0;

	(void)argc;
	for (const struct sip_hdr *h = ctx->msg->hdrs; h && !r; h = h->next)
		r = matches(&budget, re, NULL, h->name);
	if (r < 0)
		return textops_failed("could not search", argv[0].re->pattern, r);
	return r ? FN_TRUE : FN_FALSE;
}

const char *check_name(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[0].type == VALUE_STR && (!argv[0].s.n || str_chr(argv[0].s, ':') >= 0))
		return "the name of a header field is needed, without colon";
	return NULL;
}

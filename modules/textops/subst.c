/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching and replacing: matches become edits of the message, or a new Request-URI. */
#include "modules/textops/textops.h"

#include <errno.h>

/* "$ru", "$(…)" */
static bool names_variable(struct str s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		char next = char_lower(s.p[i + 1]);

		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '$' && (next == '(' || (next >= 'a' && next <= 'z')))
			return true;
	}
	return false;
}

const char *subst_check(const struct value *v)
{
	struct subst s;
	const char *wrong;

	if (v->type != VALUE_STR)
		return NULL;
	wrong = subst_parse(v->s, &s);
	if (!wrong && names_variable(s.replacement))
		wrong = "a replacement has no variables in it: join texts with + around $x, or "
			"write \\$ for a dollar sign";
	return wrong;
}

/* --- on the message ------------------------------------------------------------------------------------------------------------------ */
/* Everything behind the first line. */
static struct str whole(const struct ctx *ctx)
{
	return str_between(ctx->msg->headers.p, str_end(ctx->msg->buf));
}

/* What a match is replaced by. */
struct replacement {
	struct str text;
	bool literal; /* no \1 in it */
	bool behind;  /* put behind the match, which stays */
	bool all;
};

static int replace_match(struct ctx *ctx, struct str subject, const struct regex_match *m,
			 const struct replacement *how)
{
	size_t from = m->group[0].from, to = m->group[0].to;
	struct str text = how->text;
	int err = how->literal ? 0 : subst_replacement(ctx->pool, how->text, subject, m, &text);

	if (err)
		return err;
	if (how->behind)
		from = to;
	return message_replace(ctx, (size_t)(subject.p - ctx->msg->buf.p) + from, to - from, text);
}

/* How many matches in subject, a part of the message, were replaced, or -errno. */
static int message_subst(struct ctx *ctx, struct regex_budget *budget, const struct regex *re,
			 struct str subject, const struct replacement *how)
{
	size_t at = 0;
	int n = 0;

	while (at <= subject.n) {
		struct regex_match m;
		int r = subject.p ? regex_exec_within(budget, re, subject, at, &m) : 0;

		if (r <= 0)
			return r < 0 ? r : n;
		if ((unsigned)n == SUBST_MATCHES_MAX)
			return -E2BIG;
		at = subst_behind(subject, &m);
		r = replace_match(ctx, subject, &m, how);
		if (r)
			return r;
		n++;
		if (!how->all)
			break;
	}
	return n;
}

static int done(int n, struct str pattern)
{
	if (n < 0)
		return textops_failed("could not replace text", pattern, n);
	return n ? FN_TRUE : FN_FALSE;
}

static int found(int r, struct str pattern)
{
	if (r < 0)
		return textops_failed("could not search", pattern, r);
	return r ? FN_TRUE : FN_FALSE;
}

static int search(struct ctx *ctx, const struct regex *given, struct str subject)
{
	const struct regex *re = lines_regex(ctx, given);

	return found(re && subject.p ? regex_exec(re, subject, 0, NULL) : 0, given->pattern);
}

int fn_search(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return search(ctx, argv[0].re, ctx->msg->buf);
}

int fn_search_body(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return search(ctx, argv[0].re, ctx->msg->body);
}

int fn_search_str(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return search(ctx, argv[1].re, argv[0].s);
}

/* The header fields of a name that 'a' (all), 'f' (the first) or 'l' (the last) means. */
static const struct sip_hdr *chosen(struct ctx *ctx, struct str name, struct str which, bool *one_r)
{
	const struct sip_hdr *h = sip_msg_find(ctx->msg, name), *next;
	char c = which.n ? char_lower(which.p[0]) : 'a';

	*one_r = c != 'a';
	while (c == 'l' && h && (next = sip_hdr_next(h)))
		h = next;
	return h;
}

int fn_search_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	bool one;
	const struct sip_hdr *h = chosen(ctx, argv[0].s, argv[2].s, &one);
	const struct regex *re = lines_regex(ctx, argv[1].re);
	struct regex_budget budget = REGEX_BUDGET;
	int r = 0;

	(void)argc;
	for (; re && h && !r; h = one ? NULL : sip_hdr_next(h))
		r = regex_exec_within(&budget, re, h->body, 0, NULL);
	return found(r, argv[1].re->pattern);
}

const char *check_search_hf(const struct value *argv, unsigned argc)
{
	char c = argv[2].s.n ? char_lower(argv[2].s.p[0]) : 'a';

	(void)argc;
	return c == 'a' || c == 'f' || c == 'l'
		       ? NULL
		       : "the third argument is \"a\" (all header fields of the name), \"f\" (the "
			 "first) or \"l\" (the last)";
}

/* lines: '^' and '$' match at each line. */
static int replace(struct ctx *ctx, const struct value *argv, struct str subject, bool lines,
		   struct replacement how)
{
	const struct regex *re = lines ? lines_regex(ctx, argv[0].re) : argv[0].re;
	struct regex_budget budget = REGEX_BUDGET;

	how.text = argv[1].s;
	return re ? done(message_subst(ctx, &budget, re, subject, &how), re->pattern) : FN_FALSE;
}

#define REPLACE(NAME, SUBJECT, LINES, ...)                                              \
	int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc)         \
	{                                                                               \
		(void)argc;                                                             \
		return replace(ctx, argv, SUBJECT, LINES,                               \
			       (struct replacement){ .literal = true, ##__VA_ARGS__ }); \
	}
REPLACE(replace, whole(ctx), true)
REPLACE(replace_all, whole(ctx), true, .all = true)
REPLACE(replace_hdrs, ctx->msg->headers, true)
REPLACE(replace_body, ctx->msg->body, true)
REPLACE(replace_body_all, ctx->msg->body, true, .all = true)
REPLACE(replace_body_atonce, ctx->msg->body, false, .all = true)
REPLACE(search_append, whole(ctx), true, .behind = true)
REPLACE(search_append_body, ctx->msg->body, true, .behind = true)

/* --- texts that are compared as they stand ------------------------------------------------------------------------------------------------ */
static int replace_str(struct ctx *ctx, const struct value *argv, struct str subject)
{
	struct str find = argv[0].s, rest = subject;
	bool all = argv[2].s.n && char_lower(argv[2].s.p[0]) == 'a';
	ssize_t at;
	int n = 0, err;

	while (find.n && rest.p && (at = str_find(rest, find)) >= 0) {
		err = (unsigned)n == SUBST_MATCHES_MAX
			      ? -E2BIG
			      : message_replace(ctx,
						(size_t)(rest.p - ctx->msg->buf.p) + (size_t)at,
						find.n, argv[1].s);
		if (err)
			return done(err, find);
		rest = str_skip(rest, (size_t)at + find.n);
		n++;
		if (!all)
			break;
	}
	return n ? FN_TRUE : FN_FALSE;
}

int fn_replace_str(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return replace_str(ctx, argv, whole(ctx));
}

int fn_replace_hdrs_str(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return replace_str(ctx, argv, ctx->msg->headers);
}

int fn_replace_body_str(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return replace_str(ctx, argv, ctx->msg->body);
}

const char *check_replace_str(const struct value *argv, unsigned argc)
{
	char c = argv[2].s.n ? char_lower(argv[2].s.p[0]) : 'a';

	(void)argc;
	return c == 'a' || c == 'f' ? NULL : "the mode is \"f\" (the first) or \"a\" (all)";
}

/* --- substitutions -------------------------------------------------------------------------------------------------------------------------- */
/* The expression and its compiled pattern. NULL: it was logged. */
static const struct regex *expression(struct ctx *ctx, struct str text, struct subst *s_r)
{
	const char *wrong = subst_parse(text, s_r);

	if (!wrong)
		return subst_regex(ctx, s_r);
	log_limited(LOG_WARN, "textops", "cannot use a text as a substitution",
		    KV_STR("text", text), KV_Z("why", wrong));
	return NULL;
}

static int subst(struct ctx *ctx, struct str text, struct str subject)
{
	struct regex_budget budget = REGEX_BUDGET;
	struct subst s;
	const struct regex *re = expression(ctx, text, &s);
	struct replacement how = { .text = s.replacement, .all = s.all };

	return re ? done(message_subst(ctx, &budget, re, subject, &how), s.pattern) : FN_FALSE;
}

int fn_subst(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return subst(ctx, argv[0].s, whole(ctx));
}

int fn_subst_body(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return subst(ctx, argv[0].s, ctx->msg->body);
}

int fn_subst_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct regex_budget budget = REGEX_BUDGET;
	bool one;
	const struct sip_hdr *h = chosen(ctx, argv[0].s, argv[2].s, &one);
	struct subst s;
	const struct regex *re = expression(ctx, argv[1].s, &s);
	struct replacement how = { .text = s.replacement, .all = s.all };
	int n = 0;

	(void)argc;
	for (; re && h; h = one ? NULL : sip_hdr_next(h)) {
		int r = message_subst(ctx, &budget, re, h->body, &how);

		if (r < 0)
			return done(r, s.pattern);
		n += r;
	}
	return re ? done(n, s.pattern) : FN_FALSE;
}

/* --- on a text ------------------------------------------------------------------------------------------------------------------------- */
#define TEXT_MAX 65536u

int fn_subst_uri(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct subst s;
	const struct regex *re = expression(ctx, argv[0].s, &s);
	struct str text;
	int r = re ? subst_text(ctx->pool, re, &s, ctx_uri_text(ctx), TEXT_MAX, &text) : 0;

	(void)argc;
	if (r > 0) {
		int err = ctx_uri_set(ctx, text);

		r = err ? err : 1;
	}
	return re ? done(r, s.pattern) : FN_FALSE;
}

int fn_subst_user(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct subst s;
	const struct regex *re = expression(ctx, argv[0].s, &s);
	struct sip_uri *u = ctx_uri(ctx);
	struct str text;
	int r = re && u && u->user.p ? subst_text(ctx->pool, re, &s, u->user, TEXT_MAX, &text) : 0;

	(void)argc;
	if (r > 0) {
		int err = ctx_uri_user_set(ctx, text);

		r = err ? err : 1;
	}
	return re ? done(r, s.pattern) : FN_FALSE;
}

int fn_subst_v(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct subst s;
	const struct regex *re = expression(ctx, argv[1].s, &s);
	struct str text;
	int r = re && argv[0].s.p ? subst_text(ctx->pool, re, &s, argv[0].s, TEXT_MAX, &text) : 0;

	(void)argc;
	if (r > 0) {
		struct value v = value_str(text);
		int err = attr_use_set(ctx, argv[2].attr, &v);

		r = err ? err : 1;
	}
	return re ? done(r, s.pattern) : FN_FALSE;
}

int fn_regex_substring(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t index = argv[2].i, most = argv[3].i;
	struct value v = value_str(STR(""));
	struct regex_match m;
	int r;

	(void)argc;
	if (index < 0 || most < 0 || index > most || index >= (int64_t)REGEX_GROUPS)
		return done(-ERANGE, argv[1].re->pattern);
	r = argv[0].s.p ? regex_exec(argv[1].re, argv[0].s, 0, &m) : 0;
	if (r <= 0)
		return done(r, argv[1].re->pattern);
	if (index >= m.n || m.group[index].from == SIZE_MAX)
		return FN_FALSE;
	v = value_str(
		str_of(argv[0].s.p + m.group[index].from, m.group[index].to - m.group[index].from));
	r = attr_use_set(ctx, argv[4].attr, &v);
	return done(r ? r : 1, argv[1].re->pattern);
}

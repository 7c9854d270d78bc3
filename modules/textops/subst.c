/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching and replacing: matches become edits of the message, or a new Request-URI. */
#include "modules/textops/textops.h"

#include <errno.h>

#define MATCHES_MAX 256u /* of one call */

const char *subst_parse(struct str text, struct subst *s_r)
{
	struct str rest, flags;
	char separator;

	if (text.n < 3)
		return "'/pattern/replacement/flags' is needed";
	separator = text.p[0];
	rest = str_skip(text, 1);
	*s_r = (struct subst){ .regex_flags = REGEX_CASE | REGEX_MULTILINE };
	for (int part = 0; part < 2; part++) {
		size_t i = 0;

		while (i < rest.n && rest.p[i] != separator)
			i += rest.p[i] == '\\' && i + 1 < rest.n ? 2 : 1;
		if (i >= rest.n)
			return part ? "the replacement has no end" : "the pattern has no end";
		*(part ? &s_r->replacement : &s_r->pattern) = str_head(rest, i);
		rest = str_skip(rest, i + 1);
	}
	if (!s_r->pattern.n)
		return "the pattern is empty";
	for (flags = rest; flags.n; flags = str_skip(flags, 1)) {
		if (flags.p[0] == 'g')
			s_r->all = true;
		else if (flags.p[0] == 'i')
			s_r->regex_flags &= ~(unsigned)REGEX_CASE;
		else if (flags.p[0] == 's')
			s_r->regex_flags &= ~(unsigned)REGEX_MULTILINE;
		else
			return "flags are g (all), i (any case) and s ('.' matches line ends)";
	}
	return NULL;
}

/* --- what a match is replaced by ------------------------------------------------------------------------------------------------- */
static void replacement_put(struct buf *b, struct str replacement, struct str subject,
			    const struct regex_match *m)
{
	for (size_t i = 0; i < replacement.n; i++) {
		char c = replacement.p[i];

		if (c != '\\' || i + 1 == replacement.n) {
			buf_char(b, c);
			continue;
		}
		c = replacement.p[++i];
		if (char_is_digit(c)) {
			unsigned g = (unsigned)(c - '0');

			if (g < m->n && m->group[g].from != SIZE_MAX)
				buf_mem(b, subject.p + m->group[g].from,
					m->group[g].to - m->group[g].from);
			continue;
		}
		buf_char(b, c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
	}
}

static size_t replacement_size(struct str replacement, const struct regex_match *m)
{
	size_t n = replacement.n;

	for (size_t i = 0; i + 1 < replacement.n; i++) {
		if (replacement.p[i] == '\\' && char_is_digit(replacement.p[i + 1]))
			n += m->group[0].to - m->group[0].from;
	}
	return n;
}

static int replacement_text(struct ctx *ctx, struct str replacement, struct str subject,
			    const struct regex_match *m, struct str *text_r)
{
	size_t size = replacement_size(replacement, m);
	struct buf b = buf_over(pool_alloc(ctx->pool, size), size);

	if (!b.p)
		return -ENOMEM;
	replacement_put(&b, replacement, subject, m);
	*text_r = buf_str(&b);
	return buf_ok(&b) ? 0 : -EMSGSIZE;
}

/* --- on the message ------------------------------------------------------------------------------------------------------------------ */
/* What replace() and subst() look at: everything behind the first line, or the body. */
static struct str subject_of(const struct sip_msg *msg, bool body)
{
	return body ? msg->body : str_between(msg->headers.p, str_end(msg->buf));
}

/* How many matches were replaced, or -errno. literal: no \1 in the replacement. */
static int message_subst(struct ctx *ctx, const struct regex *re, struct str replacement,
			 bool literal, bool all, bool body)
{
	struct str subject = subject_of(ctx->msg, body);
	size_t base = (size_t)(subject.p - ctx->msg->buf.p), at = 0;
	int n = 0;

	while (at <= subject.n && (unsigned)n < MATCHES_MAX) {
		struct regex_match m;
		struct str text = replacement;
		int r = subject.p ? regex_exec(re, subject, at, &m) : 0;

		if (r <= 0)
			return r < 0 ? r : n;
		at = m.group[0].to > m.group[0].from ? m.group[0].to : m.group[0].to + 1;
		r = literal ? 0 : replacement_text(ctx, replacement, subject, &m, &text);
		if (!r)
			r = message_replace(ctx, base + m.group[0].from,
					    m.group[0].to - m.group[0].from, text);
		if (r)
			return r;
		n++;
		if (!all)
			break;
	}
	return n;
}

static int done(int n, struct str pattern)
{
	if (n < 0)
		log_limited(LOG_WARN, "textops", "could not replace text",
			    KV_STR("pattern", pattern), KV_ERRNO(-n));
	return n > 0 ? FN_TRUE : FN_FALSE;
}

static int search(struct ctx *ctx, const struct regex *given, struct str subject)
{
	const struct regex *re = lines_regex(ctx, given);
	int r = re && subject.p ? regex_exec(re, subject, 0, NULL) : 0;

	if (r < 0)
		log_limited(LOG_WARN, "textops", "a search took too many steps",
			    KV_STR("pattern", given->pattern));
	return r > 0 ? FN_TRUE : FN_FALSE;
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

static int replace(struct ctx *ctx, const struct value *argv, bool all, bool body)
{
	const struct regex *re = lines_regex(ctx, argv[0].re);

	return re ? done(message_subst(ctx, re, argv[1].s, true, all, body), re->pattern)
		  : FN_FALSE;
}

int fn_replace(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return replace(ctx, argv, false, false);
}

int fn_replace_all(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return replace(ctx, argv, true, false);
}

int fn_replace_body(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return replace(ctx, argv, false, true);
}

int fn_replace_body_all(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return replace(ctx, argv, true, true);
}

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

static int subst(struct ctx *ctx, const struct value *argv, bool body)
{
	struct subst s;
	const struct regex *re = expression(ctx, argv[0].s, &s);

	return re ? done(message_subst(ctx, re, s.replacement, false, s.all, body), s.pattern)
		  : FN_FALSE;
}

int fn_subst(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return subst(ctx, argv, false);
}

int fn_subst_body(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return subst(ctx, argv, true);
}

/* --- on a text ------------------------------------------------------------------------------------------------------------------------- */
#define TEXT_MAX 4096u

/* 1 with the new text, 0: no match, or -errno. */
static int text_subst(struct ctx *ctx, const struct regex *re, const struct subst *s,
		      struct str subject, struct str *text_r)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, TEXT_MAX), TEXT_MAX);
	struct regex_match m;
	size_t at = 0, copied = 0;
	int r, n = 0;

	if (!b.p)
		return -ENOMEM;
	while (at <= subject.n && (r = regex_exec(re, subject, at, &m)) != 0) {
		if (r < 0)
			return r;
		buf_mem(&b, subject.p + copied, m.group[0].from - copied);
		replacement_put(&b, s->replacement, subject, &m);
		copied = m.group[0].to;
		at = copied > m.group[0].from ? copied : copied + 1;
		n = 1;
		if (!s->all)
			break;
	}
	buf_mem(&b, subject.p + copied, subject.n - copied);
	*text_r = buf_str(&b);
	return !buf_ok(&b) ? -EMSGSIZE : n;
}

int fn_subst_uri(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct subst s;
	const struct regex *re = expression(ctx, argv[0].s, &s);
	struct str text;
	int r = re ? text_subst(ctx, re, &s, ctx_uri_text(ctx), &text) : 0;

	(void)argc;
	if (r > 0) {
		int err = ctx_uri_set(ctx, text);

		r = err ? err : 1;
	}
	return done(r, s.pattern);
}

int fn_subst_user(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct subst s;
	const struct regex *re = expression(ctx, argv[0].s, &s);
	struct sip_uri *u = ctx_uri(ctx);
	struct str text;
	int r = re && u && u->user.p ? text_subst(ctx, re, &s, u->user, &text) : 0;

	(void)argc;
	if (r > 0) {
		int err = ctx_uri_user_set(ctx, text);

		r = err ? err : 1;
	}
	return done(r, s.pattern);
}

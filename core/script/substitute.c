/* SPDX-License-Identifier: BSD-2-Clause */
/* "#!subst" and its kin: what is changed in the texts of a script while it is read. */
#include "core/script/parse.h"
#include "core/base/buf.h"
#include "core/script/regex.h"

#include <errno.h>

#define SUBST_TEXT_MAX	  65536u
#define SUBST_MATCHES_MAX 1000u /* in one text */

struct substitute {
	struct substitute *next;
	const struct regex *re;
	struct str with; /* \0 to \9: the groups */
	bool all;
};

/* "/pattern/replacement/flags", whatever the first character is. */
static bool split(struct str text, struct str *pattern_r, struct str *with_r, struct str *flags_r)
{
	struct str part[3] = { { 0 } };
	unsigned n = 0;
	size_t from = 1;

	for (size_t i = 1; i < text.n && n < 2; i++) {
		if (text.p[i] == '\\') {
			i++;
			continue;
		}
		if (text.p[i] != text.p[0])
			continue;
		part[n++] = str_of(text.p + from, i - from);
		from = i + 1;
	}
	if (n < 2 || !part[0].n)
		return false;
	*pattern_r = part[0];
	*with_r = part[1];
	*flags_r = str_skip(text, from);
	return true;
}

static void add(struct parse *p, struct str pattern, struct str with, struct str flags,
		struct pos at)
{
	struct substitute *s = parse_alloc(p, sizeof(*s)), **end = &p->substitutes;
	struct regex_error e;
	bool nocase = str_chr(flags, 'i') >= 0;
	int r = regex_new(p->pool, pattern, nocase ? 0 : REGEX_CASE, &s->re, &e);

	if (r == -ENOMEM)
		parse_no_memory(p);
	if (r < 0) {
		diag_error(p->diag, at, NULL, "cannot use this as a regular expression: %s",
			   e.text);
		return;
	}
	s->with = with;
	s->all = str_chr(flags, 'g') >= 0;
	while (*end)
		end = &(*end)->next;
	*end = s;
}

void parse_substitute(struct parse *p, struct str verb, struct str text, struct pos at)
{
	struct str pattern, with, flags;
	bool quoted = str_eq(verb, STR("substdefs"));
	char *value;
	struct buf b;

	if (text.n < 2 || (text.p[0] != '"' && text.p[0] != '\'') ||
	    str_rchr(text, text.p[0]) <= 0) {
		diag_error(p->diag, at, NULL, "#!" STRF " needs \"/pattern/replacement/flags\"",
			   STRA(verb));
		return;
	}
	text = str_of(text.p + 1, (size_t)str_rchr(text, text.p[0]) - 1);
	if (!split(text, &pattern, &with, &flags)) {
		diag_error(p->diag, at, NULL, "#!" STRF " needs \"/pattern/replacement/flags\"",
			   STRA(verb));
		return;
	}
	/* the line's memory is the lexer's */
	pattern = str_of(pool_str_z(p->pool, pattern), pattern.n);
	with = str_of(pool_str_z(p->pool, with), with.n);
	if (!pattern.p || !with.p)
		parse_no_memory(p);
	add(p, pattern, with, flags, at);
	if (str_eq(verb, STR("subst")))
		return;
	value = parse_alloc(p, with.n + 3);
	b = buf_over(value, with.n + 3);
	buf_fmt(&b, quoted ? "\"" STRF "\"" : STRF, STRA(with));
	parse_define(p, pattern, buf_str(&b), at);
}

static void put_replacement(struct buf *out, const struct substitute *s, struct str subject,
			    const struct regex_match *m)
{
	for (size_t i = 0; i < s->with.n; i++) {
		char c = s->with.p[i], next = i + 1 < s->with.n ? s->with.p[i + 1] : 0;
		unsigned group = (unsigned)(next - '0');

		if (c != '\\' || !next) {
			buf_char(out, c);
			continue;
		}
		i++;
		if (!char_is_digit(next))
			buf_char(out, next);
		else if (group < m->n && m->group[group].from != SIZE_MAX)
			buf_mem(out, subject.p + m->group[group].from,
				m->group[group].to - m->group[group].from);
	}
}

/* False: nothing matches. */
static bool run(const struct substitute *s, struct str subject, struct buf *out)
{
	struct regex_match m;
	size_t at = 0, end = SIZE_MAX; /* of the last match */
	unsigned n = 0;

	while (n < (s->all ? SUBST_MATCHES_MAX : 1) && regex_exec(s->re, subject, at, &m) > 0) {
		n++;
		buf_mem(out, subject.p + at, m.group[0].from - at);
		if (m.group[0].to != end) /* nothing right behind a match is no match of its own */
			put_replacement(out, s, subject, &m);
		at = end = m.group[0].to;
		if (m.group[0].from == m.group[0].to && at < subject.n)
			buf_char(out, subject.p[at++]);
		if (at >= subject.n)
			break;
	}
	buf_mem(out, subject.p + at, subject.n - at);
	return n > 0;
}

struct str parse_substituted(struct parse *p, struct str text, struct pos at)
{
	for (const struct substitute *s = p->substitutes; s; s = s->next) {
		char *room;
		struct buf out;

		if (regex_exec(s->re, text, 0, NULL) <= 0)
			continue;
		room = parse_alloc(p, text.n + SUBST_TEXT_MAX);
		out = buf_over(room, text.n + SUBST_TEXT_MAX);
		if (!run(s, text, &out))
			continue;
		if (!buf_ok(&out))
			diag_error(p->diag, at, NULL, "#!subst makes this text too long");
		else
			text = buf_str(&out);
	}
	return text;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How substitutions are written, and what they make of a text. */
#include "core/script/subst.h"

#include "core/base/buf.h"

#include <errno.h>

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

int subst_replacement(struct pool *p, struct str replacement, struct str subject,
		      const struct regex_match *m, struct str *text_r)
{
	size_t size = replacement_size(replacement, m);
	struct buf b = buf_over(pool_alloc(p, size), size);

	if (!b.p)
		return -ENOMEM;
	replacement_put(&b, replacement, subject, m);
	*text_r = buf_str(&b);
	return buf_ok(&b) ? 0 : -EMSGSIZE;
}

size_t subst_behind(struct str subject, const struct regex_match *m)
{
	size_t at = m->group[0].to;

	if (at > m->group[0].from)
		return at;
	/* an empty match is passed, and a line end as a whole */
	return str_starts(str_skip(subject, at), STR("\r\n")) ? at + 2 : at + 1;
}

/* Room for n more bytes, max in all. What is too small is doubled at least, so that little is copied. */
static int room_make(struct pool *p, struct buf *b, size_t n, size_t max)
{
	size_t cap = b->cap * 2;
	char *bytes;

	if (n <= b->cap - b->n)
		return 0;
	if (n > max - b->n)
		return -EMSGSIZE;
	if (cap < b->n + n)
		cap = b->n + n;
	bytes = pool_alloc(p, cap < max ? cap : max);
	if (!bytes)
		return -ENOMEM;
	if (b->n)
		memcpy(bytes, b->p, b->n);
	b->p = bytes;
	b->cap = cap < max ? cap : max;
	return 0;
}

int subst_text(struct pool *p, const struct regex *re, const struct subst *s, struct str subject,
	       size_t max, struct str *text_r)
{
	struct regex_budget budget = REGEX_BUDGET;
	struct buf b = buf_over(NULL, 0);
	struct regex_match m;
	size_t at = 0, copied = 0;
	unsigned n = 0;
	int r = 0;

	while (at <= subject.n && (r = regex_exec_within(&budget, re, subject, at, &m)) > 0) {
		if (n++ == SUBST_MATCHES_MAX)
			return -ELOOP;
		r = room_make(p, &b,
			      m.group[0].from - copied + replacement_size(s->replacement, &m), max);
		if (r < 0)
			return r;
		buf_mem(&b, subject.p + copied, m.group[0].from - copied);
		replacement_put(&b, s->replacement, subject, &m);
		copied = m.group[0].to;
		at = subst_behind(subject, &m);
		if (!s->all)
			break;
	}
	if (r < 0 || !n)
		return r;
	r = room_make(p, &b, subject.n - copied, max);
	if (r < 0)
		return r;
	buf_mem(&b, subject.p + copied, subject.n - copied);
	*text_r = b.p ? buf_str(&b) : STR("");
	return 1;
}

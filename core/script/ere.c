/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between a POSIX extended regular expression and PCRE2's syntax; the judge is glibc's regcomp. */
#include "core/script/regex.h"
#include "core/base/buf.h"

#include <errno.h>
#include <stdio.h>

/* A translation under way. */
struct ere {
	struct str in;
	size_t at;
	struct buf out;
	size_t atom;	   /* where in out the last atom begins */
	bool has_atom;	   /* something that a quantifier can follow */
	bool quantified;   /* the last atom has a quantifier already */
	unsigned depth;	   /* of open parentheses */
	size_t opened[64]; /* where in out each begins */
	unsigned groups;   /* begun so far */
	const char *warn;
	struct regex_error *e;
};

static int bad(struct ere *t, const char *what)
{
	snprintf(t->e->text, sizeof(t->e->text), "%s", what);
	t->e->offset = t->at;
	return -EINVAL;
}

static bool is_special(char c)
{
	return c && strchr("\\^$.[|()?*+{}", c);
}

static void put_literal(struct buf *out, char c)
{
	if (is_special(c) || c == ']' || c == '-')
		buf_char(out, '\\');
	buf_char(out, c);
}

static void atom_begins(struct ere *t)
{
	t->atom = t->out.n;
	t->has_atom = true;
	t->quantified = false;
}

/* [.x.] and [=x=]: one character each. */
static int bracket_single(struct ere *t, char kind)
{
	if (t->at + 4 >= t->in.n || t->in.p[t->at + 3] != kind || t->in.p[t->at + 4] != ']')
		return bad(t, "only one character may stand between [. .] or [= =]");
	return 0;
}

/* One of [:alpha:] ...; the name is checked by PCRE2, except that it has some of its own. */
static int bracket_class(struct ere *t)
{
	static const char *const names[] = {
		"alpha", "upper", "lower", "digit", "xdigit", "space",
		"blank", "print", "graph", "cntrl", "punct",  "alnum"
	};
	struct str rest = str_skip(t->in, t->at + 2);
	ssize_t end = str_find(rest, STR(":]"));

	for (size_t i = 0; end > 0 && i < sizeof(names) / sizeof(*names); i++) {
		if (!str_eq(str_head(rest, (size_t)end), str_z(names[i])))
			continue;
		/* case is ignored: these two are one */
		if (names[i][0] == 'u' || names[i][0] == 'l')
			buf_lit(&t->out, "[:alpha:]");
		else
			buf_fmt(&t->out, "[:%s:]", names[i]);
		t->at += (size_t)end + 4;
		return 0;
	}
	return bad(t, "unknown character class");
}

/* One element of a bracket expression at t->at: a character into *c_r, or -1 for a class. */
static int bracket_element(struct ere *t, int *c_r)
{
	char c = t->in.p[t->at], next = t->at + 1 < t->in.n ? t->in.p[t->at + 1] : 0;
	int r;

	if (c == '[' && next == ':') {
		*c_r = -1;
		return bracket_class(t);
	}
	if (c == '[' && (next == '.' || next == '=')) {
		r = bracket_single(t, next);
		if (r < 0)
			return r;
		*c_r = (unsigned char)t->in.p[t->at + 2];
		t->at += 5;
		return 0;
	}
	*c_r = (unsigned char)c;
	t->at++;
	return 0;
}

static bool is_range(const struct ere *t)
{
	return t->at + 1 < t->in.n && t->in.p[t->at] == '-' && t->in.p[t->at + 1] != ']';
}

static int bracket_item(struct ere *t)
{
	size_t start = t->at;
	int from, to, r;

	r = bracket_element(t, &from);
	if (r < 0)
		return r;
	if (!is_range(t)) {
		if (from >= 0)
			put_literal(&t->out, (char)from);
		return 0;
	}
	t->at++;
	if (from < 0)
		return bad(t, "a range cannot begin with a class");
	r = bracket_element(t, &to);
	if (r < 0)
		return r;
	if (to < from) {
		t->at = start;
		return bad(t, "the range is the wrong way round");
	}
	put_literal(&t->out, (char)from);
	buf_char(&t->out, '-');
	put_literal(&t->out, (char)to);
	return 0;
}

static int bracket(struct ere *t)
{
	size_t start = t->at;
	bool first = true;

	atom_begins(t);
	buf_char(&t->out, '[');
	t->at++;
	if (t->at < t->in.n && t->in.p[t->at] == '^') {
		buf_char(&t->out, '^');
		t->at++;
	}
	while (t->at < t->in.n && (first || t->in.p[t->at] != ']')) {
		int r = bracket_item(t);

		if (r < 0)
			return r;
		first = false;
	}
	if (t->at >= t->in.n) {
		t->at = start;
		return bad(t, "\"[\" is not closed");
	}
	buf_char(&t->out, ']');
	t->at++;
	return 0;
}

static int escape(struct ere *t)
{
	static const struct {
		char c;
		bool atom;
		const char *out;
	} known[] = {
		{ 'w', true, "\\w" },	      { 'W', true, "\\W" },	     { 's', true, "\\s" },
		{ 'S', true, "\\S" },	      { 'b', false, "\\b" },	     { 'B', false, "\\B" },
		{ '<', false, "\\b(?=\\w)" }, { '>', false, "\\b(?<=\\w)" }, { '`', false, "\\A" },
		{ '\'', false, "\\z" },
	};
	char c;

	if (t->at + 1 >= t->in.n)
		return bad(t, "a backslash ends the pattern");
	c = t->in.p[t->at + 1];
	atom_begins(t);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (known[i].c != c)
			continue;
		buf_fmt(&t->out, "%s", known[i].out);
		t->has_atom = known[i].atom;
		t->at += 2;
		return 0;
	}
	if (c >= '1' && c <= '9') {
		if ((unsigned)(c - '0') > t->groups)
			return bad(t, "there is no such group");
		buf_fmt(&t->out, "\\g{%c}", c);
	} else {
		if (c == 'd' || c == 'D')
			t->warn = "\\d is the letter d in this kind of pattern; a digit is [0-9]";
		put_literal(&t->out, c);
	}
	t->at += 2;
	return 0;
}

/* {n} {n,} {,m} {n,m} */
static int interval(struct ere *t, unsigned *min_r, int *max_r)
{
	size_t i = t->at + 1;
	unsigned v[2] = { 0, 0 };
	bool has[2] = { false, false }, comma = false;

	for (; i < t->in.n && t->in.p[i] != '}'; i++) {
		char c = t->in.p[i];

		if (c == ',' && !comma) {
			comma = true;
			continue;
		}
		if (!char_is_digit(c))
			return bad(t, "between { and } stand numbers");
		v[comma] = v[comma] * 10 + (unsigned)(c - '0');
		has[comma] = true;
		if (v[comma] > 32767)
			return bad(t, "the repetition is too large");
	}
	if (i >= t->in.n || (!has[0] && !comma))
		return bad(t, "\"{\" begins no repetition");
	if (has[1] && v[1] < v[0])
		return bad(t, "the repetition's end is below its start");
	*min_r = v[0];
	*max_r = !comma ? (int)v[0] : has[1] ? (int)v[1] : -1;
	t->at = i + 1;
	return 0;
}

/* Puts "(?:" before the last atom and ")" behind it, so that a further quantifier means what POSIX says. */
static void wrap(struct ere *t)
{
	size_t n = t->out.n - t->atom;

	buf_lit(&t->out, "(?:)");
	if (t->out.over)
		return;
	memmove(t->out.p + t->atom + 3, t->out.p + t->atom, n);
	memcpy(t->out.p + t->atom, "(?:", 3);
	t->out.p[t->out.n - 1] = ')';
}

static int quantifier(struct ere *t, char c)
{
	unsigned min = 0;
	int max = 0, r;

	if (!t->has_atom)
		return bad(t, "a repetition has nothing before it");
	if (t->quantified)
		wrap(t);
	if (c == '{') {
		r = interval(t, &min, &max);
		if (r < 0)
			return r;
		if (max < 0)
			buf_fmt(&t->out, "{%u,}", min);
		else
			buf_fmt(&t->out, "{%u,%d}", min, max);
	} else {
		buf_char(&t->out, c);
		t->at++;
	}
	t->quantified = true;
	return 0;
}

static int open_group(struct ere *t)
{
	if (t->depth == sizeof(t->opened) / sizeof(*t->opened))
		return bad(t, "too many parentheses inside each other");
	t->opened[t->depth++] = t->out.n;
	t->groups++;
	buf_char(&t->out, '(');
	t->has_atom = false;
	t->at++;
	return 0;
}

static void close_group(struct ere *t)
{
	if (!t->depth) { /* POSIX: an ordinary character */
		atom_begins(t);
		buf_lit(&t->out, "\\)");
	} else {
		buf_char(&t->out, ')');
		t->atom = t->opened[--t->depth];
		t->has_atom = true;
		t->quantified = false;
	}
	t->at++;
}

static int step(struct ere *t)
{
	char c = t->in.p[t->at];

	switch (c) {
	case '[':
		return bracket(t);
	case '\\':
		return escape(t);
	case '*':
	case '+':
	case '?':
	case '{':
		return quantifier(t, c);
	case '(':
		return open_group(t);
	case ')':
		close_group(t);
		return 0;
	case '|':
	case '^':
	case '$':
		buf_char(&t->out, c);
		t->has_atom = false;
		break;
	case '.':
		atom_begins(t);
		buf_char(&t->out, c);
		break;
	default:
		atom_begins(t);
		put_literal(&t->out, c);
		break;
	}
	t->at++;
	return 0;
}

int regex_translate(struct pool *p, struct str pattern, struct str *out_r, const char **warn_r,
		    struct regex_error *e)
{
	size_t cap = pattern.n * 16 + 64;
	struct ere t = { .in = pattern, .e = e };
	char *room;
	int r = 0;

	if (pattern.n > REGEX_PATTERN_MAX)
		return bad(&t, "the pattern is too long");
	room = pool_alloc(p, cap);
	if (!room)
		return -ENOMEM;
	t.out = buf_over(room, cap);
	while (r == 0 && t.at < pattern.n)
		r = step(&t);
	if (r < 0)
		return r;
	if (t.depth)
		return bad(&t, "\"(\" is not closed");
	if (!buf_ok(&t.out))
		return bad(&t, "the pattern is too long");
	*out_r = buf_str(&t.out);
	if (warn_r)
		*warn_r = t.warn;
	return 0;
}

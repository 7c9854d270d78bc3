/* SPDX-License-Identifier: BSD-2-Clause */
/* Transformations that cut and put together text: class s without its codes. */
#include "core/base/buf.h"
#include "core/msg/ctx.h"
#include "core/script/transform.h"

#include <errno.h>
#include <time.h>

static int len(struct transforming *t, struct str s, struct value *v)
{
	(void)t;
	*v = value_int((int64_t)s.n);
	return 0;
}

static int number(struct transforming *t, struct str s, struct value *v)
{
	int64_t i;

	(void)t;
	if (str_int(s, &i) < 0)
		return -EINVAL;
	*v = value_int(i);
	return 0;
}

/* --- cutting ---------------------------------------------------------------------------------------------------------------------------------- */

/* A negative offset counts from the end; length 0, and one that reaches beyond the end, means all the rest. */
static int substr(struct transforming *t, struct str s, struct value *v)
{
	int64_t at = t->argv[0].i, n = t->argv[1].i;

	if (n < 0 || at >= (int64_t)s.n || at < -(int64_t)s.n)
		return -EINVAL;
	s = str_skip(s, (size_t)(at < 0 ? (int64_t)s.n + at : at));
	*v = value_str(n ? str_head(s, (size_t)n) : s);
	return 0;
}

/* The field number at (from 0) between separators, from the end when at is negative (-1 is the last). */
static int field(struct transforming *t, struct str s, struct value *v)
{
	int64_t at = t->argv[0].i;
	char separator = t->argv[1].s.p[0];
	struct str rest = s, piece = STR("");

	if (at < 0) {
		int64_t fields = 1;

		for (size_t i = 0; i < s.n; i++)
			fields += s.p[i] == separator;
		at += fields;
	}
	*v = value_str(STR(""));
	while (at >= 0 && str_split(&rest, separator, &piece))
		if (at-- == 0)
			*v = value_str(piece);
	return 0;
}

enum { AT_HEAD, AT_TAIL };

static int strip(struct transforming *t, struct str s, struct value *v)
{
	size_t n = t->argv[0].i <= 0 ? 0 : t->argv[0].i > INT32_MAX ? s.n : (size_t)t->argv[0].i;

	if (n > s.n)
		n = s.n;
	*v = value_str(t->tag == AT_HEAD ? str_skip(s, n) : str_head(s, s.n - n));
	return 0;
}

static int strip_to(struct transforming *t, struct str s, struct value *v)
{
	ssize_t at = str_chr(s, t->argv[0].s.p[0]);

	*v = value_str(at < 0 ? STR("") : str_skip(s, (size_t)at));
	return 0;
}

enum { CUT_BEFORE, CUT_AFTER, CUT_RBEFORE, CUT_RAFTER };

/* Without the character "before" is all of it, "after" nothing. */
static int cut(struct transforming *t, struct str s, struct value *v)
{
	char c = t->argv[0].s.p[0];
	bool last = t->tag == CUT_RBEFORE || t->tag == CUT_RAFTER;
	bool before = t->tag == CUT_BEFORE || t->tag == CUT_RBEFORE;
	ssize_t at = last ? str_rchr(s, c) : str_chr(s, c);

	if (at < 0)
		*v = value_str(before ? s : STR(""));
	else
		*v = value_str(before ? str_head(s, (size_t)at) : str_skip(s, (size_t)at + 1));
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum { TRIM_LEFT = 1, TRIM_RIGHT = 2 };

static int trim(struct transforming *t, struct str s, struct value *v)
{
	while (t->tag & TRIM_LEFT && s.n && is_space(s.p[0]))
		s = str_skip(s, 1);
	while (t->tag & TRIM_RIGHT && s.n && is_space(s.p[s.n - 1]))
		s.n--;
	*v = value_str(s);
	return 0;
}

enum { PAIR_QUOTES, PAIR_BRACKETS };

/* Takes one pair off the ends. */
static int unwrap(struct transforming *t, struct str s, struct value *v)
{
	static const char *const pairs[] = {
		[PAIR_QUOTES] = "\"\"''", [PAIR_BRACKETS] = "()[]{}<>"
	};

	*v = value_str(s);
	for (const char *p = pairs[t->tag]; s.n >= 2 && *p; p += 2)
		if (s.p[0] == p[0] && s.p[s.n - 1] == p[1])
			*v = value_str(str_of(s.p + 1, s.n - 2));
	return 0;
}

static int count(struct transforming *t, struct str s, struct value *v)
{
	int64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == t->argv[0].s.p[0];
	*v = value_int(n);
	return 0;
}

/* --- putting together ------------------------------------------------------------------------------------------------------------------------- */

int transform_room(struct transforming *t, size_t n, struct buf *b_r)
{
	if (n > TRANSFORM_RESULT_MAX)
		return -EINVAL;
	*b_r = buf_over(pool_alloc(t->ctx->pool, n ? n : 1), n);
	return b_r->p ? 0 : -ENOMEM;
}

enum { KEEP_DIGITS, KEEP_UNSPACED };

/* Only the characters of one sort. */
static int only(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	int err = transform_room(t, s.n, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i++)
		if (t->tag == KEEP_DIGITS ? char_is_digit(s.p[i]) : !is_space(s.p[i]))
			buf_char(&b, s.p[i]);
	*v = value_str(buf_str(&b));
	return 0;
}

enum { CASE_LOWER, CASE_UPPER };

static int letters(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	int err = transform_room(t, s.n, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (t->tag == CASE_LOWER)
			c = char_lower(c);
		else if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		buf_char(&b, c);
	}
	*v = value_str(buf_str(&b));
	return 0;
}

enum { PREFIXES_PLAIN, PREFIXES_QUOTED };

/* "1,12,123" of "123". */
static int prefixes(struct transforming *t, struct str s, struct value *v)
{
	size_t n = s.n, extra = t->tag == PREFIXES_QUOTED ? 3 : 1;
	struct buf b;
	int err;

	if (t->argv[0].type == VALUE_INT && t->argv[0].i > 0 && (uint64_t)t->argv[0].i < n)
		n = (size_t)t->argv[0].i;
	if (n > TRANSFORM_RESULT_MAX)
		return -EINVAL;
	err = transform_room(t, n * (n + 1) / 2 + n * extra, &b);
	if (err)
		return err;
	for (size_t i = 1; i <= n; i++) {
		if (i > 1)
			buf_char(&b, ',');
		if (t->tag == PREFIXES_QUOTED)
			buf_char(&b, '\'');
		buf_str_put(&b, str_head(s, i));
		if (t->tag == PREFIXES_QUOTED)
			buf_char(&b, '\'');
	}
	*v = value_str(buf_str(&b));
	return 0;
}

/* Every occurrence of what becomes with. */
static int replaced(struct transforming *t, struct str s, struct str what, struct str with,
		    struct value *v)
{
	size_t times = with.n > what.n ? s.n / what.n : 0;
	ssize_t at;
	struct buf b;
	int err = -EINVAL;

	if (times <= TRANSFORM_RESULT_MAX && with.n <= TRANSFORM_RESULT_MAX)
		err = transform_room(t, s.n + times * (with.n - what.n), &b);
	if (err)
		return err;
	while ((at = str_find(s, what)) >= 0) {
		buf_str_put(&b, str_head(s, (size_t)at));
		buf_str_put(&b, with);
		s = str_skip(s, (size_t)at + what.n);
	}
	buf_str_put(&b, s);
	*v = value_str(buf_str(&b));
	return 0;
}

static int replace(struct transforming *t, struct str s, struct value *v)
{
	return replaced(t, s, t->argv[0].s, t->argv[1].s, v);
}

/* \n \r \t \\ are undone in what is taken out. */
static int take_out(struct transforming *t, struct str s, struct value *v)
{
	struct str text = t->argv[0].s;
	struct buf b;
	int err = transform_room(t, text.n, &b);

	if (err)
		return err;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\' && i + 1 < text.n) {
			c = text.p[++i];
			c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
		}
		buf_char(&b, c);
	}
	return replaced(t, s, buf_str(&b), STR(""), v);
}

/* the format comes from the script */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int ftime(struct transforming *t, struct str s, struct value *v)
{
	char text[512];
	char *format_z;
	struct tm tm;
	int64_t i;
	time_t at;
	struct str done;

	if (str_int(s, &i) < 0)
		return -EINVAL;
	format_z = pool_str_z(t->ctx->pool, t->argv[0].s);
	if (!format_z)
		return -ENOMEM;
	at = (time_t)i;
	if (!localtime_r(&at, &tm))
		return -EINVAL;
	done = pool_str(t->ctx->pool, str_of(text, strftime(text, sizeof(text), format_z, &tm)));
	*v = value_str(done);
	return done.p ? 0 : -ENOMEM;
}
#pragma GCC diagnostic pop

enum { FILL_BLANKS, FILL_TABS };

/* Lines of n characters, all but the first behind m blanks or tabs. */
static int lines(struct transforming *t, struct str s, struct value *v)
{
	int64_t n = t->argv[0].i, m = t->argv[1].i;
	struct buf b;
	int err;

	if (n <= 0 || m < 0 || m > (int64_t)TRANSFORM_RESULT_MAX)
		return -EINVAL;
	err = transform_room(t, s.n + s.n / (size_t)n * (size_t)(m + 2), &b);
	if (err)
		return err;
	while ((uint64_t)n < s.n) {
		buf_str_put(&b, str_head(s, (size_t)n));
		buf_lit(&b, "\r\n");
		for (int64_t i = 0; i < m; i++)
			buf_char(&b, t->tag == FILL_BLANKS ? ' ' : '\t');
		s = str_skip(s, (size_t)n);
	}
	buf_str_put(&b, s);
	*v = value_str(buf_str(&b));
	return 0;
}

/* --- the table -------------------------------------------------------------------------------------------------------------------------------- */

#define ROW(NAME, ARGS, USAGE, RUN, TYPE, TAG, HELP)                                              \
	{                                                                                         \
		.name = NAME, .args = ARGS, .usage = USAGE, .run = RUN, .type = TYPE, .tag = TAG, \
		.flags = TRANSFORM_EMPTY, .help = HELP                                            \
	}
#define TEXT(NAME, ARGS, USAGE, RUN, TAG, HELP)	  ROW(NAME, ARGS, USAGE, RUN, VALUE_STR, TAG, HELP)
#define NUMBER(NAME, ARGS, USAGE, RUN, TAG, HELP) ROW(NAME, ARGS, USAGE, RUN, VALUE_INT, TAG, HELP)

const struct transform_def transforms_text[] = {
	NUMBER("s.len", "", "", len, 0, "its length in bytes"),
	NUMBER("s.int", "", "", number, 0, "the number that it spells; null if it spells none"),
	TEXT("s.substr", "ii", ",offset,length", substr, 0,
	     "a part of it; a negative offset counts from the end, length 0 is all the rest"),
	TEXT("s.select", "ic", ",index,separator", field, 0,
	     "a field between separators, from 0, or from the last, -1, back; empty if there is "
	     "none"),
	TEXT("s.strip", "i", ",n", strip, AT_HEAD, "without its first n characters"),
	TEXT("s.striptail", "i", ",n", strip, AT_TAIL, "without its last n characters"),
	TEXT("s.stripto", "m", ",c", strip_to, 0, "from the first c on; empty without one"),
	TEXT("s.before", "m", ",c", cut, CUT_BEFORE, "what stands before the first c"),
	TEXT("s.after", "m", ",c", cut, CUT_AFTER, "what stands behind the first c"),
	TEXT("s.rbefore", "m", ",c", cut, CUT_RBEFORE, "what stands before the last c"),
	TEXT("s.rafter", "m", ",c", cut, CUT_RAFTER, "what stands behind the last c"),
	TEXT("s.trim", "", "", trim, TRIM_LEFT | TRIM_RIGHT, "without white space at both ends"),
	TEXT("s.ltrim", "", "", trim, TRIM_LEFT, "without white space at its beginning"),
	TEXT("s.rtrim", "", "", trim, TRIM_RIGHT, "without white space at its end"),
	TEXT("s.unquote", "", "", unwrap, PAIR_QUOTES, "without quotes around it"),
	TEXT("s.unbracket", "", "", unwrap, PAIR_BRACKETS, "without (), [], {} or <> around it"),
	NUMBER("s.count", "m", ",c", count, 0, "how often the character occurs"),
	TEXT("s.numeric", "", "", only, KEEP_DIGITS, "its digits"),
	TEXT("s.rmws", "", "", only, KEEP_UNSPACED, "without any white space"),
	TEXT("s.rm", "s", ",text", take_out, 0, "without any occurrence of the text"),
	TEXT("s.replace", "sS", ",text,by", replace, 0, "every occurrence of the text replaced"),
	TEXT("s.tolower", "", "", letters, CASE_LOWER, "its ASCII letters in lower case"),
	TEXT("s.toupper", "", "", letters, CASE_UPPER, "its ASCII letters in upper case"),
	TEXT("s.prefixes", "|i", ",max", prefixes, PREFIXES_PLAIN,
	     "its prefixes, separated by commas: 1,12,123"),
	TEXT("s.prefixes.quoted", "|i", ",max", prefixes, PREFIXES_QUOTED,
	     "its prefixes in single quotes, separated by commas"),
	TEXT("s.ftime", "s", ",format", ftime, 0,
	     "seconds since 1970 as local time by strftime(3)'s format"),
	TEXT("s.fmtlines", "ii", ",n,m", lines, FILL_BLANKS,
	     "in lines of n characters; m blanks before all but the first"),
	TEXT("s.fmtlinet", "ii", ",n,m", lines, FILL_TABS,
	     "in lines of n characters; m tabs before all but the first"),
	{ .name = NULL },
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* The expressions of "#!ifexp" and "#!defexp": numbers, texts and defined names, computed while the script is read. */
#include "core/script/parse.h"
#include "core/base/buf.h"

#define DEPTH_MAX 50u

struct reader {
	struct parse *p;
	struct str rest;
	const char *wrong; /* NULL: good so far */
	unsigned depth;
};

static struct value or_value(struct reader *r);

static void skip_blanks(struct reader *r)
{
	while (r->rest.n && (r->rest.p[0] == ' ' || r->rest.p[0] == '\t'))
		r->rest = str_skip(r->rest, 1);
}

static bool take(struct reader *r, const char *sign_z)
{
	skip_blanks(r);
	if (!str_starts(r->rest, str_z(sign_z)))
		return false;
	r->rest = str_skip(r->rest, strlen(sign_z));
	return true;
}

static struct value bad(struct reader *r, const char *wrong)
{
	if (!r->wrong)
		r->wrong = wrong;
	return value_int(0);
}

static int64_t number(const struct value *v)
{
	int64_t n = 0;

	if (v->type == VALUE_INT)
		return v->i;
	(void)str_int(v->s, &n);
	return n;
}

bool parse_value_is_true(const struct value *v)
{
	return v->type == VALUE_INT ? v->i != 0 : v->s.n > 0;
}

/* A text that spells a number is one; quotes of a defined text are taken off. */
static struct value of_text(struct str text)
{
	int64_t n;

	if (str_int(text, &n) == 0)
		return value_int(n);
	if (text.n > 1 && (text.p[0] == '"' || text.p[0] == '\'') &&
	    text.p[text.n - 1] == text.p[0])
		text = str_of(text.p + 1, text.n - 2);
	return value_str(text);
}

/* One that is not defined is 0, one that is defined as nothing 1. */
static struct value of_name(struct reader *r, struct str name)
{
	const struct define *d = parse_defined(r->p, name);

	if (!d)
		return value_int(0);
	return d->text.n ? of_text(d->text) : value_int(1);
}

static struct value quoted(struct reader *r)
{
	char quote = r->rest.p[0];
	ssize_t end = str_chr(str_skip(r->rest, 1), quote);
	struct str text;

	if (end < 0)
		return bad(r, "a text is not closed");
	text = str_of(r->rest.p + 1, (size_t)end);
	r->rest = str_skip(r->rest, (size_t)end + 2);
	return value_str(text);
}

static struct value word(struct reader *r)
{
	size_t n = 0;
	struct str text;

	while (n < r->rest.n && parse_is_name_char(r->rest.p[n]))
		n++;
	if (!n)
		return bad(r, r->rest.n ? "a value is missing before this"
					: "a value is missing at the end");
	text = str_head(r->rest, n);
	r->rest = str_skip(r->rest, n);
	return char_is_digit(text.p[0]) ? of_text(text) : of_name(r, text);
}

static struct value unary(struct reader *r)
{
	struct value v;

	if (++r->depth > DEPTH_MAX)
		return bad(r, "this is nested too deeply");
	skip_blanks(r);
	if (take(r, "!")) {
		v = unary(r);
		v = value_int(!parse_value_is_true(&v));
	} else if (take(r, "-")) {
		v = unary(r);
		v = value_int((int64_t)(0 - (uint64_t)number(&v)));
	} else if (take(r, "(")) {
		v = or_value(r);
		if (!take(r, ")"))
			v = bad(r, "a \")\" is missing");
	} else {
		v = r->rest.n && (r->rest.p[0] == '"' || r->rest.p[0] == '\'') ? quoted(r)
									       : word(r);
	}
	r->depth--;
	return v;
}

static struct value product(struct reader *r)
{
	struct value a = unary(r);

	while (!r->wrong) {
		bool times = take(r, "*"), over = !times && take(r, "/");
		struct value b;
		int64_t n;

		if (!times && !over && !take(r, "%"))
			break;
		b = unary(r);
		n = number(&b);
		if (times)
			a = value_int((int64_t)((uint64_t)number(&a) * (uint64_t)n));
		else if (n == 0)
			return bad(r, "division by zero");
		else if (n == -1) /* the lowest number has no positive one */
			a = value_int(over ? (int64_t)(0 - (uint64_t)number(&a)) : 0);
		else
			a = value_int(over ? number(&a) / n : number(&a) % n);
	}
	return a;
}

static struct value joined(struct reader *r, const struct value *a, const struct value *b)
{
	size_t cap = (a->type == VALUE_STR ? a->s.n : 24) + (b->type == VALUE_STR ? b->s.n : 24);
	struct buf out = buf_over(parse_alloc(r->p, cap), cap);

	for (int i = 0; i < 2; i++) {
		const struct value *v = i ? b : a;

		if (v->type == VALUE_STR)
			buf_str_put(&out, v->s);
		else
			buf_int(&out, v->i);
	}
	return value_str(buf_str(&out));
}

static struct value sum(struct reader *r)
{
	struct value a = product(r);

	while (!r->wrong) {
		bool plus = take(r, "+");
		struct value b;

		if (!plus && !take(r, "-"))
			break;
		b = product(r);
		if (plus && (a.type == VALUE_STR || b.type == VALUE_STR))
			a = joined(r, &a, &b);
		else if (plus)
			a = value_int((int64_t)((uint64_t)number(&a) + (uint64_t)number(&b)));
		else
			a = value_int((int64_t)((uint64_t)number(&a) - (uint64_t)number(&b)));
	}
	return a;
}

/* <0, 0, >0: texts as texts, else as numbers. */
static int order(const struct value *a, const struct value *b)
{
	int64_t x = number(a), y = number(b);

	if (a->type == VALUE_STR && b->type == VALUE_STR) {
		size_t n = a->s.n < b->s.n ? a->s.n : b->s.n;
		int d = n ? memcmp(a->s.p, b->s.p, n) : 0;

		return d ? d : (a->s.n > b->s.n) - (a->s.n < b->s.n);
	}
	if (a->type != b->type && ((a->type == VALUE_STR && str_int(a->s, &x) < 0) ||
				   (b->type == VALUE_STR && str_int(b->s, &y) < 0)))
		return 1; /* a number and what spells none */
	return (x > y) - (x < y);
}

static struct value comparison(struct reader *r)
{
	static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">" };
	struct value a = sum(r);

	for (unsigned i = 0; i < 6 && !r->wrong; i++) {
		struct value b;
		int d;

		if (!take(r, signs[i]))
			continue;
		b = sum(r);
		d = order(&a, &b);
		return value_int(i == 0	  ? d == 0
				 : i == 1 ? d != 0
				 : i == 2 ? d <= 0
				 : i == 3 ? d >= 0
				 : i == 4 ? d < 0
					  : d > 0);
	}
	return a;
}

static struct value and_value(struct reader *r)
{
	struct value a = comparison(r);

	while (!r->wrong && take(r, "&&")) {
		struct value b = comparison(r);

		a = value_int(parse_value_is_true(&a) && parse_value_is_true(&b));
	}
	return a;
}

static struct value or_value(struct reader *r)
{
	struct value a = and_value(r);

	while (!r->wrong && take(r, "||")) {
		struct value b = and_value(r);

		a = value_int(parse_value_is_true(&a) || parse_value_is_true(&b));
	}
	return a;
}

struct value parse_define_expr(struct parse *p, struct str text, struct pos at)
{
	struct reader r = { .p = p, .rest = str_trim(text) };
	struct value v = or_value(&r);

	skip_blanks(&r);
	if (!r.wrong && r.rest.n)
		r.wrong = "there is something behind its end";
	if (!r.wrong)
		return v;
	diag_error(p->diag, at, NULL, "cannot compute this expression: %s%s" STRF "%s", r.wrong,
		   r.rest.n ? ": \"" : "", STRA(str_head(r.rest, 40)), r.rest.n ? "\"" : "");
	return value_int(0);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How selects and variables are written. */
#include "core/script/ref.h"

#include <errno.h>

static bool is_name_char(char c)
{
	return char_is_digit(c) || c == '_' || (char_lower(c) >= 'a' && char_lower(c) <= 'z');
}

static struct str take_name(struct str *s)
{
	size_t n = 0;
	struct str name;

	while (n < s->n && is_name_char(s->p[n]))
		n++;
	name = str_head(*s, n);
	*s = str_skip(*s, n);
	return name;
}

static bool is_variable(struct str s)
{
	return s.n > 1 && s.p[0] == '$';
}

/* --- selects: the first is number 1 ------------------------------------------------------------------------------------------------- */

/* The inside of one pair of brackets: a number or quoted text. */
static int put_bracket(struct ref *r, struct str inside, struct buf *why)
{
	int64_t index;

	inside = str_trim(inside);
	if (inside.n >= 2 && (inside.p[0] == '"' || inside.p[0] == '\'')) {
		if (r->arg.has_key) {
			buf_lit(why, "only one name can stand in brackets");
			return -EINVAL;
		}
		r->arg.has_key = true;
		r->arg.key = str_of(inside.p + 1, inside.n - 2);
		return 0;
	}
	if (r->arg.has_index || str_int(inside, &index) < 0) {
		buf_lit(why, "in brackets stands one number or a name in quotes");
		return -EINVAL;
	}
	r->arg.has_index = true;
	r->arg.index = index;
	return 0;
}

/* "contact[2].uri.params["x"]" */
static int split_select(struct str s, struct ref *r, struct buf *why)
{
	buf_str_put(&r->name, take_name(&s));
	while (s.n) {
		struct str inside;
		ssize_t end;
		int err;

		if (s.p[0] == '.') {
			s = str_skip(s, 1);
			buf_char(&r->name, '.');
			buf_str_put(&r->name, take_name(&s));
			continue;
		}
		end = str_chr(s, ']');
		if (s.p[0] != '[' || end < 0)
			return -EINVAL;
		inside = str_of(s.p + 1, (size_t)end - 1);
		err = put_bracket(r, inside, why);
		if (err < 0)
			return err;
		s = str_skip(s, (size_t)end + 1);
	}
	return 0;
}

/* --- variables: the first is number 0 ------------------------------------------------------------------------------------------------ */

/* What stands between s's first character, a bracket, and the one that closes it; s goes on behind. Null: it is not closed. */
static struct str take_inside(struct str *s, char open, char close)
{
	unsigned depth = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct str inside;

		depth += s->p[i] == open;
		if (s->p[i] != close || --depth)
			continue;
		inside = str_trim(str_of(s->p + 1, i - 1));
		*s = str_skip(*s, i + 1);
		return inside;
	}
	return STR_NULL;
}

static int put_index(struct ref *r, struct str inside, struct buf *why)
{
	int64_t index;

	if (str_is_null(inside))
		return -EINVAL;
	r->arg.all = str_eq(inside, STR("*"));
	if (r->arg.all)
		return 0;
	if (is_variable(inside)) {
		r->index = inside;
		return 0;
	}
	if (str_int(inside, &index) < 0) {
		buf_lit(why, "in brackets stands a number, a variable or \"*\"");
		return -EINVAL;
	}
	r->arg.has_index = true;
	r->arg.index = index < 0 ? index : index + 1;
	return 0;
}

static int put_key(struct ref *r, struct str inside)
{
	if (str_is_null(inside))
		return -EINVAL;
	r->arg.has_key = true;
	r->arg.key = inside;
	if (is_variable(inside))
		r->key = inside;
	return 0;
}

/* Behind SER's attributes: "[1]", "[]". Here the first is number 1, as in selects. */
static int split_ser_index(struct str s, struct ref *r, struct buf *why)
{
	struct str inside;

	if (!s.n)
		return 0;
	if (s.p[0] != '[' || s.p[s.n - 1] != ']')
		return -EINVAL;
	inside = str_trim(str_of(s.p + 1, s.n - 2));
	r->arg.all = !inside.n;
	return r->arg.all ? 0 : put_bracket(r, inside, why);
}

/* ".name", ".name[1]" */
static int split_class(struct str s, struct ref *r, struct buf *why)
{
	buf_char(&r->name, '.');
	s = str_skip(s, 1);
	r->arg.has_key = true;
	r->arg.key = take_name(&s);
	return r->arg.key.n ? split_ser_index(s, r, why) : -EINVAL;
}

/* "{s.len}", "{s.len}[1]": the index may also stand behind. */
static int split_transforms(struct str s, struct ref *r, struct buf *why)
{
	ssize_t end = str_rchr(s, '}');
	struct str rest = end < 0 ? STR_NULL : str_trim(str_skip(s, (size_t)end + 1));

	r->transforms = s;
	if (!rest.n || rest.p[0] != '[')
		return 0;
	r->transforms = str_head(s, (size_t)end + 1);
	if (r->arg.has_index || r->arg.all || r->index.n) {
		buf_lit(why, "one index is enough");
		return -EINVAL;
	}
	return put_index(r, take_inside(&rest, '[', ']'), why);
}

/* "rU", "(rU)", "hdr(Subject)", "(hdr(Subject)[2]{s.len})", "f.name", "name[1]" */
static int split_pv(struct str s, struct ref *r, struct buf *why)
{
	bool parens = s.n > 1 && s.p[0] == '(' && s.p[s.n - 1] == ')';

	if (parens)
		s = str_trim(str_of(s.p + 1, s.n - 2));
	buf_str_put(&r->name, take_name(&s));
	if (s.n && s.p[0] == '.')
		return split_class(s, r, why);
	if (s.n && s.p[0] == '[' && !parens)
		return split_ser_index(s, r, why);
	if (s.n && s.p[0] == '(' && put_key(r, take_inside(&s, '(', ')')) < 0)
		return -EINVAL;
	if (s.n && s.p[0] == '[' && put_index(r, take_inside(&s, '[', ']'), why) < 0)
		return -EINVAL;
	if (s.n && s.p[0] == '{' && parens)
		return split_transforms(s, r, why);
	return s.n ? -EINVAL : 0;
}

int ref_split(struct str written, struct ref *r, struct buf *why)
{
	struct str s = str_skip(written, 1);
	int err;

	*r = (struct ref){ .is_pv = written.n && written.p[0] == '$' };
	r->name = BUF_ON(r->text);
	err = r->is_pv ? split_pv(s, r, why) : split_select(s, r, why);
	return err ? err : buf_ok(&r->name) && r->name.n ? 0 : -EINVAL;
}

/* --- in the middle of a text ---------------------------------------------------------------------------------------------------------- */

/* The length of "(...)" with what is inside balanced; 0: not closed. */
static size_t parens(struct str s)
{
	unsigned depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '(')
			depth++;
		if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return 0;
}

size_t ref_length(struct str s)
{
	size_t n = 1;

	if (s.n < 2)
		return 0;
	if (s.p[1] == '?')
		return 2;
	if (s.p[1] == '(') {
		n = parens(str_skip(s, 1));
		return n ? n + 1 : 0;
	}
	if (!is_name_char(s.p[1]) || char_is_digit(s.p[1]))
		return 0;
	while (n < s.n && is_name_char(s.p[n]))
		n++;
	if (n < s.n && s.p[n] == '(')
		n += parens(str_skip(s, n));
	return n;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How functions and attributes are found by what the script calls them. */
#include "core/script/names.h"
#include "core/base/buf.h"

#include <errno.h>

void func_arity(const struct func_def *f, unsigned *min_r, unsigned *max_r)
{
	const char *bar = strchr(f->args, '|');

	*max_r = (unsigned)strlen(f->args) - (bar ? 1 : 0);
	*min_r = bar ? (unsigned)(bar - f->args) : *max_r;
}

const struct func_def *names_function(const struct names *n, struct str name, unsigned argc,
				      const struct func_def **any_r)
{
	const struct func_def *any = NULL;

	for (unsigned i = 0; i < n->modules_n; i++) {
		for (const struct func_def *f = n->modules[i]->functions; f && f->name; f++) {
			unsigned min, max;

			if (!str_eq(str_z(f->name), name))
				continue;
			func_arity(f, &min, &max);
			if (argc >= min && argc <= max)
				return f;
			any = any ? any : f;
		}
	}
	if (any_r)
		*any_r = any;
	return NULL;
}

void names_functions_near(const struct names *n, struct nearest *near)
{
	for (unsigned i = 0; i < n->modules_n; i++)
		for (const struct func_def *f = n->modules[i]->functions; f && f->name; f++)
			nearest_offer(near, str_z(f->name));
}

/* --- attributes ------------------------------------------------------------------------------------------------------------------ */

#define NAME_MAX_LEN 128u

/* A reference taken apart. */
struct ref {
	bool is_pv;
	char name[NAME_MAX_LEN]; /* "contact.uri.params", without brackets */
	struct buf b;
	struct attr_arg arg;
};

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

/* The inside of one pair of brackets: a number or quoted text. */
static int put_bracket(struct ref *r, struct str inside, struct buf *why)
{
	int64_t index = 1;

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
	if (r->arg.has_index || str_int(inside, &index) < 0 || index == 0) {
		buf_str_put(why,
			    index == 0 ? STR("the first is number 1, the last number -1")
				       : STR("in brackets stands one number or a name in quotes"));
		return -EINVAL;
	}
	r->arg.has_index = true;
	r->arg.index = index;
	return 0;
}

/* "contact[2].uri.params["x"]" */
static int split_select(struct str s, struct ref *r, struct buf *why)
{
	buf_str_put(&r->b, take_name(&s));
	while (s.n) {
		struct str inside;
		ssize_t end;
		int err;

		if (s.p[0] == '.') {
			s = str_skip(s, 1);
			buf_char(&r->b, '.');
			buf_str_put(&r->b, take_name(&s));
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

/* "rU", "(rU)", "hdr(Subject)", "(hdr(Subject)[2])" */
static int split_pv(struct str s, struct ref *r, struct buf *why)
{
	ssize_t end;

	if (s.n > 1 && s.p[0] == '(' && s.p[s.n - 1] == ')')
		s = str_trim(str_of(s.p + 1, s.n - 2));
	buf_str_put(&r->b, take_name(&s));
	if (s.n && s.p[0] == '(') {
		end = str_rchr(s, ')');
		if (end < 0)
			return -EINVAL;
		r->arg.has_key = true;
		r->arg.key = str_trim(str_of(s.p + 1, (size_t)end - 1));
		s = str_skip(s, (size_t)end + 1);
	}
	if (s.n && s.p[0] == '[') {
		end = str_chr(s, ']');
		if (end < 0)
			return -EINVAL;
		if (str_eq(str_trim(str_of(s.p + 1, (size_t)end - 1)), STR("*")))
			return -EINVAL;
		if (put_bracket(r, str_of(s.p + 1, (size_t)end - 1), why) < 0)
			return -EINVAL;
		s = str_skip(s, (size_t)end + 1);
	}
	if (s.n && s.p[0] == '{') {
		buf_lit(why, "this version has no transformations");
		return -ENOTSUP;
	}
	if (s.n && s.p[0] == '.') {
		buf_lit(why, "this version has no attributes of users, domains and transactions");
		return -ENOTSUP;
	}
	return s.n ? -EINVAL : 0;
}

static const struct attr_def *find(const struct names *n, bool is_pv, struct str name)
{
	for (unsigned i = 0; i < n->modules_n; i++) {
		for (const struct attr_def *a = n->modules[i]->attrs; a && a->get; a++) {
			const char *own = is_pv ? a->pv : a->name;

			if (own && str_eq(str_z(own), name))
				return a;
		}
	}
	return NULL;
}

static void offer_all(const struct names *n, bool is_pv, struct nearest *near)
{
	for (unsigned i = 0; i < n->modules_n; i++) {
		for (const struct attr_def *a = n->modules[i]->attrs; a && a->get; a++) {
			if (is_pv && a->pv)
				nearest_offer(near, str_z(a->pv));
			if (!is_pv && a->name)
				nearest_offer(near, str_z(a->name));
		}
	}
}

/* Finds the row; "@msg.header.Subject" is the row "msg.header" with the key "Subject" when there is no row of the whole name. */
static const struct attr_def *resolve(const struct names *n, struct ref *r)
{
	struct str name = buf_str(&r->b);
	const struct attr_def *a = find(n, r->is_pv, name);
	ssize_t dot = str_rchr(name, '.');

	if (a || dot < 0 || r->arg.has_key)
		return a;
	a = find(n, r->is_pv, str_head(name, (size_t)dot));
	if (!a || !(a->flags & ATTR_KEY))
		return NULL;
	r->arg.has_key = true;
	r->arg.key = str_skip(name, (size_t)dot + 1);
	return a;
}

static int unknown(const struct names *n, const struct ref *r, struct pool *pool, struct buf *why)
{
	struct nearest near = nearest_to(buf_str(&r->b));

	offer_all(n, r->is_pv, &near);
	buf_fmt(why, "unknown %s \"%c" STRF "\"", r->is_pv ? "variable" : "select",
		r->is_pv ? '$' : '@', STRA(buf_str(&r->b)));
	if (near.best.p)
		buf_fmt(why, "; did you mean \"%c" STRF "\"?", r->is_pv ? '$' : '@',
			STRA(near.best));
	(void)pool;
	return -ENOENT;
}

static int check_use(const struct attr_def *a, const struct ref *r, struct buf *why)
{
	const char *word = r->is_pv ? a->pv : a->name;
	char mark = r->is_pv ? '$' : '@';

	if (r->arg.has_index && !(a->flags & ATTR_INDEX))
		buf_fmt(why, "there is only one \"%c%s\": it takes no number", mark, word);
	else if (r->arg.has_key && !(a->flags & ATTR_KEY))
		buf_fmt(why, "\"%c%s\" takes no name", mark, word);
	else if (!r->arg.has_key && (a->flags & ATTR_NEEDS_KEY))
		buf_fmt(why,
			r->is_pv ? "\"%c%s\" needs a name: $%s(name)"
				 : "\"%c%s\" needs a name: @%s[\"name\"]",
			mark, word, word);
	else
		return 0;
	return -EINVAL;
}

int names_attribute(const struct names *n, struct pool *pool, struct str text,
		    struct attr_use *use_r, struct buf *why)
{
	struct ref r = { .is_pv = text.n && text.p[0] == '$' };
	const struct attr_def *a;
	int err;

	r.b = BUF_ON(r.name);
	text = str_skip(text, 1);
	err = r.is_pv ? split_pv(text, &r, why) : split_select(text, &r, why);
	if (!err && (!buf_ok(&r.b) || !r.b.n))
		err = -EINVAL;
	if (err < 0) {
		if (!why->n)
			buf_fmt(why, "cannot understand this %s", r.is_pv ? "variable" : "select");
		return err;
	}
	a = resolve(n, &r);
	if (!a)
		return unknown(n, &r, pool, why);
	err = check_use(a, &r, why);
	if (err < 0)
		return err;
	r.arg.tag = a->tag;
	if (r.arg.has_key) {
		r.arg.key = pool_str(pool, r.arg.key);
		if (!r.arg.key.p)
			return -ENOMEM;
	}
	*use_r = (struct attr_use){ .def = a, .arg = r.arg };
	return 0;
}

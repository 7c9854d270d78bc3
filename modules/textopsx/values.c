/* SPDX-License-Identifier: BSD-2-Clause */
/* Single values of header fields with lists ("Supported: path, 100rel"), and their parameters; a header field like Authorization is one value, whose
 * parameters are between commas. Changes are edits; places are those of the message as reads see it. */
#include "modules/textopsx/textopsx.h"

#include <errno.h>

#define VALUES_MAX 256 /* changed by one call */

/* "name[2].param" taken apart. */
struct place {
	struct str name;
	struct str param; /* null: the value itself */
	bool has_index, all;
	int64_t index; /* from 1, or -1 for the last */
};

/* One value where it lies. */
struct hf_value {
	const struct sip_hdr *hdr;
	struct str text;
	struct str before, behind; /* its neighbours in the same header field; null: none */
};

static int place_parse(struct str text, struct place *p_r)
{
	struct str inside;
	ssize_t dot, end;
	size_t n = 0;

	*p_r = (struct place){ .index = 1 };
	while (n < text.n && text.p[n] != '[' && text.p[n] != '.')
		n++;
	p_r->name = str_trim(str_head(text, n));
	text = str_skip(text, n);
	if (text.n && text.p[0] == '[') {
		end = str_chr(text, ']');
		if (end < 0)
			return -EINVAL;
		inside = str_trim(str_of(text.p + 1, (size_t)end - 1));
		p_r->has_index = true;
		p_r->all = str_eq(inside, STR("*"));
		if (!p_r->all && (str_int(inside, &p_r->index) || !p_r->index))
			return -EINVAL;
		text = str_skip(text, (size_t)end + 1);
	}
	dot = str_chr(text, '.');
	if (dot == 0)
		p_r->param = str_trim(str_skip(text, 1));
	if (text.n && (dot != 0 || !p_r->param.n))
		return -EINVAL;
	return p_r->name.n ? 0 : -EINVAL;
}

const char *check_place(const struct value *argv, unsigned argc)
{
	struct place p;

	(void)argc;
	return argv[0].type == VALUE_STR && place_parse(argv[0].s, &p)
		       ? "a header field is named as \"name\", \"name[2]\", \"name[*]\" or "
			 "\"name[2].parameter\"; 1 is the first, -1 the last"
		       : NULL;
}

/* --- finding values -------------------------------------------------------------------------------------------------------------------------- */
/* The next value behind v; start with v zeroed. whole: a header field is one value. */
static bool value_next(struct ctx *ctx, struct str name, bool whole, struct hf_value *v)
{
	const struct sip_hdr *h = v->hdr ? v->hdr : sip_msg_find(ctx->msg, name);

	for (; h; h = sip_hdr_next(h)) {
		bool here = h == v->hdr;
		struct str rest = here ? str_between(str_end(v->text), str_end(h->body)) : h->body;
		struct str one, next;

		if (whole && here)
			continue;
		if (here) {
			ssize_t comma = str_chr(rest, ',');

			rest = comma < 0 ? STR_NULL : str_skip(rest, (size_t)comma + 1);
		}
		one = h->body;
		if (!whole && (!rest.n || !sip_list_next(&rest, &one)))
			continue;
		v->before = here ? v->text : STR_NULL;
		v->behind = !whole && rest.n && sip_list_next(&rest, &next) ? next : STR_NULL;
		v->text = one;
		v->hdr = h;
		return true;
	}
	return false;
}

/* The one that an index means. */
static bool value_at(struct ctx *ctx, const struct place *p, bool whole, struct hf_value *v_r)
{
	struct hf_value v = { 0 };
	int64_t n = 0, at = p->index;

	if (at < 0) {
		while (value_next(ctx, p->name, whole, &v))
			n++;
		at = n + at + 1;
	}
	*v_r = (struct hf_value){ 0 };
	for (; at > 0; at--) {
		if (!value_next(ctx, p->name, whole, v_r))
			return false;
	}
	return v_r->hdr != NULL;
}

/* --- making edits ------------------------------------------------------------------------------------------------------------------------------ */
static int change(struct ctx *ctx, const char *from, const char *to, struct str text)
{
	return message_replace(ctx, (size_t)(from - ctx->msg->buf.p), (size_t)(to - from), text);
}

/* Up to three texts as one, in the pool; null: no memory. */
static struct str joined(struct ctx *ctx, struct str a, struct str b, struct str c)
{
	struct buf out = buf_over(pool_alloc(ctx->pool, a.n + b.n + c.n), a.n + b.n + c.n);

	if (!out.p)
		return STR_NULL;
	buf_str_put(&out, a);
	buf_str_put(&out, b);
	buf_str_put(&out, c);
	return buf_str(&out);
}

static bool is_one_line(struct str s)
{
	return !str_is_null(s) && str_chr(s, '\r') < 0 && str_chr(s, '\n') < 0 &&
	       str_chr(s, '\0') < 0;
}

static int header_new(struct ctx *ctx, struct str name, struct str value, bool front)
{
	struct str line = joined(ctx, name, STR(": "), value);

	return line.p ? header_add(ctx, line, STR_NULL, front) : -ENOMEM;
}

static int value_remove(struct ctx *ctx, const struct hf_value *v)
{
	if (v->behind.p)
		return change(ctx, v->text.p, v->behind.p, STR_NULL);
	if (v->before.p)
		return change(ctx, str_end(v->before), str_end(v->text), STR_NULL);
	return header_drop(ctx, v->hdr);
}

/* --- parameters of a value ----------------------------------------------------------------------------------------------------------------------- */
/* The first of a separator that is neither in quotes nor in angle brackets; the end if there is none. */
static size_t outside(struct str s, size_t at, char separator)
{
	bool quoted = false, angle = false;

	for (; at < s.n; at++) {
		char c = s.p[at];

		if (quoted && c == '\\')
			at++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '<' || c == '>'))
			angle = c == '<';
		else if (!quoted && !angle && c == separator)
			break;
	}
	return at < s.n ? at : s.n;
}

/* Where a parameter lies in a value: whole with the separator before it (for the first of an Authorization behind it). */
struct hf_param {
	struct str whole, text;
};

static bool param_find(struct str value, bool whole_header, struct str name, struct hf_param *p_r)
{
	char separator = whole_header ? ',' : ';';
	size_t at = whole_header ? 0 : outside(value, 0, ';') + 1;

	/* "Digest realm=…": the scheme is no parameter */
	if (whole_header && str_chr(value, ' ') > 0)
		at = (size_t)str_chr(value, ' ') + 1;
	for (size_t first = at; at < value.n;) {
		size_t end = outside(value, at, separator);
		struct str text = str_of(value.p + at, end - at);
		ssize_t equals = str_chr(text, '=');
		struct str is = str_trim(equals < 0 ? text : str_head(text, (size_t)equals));

		if (str_eq_nocase(is, name)) {
			bool leads = whole_header && at == first;
			size_t from = leads ? at : at - 1,
			       to = leads && end < value.n ? end + 1 : end;

			*p_r = (struct hf_param){ .whole = str_of(value.p + from, to - from),
						  .text = str_trim(text) };
			return true;
		}
		at = end + 1;
	}
	return false;
}

static int param_assign(struct ctx *ctx, const struct hf_value *v, bool whole_header,
			struct str name, struct str value)
{
	struct str text = value.n ? joined(ctx, name, STR("="), value) : name;
	struct hf_param p;

	if (!text.p)
		return -ENOMEM;
	if (param_find(v->text, whole_header, name, &p))
		return change(ctx, p.text.p, str_end(p.text), text);
	text = joined(ctx, whole_header ? STR(", ") : STR(";"), text, STR(""));
	return text.p ? change(ctx, str_end(v->text), str_end(v->text), text) : -ENOMEM;
}

static int param_remove(struct ctx *ctx, const struct hf_value *v, bool whole_header,
			struct str name)
{
	struct hf_param p;

	if (!param_find(v->text, whole_header, name, &p))
		return -ENOENT;
	return change(ctx, p.whole.p, str_end(p.whole), STR_NULL);
}

/* --- functions --------------------------------------------------------------------------------------------------------------------------------- */
static int done(int err, struct str what)
{
	if (!err)
		return FN_TRUE;
	return err == -ENOENT ? FN_FALSE
			      : textopsx_failed("could not change a header field", what, err);
}

/* Puts a value beside the one that an index means; without index, or without such a value, makes a header field. */
static int put_beside(struct ctx *ctx, const struct value *argv, bool front)
{
	struct place p;
	struct hf_value v;
	struct str text;
	int err = place_parse(argv[0].s, &p);

	if (err || !is_one_line(argv[1].s) || !argv[1].s.n || p.param.p || p.all)
		return done(-EINVAL, argv[0].s);
	if (!p.has_index || !value_at(ctx, &p, false, &v))
		return done(header_new(ctx, p.name, argv[1].s, front), argv[0].s);
	text = front ? joined(ctx, argv[1].s, STR(", "), STR(""))
		     : joined(ctx, STR(", "), argv[1].s, STR(""));
	if (!text.p)
		return done(-ENOMEM, argv[0].s);
	return done(front ? change(ctx, v.text.p, v.text.p, text)
			  : change(ctx, str_end(v.text), str_end(v.text), text),
		    argv[0].s);
}

int fn_append_hf_value(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return put_beside(ctx, argv, false);
}

int fn_insert_hf_value(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return put_beside(ctx, argv, true);
}

/* What is done to one value; text null: it is removed. */
static int act(struct ctx *ctx, const struct place *p, bool whole, const struct hf_value *v,
	       struct str text)
{
	if (p->param.p)
		return str_is_null(text) ? param_remove(ctx, v, whole, p->param)
					 : param_assign(ctx, v, whole, p->param, text);
	return str_is_null(text) ? value_remove(ctx, v)
				 : change(ctx, v->text.p, str_end(v->text), text);
}

/* All values that the place names; of a header field that goes as a whole nothing else is left to do. */
static int act_on(struct ctx *ctx, struct str where, bool whole, struct str text)
{
	struct hf_value v = { 0 };
	struct place p;
	int err = place_parse(where, &p), n = 0;
	unsigned headers;

	if (err || (!str_is_null(text) && !is_one_line(text)))
		return done(-EINVAL, where);
	if (p.all && !p.param.p && str_is_null(text)) {
		err = header_remove(ctx, p.name, &headers);
		return done(err || headers ? err : -ENOENT, where);
	}
	if (!p.all)
		return done(value_at(ctx, &p, whole, &v) ? act(ctx, &p, whole, &v, text) : -ENOENT,
			    where);
	while (value_next(ctx, p.name, whole, &v)) {
		if (n == VALUES_MAX)
			return done(-E2BIG, where);
		err = act(ctx, &p, whole, &v, text);
		if (err && err != -ENOENT)
			return done(err, where);
		n += !err;
	}
	return n ? FN_TRUE : FN_FALSE;
}

#define ACT(NAME, WHOLE, TEXT)                                                  \
	int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc) \
	{                                                                       \
		(void)argc;                                                     \
		return act_on(ctx, argv[0].s, WHOLE, TEXT);                     \
	}
ACT(remove_hf_value, false, STR_NULL)
ACT(remove_hf_value2, true, STR_NULL)
ACT(assign_hf_value, false, argv[1].s)
ACT(assign_hf_value2, true, argv[1].s)

/* --- sets ------------------------------------------------------------------------------------------------------------------------------------------ */
static bool in_set(struct ctx *ctx, struct str name, struct str value, struct hf_value *v_r)
{
	*v_r = (struct hf_value){ 0 };
	while (value_next(ctx, name, false, v_r)) {
		if (str_eq_nocase(v_r->text, value))
			return true;
	}
	return false;
}

int fn_hf_value_exists(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct hf_value v;

	(void)argc;
	return in_set(ctx, argv[0].s, argv[1].s, &v) ? FN_TRUE : FN_FALSE;
}

int fn_include_hf_value(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct value both[2];
	struct hf_value v;

	(void)argc;
	if (in_set(ctx, argv[0].s, argv[1].s, &v))
		return FN_TRUE;
	both[0] = value_str(joined(ctx, argv[0].s, STR("[-1]"), STR("")));
	both[1] = argv[1];
	return put_beside(ctx, both, false);
}

int fn_exclude_hf_value(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct hf_value v;

	(void)argc;
	return in_set(ctx, argv[0].s, argv[1].s, &v) ? done(value_remove(ctx, &v), argv[0].s)
						     : FN_FALSE;
}

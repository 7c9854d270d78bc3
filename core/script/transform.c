/* SPDX-License-Identifier: BSD-2-Clause */
/* How transformations are written, and how a chain of them runs. */
#include "core/script/transform.h"

#include "core/base/buf.h"
#include "core/mem/arena.h"
#include "core/msg/ctx.h"
#include "core/script/machine.h"
#include "core/script/ref.h"
#include "core/script/subst.h"
#include "core/script/use.h"

#include <errno.h>

struct transform {
	const struct transform_def *def;
	const struct transform *next;
	struct value args[TRANSFORM_ARGS_MAX];		 /* null: not given, or a variable */
	const struct attr_use *vars[TRANSFORM_ARGS_MAX]; /* NULL: constant */
};

const struct transform_def *const transform_tables[] = {
	transforms_text, transforms_code, transforms_sip, transforms_line, transforms_re, NULL,
};

/* --- reading ---------------------------------------------------------------------------------------------------------------------------------- */

/* A chain being read. */
struct reader {
	const struct names *names;
	struct str rest;
	const struct transform_def *def;
	struct buf *why;
};

static const struct transform_def *find(struct str name, struct nearest *near)
{
	for (const struct transform_def *const *table = transform_tables; *table; table++) {
		for (const struct transform_def *d = *table; d->name; d++) {
			if (str_eq_nocase(str_z(d->name), name))
				return d;
			nearest_offer(near, str_z(d->name));
		}
	}
	return NULL;
}

static int unknown(struct reader *r, struct str name, const struct nearest *near)
{
	buf_fmt(r->why, "unknown transformation \"" STRF "\"", STRA(name));
	if (near->best.p)
		buf_fmt(r->why, "; did you mean \"" STRF "\"?", STRA(near->best));
	return -EINVAL;
}

static int misused(struct reader *r, const char *what)
{
	buf_fmt(r->why, "%s: it is written {%s%s}", what, r->def->name, r->def->usage);
	return -EINVAL;
}

static bool at(const struct reader *r, char c)
{
	return r->rest.n && r->rest.p[0] == c;
}

static void skip_blanks(struct reader *r)
{
	while (at(r, ' ') || at(r, '\t'))
		r->rest = str_skip(r->rest, 1);
}

static int read_variable(struct reader *r, size_t n, const struct attr_use **var_r)
{
	struct attr_use *use = arena_zalloc(r->names->conf->arena, sizeof(*use));
	int err = use ? names_attribute(r->names, str_head(r->rest, n), use, r->why) : -ENOMEM;

	r->rest = str_skip(r->rest, n);
	*var_r = use;
	return err;
}

static int keep_text(struct reader *r, struct str text, struct value *v_r)
{
	struct str kept = arena_str(r->names->conf->arena, text);

	*v_r = value_str(text.n ? kept : STR(""));
	return text.n && !kept.p ? -ENOMEM : 0;
}

static int read_number(struct reader *r, struct str text, struct value *v_r)
{
	text = str_trim(text);
	*v_r = value_int(0);
	return str_int(text, &v_r->i) < 0 ? misused(r, "a number or a variable is missing") : 0;
}

/* One character, which may be the one that else ends a parameter. */
static int read_char(struct reader *r, bool escapes, struct value *v_r)
{
	struct str text = str_head(r->rest, 1);

	if (!text.n || (at(r, '}') && r->rest.n == 1))
		return misused(r, "a character is missing");
	r->rest = str_skip(r->rest, 1);
	if (escapes && text.p[0] == '\\' && r->rest.n) {
		char c = r->rest.p[0];

		text = c == 'n'	   ? STR("\n")
		       : c == 'r'  ? STR("\r")
		       : c == 't'  ? STR("\t")
		       : c == '\\' ? STR("\\")
				   : STR_NULL;
		r->rest = str_skip(r->rest, 1);
	}
	return text.p ? keep_text(r, text, v_r)
		      : misused(r, "only \\n, \\r, \\t and \\\\ can stand for a character");
}

/* What stands up to the end of the transformation, braces in pairs, is "/pattern/replacement/flags". Fills two parameters. */
static int read_subst(struct reader *r, struct value args_r[2])
{
	unsigned depth = 0;
	struct regex_error e;
	struct subst s;
	size_t n = 0;
	const char *wrong;
	int err;

	while (n < r->rest.n && (depth || r->rest.p[n] != '}')) {
		depth += r->rest.p[n] == '{';
		depth -= r->rest.p[n] == '}';
		n += r->rest.p[n] == '\\' ? 2 : 1;
	}
	wrong = subst_parse(str_head(r->rest, n), &s);
	if (wrong)
		return misused(r, wrong);
	r->rest = str_skip(r->rest, n);
	args_r[0].type = VALUE_REGEX;
	err = regex_add(r->names->regex_set, r->names->conf->arena, s.pattern, s.regex_flags,
			&args_r[0].re, &e);
	if (err == -EINVAL)
		buf_fmt(r->why, "regular expression \"" STRF "\": %s", STRA(s.pattern), e.text);
	if (!err)
		err = keep_text(r, s.replacement, &args_r[1]);
	args_r[1].i = s.all;
	return err;
}

static int read_arg(struct reader *r, char letter, struct value *arg_r,
		    const struct attr_use **var_r)
{
	size_t n = 0;
	struct str text;

	if (letter == 'c')
		return read_char(r, true, arg_r);
	skip_blanks(r);
	n = at(r, '$') ? ref_length(r->rest) : 0;
	if (n)
		return read_variable(r, n, var_r);
	if (letter == 'm')
		return read_char(r, false, arg_r);
	if (letter == 'e')
		return read_subst(r, arg_r);
	while (n < r->rest.n && !strchr(",}\t\n", r->rest.p[n]))
		n++;
	text = str_head(r->rest, n);
	r->rest = str_skip(r->rest, n);
	if (letter == 'i')
		return read_number(r, text, arg_r);
	if (letter == 's' && !text.n)
		return misused(r, "a text is missing");
	return keep_text(r, text, arg_r);
}

static int read_args(struct reader *r, struct transform *t)
{
	bool optional = false;
	unsigned i = 0;

	for (const char *letter = r->def->args; *letter; letter++) {
		int err;

		if (*letter == '|') {
			optional = true;
			continue;
		}
		if (!at(r, ','))
			return optional ? 0 : misused(r, "a parameter is missing");
		r->rest = str_skip(r->rest, 1);
		err = read_arg(r, *letter, &t->args[i], &t->vars[i]);
		if (err < 0)
			return err;
		skip_blanks(r);
		i++;
	}
	return 0;
}

/* "{s.substr,0,3}" */
static int read_step(struct reader *r, struct transform **t_r)
{
	struct transform *t = arena_zalloc(r->names->conf->arena, sizeof(*t));
	struct nearest near;
	struct str name;
	size_t n = 0;
	int err;

	if (!t)
		return -ENOMEM;
	r->rest = str_skip(r->rest, 1);
	while (n < r->rest.n && r->rest.p[n] != ',' && r->rest.p[n] != '}')
		n++;
	name = str_trim(str_head(r->rest, n));
	near = nearest_to(name);
	r->rest = str_skip(r->rest, n);
	r->def = find(name, &near);
	if (!r->def)
		return unknown(r, name, &near);
	t->def = r->def;
	err = read_args(r, t);
	if (err < 0)
		return err;
	if (!at(r, '}'))
		return misused(r, r->rest.n ? "there is more than its parameters"
					    : "\"}\" is missing behind a transformation");
	r->rest = str_skip(r->rest, 1);
	*t_r = t;
	return 0;
}

int transform_read(const struct names *n, struct str *text, const struct transform **t_r,
		   struct buf *why)
{
	struct reader r = { .names = n, .rest = *text, .why = why };
	const struct transform **last = t_r;
	unsigned steps = 0;

	*t_r = NULL;
	while (at(&r, '{')) {
		struct transform *t = NULL;
		int err = read_step(&r, &t);

		if (err < 0)
			return err;
		if (++steps > TRANSFORM_STEPS_MAX) {
			buf_fmt(why, "more than %u transformations of one value",
				TRANSFORM_STEPS_MAX);
			return -EINVAL;
		}
		*last = t;
		last = &t->next;
		skip_blanks(&r);
	}
	*text = r.rest;
	return 0;
}

/* --- running ---------------------------------------------------------------------------------------------------------------------------------- */

/* What a variable has, as the letter wants it. -EINVAL: it has no such thing. */
static int arg_value(struct ctx *ctx, const struct attr_use *var, char letter, struct value *v_r)
{
	struct value v;
	int err = attr_use_get(ctx, var, &v);

	if (err < 0)
		return err;
	if (letter == 'i') {
		*v_r = value_int(0);
		return v.type != VALUE_NULL && value_number(&v, &v_r->i) ? 0 : -EINVAL;
	}
	v_r->type = VALUE_STR;
	err = value_text(ctx->pool, &v, &v_r->s);
	return err < 0 ? err : v_r->s.n || (letter == 'S' && v_r->s.p) ? 0 : -EINVAL;
}

/* Told with its place in the script. What is missing or empty is nothing unusual: that becomes null without a word. */
static void refused(const struct transform *t, struct ctx *ctx, const char *what)
{
	if (ctx->machine)
		machine_error(ctx->machine, what, str_z(t->def->name));
}

static int run_step(const struct transform *t, struct ctx *ctx, struct value *v)
{
	struct transforming at_work = { .ctx = ctx, .value = v, .tag = t->def->tag };
	struct value out = value_null();
	const char *letter = t->def->args;
	struct str s;
	int err = value_text(ctx->pool, v, &s);

	if (!err && str_is_null(s) && !(t->def->flags & TRANSFORM_NULL))
		err = -EINVAL;
	if (!err && !s.n && !(t->def->flags & TRANSFORM_EMPTY))
		err = -EINVAL;
	for (unsigned i = 0; !err && i < TRANSFORM_ARGS_MAX; i++) {
		letter += *letter == '|';
		at_work.argv[i] = t->args[i];
		if (t->vars[i])
			err = arg_value(ctx, t->vars[i], *letter, &at_work.argv[i]);
		if (err == -EINVAL)
			refused(t, ctx, "a parameter of a transformation has no such value");
		letter += *letter != '\0';
	}
	if (!err) {
		err = t->def->run(&at_work, s.p ? s : STR(""), &out);
		if (err == -EINVAL && s.n)
			refused(t, ctx, "a transformation cannot take this value");
	}
	*v = err ? value_null() : out;
	return err == -ENOMEM ? err : 0;
}

int transform_run(const struct transform *t, struct ctx *ctx, struct value *v)
{
	int err = 0;

	for (; t && !err; t = t->next)
		err = run_step(t, ctx, v);
	return err;
}

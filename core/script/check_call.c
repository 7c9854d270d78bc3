/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of functions: which row is meant, whether its arguments fit. */
#include "core/base/buf.h"
#include "core/script/check.h"
#include "core/script/known.h"
#include "core/script/parse_error.h"
#include "core/script/program.h"
#include "core/script/words.h"

#include <errno.h>

/* No module has it; there may be one of a similar name. */
static void unlike_all(struct checker *c, struct str name, struct pos at)
{
	struct nearest near = nearest_to(name);
	struct str module;
	char hint[128];
	struct buf b = BUF_ON(hint);

	names_functions_near(&c->names, &near);
	if (!near.best.p) {
		known_functions_near(&near);
		module = known_function(near.best);
		if (module.n && !str_eq(module, STR("core")) && !names_module(&c->names, module))
			buf_fmt(&b, "\"" STRF "\" is in module \"" STRF "\"", STRA(near.best),
				STRA(module));
	}
	diag_error(c->diag, at, b.n ? buf_z(&b) : NULL, "unknown function \"" STRF "\"%s",
		   STRA(name), nearest_z(&near, c->pool));
}

static void unknown_function(struct checker *c, struct expr *e)
{
	struct str module = known_function(e->text);
	const struct word_row *word = word_find(e->text, WORD_NO_FUNCTION);
	char hint[128];
	struct buf b = BUF_ON(hint);
	struct pos at = e->pos;

	e->bad = true;
	at.len = (uint32_t)e->text.n;
	if (word) {
		diag_error(c->diag, at, word->advice, "there is no \"" STRF "\"", STRA(e->text));
		return;
	}
	if (str_eq(module, STR("core"))) {
		diag_error(c->diag, at, NULL, "this version has no \"" STRF "\"", STRA(e->text));
		return;
	}
	if (module.n && !names_module(&c->names, module)) {
		buf_fmt(&b, "loadmodule \"" STRF "\"", STRA(module));
		diag_error(c->diag, at, buf_z(&b), "\"" STRF "\" is in module \"" STRF "\"",
			   STRA(e->text), STRA(module));
		return;
	}
	if (module.n) {
		diag_error(c->diag, at, NULL, "module \"" STRF "\" has no \"" STRF "\" yet",
			   STRA(module), STRA(e->text));
		return;
	}
	if (mistake_wrong_case(e->text, &b)) {
		diag_error(c->diag, at, NULL, "\"" STRF "\" is written \"%s\"", STRA(e->text),
			   buf_z(&b));
		return;
	}
	unlike_all(c, e->text, at);
}

/* Which counts its rows take, as text: "1 or 2", "none". */
static void put_counts(const struct checker *c, struct str name, struct buf *b)
{
	unsigned lowest = CALL_ARGS_MAX, highest = 0;

	for (unsigned i = 0; i < c->names.modules_n; i++) {
		for (const struct func_def *f = c->names.modules[i]->functions; f && f->name; f++) {
			unsigned min, max;

			if (!str_eq(str_z(f->name), name))
				continue;
			func_arity(f, &min, &max);
			lowest = min < lowest ? min : lowest;
			highest = max > highest ? max : highest;
		}
	}
	if (lowest == highest && !highest)
		buf_lit(b, "no arguments");
	else if (lowest == highest)
		buf_fmt(b, "%u argument%s", highest, highest == 1 ? "" : "s");
	else
		buf_fmt(b, "%u to %u arguments", lowest, highest);
}

/* Two texts side by side are one, where a comma was meant. */
static bool has_joined_text(const struct expr *e)
{
	for (const struct expr *a = e->args; a; a = a->next) {
		struct str text =
			a->pos.src ? str_head(str_skip(a->pos.src->text, a->pos.at), a->pos.len)
				   : STR("");

		for (size_t i = 1; a->kind == EXPR_STR && i + 1 < text.n; i++)
			if (text.p[i] == text.p[0] && text.p[i - 1] != '\\')
				return true;
	}
	return false;
}

static void wrong_count(struct checker *c, struct expr *e)
{
	char text[64];
	struct buf b = BUF_ON(text);

	e->bad = true;
	put_counts(c, e->text, &b);
	diag_error(c->diag, e->pos,
		   has_joined_text(e) ? "texts without a \",\" between them are one" : NULL,
		   "\"" STRF "\" takes %s, not %u", STRA(e->text), buf_z(&b), e->argc);
}

/* --- one argument ---------------------------------------------------------------------------------------------------------------------- */

/* setflag(NAME): its number. */
static bool argument_flag(struct checker *c, struct expr *a)
{
	if (a->kind != EXPR_WORD && a->kind != EXPR_STR)
		return false;
	for (const struct flag_name *f = c->ast->flags; f; f = f->next) {
		if (!str_eq(f->name, a->text))
			continue;
		a->kind = EXPR_INT;
		a->number = f->number;
		return true;
	}
	return false;
}

static void argument_number(struct checker *c, const struct expr *call, struct expr *a)
{
	int64_t n;

	if (a->kind != EXPR_STR)
		return;
	if (str_int(a->text, &n) < 0) {
		diag_error(c->diag, a->pos, NULL, "\"" STRF "\" needs a number here",
			   STRA(call->text));
		a->bad = true;
		return;
	}
	a->kind = EXPR_INT;
	a->number = n;
}

static void argument_format(struct checker *c, struct expr *a)
{
	const struct format *f;
	struct format_error why;
	int r;

	if (a->kind != EXPR_STR)
		return;
	r = format_compile(&c->names, a->text,
			   a->letter == 'h'   ? FORMAT_ONE_LINE
			   : a->letter == 'f' ? FORMAT_XLOG
					      : 0,
			   &f, &why);
	if (r == -EINVAL) {
		diag_error(c->diag, pos_inside(a->pos, why.offset + 1, why.n), NULL, "%s",
			   why.text);
		a->bad = true;
	} else if (r < 0) {
		c->nomem = true;
	} else {
		a->format = f;
	}
}

/* Numbers are text where text is wanted; a bare name is the name of a host where one is wanted. */
static int argument_text(struct checker *c, struct expr *a)
{
	if (a->kind == EXPR_INT) {
		char digits[24];
		struct buf b = BUF_ON(digits);

		buf_int(&b, a->number);
		a->text = pool_str(c->pool, buf_str(&b));
		a->kind = EXPR_STR;
		return a->text.p ? 0 : -ENOMEM;
	}
	return 0;
}

/* The name of a route becomes its number. */
static void argument_route(struct checker *c, struct expr *a, enum route_role role)
{
	struct str name;
	struct nearest near;
	struct ast_route *r;

	if (a->kind != EXPR_STR) { /* any may be meant */
		for (r = c->ast->routes; r; r = r->next)
			r->armed = r->armed || r->role == role;
		return;
	}
	a->kind = EXPR_INT;
	a->number = -1;
	if (!a->text.n || str_eq(a->text, STR("0")))
		return;
	name = route_letter_name(c->pool, a->letter, a->text);
	c->nomem = c->nomem || !name.p;
	r = check_find_route(c, role, name);
	if (r) {
		r->armed = true;
		r->started = role == ROUTE_NAMED;
		a->number = r->index;
		return;
	}
	near = nearest_to(name);
	for (const struct ast_route *o = c->ast->routes; o; o = o->next)
		if (o->role == role)
			nearest_offer(&near, o->name);
	if (!c->diag->syntax)
		diag_error(c->diag, a->pos, NULL, "there is no " STRF "[" STRF "]%s",
			   STRA(route_defs[role].word), STRA(name), nearest_z(&near, c->pool));
	a->bad = true;
}

/* $var(x) or "$var(x)" */
static void argument_target(struct checker *c, const struct expr *call, struct expr *a)
{
	if (a->kind == EXPR_STR && a->text.n > 1 && a->text.p[0] == '$') {
		a->kind = EXPR_REF;
		a->pos = pos_inside(a->pos, 1, a->text.n);
	}
	if (a->kind == EXPR_REF) {
		check_target(c, a);
		return;
	}
	diag_error(c->diag, a->pos, NULL, "\"" STRF "\" needs a variable here, to write to",
		   STRA(call->text));
	a->bad = true;
}

static void check_argument(struct checker *c, const struct expr *call, struct expr *a)
{
	const struct func_def *any = NULL;
	enum route_role role;

	if (a->bad || (a->letter == 'i' && argument_flag(c, a)))
		return;
	if (a->letter == 'a') {
		argument_target(c, call, a);
		return;
	}
	if (a->kind == EXPR_WORD && (a->letter == 'n' || str_chr(a->text, '.') > 0) &&
	    !names_function(&c->names, a->text, 0, &any) && !any)
		a->kind = EXPR_STR;
	check_expr(c, a, USE_VALUE);
	if (a->bad)
		return;
	if (a->letter == 'i')
		argument_number(c, call, a);
	else if (argument_text(c, a) < 0)
		c->nomem = true;
	if (a->letter == 'r' && a->kind == EXPR_STR)
		check_pattern(c, a);
	if (a->letter == 'f' || a->letter == 'h' || a->letter == 't')
		argument_format(c, a);
	if (route_letter(a->letter, &role))
		argument_route(c, a, role);
}

static char next_letter(const char **letters)
{
	if (**letters == '|')
		++*letters;
	return **letters ? *(*letters)++ : 's';
}

/* The function's own opinion of its constants. */
static void ask_function(struct checker *c, struct expr *e)
{
	struct value argv[CALL_ARGS_MAX];
	unsigned n = 0;
	const char *wrong;

	for (const struct expr *a = e->args; a; a = a->next, n++) {
		argv[n] = value_null();
		if (a->kind == EXPR_INT)
			argv[n] = value_int(a->number);
		if (a->kind == EXPR_STR && a->letter != 'r')
			argv[n] = value_str(a->text);
	}
	wrong = e->func->check(argv, e->argc);
	if (wrong) {
		diag_error(c->diag, e->pos, NULL, "\"" STRF "\": %s", STRA(e->text), wrong);
		e->bad = true;
	}
}

static int unneeded(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argv;
	(void)argc;
	return FN_TRUE;
}

/* A function of a module that is left out (--lenient) is accepted with its number of arguments. */
static void absent_function(struct checker *c, struct expr *e)
{
	unsigned min, max;

	for (unsigned i = 0; i < c->names.absent_n; i++) {
		if (!known_function_of(c->names.absent[i], e->text, &min, &max))
			continue;
		if (e->argc < min || e->argc > max) {
			diag_error(c->diag, e->pos, NULL,
				   "\"" STRF "\" takes %u to %u arguments, not %u", STRA(e->text),
				   min, max, e->argc);
			e->bad = true;
		}
		return;
	}
	unknown_function(c, e);
}

/* What the family has and nobody needs here: told, and true. */
static bool unneeded_function(struct checker *c, struct expr *e)
{
	static const struct func_def row = {
		.name = "", .args = "", .contexts = IN_ANY, .call = unneeded
	};
	const struct word_row *word = word_find(e->text, WORD_UNNEEDED_FUNCTION);

	if (!word)
		return false;
	diag_warn(c->diag, e->pos, NULL, "\"" STRF "\" is not needed here: %s", STRA(e->text),
		  word->advice);
	e->func = &row;
	e->args = NULL;
	e->argc = 0;
	return true;
}

void check_call(struct checker *c, struct expr *e)
{
	const struct func_def *any = NULL;
	const char *letters;

	e->func =
		e->argc > CALL_ARGS_MAX ? NULL : names_function(&c->names, e->text, e->argc, &any);
	if (!e->func && !any) {
		if (!unneeded_function(c, e))
			absent_function(c, e);
		return;
	}
	if (!e->func) {
		wrong_count(c, e);
		return;
	}
	letters = e->func->args;
	for (struct expr *a = e->args; a; a = a->next) {
		a->letter = next_letter(&letters);
		check_argument(c, e, a);
		if (a->bad)
			e->bad = true;
	}
	if (!e->bad && e->func->check)
		ask_function(c, e);
}

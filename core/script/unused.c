/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that have only one end: routes that nothing calls, variables that are read and never set. */
#include "core/script/check.h"
#include "core/base/buf.h"

/* --- what a module that is left out (--lenient) may do with a text that it gets -------------------------------------------------------------- */

static bool is_word_char(char c)
{
	return char_is_digit(c) || (char_lower(c) >= 'a' && char_lower(c) <= 'z') || c == '_' ||
	       c == '-' || c == '.';
}

/* The name stands in the text as a word: "timer=ta;route=8" names the route 8. */
static bool names_it(struct str text, struct str name)
{
	for (size_t i = 0; name.n && i + name.n <= text.n; i++)
		if (!memcmp(text.p + i, name.p, name.n) &&
		    (i == 0 || !is_word_char(text.p[i - 1])) &&
		    (i + name.n == text.n || !is_word_char(text.p[i + name.n])))
			return true;
	return false;
}

static void arm_named(struct checker *c, struct str text)
{
	for (struct ast_route *r = c->ast->routes; r; r = r->next)
		if (!r->armed && names_it(text, r->name))
			r->armed = true;
}

static void arm_by_absent_call(struct checker *c, struct expr *e)
{
	if (e->kind != EXPR_CALL || e->func)
		return;
	for (const struct expr *a = e->args; a; a = a->next)
		if (a->kind == EXPR_STR)
			arm_named(c, a->text);
}

/* --- routes -------------------------------------------------------------------------------------------------------------------------------------- */

/* Who calls routes that no other route can call. */
static const struct {
	enum route_role role;
	const char *hint;
} armers[] = {
	{ ROUTE_NAMED, NULL },
	{ ROUTE_ONREPLY, "t_on_reply(\"NAME\") arms it; all responses come to reply_route { }" },
	{ ROUTE_BRANCH, "t_on_branch(\"NAME\") arms it" },
	{ ROUTE_FAILURE, "t_on_failure(\"NAME\") arms it" },
};

/* What a route that is reached calls, is reached. */
static void reach(struct checker *c, struct expr *e)
{
	if (e->kind != EXPR_ROUTE || !e->route || e->route->reached || !c->route->reached)
		return;
	e->route->reached = true;
	c->changed = true;
}

static void reach_all(struct checker *c)
{
	struct ast_route *r;

	for (r = c->ast->routes; r; r = r->next)
		r->reached = r->armed || r->role != ROUTE_NAMED;
	do {
		c->changed = false;
		for (r = c->ast->routes; r; r = r->next)
			check_walk(c, r, reach);
	} while (c->changed);
}

static void check_called(struct checker *c, const struct ast_route *r)
{
	const bool is_called = r->role == ROUTE_NAMED ? r->reached : r->armed;

	for (size_t i = 0; i < sizeof(armers) / sizeof(*armers); i++)
		if (r->role == armers[i].role && !is_called)
			diag_warn(c->diag, r->pos, armers[i].hint,
				  r->name.n ? STRF "[" STRF "] is never called"
					    : STRF " without a name is never called" STRF,
				  STRA(route_defs[r->role].word), STRA(r->name));
}

static void check_routes_called(struct checker *c)
{
	struct ast_route *r;

	for (r = c->ast->routes; r; r = r->next)
		check_walk(c, r, arm_by_absent_call);
	for (const struct setting *s = c->ast->settings; s; s = s->next)
		if (!str_is_null(s->module) && s->kind == SETTING_STR &&
		    !names_module(&c->names, s->module))
			arm_named(c, s->text);
	reach_all(c);
	for (r = c->ast->routes; r; r = r->next)
		check_called(c, r);
}

/* --- variables ------------------------------------------------------------------------------------------------------------------------------------ */

/* A name that something sets, or that was told. */
struct known_name {
	struct known_name *next;
	struct str name;
};

static bool is_set(const struct checker *c, struct str name)
{
	for (const struct known_name *k = c->set; k; k = k->next)
		if (str_eq(k->name, name))
			return true;
	return false;
}

static void note_set(struct checker *c, struct str name)
{
	struct known_name *k;

	if (!name.n || is_set(c, name))
		return;
	k = pool_alloc(c->pool, sizeof(*k));
	if (!k) {
		c->nomem = true;
		return;
	}
	*k = (struct known_name){ .next = c->set, .name = name };
	c->set = k;
}

/* The x of the first $var(x) or $(var(x)...) at or behind *at, which moves behind it; null: there is none. */
static struct str next_variable(struct str text, size_t *at)
{
	static const struct str forms[] = { STR_INIT("$var("), STR_INIT("$(var(") };

	for (; *at < text.n; ++*at) {
		struct str rest = str_skip(text, *at);

		for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
			ssize_t end = str_chr(rest, ')');

			if (!str_starts(rest, forms[i]) || end < (ssize_t)forms[i].n)
				continue;
			*at += (size_t)end + 1;
			return str_trim(str_of(rest.p + forms[i].n, (size_t)end - forms[i].n));
		}
	}
	return STR_NULL;
}

/* All variables that the text names. */
static void note_all(struct checker *c, struct str text)
{
	struct str name;

	for (size_t at = 0; !str_is_null(name = next_variable(text, &at));)
		note_set(c, name);
}

/* A call writes to the variables it is told to; what one writes to that is not there, nobody knows. */
static void note_call(struct checker *c, struct expr *e)
{
	if (e->kind != EXPR_CALL)
		return;
	for (const struct expr *a = e->args; a; a = a->next)
		if (!e->func || a->letter == 'a')
			note_all(c, a->text);
}

static void note_assigned(struct checker *c, const struct stmt *s)
{
	for (; s; s = s->next) {
		if (s->target)
			note_all(c, s->target->text);
		note_assigned(c, s->body);
		note_assigned(c, s->orelse);
	}
}

/* modparam("pv", "varset", "x=i:1"); and what absent modules are told to write to. */
static void note_settings(struct checker *c)
{
	for (const struct setting *s = c->ast->settings; s; s = s->next) {
		ssize_t equals = str_chr(s->text, '=');

		if (str_is_null(s->module) || s->kind != SETTING_STR)
			continue;
		note_all(c, s->text);
		if (str_eq(s->name, STR("varset")) && equals > 0)
			note_set(c, str_trim(str_head(s->text, (size_t)equals)));
	}
}

static bool is_format(const struct expr *e)
{
	return e->kind == EXPR_STR && e->format;
}

static void check_read(struct checker *c, struct expr *e)
{
	struct pos at = e->pos;
	size_t end = 0;
	struct str name;

	if (e->bad || e->letter == 'a' || (e->kind != EXPR_REF && !is_format(e)))
		return;
	while (!str_is_null(name = next_variable(e->text, &end))) {
		if (!name.n || is_set(c, name))
			continue;
		if (is_format(e))
			at = pos_inside(e->pos, (size_t)(name.p - e->text.p) + 1, name.n);
		diag_warn(c->diag, at, NULL, "$var(" STRF ") is read, but nothing sets it: it is 0",
			  STRA(name));
		note_set(c, name); /* once is enough */
	}
}

static void check_variables(struct checker *c)
{
	struct ast_route *r;

	note_settings(c);
	for (r = c->ast->routes; r; r = r->next) {
		note_assigned(c, r->body);
		check_walk(c, r, note_call);
	}
	for (r = c->ast->routes; r; r = r->next)
		check_walk(c, r, check_read);
}

void check_unused(struct checker *c)
{
	check_routes_called(c);
	check_variables(c);
}

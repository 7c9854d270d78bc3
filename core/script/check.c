/* SPDX-License-Identifier: BSD-2-Clause */
/* Routes and statements: which exist, which are reached, and in which of them a function may stand. */
#include "core/script/check.h"
#include "core/base/buf.h"
#include "core/script/known.h"

#include <errno.h>
#include <stdlib.h>

struct ast_route *check_find_route(const struct checker *c, enum route_role role, struct str name)
{
	for (struct ast_route *r = c->ast->routes; r; r = r->next)
		if (r->role == role && str_eq(r->name, name))
			return r;
	return NULL;
}

/* --- what a route calls: visited once for each meaning ---------------------------------------------------------------------------------- */

static void walk_expr(struct checker *c, struct expr *e, expr_cb *each)
{
	if (!e)
		return;
	each(c, e);
	walk_expr(c, e->a, each);
	walk_expr(c, e->b, each);
	for (struct expr *a = e->args; a; a = a->next)
		walk_expr(c, a, each);
}

static void walk_stmts(struct checker *c, struct stmt *s, expr_cb *each)
{
	for (; s; s = s->next) {
		walk_expr(c, s->expr, each);
		walk_stmts(c, s->body, each);
		walk_stmts(c, s->orelse, each);
	}
}

void check_walk(struct checker *c, struct ast_route *r, expr_cb *each)
{
	c->route = r;
	walk_stmts(c, r->body, each);
}

/* The called route can be reached wherever the calling one can. */
static void spread_kinds(struct checker *c, struct expr *e)
{
	struct ast_route *to = e->route;

	if (e->kind != EXPR_ROUTE || !to || (to->kinds | c->route->kinds) == to->kinds)
		return;
	if (!to->from) {
		to->from = c->route;
		to->from_pos = e->pos;
	}
	if ((c->route->kinds & ~to->kinds) &
	    ~(unsigned)IN_REQUEST) { /* the rarer kind is the one worth telling */
		to->from = c->route;
		to->from_pos = e->pos;
	}
	to->kinds |= c->route->kinds;
	c->changed = true;
}

static void find_kinds(struct checker *c)
{
	struct ast_route *r;

	for (r = c->ast->routes; r; r = r->next)
		r->kinds = route_kind_of(r->role, r->name) | (r->started ? IN_REQUEST : 0u) |
			   (r->timed ? IN_EVENT : 0u);
	do {
		c->changed = false;
		for (r = c->ast->routes; r; r = r->next) {
			check_walk(c, r, spread_kinds);
		}
	} while (c->changed);
}

/* One of them, the rarest: the others are told when it is mended. */
static const char *kind_word(unsigned kinds)
{
	for (unsigned i = 1; i < ROUTE_KINDS; i++)
		if (kinds & route_kind_defs[i].kind)
			return route_kind_defs[i].word;
	return route_kind_defs[0].word;
}

/* "request, failure routes" */
static void put_kinds(struct buf *b, unsigned kinds)
{
	const char *comma = "";

	for (unsigned i = 0; i < ROUTE_KINDS; i++) {
		if (!(kinds & route_kind_defs[i].kind))
			continue;
		buf_fmt(b, "%s%s", comma, route_kind_defs[i].word);
		comma = ", ";
	}
	buf_lit(b, " routes");
}

static const char *article(unsigned kinds)
{
	return strchr("aeiou", kind_word(kinds)[0]) ? "an" : "a";
}

/* Where a route may run when only its name, known at run time, says that it does. */
static void spread_allowed(struct checker *c, struct expr *e)
{
	unsigned allowed = c->route->allowed;

	if (e->kind == EXPR_CALL && e->func)
		allowed &= e->func->contexts;
	if (e->kind == EXPR_ROUTE && e->route)
		allowed &= e->route->allowed;
	c->changed = c->changed || allowed != c->route->allowed;
	c->route->allowed = allowed;
}

static void find_allowed(struct checker *c)
{
	struct ast_route *r;

	for (r = c->ast->routes; r; r = r->next)
		r->allowed = IN_ANY;
	do {
		c->changed = false;
		for (r = c->ast->routes; r; r = r->next)
			check_walk(c, r, spread_allowed);
	} while (c->changed);
}

/* A function that may not stand in one of the kinds its route is reached in. */
static void check_kinds(struct checker *c, struct expr *e)
{
	unsigned wrong;
	char hint[512];
	struct buf b = BUF_ON(hint);

	if (e->kind != EXPR_CALL || !e->func)
		return;
	wrong = c->route->kinds & ~e->func->contexts;
	if (!wrong)
		return;
	buf_lit(&b, "its place is in ");
	put_kinds(&b, e->func->contexts);
	if (c->route->role == ROUTE_NAMED && c->route->from)
		buf_fmt(&b, "; route[" STRF "] is called from %s %s route at %s:%u",
			STRA(c->route->name), article(wrong), kind_word(wrong),
			c->route->from_pos.src->name_z, c->route->from_pos.line);
	diag_error(c->diag, e->pos, buf_z(&b), "\"" STRF "\" cannot be used in %s %s route",
		   STRA(e->text), article(wrong), kind_word(wrong));
}

/* --- statements ---------------------------------------------------------------------------------------------------------------------------- */

/* The same for equal labels, 0; else an order. */
static int labels_order(const struct stmt *s, const struct stmt *t)
{
	const struct expr *a = s->expr, *b = t->expr;

	if (!a != !b || s->is_regex != t->is_regex)
		return !a != !b ? !a - !b : s->is_regex - t->is_regex;
	if (!a)
		return 0;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->text.n != b->text.n)
		return a->text.n < b->text.n ? -1 : 1;
	return a->text.n ? memcmp(a->text.p, b->text.p, a->text.n) : 0;
}

static int cases_order(const void *a, const void *b)
{
	const struct stmt *const *x = a, *const *y = b;
	int order = labels_order(*x, *y);

	return order ? order : pos_cmp(&(*x)->pos, &(*y)->pos);
}

/* Equal labels of one switch: the second is never chosen. */
static void check_labels_twice(struct checker *c, struct stmt *sw)
{
	const struct stmt **cases, *first;
	size_t n = 0, i = 0;

	for (const struct stmt *s = sw->body; s; s = s->next)
		n++;
	cases = pool_alloc(c->pool, n * sizeof(*cases) + 1);
	if (!cases) {
		c->nomem = true;
		return;
	}
	for (const struct stmt *s = sw->body; s; s = s->next)
		cases[i++] = s;
	qsort(cases, n, sizeof(*cases), cases_order);
	first = n ? cases[0] : NULL;
	for (i = 1; i < n; i++) {
		if (labels_order(first, cases[i])) {
			first = cases[i];
			continue;
		}
		diag_error(c->diag, cases[i]->pos, NULL,
			   "this case stands twice; the first is in line %u", first->pos.line);
	}
}

static void check_cases(struct checker *c, struct stmt *sw)
{
	check_labels_twice(c, sw);
	for (struct stmt *s = sw->body; s; s = s->next) {
		struct expr *e = s->expr;

		if (!e || e->bad)
			continue;
		if (e->kind == EXPR_WORD || e->kind == EXPR_NET)
			e->kind = EXPR_STR;
		if (s->is_regex)
			check_pattern(c, e);
		else if (e->kind != EXPR_STR && e->kind != EXPR_INT)
			diag_error(c->diag, e->pos, "what varies is compared with if",
				   "a case is a number or a text that stands there");
	}
}

static enum use stmt_use(const struct stmt *s)
{
	if (s->kind == STMT_IF || s->kind == STMT_WHILE)
		return USE_CONDITION;
	return s->kind == STMT_EXPR ? USE_STATEMENT : USE_VALUE;
}

static void check_stmts(struct checker *c, struct stmt *s)
{
	for (; s; s = s->next) {
		if (s->kind == STMT_SWITCH)
			check_cases(c, s);
		if (s->kind == STMT_ASSIGN)
			check_assign(c, s);
		else if (s->expr && s->kind != STMT_CASE)
			check_expr(c, s->expr, stmt_use(s));
		check_stmts(c, s->body);
		check_stmts(c, s->orelse);
	}
}

static void check_twice(struct checker *c, struct ast_route *r)
{
	const struct ast_route *first = check_find_route(c, r->role, r->name);
	char name[128];
	struct buf b = BUF_ON(name);

	if (first == r)
		return;
	if (r->name.n)
		buf_fmt(&b, STRF "[" STRF "]", STRA(route_defs[r->role].word), STRA(r->name));
	else
		buf_fmt(&b, "the %s" STRF, r->role == ROUTE_MAIN ? "main " : "",
			STRA(route_defs[r->role].word));
	diag_error(c->diag, r->pos, NULL, "%s stands twice; the first is at %s:%u", buf_z(&b),
		   first->pos.src->name_z, first->pos.line);
}

/* An event that no module of the family has: a name of somebody's own, or one with a typing error in it, which would never be noticed. */
static void check_event(struct checker *c, const struct ast_route *r)
{
	struct nearest near = nearest_to(r->name);

	if (r->role != ROUTE_EVENT || known_event(r->name, &near))
		return;
	if (near.best.p)
		diag_error(c->diag, r->pos, NULL, "there is no event \"" STRF "\"%s", STRA(r->name),
			   nearest_z(&near, c->pool));
	else
		diag_warn(c->diag, r->pos, NULL, "nothing calls event_route[" STRF "]",
			  STRA(r->name));
}

/* Those that have no number get the highest ones that are free: scripts use the low ones by number. */
static void number_flags(struct checker *c)
{
	uint32_t used = 0;

	for (struct flag_name *f = c->ast->flags; f; f = f->next) {
		if (f->number >= 0 && f->number < 32 && (used & (1u << f->number)))
			diag_warn(c->diag, f->pos, NULL, "another flag has the number %d, too",
				  (int)f->number);
		if (f->number >= 0 && f->number < 32)
			used |= 1u << f->number;
	}
	for (struct flag_name *f = c->ast->flags; f; f = f->next) {
		if (f->number >= 0)
			continue;
		if (used == UINT32_MAX) {
			diag_error(c->diag, f->pos, NULL, "there are only 32 flags");
			return;
		}
		f->number = 31 - __builtin_clz(~used);
		used |= 1u << f->number;
	}
}

/* What is assigned anywhere is known everywhere. */
static void note_assigned(struct checker *c, const struct stmt *s)
{
	for (; s; s = s->next) {
		if (s->kind == STMT_ASSIGN && names_plain(&c->names, s->target->text) < 0)
			c->nomem = true;
		note_assigned(c, s->body);
		note_assigned(c, s->orelse);
	}
}

int check_routes(struct checker *c)
{
	struct ast_route *r;

	number_flags(c);
	for (r = c->ast->routes; r; r = r->next)
		note_assigned(c, r->body);

	for (r = c->ast->routes; r; r = r->next) {
		c->route = r;
		check_twice(c, r);
		check_stmts(c, r->body);
	}
	find_kinds(c);
	find_allowed(c);
	for (r = c->ast->routes; r; r = r->next) {
		check_walk(c, r, check_kinds);
		check_event(c, r);
	}
	if (!check_find_route(c, ROUTE_MAIN, STR("")) && !c->diag->syntax)
		diag_error(c->diag, c->start, "route { ... } says what happens to requests",
			   "the script has no main route");
	if (!c->diag->syntax) {
		check_flow(c);
		check_conditions(c);
		check_unused(c);
	}
	return c->nomem ? -ENOMEM : 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the order of statements tells: what is never reached, whose value is lost, which endings are not what they seem. */
#include "core/script/check.h"
#include "core/base/buf.h"

static bool is_end(const struct stmt *s)
{
	return s->kind == STMT_RETURN || s->kind == STMT_EXIT || s->kind == STMT_DROP ||
	       s->kind == STMT_BREAK;
}

static bool leaves(const struct stmt *s);

static bool list_leaves(const struct stmt *s)
{
	for (; s; s = s->next)
		if (leaves(s))
			return true;
	return false;
}

/* True when nothing behind it can be reached. */
static bool leaves(const struct stmt *s)
{
	if (s->kind == STMT_BLOCK)
		return list_leaves(s->body);
	if (s->kind == STMT_IF)
		return s->body && s->orelse && leaves(s->body) && leaves(s->orelse);
	return is_end(s);
}

/* --- values that nobody uses ------------------------------------------------------------------------------------------------------------- */

static bool names_retcode(struct str text)
{
	return str_find(text, STR("$rc")) >= 0 || str_find(text, STR("$retcode")) >= 0 ||
	       str_find(text, STR("$?")) >= 0;
}

/* $rc is read somewhere, bare or in a text. */
static void note_retcode(struct checker *c, struct expr *e)
{
	if ((e->kind == EXPR_KEYWORD && e->keyword == KEYWORD_RETCODE) ||
	    (e->kind == EXPR_STR && names_retcode(e->text)))
		c->retcode_read = true;
}

/* A call that only asks, and nobody hears the answer. The last action of a route is the route's value; $rc may read it later. */
static void check_unheard(struct checker *c, const struct stmt *s, bool is_last)
{
	const struct expr *e = s->expr;
	char hint[128];
	struct buf b = BUF_ON(hint);

	if (s->kind != STMT_EXPR || e->bad || e->kind != EXPR_CALL || !e->func ||
	    !(e->func->contexts & FN_PURE) || is_last || c->retcode_read)
		return;
	buf_fmt(&b, "if (" STRF "(...)) uses it", STRA(e->text));
	diag_warn(c->diag, e->pos, buf_z(&b),
		  "\"" STRF "\" changes nothing, and its value is not used", STRA(e->text));
}

/* "if (...);": what follows runs always. */
static void check_empty(struct checker *c, const struct stmt *s)
{
	if (s->kind == STMT_IF && !s->body && !s->orelse && s->next && s->next->kind == STMT_BLOCK)
		diag_warn(c->diag, s->next->pos, "take out the \";\" behind the condition",
			  "this runs always: the \"if\" before it ends with its \";\"");
}

/* --- "return 0" ------------------------------------------------------------------------------------------------------------------------------ */

static bool is_zero(const struct expr *e)
{
	return e && e->kind == EXPR_INT && !e->number;
}

static void check_return(struct checker *c, const struct stmt *s)
{
	const struct pos *asked = &c->route->asked_pos;

	if (s->kind == STMT_RETURN && is_zero(s->expr) && asked->src)
		diag_warn(c->diag, s->pos, "false is \"return -1\"; an end on purpose is \"exit\"",
			  "\"return 0\" ends the script: the condition at %s:%u never sees it",
			  asked->src->name_z, asked->line);
}

/* Which routes stand in conditions. */
static void note_asked(struct checker *c, struct expr *e)
{
	(void)c;
	if (e->kind == EXPR_ROUTE && e->route && !e->route->asked_pos.src)
		e->route->asked_pos = e->pos;
	if (e->a)
		note_asked(c, e->a);
	if (e->b)
		note_asked(c, e->b);
}

static void note_conditions(struct checker *c, struct stmt *s)
{
	for (; s; s = s->next) {
		if ((s->kind == STMT_IF || s->kind == STMT_WHILE) && s->expr)
			note_asked(c, s->expr);
		note_conditions(c, s->body);
		note_conditions(c, s->orelse);
	}
}

/* --- loops that do not end ------------------------------------------------------------------------------------------------------------------- */

static bool is_var(const struct expr *e)
{
	return e->kind == EXPR_REF &&
	       (str_starts(e->text, STR("$var(")) || str_starts(e->text, STR("$(var(")));
}

/* Only constants and script variables: nothing else can change it. */
static bool is_fixed(const struct expr *e)
{
	if (!e || e->kind == EXPR_INT || e->kind == EXPR_STR || e->kind == EXPR_NULL || is_var(e))
		return true;
	if (e->kind != EXPR_CMP && e->kind != EXPR_AND && e->kind != EXPR_OR &&
	    e->kind != EXPR_NOT && e->kind != EXPR_ARITH && e->kind != EXPR_UNARY)
		return false;
	return is_fixed(e->a) && is_fixed(e->b);
}

/* Whether the condition reads the variable, "$var(i)". */
static bool reads(const struct expr *e, struct str variable)
{
	if (!e)
		return false;
	if (e->kind == EXPR_REF && str_find(e->text, str_skip(variable, 1)) >= 0)
		return true;
	return reads(e->a, variable) || reads(e->b, variable);
}

/* A route, a function that is not there, or one that is given the variable may change it or end the script. */
static bool expr_may_end(const struct expr *condition, const struct expr *e)
{
	if (!e)
		return false;
	if (e->kind == EXPR_ROUTE || (e->kind == EXPR_CALL && !e->func) ||
	    (e->letter == 'a' && reads(condition, e->text)))
		return true;
	return expr_may_end(condition, e->a) || expr_may_end(condition, e->b) ||
	       expr_may_end(condition, e->args) || expr_may_end(condition, e->next);
}

/* in_other: a "break" leaves another loop, or a switch. */
static bool may_end(const struct expr *condition, const struct stmt *s, bool in_other)
{
	for (; s; s = s->next) {
		const bool other = in_other || s->kind == STMT_WHILE || s->kind == STMT_SWITCH;

		if (is_end(s) && !(s->kind == STMT_BREAK && in_other))
			return true;
		if (s->kind == STMT_ASSIGN && reads(condition, s->target->text))
			return true;
		if (expr_may_end(condition, s->expr) || may_end(condition, s->body, other) ||
		    may_end(condition, s->orelse, other))
			return true;
	}
	return false;
}

static void check_loop(struct checker *c, const struct stmt *s)
{
	if (s->kind == STMT_WHILE && s->expr && !s->expr->bad && !condition_is_never(s->expr) &&
	    is_fixed(s->expr) && !may_end(s->expr, s->body, false))
		diag_warn(c->diag, s->expr->pos,
			  "a \"break\", or an assignment to what it reads, ends it",
			  "nothing in this loop changes its condition or leaves it");
}

/* --- the walk ---------------------------------------------------------------------------------------------------------------------------------- */

/* ends: behind the last of them the route ends. */
static void check_list(struct checker *c, struct stmt *s, bool ends)
{
	for (; s; s = s->next) {
		bool is_last = ends && !s->next;
		bool inside = is_last && s->kind != STMT_WHILE && s->kind != STMT_SWITCH;

		check_unheard(c, s, is_last);
		check_return(c, s);
		check_empty(c, s);
		check_loop(c, s);
		check_list(c, s->body, inside);
		check_list(c, s->orelse, inside);
		/* "exit; break;" is how cases are written, and "exit;" before #!endif and a "return;" does no harm */
		if (s->next && leaves(s) && !is_end(s->next))
			diag_warn(c->diag, s->next->pos, NULL, "this is never reached");
	}
}

void check_flow(struct checker *c)
{
	struct ast_route *r;

	for (r = c->ast->routes; r; r = r->next) {
		check_walk(c, r, note_retcode);
		note_conditions(c, r->body);
	}
	for (r = c->ast->routes; r; r = r->next) {
		c->route = r;
		check_list(c, r->body, r->role == ROUTE_NAMED);
	}
}

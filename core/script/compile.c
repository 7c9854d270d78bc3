/* SPDX-License-Identifier: BSD-2-Clause */
/* What code each part of the tree becomes. Conditions become jumps; values are computed on the stack. */
#include "core/script/compile.h"
#include "core/base/buf.h"
#include "core/script/emit.h"
#include "core/script/switch.h"

#include <errno.h>

#include "parser/msg.h"

static void value_of(struct emitter *em, const struct expr *e);

/* --- calls ------------------------------------------------------------------------------------------------------------------------------ */

static bool is_constant(const struct expr *a)
{
	if (a->format)
		return false;
	return a->letter == 'a' || a->kind == EXPR_INT || a->kind == EXPR_STR;
}

/* What a function may set. */
static struct value target(struct emitter *em, const struct expr *a)
{
	struct attr_use *use = arena_zalloc(em->arena, sizeof(*use));

	if (use)
		*use = a->attr;
	else if (!em->err)
		em->err = -ENOMEM;
	return (struct value){ .type = VALUE_ATTR, .attr = use };
}

static struct value constant(struct emitter *em, const struct expr *a)
{
	uint32_t n;

	if (a->letter == 'a')
		return target(em, a);
	if (a->kind == EXPR_INT)
		return value_int(a->number);
	if (a->letter == 'r') {
		n = emit_regex(em, a->text, 0);
		return em->err ? value_null()
			       : (struct value){
					 .type = VALUE_REGEX,
					 .re = ((const struct regex **)em->regexes.rows)[n]
				 };
	}
	n = emit_constant_str(em, a->text);
	return em->err ? value_null() : ((struct value *)em->constants.rows)[n];
}

static void varying(struct emitter *em, const struct expr *a)
{
	if (a->format)
		emit(em, OP_FORMAT, 0, emit_row(em, &em->formats, &a->format), 1);
	else
		value_of(em, a);
}

/* The call's fixed part; its varying arguments are pushed. */
static struct call call_row(struct emitter *em, const struct expr *e)
{
	struct call c = { .def = e->func, .argc = (uint16_t)e->argc };
	struct value *argv = arena_zalloc(em->arena, e->argc * sizeof(*argv) + 1);
	char *letters = arena_zalloc(em->arena, e->argc + 1);
	uint8_t *varies = arena_zalloc(em->arena, e->argc + 1);
	unsigned i = 0;

	if (!argv || !letters || !varies) {
		em->err = em->err ? em->err : -ENOMEM;
		return c;
	}
	for (const struct expr *a = e->args; a; a = a->next, i++) {
		letters[i] = a->letter;
		if (is_constant(a)) {
			argv[i] = constant(em, a);
			continue;
		}
		varies[i] = 1;
		c.pushed++;
		varying(em, a);
	}
	c.argv = argv;
	c.letters = letters;
	c.varies = varies;
	return c;
}

static void call(struct emitter *em, const struct expr *e)
{
	struct call c;

	emit_line(em, e->pos);
	if (!e->func) {
		emit(em, OP_ABSENT, 0, emit_constant_str(em, e->text), 0);
		return;
	}
	c = call_row(em, e);
	emit(em, c.pushed ? OP_CALL_ARGS : OP_CALL, 0, emit_row(em, &em->calls, &c),
	     -(int)c.pushed);
}

static void call_or_route(struct emitter *em, const struct expr *e)
{
	if (e->kind == EXPR_CALL) {
		call(em, e);
		return;
	}
	if (e->a) {
		value_of(em, e->a);
		emit_line(em, e->pos);
		emit(em, OP_ROUTE_RT, 0, 0, -1);
		return;
	}
	emit_line(em, e->pos);
	emit(em, OP_ROUTE, 0, e->route->index, 0);
}

/* --- conditions -------------------------------------------------------------------------------------------------------------------------- */

static bool is_literal(const struct expr *e)
{
	return e->kind == EXPR_INT || e->kind == EXPR_STR;
}

static bool is_uri(const struct expr *e)
{
	return e->kind == EXPR_KEYWORD && (keyword_defs[e->keyword].flags & KEYWORD_IS_URI);
}

static void compare_values(struct emitter *em, const struct expr *e)
{
	unsigned how = e->op;

	if (is_literal(e->a) || is_literal(e->b))
		how |= COMPARE_LITERAL;
	if (is_uri(e->a) || is_uri(e->b))
		how |= COMPARE_NOCASE;
	value_of(em, e->a);
	value_of(em, e->b);
	emit(em, OP_COMPARE, how, 0, -2);
}

static void compare_method(struct emitter *em, const struct expr *e)
{
	enum sip_method m = sip_method_of(e->b->text);

	if (m != METHOD_OTHER)
		emit(em, OP_METHOD_IS, 0, m, 0);
	else
		emit(em, OP_METHOD_EQ, 0, emit_constant_str(em, e->b->text), 0);
}

/* Sets the condition to a == b or a =~ b; returns whether the operator asks for the contrary. */
static bool compare(struct emitter *em, const struct expr *e)
{
	switch (e->form) {
	case FORM_METHOD:
		compare_method(em, e);
		break;
	case FORM_NULL:
		value_of(em, e->a);
		emit(em, OP_IS_NULL, 0, 0, -1);
		break;
	case FORM_SELF:
		emit(em, OP_SELF, e->self, 0, 0);
		break;
	case FORM_NETWORK:
		emit(em, OP_NETWORK, e->self, emit_row(em, &em->networks, &e->net), 0);
		break;
	case FORM_PROTO:
		emit(em, OP_PROTO_EQ, e->self, emit_constant_str(em, e->b->text), 0);
		break;
	case FORM_AF:
		emit(em, OP_AF_EQ, e->self, (uint32_t)e->number, 0);
		break;
	case FORM_REGEX:
		value_of(em, e->a);
		if (e->b->text.n) {
			emit(em, OP_MATCH, 0, emit_regex(em, e->b->text, 0), -1);
		} else { /* an empty pattern matches nothing */
			value_of(em, e->b);
			emit(em, OP_MATCH_RT, 0, 0, -2);
		}
		break;
	case FORM_REGEX_RT:
		value_of(em, e->a);
		value_of(em, e->b);
		emit(em, OP_MATCH_RT, 0, 0, -2);
		break;
	default:
		compare_values(em, e);
		return false;
	}
	return e->op == CMP_NE || e->op == CMP_NMATCH;
}

/* Leaves the condition set and falls through when it is `wanted`; else jumps away. */
static void condition(struct emitter *em, const struct expr *e, bool wanted, struct jumps *away)
{
	struct jumps here = { 0 };
	bool negated = false;

	switch (e->kind) {
	case EXPR_NOT:
		condition(em, e->a, !wanted, away);
		return;
	case EXPR_AND:
	case EXPR_OR:
		/* the first part alone decides: for && when false, for || when true */
		if ((e->kind == EXPR_AND) == wanted) {
			condition(em, e->a, wanted, away);
			condition(em, e->b, wanted, away);
		} else {
			condition(em, e->a, !wanted, &here);
			condition(em, e->b, wanted, away);
			emit_jumps_land(em, &here);
		}
		return;
	case EXPR_CMP:
		negated = compare(em, e);
		break;
	case EXPR_CALL:
	case EXPR_ROUTE:
		call_or_route(em, e);
		emit(em, OP_RC_TRUTH, 0, 0, 0);
		break;
	default:
		value_of(em, e);
		emit(em, OP_TRUTH, 0, 0, -1);
		break;
	}
	emit_jump(em, wanted != negated ? OP_JUMP_IFNOT : OP_JUMP_IF, away);
}

/* --- values -------------------------------------------------------------------------------------------------------------------------------- */

/* 1 or 0, by way of jumps. */
static void truth_value(struct emitter *em, const struct expr *e)
{
	struct jumps no = { 0 }, end = { 0 };

	condition(em, e, true, &no);
	emit(em, OP_INT, 0, 1, 1);
	emit_jump(em, OP_JUMP, &end);
	emit_jumps_land(em, &no);
	emit(em, OP_INT, 0, 0, 0);
	emit_jumps_land(em, &end);
}

static void number(struct emitter *em, int64_t n)
{
	struct value v = value_int(n);

	if (n >= INT32_MIN && n <= INT32_MAX)
		emit(em, OP_INT, 0, (uint32_t)(int32_t)n, 1);
	else
		emit(em, OP_CONST, 0, emit_row(em, &em->constants, &v), 1);
}

static uint32_t attr_row(struct emitter *em, const struct expr *e)
{
	return emit_row(em, &em->attrs, &e->attr);
}

static void value_of(struct emitter *em, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_INT:
		number(em, e->number);
		break;
	case EXPR_STR:
		emit(em, OP_CONST, 0, emit_constant_str(em, e->text), 1);
		break;
	case EXPR_NULL:
		emit(em, OP_NULL, 0, 0, 1);
		break;
	case EXPR_KEYWORD:
		if (e->keyword == KEYWORD_RETCODE)
			emit(em, OP_RC, 0, 0, 1);
		else
			emit(em, OP_KEYWORD, e->keyword, 0, 1);
		break;
	case EXPR_REF:
		emit(em, OP_ATTR, 0, attr_row(em, e), 1);
		break;
	case EXPR_CALL:
	case EXPR_ROUTE:
		call_or_route(em, e);
		emit(em, OP_RC, 0, 0, 1);
		break;
	case EXPR_UNARY:
		value_of(em, e->a);
		emit(em, OP_UNARY, e->unary, 0, 0);
		break;
	case EXPR_ARITH:
		value_of(em, e->a);
		value_of(em, e->b);
		emit(em, OP_ARITH, e->arith, 0, -1);
		break;
	default:
		truth_value(em, e);
		break;
	}
}

/* --- statements ------------------------------------------------------------------------------------------------------------------------------ */

static void statements(struct emitter *em, const struct stmt *s, bool tail);

static void if_stmt(struct emitter *em, const struct stmt *s, bool tail)
{
	struct jumps no = { 0 }, end = { 0 };

	condition(em, s->expr, true, &no);
	statements(em, s->body, tail);
	if (s->orelse && !tail)
		emit_jump(em, OP_JUMP, &end);
	emit_jumps_land(em, &no);
	if (s->orelse)
		statements(em, s->orelse, tail);
	else if (tail) /* an if that was not taken has the value 1 */
		emit(em, OP_RETURN, 0, 1, 0);
	emit_jumps_land(em, &end);
}

static void return_stmt(struct emitter *em, const struct stmt *s)
{
	const struct expr *e = s->expr;

	if (!e) {
		emit(em, OP_RETURN, 0, 1, 0);
		return;
	}
	if (e->kind == EXPR_CALL || e->kind == EXPR_ROUTE) {
		call_or_route(em, e);
		emit(em, OP_RETURN_RC, 0, 0, 0);
		return;
	}
	value_of(em, e);
	emit(em, OP_RETURN_POP, 0, 0, -1);
}

static void assign_stmt(struct emitter *em, const struct stmt *s)
{
	uint32_t attr = attr_row(em, s->target);

	if (s->adds)
		emit(em, OP_ATTR, 0, attr, 1);
	value_of(em, s->expr);
	if (s->adds)
		emit(em, OP_ARITH, ARITH_ADD, 0, -1);
	emit(em, OP_SET, 0, attr, -1);
}

/* The number of turns lies on the stack. */
static void while_stmt(struct emitter *em, const struct stmt *s)
{
	struct jumps *outer = em->breaks, end = { 0 };
	uint32_t top, steps;

	emit(em, OP_INT, 0, 0, 1);
	top = emit_here(em);
	em->breaks = &end;
	emit_jump(em, OP_LOOP, &end);
	condition(em, s->expr, true, &end);
	statements(em, s->body, false);
	emit_line(em, s->pos); /* where the condition is */
	steps = emit_here(em) - top + 1;
	emit(em, OP_AGAIN, steps > UINT16_MAX ? UINT16_MAX : steps, top, 0);
	emit_jumps_land(em, &end);
	em->breaks = outer;
	emit(em, OP_POP, 0, 0, -1);
}

static void switch_stmt(struct emitter *em, const struct stmt *s)
{
	struct jumps *outer = em->breaks, end = { 0 };
	struct switching sw;

	value_of(em, s->expr);
	switch_begin(em, s, &sw);
	em->breaks = &end;
	for (const struct stmt *c = s->body; c; c = c->next) {
		switch_case(em, &sw, c);
		statements(em, c->body, false);
	}
	switch_end(em, &sw);
	emit_jumps_land(em, &end);
	em->breaks = outer;
	emit(em, OP_POP, 0, 0, -1);
}

/* tail: the last statement of a route, whose value is the route's. */
static void statement(struct emitter *em, const struct stmt *s, bool tail)
{
	if (s->kind != STMT_BLOCK)
		emit_line(em, s->pos);
	switch (s->kind) {
	case STMT_EXPR:
		call_or_route(em, s->expr);
		if (tail)
			emit(em, OP_RETURN_RC, 0, 0, 0);
		break;
	case STMT_ASSIGN:
		assign_stmt(em, s);
		break;
	case STMT_IF:
		if_stmt(em, s, tail);
		break;
	case STMT_BLOCK:
		statements(em, s->body, tail);
		break;
	case STMT_RETURN:
		return_stmt(em, s);
		break;
	case STMT_WHILE:
		while_stmt(em, s);
		break;
	case STMT_SWITCH:
		switch_stmt(em, s);
		break;
	case STMT_BREAK: /* outside of loops it is return */
		if (em->breaks)
			emit_jump(em, OP_JUMP, em->breaks);
		else
			emit(em, OP_RETURN, 0, 1, 0);
		break;
	case STMT_CASE: /* of a switch */
		break;
	case STMT_EXIT:
		emit(em, OP_EXIT, 0, 0, 0);
		break;
	case STMT_DROP:
		emit(em, OP_DROP, 0, 0, 0);
		break;
	}
	if (tail && (s->kind == STMT_ASSIGN || s->kind == STMT_WHILE || s->kind == STMT_SWITCH))
		emit(em, OP_RETURN, 0, 1, 0);
}

static void statements(struct emitter *em, const struct stmt *s, bool tail)
{
	if (!s && tail)
		emit(em, OP_RETURN, 0, 1, 0);
	for (; s; s = s->next)
		statement(em, s, tail && !s->next);
}

static struct str route_label(struct emitter *em, const struct ast_route *r)
{
	char text[160];
	struct buf b = BUF_ON(text);

	buf_str_put(&b, route_defs[r->role].word);
	if (r->name.n)
		buf_fmt(&b, "[" STRF "]", STRA(str_head(r->name, 120)));
	return arena_str(em->arena, buf_str(&b));
}

static void route(struct emitter *em, const struct ast_route *r)
{
	struct route row = { .start = emit_here(em) };

	em->depth = em->deepest = 0;
	em->line = (struct pos){ 0 };
	emit_line(em, r->pos);
	em->line = (struct pos){ 0 };
	statements(em, r->body, true);
	row.stack = em->deepest + 1;
	row.name = route_label(em, r);
	row.key = arena_str(em->arena, r->name);
	row.ops = emit_here(em) - row.start;
	row.allowed = r->allowed;
	row.kind = r->role == ROUTE_NAMED ? IN_REQUEST : route_kind_of(r->role, r->name);
	if ((!row.name.p || (r->name.n && !row.key.p)) && !em->err)
		em->err = -ENOMEM;
	emit_row(em, &em->routes, &row);
}

int compile_program(struct arena *arena, struct pool *scratch, struct ast *ast, uint64_t regex_set,
		    struct program **program_r)
{
	struct emitter em;
	int r;

	emit_init(&em, scratch, arena, regex_set);
	for (struct ast_route *a = ast->routes; a; a = a->next)
		route(&em, a);
	r = emit_finish(&em, program_r);
	if (r < 0)
		return r;
	(*program_r)->main = program_route(*program_r, IN_REQUEST, STR(""));
	(*program_r)->reply = program_route(*program_r, IN_REPLY, STR(""));
	(*program_r)->onsend = program_route(*program_r, IN_ONSEND, STR(""));
	return 0;
}

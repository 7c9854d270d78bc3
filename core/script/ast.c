/* SPDX-License-Identifier: BSD-2-Clause */
/* How the tree of a script is put together. */
#include "core/script/ast.h"

const struct keyword_def keyword_defs[KEYWORDS] = {
#define X(id, name, type, flags) [KEYWORD_##id] = { STR_INIT(name), type, flags },
	KEYWORD_TABLE(X)
#undef X
};

const struct route_kind_def route_kind_defs[ROUTE_KINDS] = {
	{ IN_REQUEST, "request" }, { IN_REPLY, "reply" },   { IN_BRANCH, "branch" },
	{ IN_FAILURE, "failure" }, { IN_ONSEND, "onsend" }, { IN_EVENT, "event" },
};

const struct route_def route_defs[ROUTE_ROLES] = {
#define X(id, word, kind) [ROUTE_##id] = { STR_INIT(word), kind },
	ROUTE_TABLE(X)
#undef X
};

bool route_letter(char letter, enum route_role *role_r)
{
	switch (letter) {
	case 'B':
		*role_r = ROUTE_BRANCH;
		return true;
	case 'E':
		*role_r = ROUTE_EVENT;
		return true;
	case 'F':
		*role_r = ROUTE_FAILURE;
		return true;
	case 'O':
		*role_r = ROUTE_ONREPLY;
		return true;
	case 'R':
		*role_r = ROUTE_NAMED;
		return true;
	default:
		return false;
	}
}

struct str route_letter_name(struct pool *p, char letter, struct str name)
{
	struct buf b;

	if (letter != 'E')
		return name;
	b = buf_over(pool_alloc(p, sizeof(BRANCH_FAILURE) + name.n),
		     sizeof(BRANCH_FAILURE) + name.n);
	if (!b.p)
		return STR_NULL;
	buf_lit(&b, BRANCH_FAILURE);
	buf_str_put(&b, name);
	return buf_str(&b);
}

unsigned route_kind_of(enum route_role role, struct str name)
{
	if (role == ROUTE_EVENT && str_starts(name, STR(BRANCH_FAILURE)))
		return IN_FAILURE;
	return route_defs[role].kind;
}

struct expr *expr_new(struct pool *p, enum expr_kind kind, struct pos pos)
{
	struct expr *e = pool_zalloc(p, sizeof(*e));

	if (!e)
		return NULL;
	e->kind = kind;
	e->pos = pos;
	e->depth = 1;
	return e;
}

struct expr *expr_bad(struct pool *p, struct pos pos)
{
	struct expr *e = expr_new(p, EXPR_INT, pos);

	if (e)
		e->bad = true;
	return e;
}

struct expr *expr_text(struct pool *p, enum expr_kind kind, struct pos pos, struct str text)
{
	struct expr *e = expr_new(p, kind, pos);

	if (e)
		e->text = text;
	return e;
}

static unsigned deeper(unsigned a, unsigned b)
{
	return (a > b ? a : b) + 1;
}

static struct expr *above(struct pool *p, enum expr_kind kind, struct pos pos, struct expr *a)
{
	struct expr *e = expr_new(p, kind, pos_join(pos, a->pos));

	if (!e)
		return NULL;
	e->a = a;
	e->depth = a->depth + 1;
	return e;
}

struct expr *expr_not(struct pool *p, struct pos pos, struct expr *a)
{
	return above(p, EXPR_NOT, pos, a);
}

struct expr *expr_unary(struct pool *p, enum unary_op op, struct pos pos, struct expr *a)
{
	struct expr *e;

	if (op == UNARY_NEG && a->kind == EXPR_INT) {
		a->number = (int64_t)(0 - (uint64_t)a->number);
		a->pos = pos_join(pos, a->pos);
		return a;
	}
	e = above(p, EXPR_UNARY, pos, a);
	if (e)
		e->unary = op;
	return e;
}

struct expr *expr_binary(struct pool *p, enum expr_kind kind, enum cmp_op op, struct expr *a,
			 struct expr *b)
{
	struct expr *e;

	/* "!uri == myself" means !(uri == myself): the '!' moves out */
	if (kind == EXPR_CMP && a->kind == EXPR_NOT && !a->parens && a->a->kind == EXPR_KEYWORD &&
	    (keyword_defs[a->a->keyword].flags & KEYWORD_NEGATES)) {
		struct expr *inner = expr_binary(p, kind, op, a->a, b);

		return inner ? expr_not(p, a->pos, inner) : NULL;
	}
	e = expr_new(p, kind, pos_join(a->pos, b->pos));
	if (!e)
		return NULL;
	e->a = a;
	e->b = b;
	e->op = op;
	e->depth = deeper(a->depth, b->depth);
	return e;
}

struct expr *expr_arith(struct pool *p, enum arith_op op, struct expr *a, struct expr *b)
{
	struct expr *e = expr_binary(p, EXPR_ARITH, CMP_EQ, a, b);

	if (e)
		e->arith = op;
	return e;
}

struct stmt *stmt_new(struct pool *p, enum stmt_kind kind, struct pos pos)
{
	struct stmt *s = pool_zalloc(p, sizeof(*s));

	if (!s)
		return NULL;
	s->kind = kind;
	s->pos = pos;
	s->depth = 1;
	return s;
}

void expr_append(struct expr_list *l, struct expr *e)
{
	if (!e)
		return;
	if (l->last)
		l->last->next = e;
	else
		l->first = e;
	l->last = e;
	l->n++;
}

void stmt_append(struct stmt_list *l, struct stmt *s)
{
	if (!s)
		return;
	if (l->last)
		l->last->next = s;
	else
		l->first = s;
	l->last = s;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script's names mean: functions, attributes, routes, types, and in which routes what may stand. */
#ifndef SCRIPT_CHECK_H
#define SCRIPT_CHECK_H

#include "core/script/ast.h"
#include "core/script/diag.h"
#include "core/script/names.h"

struct known_name;

struct checker {
	struct pool *pool;
	struct diag *diag;
	struct ast *ast;
	const struct conf *conf;     /* being made: its place and shared variables are known */
	struct arena *arena;	     /* formats are made here */
	struct slots *slots, *plain; /* see struct names */
	struct names names;
	uint64_t regex_set;
	struct pos start;	 /* of the script */
	struct ast_route *route; /* the one being checked */
	bool changed;		 /* by the last pass over all calls */
	bool retcode_read;	 /* somewhere */
	struct known_name *set;	 /* variables that something sets */
	bool nomem;
};

/* Resolves all routes of c->ast in place; errors and warnings are in c->diag. -ENOMEM. */
int check_routes(struct checker *c);

/* --- between the files of check ---------------------------------------------------------------------------------------------------- */
enum use {
	USE_VALUE,     /* its value is needed */
	USE_CONDITION, /* whether it is true */
	USE_STATEMENT, /* neither */
};
void check_expr(struct checker *c, struct expr *e, enum use use);
void check_call(struct checker *c, struct expr *e);
/* REF = expr */
void check_assign(struct checker *c, struct stmt *s);
/* e names what is to be set. */
void check_target(struct checker *c, struct expr *e);
void check_compare(struct checker *c, struct expr *e);
/* A pattern that is a constant: its form, remarks, errors. */
void check_pattern(struct checker *c, struct expr *e);
/* The first route of that role and name; NULL. */
struct ast_route *check_find_route(const struct checker *c, enum route_role role, struct str name);
typedef void expr_cb(struct checker *c, struct expr *e);
/* Calls each for every expression of the route, outer ones first, with c->route set. */
void check_walk(struct checker *c, struct ast_route *r, expr_cb *each);

/* --- warnings, once everything is resolved; expressions with errors are passed over ------------------------------------------------- */
/* Statements that nobody reaches, values that nobody uses, endings that are not what they seem. */
void check_flow(struct checker *c);
/* Conditions that are the same for all messages. */
void check_conditions(struct checker *c);
/* Whether it is false for all messages. */
bool condition_is_never(const struct expr *e);
/* Routes that nothing calls, variables that nothing sets. */
void check_unused(struct checker *c);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiled code: what compile writes and the machine reads. All of it lies in the configuration's arena and does not change. */
#ifndef SCRIPT_PROGRAM_H
#define SCRIPT_PROGRAM_H

#include "core/script/ast.h"
#include "core/script/format.h"
#include "core/script/regex.h"
#include "core/script/use.h"

/* The machine has a stack of values, a condition (true or false) and the last return code. "a" and "b" are the operands of an operation. */
#define OP_TABLE(X)                                                                            \
	X(LINE)	     /* a: file, b: line: a statement begins */                                \
	X(INT)	     /* pushes b, a 32-bit number */                                           \
	X(NULL)	     /* pushes null */                                                         \
	X(CONST)     /* pushes constant b */                                                   \
	X(ATTR)	     /* pushes the value of attribute b */                                     \
	X(KEYWORD)   /* pushes the value of keyword a */                                       \
	X(RC)	     /* pushes the last return code */                                         \
	X(FORMAT)    /* pushes the text of format b */                                         \
	X(COND)	     /* pushes the condition, 1 or 0 */                                        \
	X(ARITH)     /* pops two, pushes what arith_op a makes of them */                      \
	X(UNARY)     /* puts what unary_op a makes of the top value in its place */            \
	X(SET)	     /* pops one, which becomes the value of attribute b */                    \
	X(POP)	     /* pops one */                                                            \
	X(TRUTH)     /* pops one: the condition is whether it is true */                       \
	X(RC_TRUTH)  /* the condition is whether the last return code is > 0 */                \
	X(COMPARE)   /* pops two: the condition; a: cmp_op with COMPARE_ flags */              \
	X(IS_NULL)   /* pops one: the condition: it is null or empty */                        \
	X(METHOD_IS) /* the condition: the method is number b */                               \
	X(METHOD_EQ) /* the condition: the method is constant b */                             \
	X(PROTO_EQ)  /* the condition: the name of keyword a is constant b */                  \
	X(AF_EQ)     /* the condition: the address family of keyword a is b */                 \
	X(SELF)	     /* the condition: keyword a names us */                                   \
	X(NETWORK)   /* the condition: the address of keyword a is in network b */             \
	X(MATCH)     /* pops one: the condition: it matches regular expression b */            \
	X(MATCH_RT)  /* pops pattern and subject: the condition */                             \
	X(CASE_RE)   /* the condition: the value on top matches regular expression b */        \
	X(NOT)	     /* negates the condition */                                               \
	X(JUMP)	     /* to b */                                                                \
	X(JUMP_IF)   /* to b if the condition is true */                                       \
	X(LOOP)	     /* counts a turn in the number on top; above the limit: an error, to b */ \
	X(AGAIN)     /* to b; the turn behind it cost a steps */                               \
	X(CASES)     /* to where table b says for the value on top; on when it says nothing */ \
	X(JUMP_IFNOT)                                                                          \
	X(CALL)	     /* call b with constant arguments */                                      \
	X(CALL_ARGS) /* pops the arguments of call b that are not constant */                  \
	X(ROUTE_RT)  /* pops a name, calls the route */                                        \
	X(ABSENT)    /* a function of a module that is not there: constant b is its name */    \
	X(ROUTE)     /* calls route b */                                                       \
	X(RETURN)    /* from the route, with b */                                              \
	X(RETURN_RC) /* from the route, with the last return code */                           \
	X(RETURN_POP)                                                                          \
	X(EXIT)                                                                                \
	X(DROP)

enum op_code {
#define X(name) OP_##name,
	OP_TABLE(X)
#undef X
		OP_CODES
};

struct op {
	uint8_t code;
	uint8_t reserved;
	uint16_t a;
	uint32_t b;
};

#define COMPARE_OP(a)	((enum cmp_op)((a)&15))
#define COMPARE_NOCASE	16u
#define COMPARE_LITERAL 32u /* one side is a constant: null is "" */

/* One place that calls a function. */
struct call {
	const struct func_def *def;
	const struct value *argv; /* constants filled in; the others are null here */
	uint16_t argc;
	uint16_t pushed;     /* how many are on the stack: those that are not constant, in order */
	const char *letters; /* one for each argument */
	const uint8_t *varies; /* one for each argument: on the stack */
};

/* Constants of a switch, in order of cases_order, and where each leads. */
/* Who finds a label. A number finds numbers and texts that spell it; a text finds itself and the number that it spells: as with ==. */
enum case_for { CASE_FOR_NUMBER, CASE_FOR_TEXT, CASE_FOR_SPELLED };
struct case_label {
	enum case_for whom;
	struct str text; /* a number in its shortest spelling */
};

struct cases {
	const struct case_label *labels;
	uint32_t *targets;
	uint32_t n;
};

struct route {
	struct str name;  /* as messages show it: "route[X]" */
	struct str key;	  /* what stands in the brackets; empty for the main ones */
	unsigned kind;	  /* route_kind; of route[X] IN_REQUEST */
	unsigned allowed; /* in which kinds all that it calls may be used */
	uint32_t start;
	uint32_t ops;	/* how many it has: what a call costs in steps */
	uint32_t stack; /* values that it needs at most */
};

#define CALL_ARGS_MAX 16u
#define ROUTE_NONE    UINT32_MAX

struct program {
	const struct op *code;
	uint32_t code_n;
	const struct value *constants;
	const struct attr_use *attrs;
	const struct format *const *formats;
	const struct regex *const *regexes;
	const struct network *networks;
	const struct call *calls;
	const struct cases *cases;
	const struct route *routes;
	const char *const *files; /* NUL-terminated names */
	uint32_t routes_n, constants_n, attrs_n, formats_n, regexes_n, networks_n, calls_n, cases_n,
		files_n;
	uint32_t main, reply, onsend; /* routes; ROUTE_NONE */
	uint32_t max_depth;	      /* of routes calling routes */
	uint64_t max_steps;
	int64_t max_loops;
	uint64_t regex_set;
	uint32_t vars_n;     /* $var() of the script */
	uint32_t builtins_n; /* of conf->modules */
};

/* The number of the route of that kind and name ("": the main one of its kind); ROUTE_NONE. */
uint32_t program_route(const struct program *p, enum route_kind kind, struct str name);

#endif

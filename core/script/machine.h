/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack machine that runs compiled scripts. All it needs lies in the context's pool, so that a context can stop in the middle of an expression
 * and go on later. */
#ifndef SCRIPT_MACHINE_H
#define SCRIPT_MACHINE_H

#include "core/msg/api.h"
#include "core/script/program.h"

/* Runs a route of ctx->conf's program. Errors of the script are logged with its file and line; the result then is SCRIPT_DONE. */
enum script_result machine_start(struct ctx *ctx, uint32_t route);
/* Goes on behind the function that waited: value is the function's. */
enum script_result machine_resume(struct ctx *ctx, int value);
void machine_end(struct ctx *ctx);
/* $rc */
int machine_rc(const struct ctx *ctx);

/* The running machine, for operations that stand in files of their own. */
struct frame {
	const struct op *pc; /* where to go on */
	uint32_t route;
	uint32_t
		sp; /* of the stack when it was called: what loops and switches put there goes with it */
	uint32_t line;
	uint16_t file;
};

struct machine {
	const struct program *program;
	struct ctx *ctx;
	struct script_trace *trace; /* NULL: nobody follows */
	struct slot *slot;	    /* the worker's: where others read what runs */
	const struct op *pc;
	struct value *stack;
	uint32_t sp, cap; /* values */
	struct frame *frames;
	uint32_t depth, frames_cap;
	struct value *vars; /* $var(); NULL: none was set */
	uint64_t steps;	    /* left */
	uint64_t cpu_us;    /* clock_cpu_us() soon after it began or went on; 0: not asked yet */
	uint32_t payments;  /* since then */
	int rc;
	bool cond;
	bool set_failed; /* an attribute did not take its value; the trace clears it */
	uint16_t file;
	uint32_t line;
};

/* Who follows a script (--try): told of what has just been done. Values that an operation took off the stack still lie above m->sp, in their order. */
struct script_trace {
	void (*entered)(struct script_trace *t, const struct machine *m, const struct route *route);
	/* LINE, SET, CASES, the operations that set the condition, and those from CALL on. A function that waits is told of when it has its value: m->rc, as that
	 * of a route that returned. */
	void (*did)(struct script_trace *t, struct machine *m, const struct op *op);
};

static inline void trace_op(struct machine *m, const struct op *op)
{
	if (__builtin_expect(m->trace != NULL, 0))
		m->trace->did(m->trace, m, op);
}

/* Another one for ctx, which does not run yet. NULL: no memory (logged). */
struct machine *machine_new(struct ctx *ctx);
/* Runs a route in it from its beginning, or goes on behind the function that waited. It must be ctx->machine. */
enum script_result machine_begin(struct machine *m, uint32_t route);
enum script_result machine_go_on(struct machine *m, int value);
/* In the slot's row: where m goes on; that nothing runs. */
void machine_show(struct machine *m);
void machine_hide(struct ctx *ctx);

/* --- match.c ----------------------------------------------------------------------------------------------------------------------------- */
/* Pays for what is done next. False: the message has cost all that it may, in steps or in time, which is logged. */
bool machine_spend(struct machine *m, uint64_t steps);
/* Whether v matches; a match that takes too many steps is an error, and false. */
bool machine_match(struct machine *m, const struct regex *re, const struct value *v);
/* The same with a pattern that is known now only; an empty one matches nothing. */
bool machine_match_text(struct machine *m, const struct value *pattern, const struct value *v);

/* Logs an error of the running statement, at most some a second. */
void machine_error(struct machine *m, const char *what, struct str detail);

/* --- values ------------------------------------------------------------------------------------------------------------------------------ */
/* Its text; numbers are written into the pool; null stays null. -ENOMEM. */
int value_text(struct pool *p, const struct value *v, struct str *text_r);
/* The number that a value is or spells. */
bool value_number(const struct value *v, int64_t *number_r);
/* By SIP.md 2: null equals nothing, except "" where one side is a constant of the script; a number is compared with what spells one. */
bool value_compare(const struct value *a, const struct value *b, unsigned how);
bool value_is_true(const struct value *v);

/* --- arith.c ----------------------------------------------------------------------------------------------------------------------------- */
/* *a becomes what op makes of *a and *b: null counts as 0, text as the number that it spells. ARITH_ADD joins when a is text, or null beside
 * text; the joined text lies in the pool. NULL, or why it cannot be; *a is undefined then. */
const char *value_arith(struct pool *p, enum arith_op op, struct value *a, const struct value *b);
const char *value_unary(struct pool *p, enum unary_op op, struct value *a);

/* --- keywords ---------------------------------------------------------------------------------------------------------------------------- */
/* 0; -ENOMEM. What the message does not have is null. */
int keyword_value(struct ctx *ctx, enum keyword k, struct value *v_r);
bool keyword_is_self(struct ctx *ctx, enum keyword k);
/* Of a family that is neither when there is no such address: what snd_ip and to_ip are outside of onsend_route. */
const struct addr *keyword_addr(const struct ctx *ctx, enum keyword k);
const struct transport *keyword_transport(const struct ctx *ctx, enum keyword k);
enum sip_method keyword_method(struct ctx *ctx, struct str *text_r);
bool keyword_method_is(struct ctx *ctx, struct str name);
bool keyword_proto_is(const struct ctx *ctx, enum keyword k, struct str name);

#endif

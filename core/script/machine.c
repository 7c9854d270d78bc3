/* SPDX-License-Identifier: BSD-2-Clause */
/* How compiled code is executed, one operation at a time, within bounds. */
#include "core/script/machine.h"
#include "core/base/buf.h"
#include "core/base/must.h"
#include "core/run/log.h"
#include "core/script/calls.h"
#include "core/script/switch.h"

#include <errno.h>

#define STACK_SPARE 4u
#define INLINE	    inline __attribute__((always_inline))

void machine_error(struct machine *m, const char *what, struct str detail)
{
	char place[512];
	struct buf b = BUF_ON(place);

	buf_fmt(&b, "%s:%u", m->program->files[m->file], m->line);
	log_limited(LOG_WARN, "script", what, KV_STR("at", buf_str(&b)), KV_STR("what", detail));
}

/* --- the stack ---------------------------------------------------------------------------------------------------------------------- */

/* Room for what a route needs, found out when it was compiled: so that pushing needs no check. */
static int stack_grow(struct machine *m, uint32_t n)
{
	struct value *larger;
	uint32_t cap = m->cap * 2;

	if (cap < m->sp + n + STACK_SPARE)
		cap = m->sp + n + STACK_SPARE;
	larger = pool_alloc(m->ctx->pool, cap * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	if (m->sp)
		memcpy(larger, m->stack, m->sp * sizeof(*larger));
	m->stack = larger;
	m->cap = cap;
	return 0;
}

static int frames_grow(struct machine *m)
{
	struct frame *larger;
	uint32_t cap = m->frames_cap ? m->frames_cap * 2 : 8;

	larger = pool_alloc(m->ctx->pool, cap * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	if (m->depth)
		memcpy(larger, m->frames, m->depth * sizeof(*larger));
	m->frames = larger;
	m->frames_cap = cap;
	return 0;
}

static inline void push(struct machine *m, const struct value *v)
{
	m->stack[m->sp++] = *v;
}

/* What a number does not need is not written. */
static inline void push_int(struct machine *m, int64_t n)
{
	struct value *v = &m->stack[m->sp++];

	v->type = VALUE_INT;
	v->i = n;
}

static inline struct value *pop(struct machine *m)
{
	return &m->stack[--m->sp];
}

/* --- operations that can fail: each leaves a null or false value then ----------------------------------------------------------------------- */

static struct str attr_name(const struct attr_def *def)
{
	return str_z(def->name ? def->name : def->pv);
}

static INLINE void op_attr(struct machine *m, const struct attr_use *use)
{
	struct value *v = &m->stack[m->sp++];

	v->type = VALUE_NULL;
	if (attr_use_read(m->ctx, use, v) < 0) {
		*v = value_null();
		machine_error(m, "could not read an attribute", attr_name(use->def));
	}
}

static INLINE void op_set(struct machine *m, const struct attr_use *use)
{
	int err = attr_use_write(m->ctx, use, pop(m));

	edits_show(m->ctx);
	if (__builtin_expect(err < 0, 0))
		m->set_failed = true;
	if (err == -ENOMEM)
		machine_error(m, "no memory left for this message", attr_name(use->def));
	else if (err == -ENOSPC)
		machine_error(m, "cannot keep another value for this message: there are too many",
			      attr_name(use->def));
	else if (err == -ENOENT)
		machine_error(m, "cannot set what is not there", attr_name(use->def));
	else if (err < 0)
		machine_error(m, "cannot set an attribute to this value", attr_name(use->def));
}

static void op_keyword(struct machine *m, enum keyword k)
{
	struct value *v = &m->stack[m->sp++];

	if (keyword_value(m->ctx, k, v) < 0) {
		*v = value_null();
		machine_error(m, "no memory left for this message", keyword_defs[k].name);
	}
}

static void op_format(struct machine *m, const struct format *f)
{
	struct str text = STR_NULL;
	int err = format_run(f, m->ctx, &text);

	if (err < 0) {
		text = STR_NULL;
		machine_error(m, "could not put a text together",
			      err == -EBADMSG ? STR("a value contains a line end")
			      : err == -E2BIG ? STR("it is too long")
					      : STR("no memory left for this message"));
	}
	m->stack[m->sp++] = value_str(text);
}

/* *a was to become what could not be computed, if why says so. */
static void computed(struct machine *m, struct value *a, const char *why)
{
	if (!why)
		return;
	machine_error(m, "could not compute a value", str_z(why));
	*a = value_null();
}

static void op_arith(struct machine *m, enum arith_op op)
{
	struct value *b = pop(m), *a = &m->stack[m->sp - 1];

	computed(m, a, value_arith(m->ctx->pool, op, a, b));
}

static void op_unary(struct machine *m, enum unary_op op)
{
	struct value *a = &m->stack[m->sp - 1];

	computed(m, a, value_unary(m->ctx->pool, op, a));
}

/* --- routes ------------------------------------------------------------------------------------------------------------------------------- */

static int enter(struct machine *m, uint32_t route)
{
	const struct route *r = &m->program->routes[route];
	struct frame *f;

	if (m->depth >= m->program->max_depth) {
		machine_error(m, "routes call each other too deeply", r->name);
		return -ELOOP;
	}
	if (!machine_spend(m, r->ops))
		return -ELOOP;
	if ((m->depth == m->frames_cap && frames_grow(m) < 0) ||
	    (m->sp + r->stack + STACK_SPARE > m->cap && stack_grow(m, r->stack) < 0)) {
		machine_error(m, "no memory left for this message", r->name);
		return -ENOMEM;
	}
	f = &m->frames[m->depth++];
	f->pc = m->pc;
	f->route = route;
	f->sp = m->sp;
	f->line = m->line;
	f->file = m->file;
	m->pc = m->program->code + r->start;
	if (m->trace)
		m->trace->entered(m->trace, m, r);
	return 0;
}

static INLINE void place(struct machine *m, uint16_t file, uint32_t line)
{
	if (m->file != file) {
		m->file = file;
		atomic_store_explicit(&m->slot->script_file_z, m->program->files[file],
				      memory_order_relaxed);
	}
	m->line = line;
	atomic_store_explicit(&m->slot->script_line, line, memory_order_relaxed);
}

/* False: that was the first route. */
static INLINE bool leave(struct machine *m, int rc)
{
	const struct frame *f = &m->frames[--m->depth];

	m->rc = rc;
	if (m->depth == 0)
		return false;
	m->sp = f->sp;
	m->pc = f->pc;
	place(m, f->file, f->line);
	return true;
}

/* --- the loop ------------------------------------------------------------------------------------------------------------------------------ */

enum step { STEP_ON, STEP_END, STEP_WAIT };

/* Behind a function or route: 0 ends the script. */
static INLINE enum step after_call(struct machine *m, int value)
{
	if (value == FN_WAIT)
		return STEP_WAIT;
	m->rc = value;
	edits_show(m->ctx);
	return value == FN_END ? STEP_END : STEP_ON;
}

static INLINE enum step returned(struct machine *m, int rc)
{
	if (!leave(m, rc) || rc == 0)
		return STEP_END;
	return STEP_ON;
}

static int pop_int(struct machine *m)
{
	int64_t n = 0;

	if (!value_number(pop(m), &n))
		machine_error(m, "cannot return what is not a number", STR_NULL);
	/* FN_WAIT is no number for scripts */
	return n > INT32_MAX ? INT32_MAX : n <= INT32_MIN ? -INT32_MAX : (int)n;
}

/* A route whose name is known only now: also whether it may run here is. */
static enum step op_route_rt(struct machine *m)
{
	const struct program *p = m->program;
	struct str name = STR_NULL;
	uint32_t route = ROUTE_NONE;

	if (value_text(m->ctx->pool, pop(m), &name) == 0 && name.n)
		route = program_route(p, IN_REQUEST, name);
	m->rc = FN_FALSE;
	if (route == ROUTE_NONE)
		machine_error(m, "there is no route of this name", name);
	else if (!(p->routes[route].allowed & m->ctx->route_kind))
		machine_error(m, "this route calls what cannot be used here", name);
	else
		return enter(m, route) < 0 ? STEP_END : STEP_ON;
	return STEP_ON;
}

/* False: it has run often enough. */
static bool op_loop(struct machine *m)
{
	struct value *turns = &m->stack[m->sp - 1];

	if (turns->i++ < m->program->max_loops)
		return true;
	machine_error(m, "a while runs too often: max_while_loops is the limit", STR_NULL);
	return false;
}

static void op_cases(struct machine *m, const struct cases *cases, const struct op **next)
{
	uint32_t to = cases_find(cases, &m->stack[m->sp - 1]);

	if (to != UINT32_MAX)
		*next = m->program->code + to;
}

/* The operations about control. */
static INLINE enum step flow(struct machine *m, const struct op *op, enum op_code code)
{
	const struct program *p = m->program;

	switch (code) {
	case OP_CALL:
		return after_call(m, p->calls[op->b].def->call(m->ctx, p->calls[op->b].argv,
							       p->calls[op->b].argc));
	case OP_CALL_ARGS:
		return after_call(m, call_with_args(m, &p->calls[op->b]));
	case OP_ABSENT:
		machine_error(m, "this function's module is not there", p->constants[op->b].s);
		m->rc = FN_FALSE;
		return STEP_ON;
	case OP_ROUTE:
		return enter(m, op->b) < 0 ? STEP_END : STEP_ON;
	case OP_ROUTE_RT:
		return op_route_rt(m);
	case OP_RETURN:
		return returned(m, (int32_t)op->b);
	case OP_RETURN_RC:
		return returned(m, m->rc);
	case OP_RETURN_POP:
		return returned(m, pop_int(m));
	case OP_DROP:
		m->ctx->done |= CTX_DROPPED;
		return STEP_END;
	default: /* OP_EXIT */
		return STEP_END;
	}
}

/* The operations that set the condition. */
static INLINE bool condition(struct machine *m, const struct op *op, enum op_code code)
{
	const struct program *p = m->program;
	struct value *b;
	struct str text;

	switch (code) {
	case OP_TRUTH:
		return value_is_true(pop(m));
	case OP_RC_TRUTH:
		return m->rc > 0;
	case OP_COMPARE:
		b = pop(m);
		return value_compare(pop(m), b, op->a);
	case OP_IS_NULL:
		b = pop(m);
		return b->type == VALUE_NULL || (b->type == VALUE_STR && !b->s.n);
	case OP_METHOD_IS:
		return keyword_method(m->ctx, &text) == op->b;
	case OP_METHOD_EQ:
		return keyword_method_is(m->ctx, p->constants[op->b].s);
	case OP_PROTO_EQ:
		return keyword_proto_is(m->ctx, op->a, p->constants[op->b].s);
	case OP_AF_EQ:
		return keyword_addr(m->ctx, op->a)->sa.sa_family == op->b;
	case OP_SELF:
		return keyword_is_self(m->ctx, op->a);
	case OP_NETWORK:
		return network_has(&p->networks[op->b], keyword_addr(m->ctx, op->a));
	case OP_MATCH:
		return machine_match(m, p->regexes[op->b], pop(m));
	case OP_CASE_RE:
		return machine_match(m, p->regexes[op->b], &m->stack[m->sp - 1]);
	case OP_MATCH_RT:
		b = pop(m);
		return machine_match_text(m, b, pop(m));
	default: /* OP_NOT */
		return !m->cond;
	}
}

/* The operations that move values. */
static INLINE void values(struct machine *m, const struct op *op, enum op_code code)
{
	const struct program *p = m->program;

	switch (code) {
	case OP_INT:
		push_int(m, (int32_t)op->b);
		break;
	case OP_NULL:
		m->stack[m->sp++].type = VALUE_NULL;
		break;
	case OP_CONST:
		push(m, &p->constants[op->b]);
		break;
	case OP_ATTR:
		op_attr(m, &p->attrs[op->b]);
		break;
	case OP_KEYWORD:
		op_keyword(m, op->a);
		break;
	case OP_RC:
		push_int(m, m->rc);
		break;
	case OP_FORMAT:
		op_format(m, p->formats[op->b]);
		break;
	case OP_POP:
		pop(m);
		break;
	case OP_COND:
		push_int(m, m->cond);
		break;
	case OP_ARITH:
		op_arith(m, op->a);
		break;
	case OP_UNARY:
		op_unary(m, op->a);
		break;
	default: /* OP_SET */
		op_set(m, &p->attrs[op->b]);
		break;
	}
}

/* What one operation does. The next one is at *next; m->pc is set for what calls and returns only. */
static INLINE enum step execute(struct machine *m, const struct op *op, enum op_code code,
				const struct op **next)
{
	const struct op *to = m->program->code + op->b;
	enum step step = STEP_ON;

	switch (code) {
	case OP_LINE:
		place(m, op->a, op->b);
		break;
	case OP_JUMP:
		*next = to;
		break;
	case OP_JUMP_IF:
		if (m->cond)
			*next = to;
		break;
	case OP_JUMP_IFNOT:
		if (!m->cond)
			*next = to;
		break;
	case OP_LOOP:
		if (!op_loop(m))
			*next = to;
		break;
	case OP_AGAIN:
		*next = to;
		step = machine_spend(m, op->a) ? STEP_ON : STEP_END;
		break;
	case OP_CASES:
		op_cases(m, &m->program->cases[op->b], next);
		break;
	case OP_TRUTH ... OP_NOT:
		m->cond = condition(m, op, code);
		break;
	case OP_CALL ... OP_DROP:
		m->pc = *next;
		step = flow(m, op, code);
		*next = m->pc;
		break;
	default:
		values(m, op, code);
		break;
	}
	return step;
}

/* What a trace is told of. */
static INLINE bool is_traced(enum op_code code)
{
	return code == OP_LINE || code == OP_SET || code == OP_CASES ||
	       (code >= OP_TRUTH && code <= OP_NOT) || code >= OP_CALL;
}

/* One jump for each operation: the compiler makes a copy of execute for each code, which is constant there; and of all of them for a trace. */
static INLINE enum step run_all(struct machine *m, const bool traced)
{
	const struct op *next = m->pc;
	enum step step = STEP_ON;

	while (step == STEP_ON) {
		const struct op *op = next++;

		switch ((enum op_code)op->code) {
#define X(name)                                                          \
	case OP_##name:                                                  \
		step = execute(m, op, OP_##name, &next);                 \
		if (traced && is_traced(OP_##name) && step != STEP_WAIT) \
			trace_op(m, op);                                 \
		break;
			OP_TABLE(X)
#undef X
		default:
			__builtin_unreachable();
		}
	}
	return step;
}

static __attribute__((noinline)) enum step run(struct machine *m)
{
	return run_all(m, false);
}

static __attribute__((noinline, cold)) enum step run_traced(struct machine *m)
{
	return run_all(m, true);
}

void machine_show(struct machine *m)
{
	struct slot *slot = m->ctx->worker->slot;

	atomic_store_explicit(&slot->script_file_z, m->program->files[m->file],
			      memory_order_relaxed);
	atomic_store_explicit(&slot->script_line, m->line, memory_order_relaxed);
}

void machine_hide(struct ctx *ctx)
{
	atomic_store_explicit(&ctx->worker->slot->script_file_z, NULL, memory_order_relaxed);
}

static enum script_result go(struct machine *m)
{
	enum step step;

	machine_show(m);
	step = m->trace ? run_traced(m) : run(m);
	machine_hide(m->ctx);
	return step == STEP_WAIT ? SCRIPT_WAITS : SCRIPT_DONE;
}

struct machine *machine_new(struct ctx *ctx)
{
	const struct program *p = ctx->conf->program;
	struct machine *m = pool_zalloc(ctx->pool, sizeof(*m));

	if (!m) {
		log_limited(LOG_WARN, "script", "no memory to run the script");
		return NULL;
	}
	m->program = p;
	m->ctx = ctx;
	m->slot = ctx->worker->slot;
	m->trace = ctx->worker->trace;
	m->steps = p->max_steps;
	m->rc = FN_TRUE;
	return m;
}

enum script_result machine_begin(struct machine *m, uint32_t route)
{
	return enter(m, route) < 0 ? SCRIPT_DONE : go(m);
}

enum script_result machine_start(struct ctx *ctx, uint32_t route)
{
	struct machine *m = machine_new(ctx);

	if (!m)
		return SCRIPT_DONE;
	ctx->machine = m;
	return machine_begin(m, route);
}

enum script_result machine_go_on(struct machine *m, int value)
{
	enum step step = after_call(m, value);

	/* while it waited, others ran */
	m->cpu_us = m->payments = 0;
	if (step == STEP_WAIT)
		return SCRIPT_WAITS;
	trace_op(m, m->pc - 1);
	return step == STEP_END ? SCRIPT_DONE : go(m);
}

enum script_result machine_resume(struct ctx *ctx, int value)
{
	return machine_go_on(ctx->machine, value);
}

void machine_end(struct ctx *ctx)
{
	ctx->machine = NULL; /* it lies in the pool */
}

int machine_rc(const struct ctx *ctx)
{
	return ctx->machine ? ctx->machine->rc : 0;
}

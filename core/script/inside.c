/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine within a machine: the inner one takes the context for as long as it runs, not while it waits. */
#include "core/script/inside.h"

struct inside {
	struct machine *outer, *inner; /* outer NULL: no script called */
	enum route_kind kind, outer_kind;
	unsigned outer_dropped;
	struct ctx_wait wait; /* what the inner one waits for */
	route_done *done;
	void *arg;
};

static void step_in(struct ctx *ctx, struct inside *in)
{
	in->outer = ctx->machine;
	in->outer_kind = ctx->route_kind;
	in->outer_dropped = ctx->done & CTX_DROPPED;
	ctx->machine = in->inner;
	ctx->route_kind = in->kind;
	ctx->done &= ~(unsigned)CTX_DROPPED;
}

/* True when the inner one said drop. */
static bool step_out(struct ctx *ctx, struct inside *in)
{
	struct machine *outer = in->outer, *inner = in->inner;
	bool dropped = ctx->done & CTX_DROPPED;

	ctx->done = (ctx->done & ~(unsigned)CTX_DROPPED) | in->outer_dropped;
	ctx->route_kind = in->outer_kind;
	ctx->machine = outer;
	if (!outer)
		return dropped;
	outer->steps = inner->steps;
	outer->cpu_us = inner->cpu_us;
	outer->vars = inner->vars;
	machine_show(outer);
	return dropped;
}

static bool inner_new(struct ctx *ctx, struct inside *in)
{
	const struct machine *outer = ctx->machine;
	struct machine *m = machine_new(ctx);

	if (!m)
		return false;
	if (outer) {
		m->steps = outer->steps;
		m->cpu_us = outer->cpu_us;
		m->vars = outer->vars;
	}
	in->inner = m;
	return true;
}

/* --- to its end ---------------------------------------------------------------------------------------------------------------------- */

/* What the function waits for is not waited for. */
static enum script_result refuse_wait(struct ctx *ctx, struct machine *m)
{
	struct ctx_wait wait = ctx->wait;

	machine_error(m, "a function would have to wait, which it cannot do in this route",
		      STR_NULL);
	ctx->wait = (struct ctx_wait){ .resume = NULL };
	if (wait.cancel)
		wait.cancel(ctx, wait.arg);
	return machine_go_on(m, FN_FALSE);
}

bool inside_run(struct ctx *ctx, enum route_kind kind, uint32_t route)
{
	struct inside in = { .kind = kind };
	enum script_result r;

	if (!inner_new(ctx, &in))
		return true;
	step_in(ctx, &in);
	r = machine_begin(in.inner, route);
	while (r == SCRIPT_WAITS)
		r = refuse_wait(ctx, in.inner);
	return step_out(ctx, &in);
}

/* --- with waits ---------------------------------------------------------------------------------------------------------------------- */

static int resumed(struct ctx *ctx, void *arg);

static void cancelled(struct ctx *ctx, void *arg)
{
	struct inside *in = arg;

	if (in->wait.cancel)
		in->wait.cancel(ctx, in->wait.arg);
	in->wait.cancel = NULL;
}

/* The inner one has stopped: it waits, or the function goes on. */
static int ran(struct ctx *ctx, struct inside *in, enum script_result r)
{
	bool dropped = step_out(ctx, in);

	if (r == SCRIPT_DONE)
		return in->done(ctx, dropped, in->arg);
	in->wait = ctx->wait;
	ctx->wait = (struct ctx_wait){ .resume = resumed,
				       .cancel = cancelled,
				       .arg = in,
				       .deadline_ms = in->wait.deadline_ms };
	return FN_WAIT;
}

static int resumed(struct ctx *ctx, void *arg)
{
	struct inside *in = arg;
	enum script_result r = SCRIPT_WAITS;
	int value;

	step_in(ctx, in);
	ctx->wait = in->wait;
	value = in->wait.resume(ctx, in->wait.arg);
	if (value != FN_WAIT) {
		ctx->wait = (struct ctx_wait){ .resume = NULL };
		r = machine_go_on(in->inner, value);
	}
	value = ran(ctx, in, r);
	machine_hide(ctx);
	return value;
}

int inside_start(struct ctx *ctx, enum route_kind kind, uint32_t route, route_done *done, void *arg)
{
	struct inside *in = pool_alloc(ctx->pool, sizeof(*in));

	if (!in)
		return done(ctx, true, arg);
	*in = (struct inside){ .kind = kind, .done = done, .arg = arg };
	if (!inner_new(ctx, in))
		return done(ctx, true, arg);
	step_in(ctx, in);
	return ran(ctx, in, machine_begin(in->inner, route));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* waits: functions of scripts that take a while, by a timer and nothing else: what asks another server is like them. */
#include "core/mod/api.h"

#include "modules/tm/api.h"

#include <stdlib.h>

static const struct tm_api *tm; /* NULL: there are no transactions */

/* --- wait_ms ------------------------------------------------------------------------------------------------------------------------- */
struct wait {
	struct timer timer;
	struct ctx *ctx;
	int value;
};

static void wait_fire(struct timer *t)
{
	struct wait *w = container_of(t, struct wait, timer);

	w->value = FN_TRUE;
	ctx_resume(w->ctx);
}

static int wait_resume(struct ctx *ctx, void *arg)
{
	(void)ctx;
	return ((struct wait *)arg)->value;
}

static void wait_cancel(struct ctx *ctx, void *arg)
{
	(void)ctx;
	timer_stop(&((struct wait *)arg)->timer);
}

static MODULE_FN(wait_ms)
{
	struct wait *w = pool_zalloc(ctx->pool, sizeof(*w));

	if (!w)
		return FN_FALSE;
	w->ctx = ctx;
	w->value = FN_FALSE;
	timer_init(&w->timer, ctx->worker->timers, wait_fire);
	timer_start(&w->timer, (uint32_t)argv[0].i);
	ctx->wait = (struct ctx_wait){ .resume = wait_resume,
				       .cancel = wait_cancel,
				       .arg = w,
				       .deadline_ms = argc > 1 ? (uint32_t)argv[1].i : 0 };
	return FN_WAIT;
}

/* --- suspend_ms ---------------------------------------------------------------------------------------------------------------------- */
struct later {
	struct list link;
	struct timer timer;
	struct worker *w;
	uint64_t id;
	size_t n;
	char route[];
};

static struct list all; /* this worker's */

static void later_drop(struct later *l)
{
	timer_stop(&l->timer);
	list_remove(&l->link);
	free(l);
}

static void later_fire(struct timer *t)
{
	struct later *l = container_of(t, struct later, timer);
	int err = tm->resume(l->w, l->id, str_of(l->route, l->n));

	if (err)
		log_info("waits", "nobody is there to go on", KV_ERRNO(-err));
	later_drop(l);
}

static MODULE_FN(suspend_ms)
{
	struct str route;
	struct later *l;
	uint64_t id;
	int r = tm && argv[1].i >= 0 ? tm->suspend(ctx, &id) : FN_FALSE;

	(void)argc;
	if (r != FN_TRUE)
		return r;
	route = ctx->worker->msg->script->route_name(ctx->conf, IN_REQUEST, (uint32_t)argv[1].i);
	l = malloc(sizeof(*l) + route.n);
	if (!l)
		return FN_FALSE;
	l->w = ctx->worker;
	l->id = id;
	l->n = route.n;
	memcpy(l->route, route.p, route.n);
	list_append(&all, &l->link);
	timer_init(&l->timer, l->w->timers, later_fire);
	timer_start(&l->timer, (uint32_t)argv[0].i);
	return FN_TRUE;
}

/* ------------------------------------------------------------------------------------------------------------------------------------- */
static int init(struct run *run, const struct conf *conf)
{
	(void)run;
	tm = module_api(conf, "tm");
	return 0;
}

static int process_start(struct worker *w)
{
	(void)w;
	list_init(&all);
	return 0;
}

static void process_stop(struct worker *w)
{
	(void)w;
	while (!list_is_empty(&all))
		later_drop(container_of(all.next, struct later, link));
}

static const struct func_def functions[] = {
	MODULE_ROW(wait_ms, "i|i", IN_WAITING, NULL,
		   "waits so many ms; 1, or -1 when the deadline (the second number) came first"),
	MODULE_ROW(suspend_ms, "iR", IN_REQUEST | IN_FAILURE, NULL,
		   "suspends the request, and goes on with it in that route after so many ms"),
	{ .name = NULL },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "waits",
	.help = "waits, for tests",
	.functions = functions,
	.init = init,
	.process_start = process_start,
	.process_stop = process_stop,
};

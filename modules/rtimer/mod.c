/* SPDX-License-Identifier: BSD-2-Clause */
/* rtimer: routes that run because it is time, each time in one worker. When the next time is stands in shared memory; every worker looks, and who moves it on runs the
 * routes. So no worker is needed for it, and none that dies takes a timer with it. */
#include "core/mod/api.h"

#include <errno.h>
#include <stdatomic.h>

#define TIMERS 16u
#define EXECS  32u

struct rtimer_conf {
	struct rtimer {
		struct str name;
		uint64_t interval; /* ms */
	} timers[TIMERS];
	unsigned timers_n;
	struct exec {
		struct str timer, route;
	} execs[EXECS];
	unsigned execs_n;
	/* clock_ms at which each timer runs next; 0: not set yet. The only words here that workers write. */
	_Atomic uint64_t *due;
};

enum { COUNT_RUN, COUNTS };
static const struct counter_def counter_defs[COUNTS] = {
	[COUNT_RUN] = { "runs", "routes that were run because it was time" },
};
static struct counter_group counters = { .name = "rtimer", .defs = counter_defs, .n = COUNTS };

static unsigned section_index;
/* This process's part of each timer of the newest configuration. */
static struct tick {
	struct timer timer;
	struct worker *w;
	const struct conf *conf;
	uint32_t routes[EXECS]; /* event_find_route() of each that it runs */
	unsigned routes_n;
} ticks[TIMERS];

const struct module_def serac_module MODULE_EXPORT;

static const struct rtimer_conf *conf_of(const struct conf *conf)
{
	return CONF_SECTION(conf, &serac_module, struct rtimer_conf);
}

/* --- parameters ------------------------------------------------------------------------------------------------------------------------- */
#define INTERVAL_MAX (86400u * 1000)

/* "10" and "10s" seconds, "500ms", Kamailio's "500000u"; in ms. */
static const char *interval_take(struct str text, uint64_t *ms_r)
{
	static const struct {
		struct str name;
		uint64_t num, den; /* of a millisecond */
	} units[] = { { STR_INIT("ms"), 1, 1 },
		      { STR_INIT("u"), 1, 1000 },
		      { STR_INIT("s"), 1000, 1 } };
	uint64_t n, num = 1000, den = 1;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct str unit = units[i].name;

		if (text.n <= unit.n || !str_eq(str_skip(text, text.n - unit.n), unit))
			continue;
		text = str_head(text, text.n - unit.n);
		num = units[i].num;
		den = units[i].den;
		break;
	}
	if (str_uint(text, (uint64_t)INTERVAL_MAX * 1000, &n) || n * num / den < 10 ||
	    n * num / den > INTERVAL_MAX)
		return "an interval is a number of seconds, or \"500ms\", from 10ms to a day";
	*ms_r = n * num / den;
	return NULL;
}

/* The value behind name= in "name=ping;interval=60"; null: there is none. */
static struct str part_of(struct str text, struct str name)
{
	struct str part;

	while (str_split(&text, ';', &part)) {
		ssize_t at = str_chr(part, '=');

		if (at > 0 && str_eq(str_trim(str_head(part, (size_t)at)), name))
			return str_trim(str_skip(part, (size_t)at + 1));
	}
	return STR_NULL;
}

static const struct rtimer *timer_named(const struct rtimer_conf *c, struct str name)
{
	for (unsigned i = 0; i < c->timers_n; i++)
		if (str_eq(c->timers[i].name, name))
			return &c->timers[i];
	return NULL;
}

static const char *timer_set(void *section, struct arena *arena, const struct value *v)
{
	struct rtimer_conf *c = section;
	struct rtimer *t = &c->timers[c->timers_n];
	struct str name = v->type == VALUE_STR ? part_of(v->s, STR("name")) : STR_NULL;
	struct str interval = v->type == VALUE_STR ? part_of(v->s, STR("interval")) : STR_NULL;
	const char *wrong;

	if (!name.n || !interval.n)
		return "a timer is \"name=ping;interval=60\"";
	if (timer_named(c, name))
		return "there is a timer of this name already";
	if (c->timers_n == TIMERS)
		return "there are at most 16 timers";
	wrong = interval_take(interval, &t->interval);
	if (wrong)
		return wrong;
	t->name = arena_str(arena, name);
	if (str_is_null(t->name))
		return "out of memory";
	c->timers_n++;
	return NULL;
}

static const char *exec_set(void *section, struct arena *arena, const struct value *v)
{
	struct rtimer_conf *c = section;
	struct exec *e = &c->execs[c->execs_n];
	struct str timer = v->type == VALUE_STR ? part_of(v->s, STR("timer")) : STR_NULL;
	struct str route = v->type == VALUE_STR ? part_of(v->s, STR("route")) : STR_NULL;

	if (!timer.n || !route.n)
		return "what a timer runs is \"timer=ping;route=PING\"";
	if (c->execs_n == EXECS)
		return "timers run at most 32 routes";
	e->timer = arena_str(arena, timer);
	e->route = arena_str(arena, route);
	if (str_is_null(e->timer) || str_is_null(e->route))
		return "out of memory";
	c->execs_n++;
	return NULL;
}

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct rtimer_conf *c = section;

	(void)conf;
	for (unsigned i = 0; i < c->execs_n; i++)
		if (!timer_named(c, c->execs[i].timer))
			return "exec names a timer that there is not: modparam(\"rtimer\", "
			       "\"timer\", "
			       "\"name=ping;interval=60\") makes one";
	c->due = arena_zalloc(arena, TIMERS * sizeof(*c->due));
	return c->due ? NULL : "out of memory";
}

static struct str runs_route(const void *section, unsigned n)
{
	const struct rtimer_conf *c = section;

	return n < c->execs_n ? c->execs[n].route : STR_NULL;
}

/* --- time -------------------------------------------------------------------------------------------------------------------------------- */
static void routes_run(struct tick *k)
{
	const struct listener *l = k->w->msg->net->listener_at(k->w->run, 0);
	struct origin from;

	if (!l)
		return;
	from = (struct origin){
		.listener = l, .transport = l->transport, .src = l->addr, .dst = l->addr
	};
	for (unsigned i = 0; i < k->routes_n; i++) {
		(void)event_refuses(k->w, k->routes[i], &from, NULL);
		counter_inc(&counters, COUNT_RUN);
	}
}

/* Late by more than an interval: what was missed is not made up for. */
static uint64_t next_due(uint64_t due, uint64_t interval, uint64_t now)
{
	return due + interval > now ? due + interval : now + interval;
}

static void fired(struct timer *timer)
{
	struct tick *k = container_of(timer, struct tick, timer);
	const struct rtimer_conf *c = conf_of(k->conf);
	unsigned i = (unsigned)(k - ticks);
	uint64_t now = timers_now(k->w->timers), interval = c->timers[i].interval;
	uint64_t due = atomic_load(&c->due[i]), next = next_due(due, interval, now);
	bool mine = due <= now && atomic_compare_exchange_strong(&c->due[i], &due, next);

	/* first, so that a worker that dies in a route has lost nothing */
	if (!mine)
		next = due > now ? due : next;
	timer_start(timer, (uint32_t)(next - now));
	/* another configuration may have been published, and this one's routes be gone from the turn */
	if (mine && worker_conf(k->w) == k->conf)
		routes_run(k);
}

static int new_generation(struct worker *w, const struct conf *conf)
{
	const struct rtimer_conf *c = conf_of(conf);
	uint64_t now = timers_now(w->timers);

	for (unsigned i = 0; i < TIMERS; i++) {
		struct tick *k = &ticks[i];
		uint64_t due = 0;

		if (k->w)
			timer_stop(&k->timer);
		*k = (struct tick){ .w = w, .conf = conf };
		timer_init(&k->timer, w->timers, fired);
		if (i >= c->timers_n)
			continue;
		for (unsigned e = 0; e < c->execs_n; e++)
			if (str_eq(c->execs[e].timer, c->timers[i].name))
				k->routes[k->routes_n++] =
					event_find_route(w, conf, c->execs[e].route);
		if (atomic_compare_exchange_strong(&c->due[i], &due, now + c->timers[i].interval))
			due = now + c->timers[i].interval;
		timer_start(&k->timer, due > now ? (uint32_t)(due - now) : 1);
	}
	return 0;
}

static void process_stop(struct worker *w)
{
	(void)w;
	for (unsigned i = 0; i < TIMERS; i++)
		if (ticks[i].w)
			timer_stop(&ticks[i].timer);
}

/* --- rows -------------------------------------------------------------------------------------------------------------------------------- */
static const struct param_def params[] = {
	{ .name = "timer",
	  .type = P_CALL,
	  .set = timer_set,
	  .live = true,
	  .help = "\"name=ping;interval=60\": seconds, or \"500ms\"; may be repeated" },
	{ .name = "exec",
	  .type = P_CALL,
	  .set = exec_set,
	  .live = true,
	  .help = "\"timer=ping;route=PING\": what it runs; may be repeated" },
	{ .name = "default_interval", .type = P_IGNORE, .help = "each timer has its interval" },
	{ .name = NULL, .type = P_END },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "rtimer",
	.help = "routes that run because it is time",
	.params = params,
	.section_size = sizeof(struct rtimer_conf),
	.counters = &counters,
	.index = &section_index,
	.check = check,
	.runs_route = runs_route,
	.new_generation = new_generation,
	.process_stop = process_stop,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* ratelimit: how many messages of a kind pass in a second, whoever sends them. What is done with the others, the script says. */
#include "modules/ratelimit/pipe.h"

#include <errno.h>

#define PIPES  32u
#define QUEUES 32u

struct pipe {
	enum pipe_algorithm algorithm; /* PIPE_NONE: not defined */
	int64_t limit;		       /* messages a second */
};

/* Which pipe the messages of a method go through. */
struct queue {
	unsigned pipe;
	struct str method;
	bool all;
};

struct ratelimit_conf {
	int64_t interval; /* ms */
	struct pipe pipes[PIPES];
	struct queue queues[QUEUES];
	unsigned queues_n;
};

enum { COUNT_PASSED, COUNT_REFUSED, COUNTS };

static const struct counter_def counter_defs[COUNTS] = {
	[COUNT_PASSED] = { "passed", "messages that fitted" },
	[COUNT_REFUSED] = { "refused", "messages that did not" },
};

static struct counter_group counters = { .name = "ratelimit", .defs = counter_defs, .n = COUNTS };

static unsigned section_index;
/* PIPES of them, by number; made before the first fork. */
static struct pipe_state *states;

static int init(struct run *run, const struct conf *conf)
{
	(void)conf;
	states = chunk_alloc(run->shm, PIPES * sizeof(*states), ID_MAKE(ID_CORE, 0, 0));
	if (!states)
		return -ENOMEM;
	zero(states, PIPES * sizeof(*states));
	chunk_publish(run->shm, states);
	return 0;
}

/* --- parameters -------------------------------------------------------------------------------------------------------------------- */

/* "0:REGISTER": the number and what stands behind it. */
static const char *number_take(struct str *rest, unsigned *number_r)
{
	struct str digits;
	uint64_t n;

	if (!str_split(rest, ':', &digits) || str_is_null(*rest) ||
	    str_uint(str_trim(digits), PIPES - 1, &n))
		return "it begins with the number of a pipe, 0 to 31: \"0:TAILDROP:100\", "
		       "\"0:REGISTER\"";
	*number_r = (unsigned)n;
	return NULL;
}

static const char *algorithm_take(struct str name, enum pipe_algorithm *algorithm_r)
{
	if (str_eq_nocase(name, STR("TAILDROP")))
		*algorithm_r = PIPE_TAILDROP;
	else if (str_eq_nocase(name, STR("RED")))
		*algorithm_r = PIPE_RED;
	else if (str_eq_nocase(name, STR("FEEDBACK")) || str_eq_nocase(name, STR("NETWORK")))
		return "FEEDBACK and NETWORK guess from outside how busy the router is; it knows, "
		       "and "
		       "refuses by itself: set overload_lag";
	else
		return "an algorithm is TAILDROP or RED";
	return NULL;
}

static const char *pipe_set(void *section, struct arena *arena, const struct value *v)
{
	struct ratelimit_conf *c = section;
	struct str rest = v->s, name = STR_NULL;
	const char *wrong;
	unsigned number;
	struct pipe p;
	uint64_t limit;

	(void)arena;
	if (v->type != VALUE_STR)
		return "a pipe is \"number:algorithm:messages a second\"";
	wrong = number_take(&rest, &number);
	if (!wrong) {
		(void)str_split(&rest, ':', &name);
		wrong = algorithm_take(str_trim(name), &p.algorithm);
	}
	if (wrong)
		return wrong;
	if (str_is_null(rest) || str_uint(str_trim(rest), PIPE_LIMIT_MAX, &limit) || !limit)
		return "behind the algorithm comes how many messages a second fit: \"0:RED:100\"";
	p.limit = (int64_t)limit;
	c->pipes[number] = p;
	return NULL;
}

static const char *queue_set(void *section, struct arena *arena, const struct value *v)
{
	struct ratelimit_conf *c = section;
	struct queue *q = &c->queues[c->queues_n];
	struct str rest = v->s;
	const char *wrong;

	if (v->type != VALUE_STR)
		return "a queue is \"number of a pipe:method\"";
	if (c->queues_n == QUEUES)
		return "there are at most 32 queues";
	wrong = number_take(&rest, &q->pipe);
	if (wrong)
		return wrong;
	rest = str_trim(rest);
	if (!rest.n)
		return "behind the pipe comes a method, or * for all others: \"0:INVITE\"";
	q->all = str_eq(rest, STR("*"));
	q->method = arena_str(arena, rest);
	if (str_is_null(q->method))
		return "out of memory";
	c->queues_n++;
	return NULL;
}

/* The messages that fit into an interval. */
static uint64_t limit_of(const struct ratelimit_conf *c, const struct pipe *p)
{
	return (uint64_t)p->limit * (uint64_t)c->interval / 1000;
}

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	const struct ratelimit_conf *c = section;

	(void)conf;
	(void)arena;
	for (unsigned i = 0; i < c->queues_n; i++) {
		if (!c->pipes[c->queues[i].pipe].algorithm)
			return "a queue names a pipe that there is not: modparam(\"ratelimit\", "
			       "\"pipe\", \"0:RED:100\") makes one";
	}
	for (unsigned i = 0; i < PIPES; i++) {
		if (!c->pipes[i].algorithm)
			continue;
		if (limit_of(c, &c->pipes[i]) < 1)
			return "timer_interval is so short that a pipe lets nothing through";
		if (limit_of(c, &c->pipes[i]) > PIPE_LIMIT_MAX)
			return "timer_interval is too long for a pipe: at most 4000000 messages "
			       "fit";
	}
	return NULL;
}

#define AT(member) offsetof(struct ratelimit_conf, member)

static const struct param_def params[] = {
	{ .name = "timer_interval",
	  .type = P_MS,
	  .offset = AT(interval),
	  .def = 10000,
	  .min = 100,
	  .max = 3600000,
	  .unit = 1000,
	  .live = true,
	  .help = "how often counting begins anew" },
	{ .name = "pipe",
	  .type = P_CALL,
	  .set = pipe_set,
	  .live = true,
	  .help = "\"number:TAILDROP or RED:messages a second\"; one for each pipe" },
	{ .name = "queue",
	  .type = P_CALL,
	  .set = queue_set,
	  .live = true,
	  .help = "\"number of a pipe:method\", or * for all other methods; may be repeated" },
	{ .name = NULL, .type = P_END },
};

/* --- functions --------------------------------------------------------------------------------------------------------------------- */

/* Of a response that of its request. Null: there is none. */
static struct str method_of(struct ctx *ctx)
{
	struct sip_cseq cseq;

	if (ctx->msg->is_request)
		return ctx->msg->method_text;
	return sip_msg_cseq(ctx->msg, &cseq) ? STR_NULL : cseq.method_text;
}

static const struct queue *queue_of(const struct ratelimit_conf *c, struct str method)
{
	const struct queue *others = NULL;

	for (unsigned i = 0; i < c->queues_n; i++) {
		if (c->queues[i].all)
			others = &c->queues[i];
		else if (str_eq_nocase(c->queues[i].method, method))
			return &c->queues[i];
	}
	return others;
}

static int through_pipe(struct ctx *ctx, const struct ratelimit_conf *c, unsigned number)
{
	const struct pipe *p = &c->pipes[number];
	bool passes = pipe_take(&states[number], p->algorithm,
				ctx->worker->now / (uint64_t)c->interval, limit_of(c, p));

	counter_inc(&counters, passes ? COUNT_PASSED : COUNT_REFUSED);
	return passes ? FN_TRUE : FN_FALSE;
}

static int fn_rl_check(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct ratelimit_conf *c = ctx->conf->sections[section_index];
	struct str method = method_of(ctx);
	const struct queue *q = queue_of(c, method);

	(void)argv;
	(void)argc;
	if (q)
		return through_pipe(ctx, c, q->pipe);
	log_limited(LOG_WARN, "ratelimit", "refused a message that no queue is for",
		    KV_STR("method", method),
		    KV_Z("hint", "modparam(\"ratelimit\", \"queue\", \"0:*\") is for all others"));
	return FN_FALSE;
}

static int fn_rl_check_pipe(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct ratelimit_conf *c = ctx->conf->sections[section_index];
	uint64_t number;

	(void)argc;
	if (!str_uint(argv[0].s, PIPES - 1, &number) && c->pipes[number].algorithm)
		return through_pipe(ctx, c, (unsigned)number);
	log_limited(LOG_WARN, "ratelimit", "refused a message: there is no such pipe",
		    KV_STR("pipe", argv[0].s));
	return FN_FALSE;
}

static const char *check_pipe(const struct value *argv, unsigned argc)
{
	uint64_t number;

	(void)argc;
	return module_text_is_known(&argv[0]) && str_uint(argv[0].s, PIPES - 1, &number)
		       ? "a pipe is a number from 0 to 31, or an attribute that holds one"
		       : NULL;
}

#define VALUES "1: the message fits; -1: it is too much"

static const struct func_def functions[] = {
	{ "rl_check", "", IN_ANY, fn_rl_check,
	  "counts the message in the pipe that a queue names for its method. " VALUES, NULL },
	{ "rl_check", "t", IN_ANY, fn_rl_check_pipe, "the same in the pipe of this number",
	  check_pipe },
	{ "rl_check_pipe", "t", IN_ANY, fn_rl_check_pipe, "the same", check_pipe },
	{ .name = NULL },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "ratelimit",
	.help = "how many messages of a kind pass in a second",
	.params = params,
	.section_size = sizeof(struct ratelimit_conf),
	.functions = functions,
	.counters = &counters,
	.index = &section_index,
	.check = check,
	.init = init,
};

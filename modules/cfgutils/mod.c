/* SPDX-License-Identifier: BSD-2-Clause */
/* cfgutils: chance, flags of the whole router, hashes. */
#include "core/mod/api.h"

#include <errno.h>
#include <stdatomic.h>

struct cfgutils_conf {
	int64_t initial_probability, initial_gflags;
};

/* Shared by all processes: made before the first fork, of words that are changed by one instruction each. */
struct cfgutils_shared {
	_Atomic uint32_t probability; /* percent */
	_Atomic uint32_t flags;
};
static struct cfgutils_shared *shared;

static unsigned section_index;

static int init(struct run *run, const struct conf *conf)
{
	const struct cfgutils_conf *c = conf->sections[section_index];

	shared = chunk_alloc(run->shm, sizeof(*shared), ID_MAKE(ID_CORE, 0, 0));
	if (!shared)
		return -ENOMEM;
	atomic_store(&shared->probability, (uint32_t)c->initial_probability);
	atomic_store(&shared->flags, (uint32_t)c->initial_gflags);
	chunk_publish(run->shm, shared);
	return 0;
}

/* --- chance ------------------------------------------------------------------------------------------------------------------------------------- */
static uint32_t random_number(void)
{
	uint32_t v;

	random_bytes(&v, sizeof(v));
	return v & INT32_MAX;
}

static int fn_rand_set_prob(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	if (argv[0].i < 0 || argv[0].i > 100) {
		log_limited(LOG_WARN, "cfgutils",
			    "cannot set a probability that is not from 0 to 100",
			    KV_INT("percent", argv[0].i));
		return FN_FALSE;
	}
	atomic_store(&shared->probability, (uint32_t)argv[0].i);
	return FN_TRUE;
}

static int fn_rand_reset_prob(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct cfgutils_conf *c = ctx->conf->sections[section_index];

	(void)argv;
	(void)argc;
	atomic_store(&shared->probability, (uint32_t)c->initial_probability);
	return FN_TRUE;
}

static int fn_rand_get_prob(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argv;
	(void)argc;
	return (int)atomic_load(&shared->probability);
}

static int fn_rand_event(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argv;
	(void)argc;
	return random_number() % 100 < atomic_load(&shared->probability) ? FN_TRUE : FN_FALSE;
}

static const char *check_percent(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_INT && (argv[0].i < 0 || argv[0].i > 100)
		       ? "a probability is from 0 to 100 percent"
		       : NULL;
}

static int random_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	(void)ctx;
	(void)arg;
	*value_r = value_int(random_number());
	return 0;
}

/* --- flags ---------------------------------------------------------------------------------------------------------------------------------------- */
static const char *check_gflag(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_INT && (argv[0].i < 0 || argv[0].i > 31)
		       ? "a flag is a number from 0 to 31"
		       : NULL;
}

/* 0: it is no flag. */
static uint32_t bit_of(const struct value *v)
{
	if (v->i >= 0 && v->i <= 31)
		return 1u << v->i;
	log_limited(LOG_WARN, "cfgutils", "a flag is a number from 0 to 31", KV_INT("flag", v->i));
	return 0;
}

static int fn_set_gflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit = bit_of(&argv[0]);

	(void)ctx;
	(void)argc;
	atomic_fetch_or(&shared->flags, bit);
	return bit ? FN_TRUE : FN_FALSE;
}

static int fn_reset_gflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit = bit_of(&argv[0]);

	(void)ctx;
	(void)argc;
	atomic_fetch_and(&shared->flags, ~bit);
	return bit ? FN_TRUE : FN_FALSE;
}

static int fn_is_gflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	return atomic_load(&shared->flags) & bit_of(&argv[0]) ? FN_TRUE : FN_FALSE;
}

static int fn_check_route_exists(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return script_has_route(ctx->conf, argv[0].s) ? FN_TRUE : FN_FALSE;
}

/* --- hashes ----------------------------------------------------------------------------------------------------------------------------------------- */
/* 1 to 2^bits, Kamailio's number: for spreading calls over targets. */
static int fn_core_hash(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t bits = argv[2].i <= 0 ? 1 : argv[2].i;
	uint32_t mask = (1u << (bits > 30 ? 30 : bits)) - 1;

	(void)ctx;
	(void)argc;
	return (int)(str_core_hash(argv[0].s, argv[1].s) & mask) + 1;
}

#define WAITS                                                                                \
	"a worker never waits, for all other messages would wait with it; to hold back one " \
	"message only, leave it unanswered: it is sent again"
MODULE_REFUSES(sleep, WAITS)
MODULE_REFUSES(usleep, WAITS)
#define LOCKS                                                                                     \
	"a worker never waits for another one; $shv(x) is set and read without a lock, and what " \
	"belongs to one call is kept in $avp(x)"
MODULE_REFUSES(lock, LOCKS)
MODULE_REFUSES(unlock, LOCKS)
MODULE_REFUSES(trylock, LOCKS)
MODULE_REFUSES(route_if_exists, "write if (check_route_exists(\"NAME\")) route(\"NAME\");")
MODULE_REFUSES(abort, "a message must not end the router; write exit, or drop")
#define STATUS "the router writes its memory and counters to the log when main gets the signal USR2"
MODULE_REFUSES(pkg_status, STATUS)
MODULE_REFUSES(pkg_summary, STATUS)
MODULE_REFUSES(shm_status, STATUS)
MODULE_REFUSES(shm_summary, STATUS)

static const struct func_def functions[] = {
	MODULE_DOES(rand_set_prob, "i", check_percent,
		    "sets the probability of rand_event() in percent"),
	MODULE_DOES(rand_reset_prob, "", NULL, "sets it to initial_probability"),
	MODULE_DOES(rand_get_prob, "", NULL,
		    "is the probability; 0 ends the script as any value 0"),
	MODULE_ASKS(rand_event, "", NULL, "true with that probability"),
	MODULE_DOES(set_gflag, "i", check_gflag, "sets a flag of the whole router"),
	MODULE_DOES(reset_gflag, "i", check_gflag, "clears it"),
	MODULE_ASKS(is_gflag, "i", check_gflag, "true when it is set"),
	MODULE_ASKS(core_hash, "tti", NULL,
		    "text, text, bits: a number from 1 to 2^bits made of the texts"),
	MODULE_ASKS(check_route_exists, "t", NULL, "true when the script has a route of this name"),
	MODULE_REFUSED(route_if_exists, "t"),
	MODULE_REFUSED(sleep, "i"),
	MODULE_REFUSED(usleep, "i"),
	MODULE_REFUSED(lock, "t"),
	MODULE_REFUSED(unlock, "t"),
	MODULE_REFUSED(trylock, "t"),
	MODULE_REFUSED(abort, ""),
	MODULE_REFUSED(pkg_status, ""),
	MODULE_REFUSED(pkg_summary, ""),
	MODULE_REFUSED(shm_status, ""),
	MODULE_REFUSED(shm_summary, ""),
	{ .name = NULL },
};

static const struct attr_def attrs[] = {
	{ .pv = "RANDOM",
	  .get = random_get,
	  .type = VALUE_INT,
	  .help = "a number from 0 to 2147483647, another one each time" },
	{ .get = NULL },
};

static const struct param_def params[] = {
	{ .name = "initial_probability",
	  .type = P_INT,
	  .offset = offsetof(struct cfgutils_conf, initial_probability),
	  .def = 10,
	  .min = 0,
	  .max = 100,
	  .live = true,
	  .help = "percent, for rand_event() at the start and after rand_reset_prob()" },
	{ .name = "initial_gflags",
	  .type = P_INT,
	  .offset = offsetof(struct cfgutils_conf, initial_gflags),
	  .def = 0,
	  .min = 0,
	  .max = UINT32_MAX,
	  .help = "the router's flags at the start, as a number" },
	{ .name = "lock_set_size", .type = P_IGNORE, .help = "there are no locks" },
	{ .name = "hash_file", .type = P_IGNORE, .help = "a reload says what changed" },
	{ .name = NULL, .type = P_END },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "cfgutils",
	.help = "chance, flags of the whole router, hashes",
	.params = params,
	.section_size = sizeof(struct cfgutils_conf),
	.functions = functions,
	.attrs = attrs,
	.index = &section_index,
	.init = init,
};

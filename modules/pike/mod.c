/* SPDX-License-Identifier: BSD-2-Clause */
/* pike: finds sources that send too many requests. What is done with them, the script says. */
#include "modules/pike/table.h"

#include <errno.h>

struct pike_conf {
	int64_t unit; /* ms */
	int64_t limit;
	int64_t log_level;
	int64_t max_sources;
	struct networks *allow; /* they may send what they like */
};

enum { COUNT_BLOCKED, COUNT_TOLD, COUNT_FORGOTTEN, COUNT_NOT_COUNTED, COUNTS };

static const struct counter_def counter_defs[COUNTS] = {
	[COUNT_BLOCKED] = { "blocked", "sources that began to send too much" },
	[COUNT_TOLD] = { "requests", "requests of blocked sources" },
	[COUNT_FORGOTTEN] = { "forgotten", "sources that others took the place of" },
	[COUNT_NOT_COUNTED] = { "not_counted",
				"requests for whose source there was no place: max_sources" },
};

static struct counter_group counters = { .name = "pike", .defs = counter_defs, .n = COUNTS };

static unsigned section_index;
/* Made before the first fork. */
static struct table *table;

static const struct pike_conf *conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[section_index];
}

static int init(struct run *run, const struct conf *conf)
{
	const struct pike_conf *c = conf->sections[section_index];

	table = table_new(run->shm, (unsigned)c->max_sources);
	return table ? 0 : -ENOMEM;
}

/* Whom nobody counts: a peer whose TLS certificate was verified, for many share an address and none a key; and networks. source: NULL, where ctx's message
 * came from. */
static bool is_exempt(struct ctx *ctx, const struct addr *source)
{
	const struct origin *from = &ctx->from;

	if (!source && from->conn && from->transport->secure &&
	    msg_net_of(ctx)->conn_proves(ctx->worker->run, from->conn, STR_NULL))
		return true;
	return networks_have(conf_of(ctx)->allow, source ? source : &from->src);
}

static void tell(const struct pike_conf *c, const char *message, const struct addr *source)
{
	static struct log_limit limit;

	if (!log_wants((enum log_level)c->log_level) || !log_limit_pass(&limit))
		return;
	log_write((enum log_level)c->log_level, "pike", message,
		  (struct log_kv[]){ KV_ADDR("src", source),
				     KV_INT("reqs_density_per_unit", c->limit),
				     KV_INT("sampling_time_unit_ms", c->unit),
				     KV_INT("suppressed", limit.suppressed),
				     { .kind = LOG_END } });
	limit.suppressed = 0;
}

#define VALUE_NEW     (-2)
#define VALUE_BLOCKED (-1)

static int check_source(struct ctx *ctx, const struct addr *named)
{
	const struct pike_conf *c = conf_of(ctx);
	const struct addr *source = named ? named : &ctx->from.src;
	struct table_hit hit;

	if (is_exempt(ctx, named))
		return FN_TRUE;
	hit = table_count(table, source, ctx->worker->now / (uint64_t)c->unit, (unsigned)c->limit);
	if (hit.forgot)
		counter_inc(&counters, COUNT_FORGOTTEN);
	if (hit.full)
		counter_inc(&counters, COUNT_NOT_COUNTED);
	switch (hit.verdict) {
	case TABLE_NEW:
		counter_inc(&counters, COUNT_BLOCKED);
		counter_inc(&counters, COUNT_TOLD);
		tell(c, "a source sends too much, it is blocked", source);
		return VALUE_NEW;
	case TABLE_BLOCKED:
		counter_inc(&counters, COUNT_TOLD);
		return VALUE_BLOCKED;
	case TABLE_CALMED:
		tell(c, "a source sends less, it is not blocked any more", source);
		break;
	case TABLE_GOOD:
		break;
	}
	return FN_TRUE;
}

static int fn_pike_check_req(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return check_source(ctx, NULL);
}

static int fn_pike_check_ip(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct addr source;

	(void)argc;
	if (addr_parse(argv[0].s, &source)) {
		log_limited(LOG_WARN, "pike", "cannot check what is no address",
			    KV_STR("text", argv[0].s));
		return FN_FALSE;
	}
	return check_source(ctx, &source);
}

static const char *check_ip(const struct value *argv, unsigned argc)
{
	struct addr a;

	(void)argc;
	return module_text_is_known(&argv[0]) && addr_parse(argv[0].s, &a)
		       ? "an IP address is needed, or an attribute that holds one: \"$si\""
		       : NULL;
}

static const char *allow_set(void *section, struct arena *arena, const struct value *v)
{
	struct pike_conf *c = section;

	return networks_add(&c->allow, arena, v);
}

#define AT(member) offsetof(struct pike_conf, member)

static const struct param_def params[] = {
	{ .name = "sampling_time_unit",
	  .type = P_MS,
	  .offset = AT(unit),
	  .def = 2000,
	  .min = 100,
	  .max = 3600000,
	  .unit = 1000,
	  .live = true,
	  .help = "the time in which requests are counted" },
	{ .name = "reqs_density_per_unit",
	  .type = P_INT,
	  .offset = AT(limit),
	  .def = 30,
	  .min = 1,
	  .max = TABLE_LIMIT_MAX,
	  .live = true,
	  .help = "requests that one source may send in it" },
	{ .name = "pike_log_level",
	  .type = P_INT,
	  .offset = AT(log_level),
	  .def = LOG_WARN,
	  .min = LOG_ERR,
	  .max = LOG_DEBUG,
	  .live = true,
	  .help = "of the lines that say who is blocked, and who no more" },
	{ .name = "allow",
	  .type = P_CALL,
	  .set = allow_set,
	  .live = true,
	  .help = "networks that are never blocked, with commas; may be repeated" },
	{ .name = "max_sources",
	  .type = P_INT,
	  .offset = AT(max_sources),
	  .def = 65536,
	  .min = 64,
	  .max = TABLE_SOURCES_MAX,
	  .help = "sources that are counted at a time, 16 bytes each" },
	{ .name = "remove_latency",
	  .type = P_IGNORE,
	  .help = "a source that sends nothing is forgotten when another one needs its place" },
	{ .name = NULL, .type = P_END },
};

#define VALUES "1: good; -1: it sends too much, as before; -2: it has just begun to send too much"
#define WHERE  (IN_REQUEST | IN_REPLY | IN_EVENT)

static const struct func_def functions[] = {
	{ "pike_check_req", "", WHERE, fn_pike_check_req,
	  "counts the message for its source. " VALUES, NULL },
	{ "pike_check_ip", "t", WHERE, fn_pike_check_ip, "the same for the address that is given",
	  check_ip },
	{ .name = NULL },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "pike",
	.help = "finds sources that send too many requests",
	.params = params,
	.section_size = sizeof(struct pike_conf),
	.functions = functions,
	.counters = &counters,
	.index = &section_index,
	.init = init,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Which parameters the script itself has, and which need other words. */
#include "core/script/params.h"

#define DEPTH_DEFAULT 256
#define STEPS_DEFAULT 1000000
#define LOOPS_DEFAULT 100

#define REFUSED(NAME, SET)                                             \
	{                                                              \
		.name = NAME, .type = P_CALL, .set = SET, .live = true \
	}

static bool is_off(const struct value *v)
{
	return v->type == VALUE_INT ? v->i == 0
				    : str_eq(v->s, STR("no")) || str_eq(v->s, STR("off"));
}

static const char *no_tls(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	return is_off(v) ? NULL : "it needs loadmodule \"tls.so\"";
}

static const char *tls_is_off(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	return is_off(v) ? "it needs loadmodule \"tls.so\"" : NULL;
}

static const char *no_sctp(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	return is_off(v) ? NULL : "there is no SCTP";
}

static const char *advertise(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	(void)v;
	return "it stands behind an address: listen=udp:10.0.0.1:5060 advertise 192.0.2.1:5060";
}

const struct param_def script_params[] = {
	{ .name = "max_recursive_level",
	  .type = P_INT,
	  .offset = offsetof(struct script_conf, max_depth),
	  .def = DEPTH_DEFAULT,
	  .min = 1,
	  .max = 10000,
	  .help = "how deeply routes may call routes",
	  .live = true },
	{ .name = "max_script_steps",
	  .type = P_INT,
	  .offset = offsetof(struct script_conf, max_steps),
	  .def = STEPS_DEFAULT,
	  .min = 1000,
	  .max = 1000000000,
	  .help = "operations that one message may cost in the script: those of each route called "
		  "and of each turn of a while",
	  .live = true },
	REFUSED("enable_tls", no_tls),
	REFUSED("tls_enable", no_tls),
	REFUSED("tls_port_no", no_tls),
	REFUSED("enable_sctp", no_sctp),
	REFUSED("advertised_address", advertise),
	REFUSED("advertised_port", advertise),
	{ .name = "max_while_loops",
	  .type = P_INT,
	  .offset = offsetof(struct script_conf, max_loops),
	  .def = LOOPS_DEFAULT,
	  .min = 1,
	  .max = 1000000000,
	  .help = "how often one while may run its statements",
	  .live = true },
	REFUSED("disable_tls", tls_is_off),
	REFUSED("tls_disable", tls_is_off),
	{ .type = P_END },
};

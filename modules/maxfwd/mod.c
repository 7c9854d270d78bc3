/* SPDX-License-Identifier: BSD-2-Clause */
/* maxfwd: the script's say in Max-Forwards. That it falls by one is done at emission, whether the script calls this or not. */
#include "core/mod/api.h"

#include <errno.h>

struct maxfwd_conf {
	int64_t max_limit;
};

static unsigned section_index;

static const struct maxfwd_conf *conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[section_index];
}

#define VALUE_ADDED	2
#define VALUE_NOT_THERE (-2)
#define VALUE_MALFORMED (-3)

static int value_of(struct ctx *ctx, uint32_t *value_r)
{
	int err = sip_msg_uint(ctx->msg, HDR_MAX_FORWARDS, value_r);

	return !err ? FN_TRUE : err == -ENOENT ? VALUE_NOT_THERE : VALUE_MALFORMED;
}

static int fn_process(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t limit = conf_of(ctx)->max_limit;
	uint32_t value;

	(void)argc;
	ctx->maxfwd_checked = true;
	switch (value_of(ctx, &value)) {
	case VALUE_NOT_THERE:
		ctx->maxfwd = (uint32_t)argv[0].i;
		return VALUE_ADDED;
	case VALUE_MALFORMED:
		return FN_FALSE;
	default:
		break;
	}
	if (value == 0)
		return FN_FALSE;
	ctx->maxfwd = value - 1 > limit ? (uint32_t)limit : value - 1;
	return FN_TRUE;
}

static int fn_is_lt(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t value;
	int r = value_of(ctx, &value);

	(void)argc;
	if (r != FN_TRUE)
		return r;
	return value < argv[0].i ? FN_TRUE : FN_FALSE;
}

static int fn_at_least(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t value;
	int r = value_of(ctx, &value);

	(void)argc;
	if (r != FN_TRUE)
		return r;
	return value >= argv[0].i ? FN_TRUE : FN_FALSE;
}

static const char *check_value(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[0].type == VALUE_INT && (argv[0].i < 1 || argv[0].i > 255))
		return "Max-Forwards is a number from 1 to 255";
	return NULL;
}

static const struct param_def params[] = {
	{ .name = "max_limit",
	  .type = P_INT,
	  .offset = offsetof(struct maxfwd_conf, max_limit),
	  .def = 255,
	  .min = 1,
	  .max = 255,
	  .live = true,
	  .help = "the largest Max-Forwards value let through" },
	{ .name = NULL, .type = P_END },
};

#define PROCESS(NAME)                                                                             \
	{                                                                                         \
		NAME, "i", IN_REQUEST, fn_process,                                                \
			"1: there are hops left; 2: there was no Max-Forwards, it is added with " \
			"that value; "                                                            \
			"-1: none are left, or the header field is malformed",                    \
			check_value                                                               \
	}
#define LOWER(NAME)                                                                              \
	{                                                                                        \
		NAME, "i", IN_REQUEST | FN_PURE, fn_is_lt,                                       \
			"1: Max-Forwards is below the value; -1: it is not; -2: there is none; " \
			"-3: malformed",                                                         \
			check_value                                                              \
	}

static const struct func_def functions[] = {
	PROCESS("mf_process_maxfwd_header"),
	PROCESS("process_maxfwd"),
	PROCESS("maxfwd_process"),
	LOWER("is_maxfwd_lt"),
	LOWER("mf_lowlimit"),
	{ "maxfwd_at_least", "i", IN_REQUEST | FN_PURE, fn_at_least,
	  "1: Max-Forwards is at least the value; -1: it is not; -2: there is none; -3: malformed",
	  check_value },
	{ .name = NULL },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "maxfwd",
	.help = "Max-Forwards",
	.params = params,
	.section_size = sizeof(struct maxfwd_conf),
	.functions = functions,
	.index = &section_index,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* blst: the list of dead destinations, seen and changed by scripts. */
#include "core/mod/api.h"

#define FLAGS_MOST   255
#define SECONDS_MOST 2000000 /* 23 days */

/* The destination that a call means: the one named, "udp:192.0.2.1:5060", or where the message came from. False, and logged: it is no such text. */
static bool destination(struct ctx *ctx, const struct value *name, struct target *t_r)
{
	struct str text = name ? name->s : STR_NULL;
	ssize_t colon = str_chr(text, ':');

	*t_r = (struct target){ .transport = ctx->from.transport, .addr = ctx->from.src };
	if (!name)
		return true;
	t_r->transport = colon > 0 ? transport_find(str_head(text, (size_t)colon)) : NULL;
	if (t_r->transport && !addr_port_parse(str_skip(text, (size_t)colon + 1), &t_r->addr))
		return true;
	log_limited(LOG_WARN, "blst", "not a destination", KV_STR("text", text),
		    KV_Z("hint", "transport, address and port: udp:192.0.2.1:5060"));
	return false;
}

static int add(struct ctx *ctx, const struct target *t, int64_t seconds)
{
	if (seconds < 0 || seconds > SECONDS_MOST)
		seconds = seconds < 0 ? 0 : SECONDS_MOST;
	if (blocklist_add(ctx->worker, t, BLOCK_SCRIPT, (uint64_t)seconds * 1000))
		return FN_TRUE;
	log_limited(LOG_WARN, "blst", "could not list a destination", KV_ADDR("dst", &t->addr),
		    KV_Z("hint", "use_dst_blocklist is off"));
	return FN_FALSE;
}

static MODULE_FN(blst_add)
{
	struct target t;

	if (!destination(ctx, argc > 1 ? &argv[1] : NULL, &t))
		return FN_FALSE;
	return add(ctx, &t, argc ? argv[0].i : 0);
}

static MODULE_FN(blst_add_retry_after)
{
	struct target t;
	uint32_t asked;
	int64_t seconds;

	(void)argc;
	if (!destination(ctx, NULL, &t) || !reply_retry_after(ctx->msg, &asked))
		return FN_FALSE;
	seconds = asked < argv[0].i ? argv[0].i : asked;
	return add(ctx, &t, seconds > argv[1].i ? argv[1].i : seconds);
}

static MODULE_FN(blst_del)
{
	struct target t;

	return destination(ctx, argc ? argv : NULL, &t) &&
			       blocklist_remove(ctx->worker, t.transport, &t.addr)
		       ? FN_TRUE
		       : FN_FALSE;
}

static MODULE_FN(blst_delete_all)
{
	(void)argv;
	(void)argc;
	blocklist_clear(ctx->worker);
	return FN_TRUE;
}

static MODULE_FN(blst_is_blocklisted)
{
	struct target t;

	return destination(ctx, argc ? argv : NULL, &t) &&
			       blocklist_has(ctx->worker, t.transport, &t.addr)
		       ? FN_TRUE
		       : FN_FALSE;
}

/* --- what lists nothing -------------------------------------------------------------------------------------------------------------- */
static unsigned flags_of(const struct value *argv, unsigned argc)
{
	return argc ? (unsigned)argv[0].i & BLOCK_ALL : BLOCK_ALL;
}

static MODULE_FN(blst_set_ignore)
{
	ctx->block_ignore |= flags_of(argv, argc);
	return FN_TRUE;
}

static MODULE_FN(blst_clear_ignore)
{
	ctx->block_ignore &= ~flags_of(argv, argc);
	return FN_TRUE;
}

static MODULE_FN(blst_rpl_set_ignore)
{
	ctx->block_ignore_reply |= flags_of(argv, argc);
	return FN_TRUE;
}

static MODULE_FN(blst_rpl_clear_ignore)
{
	ctx->block_ignore_reply &= ~flags_of(argv, argc);
	return FN_TRUE;
}

/* --- rows ----------------------------------------------------------------------------------------------------------------------------- */
static const char *check_seconds(const struct value *argv, unsigned argc)
{
	for (unsigned i = 0; i < argc && i < 2; i++) {
		if (argv[i].type == VALUE_INT && (argv[i].i < 0 || argv[i].i > SECONDS_MOST))
			return "the time is a number of seconds, at most 2000000";
	}
	if (argc > 1 && argv[0].type == VALUE_INT && argv[1].type == VALUE_INT &&
	    argv[0].i > argv[1].i)
		return "the first number is the shortest time, the second the longest";
	return NULL;
}

static const char *check_flags(const struct value *argv, unsigned argc)
{
	if (argc && argv[0].type == VALUE_INT && (argv[0].i < 0 || argv[0].i > FLAGS_MOST))
		return "the kinds of failures are a sum: 2 send, 4 connect, 16 timeout, 32 a 503";
	return NULL;
}

#define IS_LISTED(NAME, ARGS)                                                       \
	{                                                                           \
		NAME, ARGS, IN_ANY | FN_PURE, fn_blst_is_blocklisted,               \
			"1: requests are not sent to where the message came from, " \
			"or to that destination",                                   \
			NULL                                                        \
	}

static const struct func_def functions[] = {
	MODULE_DOES(blst_add, "|it", check_seconds,
		    "lists where the message came from, or a destination, for some seconds (0: "
		    "dst_blocklist_expire)"),
	MODULE_DOES(
		blst_add_retry_after, "ii", check_seconds,
		"lists where the message came from for the seconds of its Retry-After, at least "
		"and at most these; -1: it has none"),
	MODULE_DOES(blst_del, "|t", NULL,
		    "takes where the message came from, or a destination, off the list; -1: it was "
		    "not on it"),
	MODULE_DOES(blst_delete_all, "", NULL, "takes all destinations off the list"),
	IS_LISTED("blst_is_blocklisted", "|t"),
	IS_LISTED("blst_is_blacklisted", "|t"),
	MODULE_DOES(blst_set_ignore, "|i", check_flags,
		    "failures of these kinds, or of all, to send the request list nothing"),
	MODULE_DOES(blst_clear_ignore, "|i", check_flags, "the opposite of blst_set_ignore()"),
	MODULE_DOES(blst_rpl_set_ignore, "|i", check_flags,
		    "failures of these kinds, or of all, to send the answers list nothing"),
	MODULE_DOES(blst_rpl_clear_ignore, "|i", check_flags,
		    "the opposite of blst_rpl_set_ignore()"),
	{ .name = NULL },
};

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "blst",
	.help = "the list of dead destinations",
	.functions = functions,
	.index = &section_index,
};

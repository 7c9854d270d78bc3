/* SPDX-License-Identifier: BSD-2-Clause */
/* sl: answers without a transaction. */
#include "core/mod/api.h"

struct sl_conf {
	int64_t default_code;
	struct str default_reason;
	int64_t rich_redirect; /* CONTACT_ bits */
};

static unsigned section_index;

static const struct sl_conf *conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[section_index];
}

/* A redirection names where to: the Request-URI as the script left it, and what append_branch() put beside it (RFC 3261 8.3). */
static struct str contact_line(struct ctx *ctx, unsigned code)
{
	if (code < 300 || code > 399)
		return STR_NULL;
	return branches_contact(ctx, (unsigned)conf_of(ctx)->rich_redirect);
}

static int answer(struct ctx *ctx, int64_t code, struct str reason)
{
	if (code < 100 || code > 699) {
		log_limited(LOG_WARN, "sl",
			    "cannot answer with a status that is not from 100 to 699",
			    KV_INT("status", code));
		return FN_FALSE;
	}
	if (reply_send(ctx, (unsigned)code, reason, contact_line(ctx, (unsigned)code)))
		return FN_FALSE;
	return FN_TRUE;
}

static int fn_send_reply(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return answer(ctx, argv[0].i, argc > 1 ? argv[1].s : STR_NULL);
}

static int fn_reply_error(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sl_conf *c = conf_of(ctx);

	(void)argv;
	(void)argc;
	if (ctx->fail_status)
		return answer(ctx, ctx->fail_status, ctx->fail_reason);
	return answer(ctx, c->default_code, c->default_reason);
}

static const char *check_reply(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[0].type == VALUE_INT && (argv[0].i < 100 || argv[0].i > 699))
		return "the status is a number from 100 to 699";
	return NULL;
}

static const struct param_def params[] = {
	{ .name = "default_code",
	  .type = P_INT,
	  .offset = offsetof(struct sl_conf, default_code),
	  .def = 500,
	  .min = 400,
	  .max = 699,
	  .live = true,
	  .help = "what sl_reply_error() answers when nothing is known to have failed" },
	{ .name = "default_reason",
	  .type = P_STR,
	  .offset = offsetof(struct sl_conf, default_reason),
	  .def_z = "Internal Server Error",
	  .live = true,
	  .help = "its reason phrase" },
	{ .name = "rich_redirect",
	  .type = P_INT,
	  .offset = offsetof(struct sl_conf, rich_redirect),
	  .def = 0,
	  .min = 0,
	  .max = CONTACT_FLAGS | CONTACT_PATH,
	  .live = true,
	  .help = "what the Contact of a 3xx says besides URI and q: 1 branch flags, 2 the path "
		  "as Route in the URI, 3 both" },
	{ .name = "bind_tm", .type = P_IGNORE, .help = "a transaction is found by itself" },
	{ .name = NULL, .type = P_END },
};

#define REPLY(NAME, ARGS)                                                                         \
	{                                                                                         \
		NAME, ARGS, IN_REQUEST | IN_FAILURE, fn_send_reply,                               \
			"answers the request: status, reason; 1, or -1 (an ACK, or it could not " \
			"be sent)",                                                               \
			check_reply                                                               \
	}
#define ERROR_REPLY(NAME)                                                       \
	{                                                                       \
		NAME, "", IN_REQUEST | IN_FAILURE, fn_reply_error,              \
			"answers with what the last forward() failed for", NULL \
	}

static const struct func_def functions[] = {
	REPLY("sl_send_reply", "i|h"), REPLY("send_reply", "i|h"),	REPLY("sl_reply", "i|h"),
	ERROR_REPLY("sl_reply_error"), ERROR_REPLY("send_reply_error"), { .name = NULL },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "sl",
	.help = "answers without a transaction",
	.params = params,
	.section_size = sizeof(struct sl_conf),
	.functions = functions,
	.index = &section_index,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* sanity: is a request worth routing? What is not is answered here. */
#include "modules/sanity/checks.h"

struct sanity_conf {
	int64_t msg_checks;
	int64_t uri_checks;
	struct str proxy_require;
	bool noreply;
};

static unsigned section_index;

static const struct sanity_conf *conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[section_index];
}

static const struct {
	unsigned bit;
	check_fn *check;
} checks[] = {
#define X(bit, name, is_default) { bit, check_##name },
	CHECK_TABLE(X)
#undef X
};

enum {
#define X(bit, name, is_default) +((is_default) ? (bit) : 0)
	MSG_CHECKS_DEFAULT = 0 CHECK_TABLE(X)
#undef X
};

/* The first check that fails decides. */
static void run_checks(struct ctx *ctx, unsigned which, struct verdict *v)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if ((which & checks[i].bit) && !checks[i].check(ctx, v))
			return;
	}
}

static void answer(struct ctx *ctx, const struct verdict *v)
{
	log_limited(LOG_INFO, "sanity", "request refused", KV_INT("status", v->status),
		    KV_STR("why", v->reason), KV_ADDR("src", &ctx->from.src),
		    KV_STR("method", ctx->msg->method_text));
	if (ctx->msg->method == METHOD_ACK)
		return;
	/* for sanity_reply() and sl_reply_error() */
	(void)ctx_fail(ctx, v->status, v->reason);
	if (conf_of(ctx)->noreply) {
		ctx->done |= CTX_DROPPED; /* the end of the route says nothing either */
		return;
	}
	(void)reply_send(ctx, v->status, v->reason, v->headers);
}

static int fn_check(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sanity_conf *c = conf_of(ctx);
	struct verdict v = { .uri_checks = (unsigned)(argc > 1 ? argv[1].i : c->uri_checks),
			     .supported = c->proxy_require };

	if (!ctx->msg->is_request) /* one that is not sound never comes to the script */
		return FN_TRUE;
	run_checks(ctx, (unsigned)(argc > 0 ? argv[0].i : c->msg_checks), &v);
	if (!v.status)
		return FN_TRUE;
	answer(ctx, &v);
	return FN_FALSE;
}

static int fn_reply(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	if (!ctx->fail_status)
		return FN_FALSE;
	return reply_send(ctx, ctx->fail_status, ctx->fail_reason, STR_NULL) ? FN_FALSE : FN_TRUE;
}

static const char *check_arguments(const struct value *argv, unsigned argc)
{
	for (unsigned i = 0; i < argc; i++) {
		if (argv[i].type == VALUE_INT && (argv[i].i < 0 || argv[i].i > 65535))
			return "checks are a sum of bits, from 0 to 65535";
	}
	return NULL;
}

static const struct param_def params[] = {
	{ .name = "default_msg_checks",
	  .type = P_INT,
	  .offset = offsetof(struct sanity_conf, msg_checks),
	  .def = MSG_CHECKS_DEFAULT,
	  .min = 0,
	  .max = 65535,
	  .live = true,
	  .help = "which checks sanity_check() does when it is not told" },
	{ .name = "default_uri_checks",
	  .type = P_INT,
	  .offset = offsetof(struct sanity_conf, uri_checks),
	  .def = URI_CHECKS_DEFAULT,
	  .min = 0,
	  .max = 15,
	  .live = true,
	  .help = "which URIs are looked at: 1 Request-URI, 2 From, 4 To, 8 Contact" },
	{ .name = "proxy_require",
	  .type = P_STR,
	  .offset = offsetof(struct sanity_conf, proxy_require),
	  .def_z = "",
	  .live = true,
	  .help = "option tags in Proxy-Require that are supported, separated by commas" },
	{ .name = "noreply",
	  .type = P_BOOL,
	  .offset = offsetof(struct sanity_conf, noreply),
	  .live = true,
	  .help = "do not answer; sanity_reply() does" },
	{ .name = "autodrop",
	  .type = P_IGNORE,
	  .help = "malformed requests never reach the script" },
	{ .name = NULL, .type = P_END },
};

static const struct func_def functions[] = {
	{ "sanity_check", "|ii", IN_REQUEST | IN_REPLY, fn_check,
	  "1: the request is sound; -1: it is not, and was answered: checks, URI checks. Responses "
	  "are sound, or do not come to the script",
	  check_arguments },
	{ "sanity_reply", "", IN_REQUEST, fn_reply,
	  "answers with what the last sanity_check() found, when noreply is set; 1 or -1", NULL },
	{ .name = NULL },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "sanity",
	.help = "checks requests and answers those that make no sense",
	.params = params,
	.section_size = sizeof(struct sanity_conf),
	.functions = functions,
	.index = &section_index,
};

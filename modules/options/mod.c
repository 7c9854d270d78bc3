/* SPDX-License-Identifier: BSD-2-Clause */
/* options: answers OPTIONS that ask the router itself, as SER has it. */
#include "core/mod/api.h"

#include <errno.h>

static unsigned section_index;

/* The module's part of the configuration. */
struct options_conf {
	struct capabilities answer;
};

static int fn_options_reply(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct options_conf *c = ctx->conf->sections[section_index];
	int err = capabilities_send(ctx, &c->answer);

	(void)argv;
	(void)argc;
	if (err == -EINVAL)
		log_limited(LOG_WARN, "options",
			    "could not answer: this is no OPTIONS to the router itself",
			    KV_STR("method", ctx->msg->method_text),
			    KV_STR("uri", ctx_uri_text(ctx)));
	return err ? FN_FALSE : FN_TRUE;
}

static const struct func_def functions[] = {
	{ "options_reply", "", IN_REQUEST | IN_FAILURE, fn_options_reply,
	  "answers an OPTIONS to the router itself with 200; -1: it is none", NULL },
	{ .name = NULL },
};

#define TEXT(NAME, MEMBER, DEFAULT, HELP)                                                     \
	{                                                                                     \
		.name = NAME, .type = P_STR, .offset = offsetof(struct options_conf, MEMBER), \
		.def_z = DEFAULT, .live = true, .help = HELP                                  \
	}

static const struct param_def params[] = {
	TEXT("accept", answer.accept, "*/*", "Accept of the answer"),
	TEXT("accept_encoding", answer.accept_encoding, "", "its Accept-Encoding"),
	TEXT("accept_language", answer.accept_language, "en", "its Accept-Language"),
	TEXT("support", answer.supported, "", "its Supported"),
	TEXT("supported", answer.supported, "", "the same"),
	TEXT("contact", answer.contact, NULL,
	     "host and port of a Contact, or dstip: where the request came; ruri: the "
	     "Request-URI's"),
	TEXT("contact_param", answer.contact_params, NULL,
	     "parameters of the URI in it; without contact that is dstip"),
	{ .name = NULL, .type = P_END },
};

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct options_conf *c = section;

	(void)conf;
	(void)arena;
	if (!c->answer.contact.n)
		c->answer.contact = c->answer.contact_params.n ? STR("dstip") : STR_NULL;
	return capabilities_fault(&c->answer);
}

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "options",
	.help = "answers OPTIONS that ask the router itself",
	.params = params,
	.section_size = sizeof(struct options_conf),
	.functions = functions,
	.index = &section_index,
	.check = check,
};

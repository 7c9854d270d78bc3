/* SPDX-License-Identifier: BSD-2-Clause */
/* textops: header fields and text of messages. */
#include "modules/textops/textops.h"

#include <errno.h>

static int failed(const char *what_z, struct str text, int err)
{
	log_limited(LOG_WARN, "textops", what_z, KV_STR("text", text), KV_ERRNO(-err));
	return FN_FALSE;
}

static int add(struct ctx *ctx, const struct value *argv, unsigned argc, bool front)
{
	int err = header_add(ctx, argv[0].s, argc > 1 ? argv[1].s : STR_NULL, front);

	return err ? failed("could not add a header field", argv[0].s, err) : FN_TRUE;
}

static int fn_append_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return add(ctx, argv, argc, false);
}

static int fn_insert_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return add(ctx, argv, argc, true);
}

static int fn_append_to_reply(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int err = header_add_to_reply(ctx, argv[0].s);

	(void)argc;
	return err ? failed("could not add a header field to the reply", argv[0].s, err) : FN_TRUE;
}

static int fn_remove_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	unsigned n;
	int err = header_remove(ctx, argv[0].s, &n);

	(void)argc;
	if (err)
		return failed("could not remove a header field", argv[0].s, err);
	return n ? FN_TRUE : FN_FALSE;
}

static int fn_is_present_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return sip_msg_find(ctx->msg, argv[0].s) ? FN_TRUE : FN_FALSE;
}

/* Whether the name stands in a list like "INVITE|ACK". */
static bool method_in(struct str list, struct str method)
{
	struct str one;

	while (str_split(&list, '|', &one)) {
		if (str_eq(str_trim(one), method))
			return true;
	}
	return false;
}

static int fn_is_method(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_cseq cseq;

	(void)argc;
	if (ctx->msg->is_request)
		return method_in(argv[0].s, ctx->msg->method_text) ? FN_TRUE : FN_FALSE;
	if (sip_msg_cseq(ctx->msg, &cseq))
		return FN_FALSE;
	return method_in(argv[0].s, cseq.method_text) ? FN_TRUE : FN_FALSE;
}

static bool is_media_type(struct str body, struct str type)
{
	ssize_t end = str_chr(body, ';');
	struct str have = str_trim(end < 0 ? body : str_head(body, (size_t)end));

	return str_eq_nocase(have, type);
}

static int fn_has_body(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sip_hdr *h = ctx->msg->first[HDR_CONTENT_TYPE];

	if (!ctx->msg->body.n)
		return FN_FALSE;
	if (!argc)
		return FN_TRUE;
	/* RFC 3261 20.15 makes Content-Type a must; in the family a body without it is taken for SDP */
	return is_media_type(h ? h->body : STR("application/sdp"), argv[0].s) ? FN_TRUE : FN_FALSE;
}

static const char *check_method(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_STR && !argv[0].s.n ? "no method is named" : NULL;
}

static const char *check_name(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[0].type == VALUE_STR && (!argv[0].s.n || str_chr(argv[0].s, ':') >= 0))
		return "the name of a header field is needed, without colon";
	return NULL;
}

static const char *check_subst(const struct value *argv, unsigned argc)
{
	struct subst s;

	(void)argc;
	return argv[0].type == VALUE_STR ? subst_parse(argv[0].s, &s) : NULL;
}

#define ANY(NAME, ARGS, CALL, CHECK, HELP)            \
	{                                             \
		NAME, ARGS, IN_ANY, CALL, HELP, CHECK \
	}

static const struct func_def functions[] = {
	ANY("append_hf", "h|s", fn_append_hf, NULL,
	    "adds a header field behind the last, or behind the last of that name"),
	ANY("insert_hf", "h|s", fn_insert_hf, NULL,
	    "adds a header field before the first, or before the first of that name"),
	ANY("remove_hf", "s", fn_remove_hf, check_name,
	    "leaves out all header fields of that name; -1 when there was none"),
	ANY("is_present_hf", "s", fn_is_present_hf, check_name,
	    "true when a header field is there"),
	{ "append_to_reply", "h", IN_REQUEST, fn_append_to_reply,
	  "adds a header field to the answers made here", NULL },
	ANY("is_method", "s", fn_is_method, check_method, "true for one of \"INVITE|ACK\""),
	ANY("has_body", "|s", fn_has_body, NULL, "true when there is a body, of that type"),
	ANY("search", "r", fn_search, NULL, "true when the pattern is found in the message"),
	ANY("search_body", "r", fn_search_body, NULL, "true when it is found in the body"),
	ANY("replace", "rs", fn_replace, NULL, "replaces the first match behind the first line"),
	ANY("replace_all", "rs", fn_replace_all, NULL,
	    "replaces all matches behind the first line"),
	ANY("replace_body", "rs", fn_replace_body, NULL, "replaces the first match in the body"),
	ANY("replace_body_all", "rs", fn_replace_body_all, NULL,
	    "replaces all matches in the body"),
	ANY("subst", "s", fn_subst, check_subst,
	    "'/pattern/replacement/flags' behind the first line; flags g (all) and i (any case)"),
	ANY("subst_body", "s", fn_subst_body, check_subst, "the same in the body"),
	{ "subst_uri", "s", IN_REQUEST, fn_subst_uri, "the same on the Request-URI", check_subst },
	{ "subst_user", "s", IN_REQUEST, fn_subst_user, "the same on its user", check_subst },
	{ .name = NULL },
};

static const struct param_def params[] = {
	{ .name = NULL, .type = P_END },
};

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "textops",
	.help = "header fields and text of messages",
	.params = params,
	.functions = functions,
	.index = &section_index,
};

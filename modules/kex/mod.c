/* SPDX-License-Identifier: BSD-2-Clause */
/* kex: what Kamailio has beside SER's core. Most of it is in the core here: branch flags, $du, append_branch. */
#include "core/mod/api.h"

#include <errno.h>

/* --- script flags ------------------------------------------------------------------------------------------------------------------------------- */
static const char *check_flag(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_INT && (argv[0].i < 0 || argv[0].i > 31)
		       ? "a flag is a number from 0 to 31"
		       : NULL;
}

/* The flags' word, which is $sf, and the flag's bit in it. NULL: no such flag. */
static uint32_t *flag_of(struct ctx *ctx, const struct value *v, uint32_t *bit_r)
{
	if (v->i < 0 || v->i > 31) {
		log_limited(LOG_WARN, "kex", "there is no such flag", KV_INT("flag", v->i));
		return NULL;
	}
	*bit_r = 1u << v->i;
	return &ctx->script_flags;
}

static int fn_setsflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit = 0, *flags = flag_of(ctx, &argv[0], &bit);

	(void)argc;
	if (flags)
		*flags |= bit;
	return flags ? FN_TRUE : FN_FALSE;
}

static int fn_resetsflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit = 0, *flags = flag_of(ctx, &argv[0], &bit);

	(void)argc;
	if (flags)
		*flags &= ~bit;
	return flags ? FN_TRUE : FN_FALSE;
}

static int fn_issflagset(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit = 0, *flags = flag_of(ctx, &argv[0], &bit);

	(void)argc;
	return flags && (*flags & bit) ? FN_TRUE : FN_FALSE;
}

/* --- who we are ---------------------------------------------------------------------------------------------------------------------------------- */
/* A URI, "host", "host:port" or "udp:host:port". */
static int fn_is_myself(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str text = argv[0].s;
	ssize_t colon = str_chr(text, ':');
	const struct transport *t = NULL;
	struct sip_uri *u;
	char uri[512];
	struct buf b = BUF_ON(uri);

	(void)argc;
	if (colon > 0)
		t = transport_find(str_head(text, (size_t)colon));
	u = t || !text.n ? NULL : ctx_uri_parse(ctx, text);
	/* "host.example:5060" reads as a URI of a scheme of that name */
	if (u && u->scheme != URI_OTHER)
		return ctx_uri_is_own(ctx, u) ? FN_TRUE : FN_FALSE;
	if (t)
		text = str_skip(text, (size_t)colon + 1);
	buf_lit(&b, "sip:");
	buf_str_put(&b, text);
	if (t)
		buf_fmt(&b, ";transport=%s", t->name);
	u = text.n && buf_ok(&b) ? ctx_uri_parse(ctx, buf_str(&b)) : NULL;
	return u && ctx_uri_is_own(ctx, u) ? FN_TRUE : FN_FALSE;
}

/* --- others ---------------------------------------------------------------------------------------------------------------------------------------- */
static int fn_setdebug(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	log_level_override(true, argv[0].i < -3 ? -3 : argv[0].i > 4 ? 4 : (int)argv[0].i);
	return FN_TRUE;
}

static int fn_resetdebug(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argv;
	(void)argc;
	log_level_override(false, 0);
	return FN_TRUE;
}

static int fn_pv_printf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return attr_use_set(ctx, argv[0].attr, &argv[1]) ? FN_FALSE : FN_TRUE;
}

static int fn_km_append_branch(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct branch b = branch_main(ctx);
	int err;

	b.uri = argc ? argv[0].s : STR_NULL;
	b.q = BRANCH_Q_NONE;
	err = b.uri.n ? branch_add(ctx, &b) : branch_add_main(ctx, BRANCH_Q_NONE);
	if (err)
		log_limited(LOG_WARN, "kex", "could not add a target", KV_STR("uri", b.uri),
			    KV_ERRNO(-err));
	return err ? FN_FALSE : FN_TRUE;
}

static const struct func_def functions[] = {
	MODULE_DOES(setsflag, "i", check_flag, "sets a script flag, which no transaction keeps"),
	MODULE_DOES(resetsflag, "i", check_flag, "clears it"),
	MODULE_ASKS(issflagset, "i", check_flag, "true when it is set"),
	MODULE_ASKS(is_myself, "t", NULL,
		    "true when a URI, host, host:port or udp:host:port is ours"),
	{ "is_myhost", "t", IN_ANY | FN_PURE, fn_is_myself, "the same", NULL },
	MODULE_DOES(setdebug, "i", NULL, "another log level for this worker, until resetdebug()"),
	MODULE_DOES(resetdebug, "", NULL, "the log level is again the configuration's"),
	MODULE_DOES(pv_printf, "at", NULL, "sets a variable to a text"),
	{ "avp_printf", "at", IN_ANY, fn_pv_printf, "the same", NULL },
	MODULE_DOES(km_append_branch, "|t", NULL, "as append_branch()"),
	{ .name = NULL },
};

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "kex",
	.help = "script flags, is_myself, the log level of a worker",
	.functions = functions,
	.index = &section_index,
};

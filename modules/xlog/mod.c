/* SPDX-License-Identifier: BSD-2-Clause */
/* xlog: log lines with attributes of the message in them. */
#include "core/mod/api.h"

struct xlog_conf {
	struct str prefix;
	int64_t methods_filter;
};

static unsigned section_index;

static const struct xlog_conf *conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[section_index];
}

/* SER's level words; Serac has five levels. */
static const struct {
	struct str word;
	enum log_level level;
} levels[] = {
	{ STR_INIT("L_ALERT"), LOG_ERR },     { STR_INIT("L_BUG"), LOG_ERR },
	{ STR_INIT("L_CRIT2"), LOG_ERR },     { STR_INIT("L_CRIT"), LOG_ERR },
	{ STR_INIT("L_ERR"), LOG_ERR },	      { STR_INIT("L_WARN"), LOG_WARN },
	{ STR_INIT("L_NOTICE"), LOG_NOTICE }, { STR_INIT("L_INFO"), LOG_INFO },
	{ STR_INIT("L_DBG"), LOG_DEBUG },     { STR_INIT("L_DEBUG"), LOG_DEBUG },
};

static bool level_of(struct str word, enum log_level *level_r)
{
	int64_t n;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (str_eq_nocase(word, levels[i].word)) {
			*level_r = levels[i].level;
			return true;
		}
	}
	if (str_int(word, &n))
		return false;
	*level_r = n < LOG_ERR ? LOG_ERR : n > LOG_DEBUG ? LOG_DEBUG : (enum log_level)n;
	return true;
}

static struct str without_newline(struct str s)
{
	while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

/* What a script says on purpose is not limited in rate; what cannot be written is counted by the log. */
static int write_line(struct ctx *ctx, enum log_level level, struct str text, bool with_place)
{
	const struct xlog_conf *c = conf_of(ctx);
	const struct slot *slot = ctx->worker->slot;
	const char *file_z = atomic_load(&slot->script_file_z);
	struct log_kv kv[5];
	unsigned n = 0;

	if (!log_wants(level))
		return FN_TRUE;
	if (c->prefix.n)
		kv[n++] = KV_STR("prefix", c->prefix);
	if (with_place && file_z) {
		kv[n++] = KV_Z("file", file_z);
		kv[n++] = KV_INT("line", atomic_load(&slot->script_line));
	}
	kv[n++] = KV_TEXT("text", without_newline(text));
	kv[n] = (struct log_kv){ .kind = LOG_END };
	log_write(level, "script", "xlog", kv);
	return FN_TRUE;
}

/* The level is the last argument but one; a facility before it is not needed: lines go where the log goes. */
static int leveled(struct ctx *ctx, const struct value *argv, unsigned argc, bool with_place)
{
	enum log_level level = LOG_ERR;

	if (argc > 1 && !level_of(argv[argc - 2].s, &level)) {
		log_limited(LOG_WARN, "script", "xlog does not know this level",
			    KV_STR("level", argv[argc - 2].s));
		return FN_FALSE;
	}
	return write_line(ctx, level, argv[argc - 1].s, with_place);
}

static int fn_xlog(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return leveled(ctx, argv, argc, false);
}

static int fn_xlogl(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return leveled(ctx, argv, argc, true);
}

static int fn_xdbgl(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return write_line(ctx, LOG_DEBUG, argv[argc - 1].s, true);
}

/* The whole message behind the text, for the methods that methods_filter leaves. */
static int fn_xlogm(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct xlog_conf *c = conf_of(ctx);
	enum log_level level;

	(void)argc;
	if (!level_of(argv[0].s, &level))
		return FN_FALSE;
	if (c->methods_filter >= 0 && ctx->msg->is_request && ctx->msg->method != METHOD_OTHER &&
	    (c->methods_filter & 1ll << (ctx->msg->method - 1)))
		return FN_TRUE;
	if (!log_wants(level))
		return FN_TRUE;
	log_write(level, "script", "xlog",
		  (struct log_kv[]){ KV_TEXT("text", without_newline(argv[1].s)),
				     KV_TEXT("message", ctx->msg->buf),
				     { .kind = LOG_END } });
	return FN_TRUE;
}

#define AT_LEVEL(NAME, LEVEL)                                                          \
	static int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc) \
	{                                                                              \
		return write_line(ctx, LEVEL, argv[argc - 1].s, false);                \
	}
AT_LEVEL(xdbg, LOG_DEBUG)
AT_LEVEL(xinfo, LOG_INFO)
AT_LEVEL(xnotice, LOG_NOTICE)
AT_LEVEL(xwarn, LOG_WARN)
AT_LEVEL(xerr, LOG_ERR)
#undef AT_LEVEL

static const char *check_level(const struct value *argv, unsigned argc)
{
	enum log_level level;

	if (argc > 1 && argv[argc - 2].type == VALUE_STR && !level_of(argv[argc - 2].s, &level))
		return "the level is one of L_ALERT L_CRIT L_ERR L_WARN L_NOTICE L_INFO L_DBG";
	return NULL;
}

static const struct param_def params[] = {
	{ .name = "prefix",
	  .type = P_STR,
	  .offset = offsetof(struct xlog_conf, prefix),
	  .live = true,
	  .help = "a field of that value in each line" },
	{ .name = "methods_filter",
	  .type = P_INT,
	  .offset = offsetof(struct xlog_conf, methods_filter),
	  .def = -1,
	  .min = -1,
	  .max = 65535,
	  .live = true,
	  .help = "methods that xlogm() is silent for: a bit for each (1 INVITE, 2 ACK, 4 BYE …), "
		  "-1 none" },
	{ .name = "buf_size", .type = P_IGNORE, .help = "a text may be as long as a log line" },
	{ .name = "force_color", .type = P_IGNORE, .help = "log lines have no colours" },
	{ .name = "long_format", .type = P_IGNORE, .help = "xlogl() writes file and line" },
	{ .name = "log_facility", .type = P_IGNORE, .help = "lines go where the log goes" },
	{ .name = "log_colors", .type = P_IGNORE, .help = "log lines have no colours" },
	{ .name = "auto_newline", .type = P_IGNORE, .help = "a line ends by itself" },
	{ .name = "prefix_mode", .type = P_IGNORE, .help = "the prefix is constant" },
	{ .name = NULL, .type = P_END },
};

#define ROW(NAME, ARGS, CALL, HELP)                         \
	{                                                   \
		NAME, ARGS, IN_ANY, CALL, HELP, check_level \
	}

static const struct func_def functions[] = {
	ROW("xlog", "f", fn_xlog, "writes a line at level L_ERR"),
	ROW("xlog", "sf", fn_xlog, "writes a line: level, text"),
	ROW("xlog", "ssf", fn_xlog, "writes a line: facility (not needed), level, text"),
	ROW("xlogl", "f", fn_xlogl, "as xlog(), with the place in the script"),
	ROW("xlogl", "sf", fn_xlogl, "as xlog(), with the place in the script"),
	ROW("xlogl", "ssf", fn_xlogl, "as xlog(), with the place in the script"),
	{ "xlogm", "sf", IN_ANY, fn_xlogm, "writes a line with the whole message: level, text",
	  NULL },
	{ "xdbg", "f", IN_ANY, fn_xdbg, "writes a line at level L_DBG", NULL },
	{ "xdbgl", "f", IN_ANY, fn_xdbgl, "as xdbg(), with the place in the script", NULL },
	{ "xinfo", "f", IN_ANY, fn_xinfo, "writes a line at level L_INFO", NULL },
	{ "xnotice", "f", IN_ANY, fn_xnotice, "writes a line at level L_NOTICE", NULL },
	{ "xwarn", "f", IN_ANY, fn_xwarn, "writes a line at level L_WARN", NULL },
	{ "xerr", "f", IN_ANY, fn_xerr, "writes a line at level L_ERR", NULL },
	{ "xbug", "f", IN_ANY, fn_xerr, "writes a line at level L_BUG", NULL },
	{ "xcrit", "f", IN_ANY, fn_xerr, "writes a line at level L_CRIT", NULL },
	{ "xalert", "f", IN_ANY, fn_xerr, "writes a line at level L_ALERT", NULL },
	{ .name = NULL },
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "xlog",
	.help = "log lines with attributes of the message in them",
	.params = params,
	.section_size = sizeof(struct xlog_conf),
	.functions = functions,
	.index = &section_index,
};

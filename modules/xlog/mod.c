/* SPDX-License-Identifier: BSD-2-Clause */
/* xlog: log lines with attributes of the message in them. */
#include "core/mod/api.h"

#include <errno.h>
#include <stdio.h>

#define PART_MAX 640 /* bytes of text in one line: what the log lets through */

struct xlog_conf {
	struct str prefix;
	int64_t prefix_mode;	     /* 1: prefix has attributes in it */
	const struct format *format; /* of prefix then */
	int64_t methods_filter;
	int64_t buf_size; /* bytes of one text */
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

static struct str prefix_of(struct ctx *ctx)
{
	const struct xlog_conf *c = conf_of(ctx);
	struct str text;

	return c->format && !format_run(c->format, ctx, &text) ? text : c->prefix;
}

/* One text as one line, or as several that are numbered. What a script says on purpose is not limited in rate; what cannot be written is counted by the
 * log. key: "text", "message". */
static void write_parts(struct ctx *ctx, enum log_level level, const char *key_z, struct str text,
			bool with_place)
{
	const struct slot *slot = ctx->worker->slot;
	const char *file_z = atomic_load(&slot->script_file_z);
	size_t most = (size_t)conf_of(ctx)->buf_size;
	struct str prefix = prefix_of(ctx);
	struct str rest = str_head(text, most);
	bool many = rest.n > PART_MAX;

	for (int part = 1; part == 1 || rest.n; part++) {
		struct log_kv kv[7];
		unsigned n = 0;

		if (prefix.n)
			kv[n++] = KV_STR("prefix", prefix);
		if (with_place && file_z) {
			kv[n++] = KV_Z("file", file_z);
			kv[n++] = KV_INT("line", atomic_load(&slot->script_line));
		}
		if (many)
			kv[n++] = KV_INT("part", part);
		kv[n++] = KV_TEXT(key_z, str_head(rest, PART_MAX));
		rest = str_skip(rest, PART_MAX);
		if (!rest.n && text.n > most)
			kv[n++] = KV_INT("left_out", text.n - most);
		kv[n] = (struct log_kv){ .kind = LOG_END };
		log_write(level, "script", "xlog", kv);
	}
}

static int write_line(struct ctx *ctx, enum log_level level, struct str text, bool with_place)
{
	if (log_wants(level))
		write_parts(ctx, level, "text", without_newline(text), with_place);
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
	write_parts(ctx, level, "text", without_newline(argv[1].s), false);
	write_parts(ctx, level, "message", ctx->msg->buf, false);
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
	{ .name = "buf_size",
	  .type = P_INT,
	  .offset = offsetof(struct xlog_conf, buf_size),
	  .def = 4096,
	  .min = 256,
	  .max = 65536,
	  .live = true,
	  .help = "bytes of one text; above 640 it is written in several lines" },
	{ .name = "force_color", .type = P_IGNORE, .help = "log lines have no colours" },
	{ .name = "long_format", .type = P_IGNORE, .help = "xlogl() writes file and line" },
	{ .name = "log_facility", .type = P_IGNORE, .help = "lines go where the log goes" },
	{ .name = "log_colors", .type = P_IGNORE, .help = "log lines have no colours" },
	{ .name = "auto_newline", .type = P_IGNORE, .help = "a line ends by itself" },
	{ .name = "prefix_mode",
	  .type = P_INT,
	  .offset = offsetof(struct xlog_conf, prefix_mode),
	  .def = 0,
	  .min = 0,
	  .max = 1,
	  .live = true,
	  .help = "1: $ru and others stand in the prefix" },
	{ .name = NULL, .type = P_END },
};

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	static char wrong[256];
	struct xlog_conf *c = section;
	const struct names names = { .modules = conf->modules,
				     .modules_n = conf->sections_n,
				     .conf = conf };
	struct format_error e;
	int err = 0;

	(void)arena;
	if (c->prefix_mode && str_find(c->prefix, STR("{re.")) >= 0)
		return "prefix: {re.…} belongs to routes; put what it gives into an $avp(x)";
	if (c->prefix_mode && c->prefix.n)
		err = format_compile(&names, c->prefix, FORMAT_XLOG, &c->format, &e);
	if (!err)
		return NULL;
	snprintf(wrong, sizeof(wrong), "prefix: %s", err == -EINVAL ? e.text : "out of memory");
	return wrong;
}

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
	.check = check,
};

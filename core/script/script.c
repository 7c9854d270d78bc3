/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file to a configuration, and which route a message gets. */
#include "core/script/script.h"
#include "core/run/log.h"
#include "core/script/changes.h"
#include "core/script/compile.h"
#include "core/script/inside.h"
#include "core/script/machine.h"
#include "core/script/params.h"
#include "core/script/parse.h"
#include "core/script/settings.h"
#include "core/script/vars.h"

#include <errno.h>

#define POOL_MAX    ((size_t)512 << 20)
#define ARENA_MAX   ((size_t)256 << 20)
#define ARENA_FIRST 4096

/* --- the script's own module ------------------------------------------------------------------------------------------------------------- */

enum { COUNT_NOTHING_DONE, COUNT_REPLIES_DROPPED, COUNTS };

static const struct counter_def counter_defs[COUNTS] = {
	[COUNT_NOTHING_DONE] = { "nothing_done",
				 "requests for which the main route ended without doing anything" },
	[COUNT_REPLIES_DROPPED] = { "replies_dropped", "responses that the reply route dropped" },
};

static struct counter_group counters = { .name = "script", .defs = counter_defs, .n = COUNTS };

static unsigned section_index;

/* What PCRE2 made of its patterns in this worker. */
static void end_generation(struct worker *w, const struct conf *conf)
{
	(void)w;
	regex_set_drop(conf->program->regex_set);
}

const struct module_def script_module = {
	.interface = MODULE_INTERFACE,
	.name = "script",
	.help = "the routing language",
	.params = script_params,
	.section_size = sizeof(struct script_conf),
	.attrs = script_attrs,
	.counters = &counters,
	.index = &section_index,
	.end_generation = end_generation,
};

/* --- loading --------------------------------------------------------------------------------------------------------------------------------- */

/* What a load holds until it succeeds. */
struct loading {
	struct pool *pool;
	struct arena *arena;
	struct diag diag;
	struct ast ast;
	struct checker checker;
	struct slots slots, plain;
	uint64_t regex_set;
};

static int build(struct loading *l, struct conf *conf, const struct script_options *o)
{
	const struct script_conf *sc;
	struct program *program;
	int r = settings_modules(&l->checker, o);
	unsigned errors = l->diag.errors;

	if (r == 0)
		r = settings_apply(&l->checker, conf);
	if (r == 0 && o->override && l->diag.errors == errors)
		r = o->override(conf, o->override_arg);
	/* single values that are wrong would only be complained of again */
	if (r == 0 && l->diag.errors == errors)
		settings_check(&l->checker, conf);
	if (r == 0)
		settings_routes(&l->checker, conf);
	if (r == 0 && o->like && !l->diag.errors)
		changes_check(&l->checker, conf, o->like);
	if (r == 0)
		r = check_routes(&l->checker);
	if (r < 0)
		return r;
	if (l->diag.errors)
		return -EINVAL;
	r = compile_program(l->arena, l->pool, &l->ast, l->regex_set, &program);
	if (r < 0)
		return r;
	sc = CONF_SECTION(conf, &script_module, struct script_conf);
	program->max_depth = (uint32_t)sc->max_depth;
	program->max_steps = (uint64_t)sc->max_steps;
	program->max_loops = sc->max_loops;
	program->vars_n = l->slots.n;
	program->builtins_n = l->checker.names.builtins_n;
	conf->program = program;
	return 0;
}

static int make(struct loading *l, const struct source *src, const struct script_options *o,
		struct shm *shm, struct conf **conf_r)
{
	struct conf *conf;

	l->arena = arena_new(shm, ID_MAKE(ID_CONF, 0, 0), ARENA_FIRST, ARENA_MAX);
	conf = l->arena ? arena_zalloc(l->arena, sizeof(*conf)) : NULL;
	if (!conf)
		return -ENOMEM;
	conf->arena = l->arena;
	conf->generation = o->generation;
	conf->place = o->place;
	conf->shvs = o->shvs;
	conf->file = arena_str(l->arena, str_z(src->name_z));
	if (!conf->file.p)
		return -ENOMEM;
	l->regex_set = regex_set_new();
	l->slots.pool = l->plain.pool = l->pool;
	l->checker = (struct checker){ .pool = l->pool,
				       .diag = &l->diag,
				       .ast = &l->ast,
				       .conf = conf,
				       .arena = l->arena,
				       .slots = &l->slots,
				       .plain = &l->plain,
				       .start = { .src = src, .line = 1, .col = 1, .len = 1 },
				       .regex_set = l->regex_set };
	*conf_r = conf;
	return build(l, conf, o);
}

static void failed(struct loading *l, int err, const struct script_options *o, FILE *out)
{
	diag_print(&l->diag, out);
	if (err == -ENOMEM)
		fprintf(out, "%s: not enough memory\n", o->path_z);
	else if (err != -EINVAL)
		fprintf(out, "%s: could not read the file: %s\n", o->path_z, strerror(-err));
	if (l->regex_set)
		regex_set_drop(l->regex_set);
	arena_drop(&l->arena);
}

int script_load(struct shm *shm, const struct script_options *o, FILE *out,
		const struct conf **conf_r, unsigned *errors_r, unsigned *warnings_r)
{
	struct loading l = { .pool = pool_new(65536, POOL_MAX) };
	struct source *src;
	struct conf *conf = NULL;
	int r = -ENOMEM;

	*errors_r = *warnings_r = 0;
	if (!l.pool) {
		fprintf(out, "%s: not enough memory\n", o->path_z);
		return -ENOMEM;
	}
	diag_init(&l.diag, l.pool);
	r = source_read(l.pool, o->path_z, &src);
	if (r == 0)
		r = parse_script(l.pool, &l.diag, src, o->defines, o->defines_n, &l.ast);
	if (r == 0)
		r = make(&l, src, o, shm, &conf);
	*errors_r = l.diag.errors;
	*warnings_r = l.diag.warnings;
	if (r < 0) {
		failed(&l, r, o, out);
	} else {
		diag_print(&l.diag, out);
		*conf_r = conf;
	}
	pool_drop(&l.pool);
	return r;
}

void script_drop(const struct conf **confp)
{
	const struct conf *conf = *confp;
	struct arena *arena;

	*confp = NULL;
	if (!conf)
		return;
	if (conf->program)
		regex_set_drop(conf->program->regex_set);
	arena = conf->arena;
	arena_drop(&arena);
}

/* --- running ------------------------------------------------------------------------------------------------------------------------------------- */

static void ended(struct ctx *ctx)
{
	if (ctx->route_kind == IN_REPLY) {
		if (ctx->done & CTX_DROPPED)
			counter_inc(&counters, COUNT_REPLIES_DROPPED);
		return;
	}
	if (ctx->done || ctx->route_kind != IN_REQUEST)
		return;
	counter_inc(&counters, COUNT_NOTHING_DONE);
	log_debug("script", "the main route ended and nothing was done with the request",
		  KV_STR("method", ctx->msg->method_text), KV_STR("uri", ctx->msg->ruri),
		  KV_ADDR("from", &ctx->from.src));
}

static enum script_result route_start(struct ctx *ctx, enum route_kind kind, uint32_t route)
{
	enum script_result r;

	ctx->route_kind = kind;
	r = machine_start(ctx, route);
	if (r == SCRIPT_DONE)
		ended(ctx);
	return r;
}

static enum script_result start(struct ctx *ctx)
{
	const struct program *p = ctx->conf->program;
	uint32_t route = ctx->route_kind == IN_REPLY ? p->reply : p->main;

	return route == ROUTE_NONE ? SCRIPT_DONE : route_start(ctx, ctx->route_kind, route);
}

static enum script_result resume(struct ctx *ctx, int value)
{
	enum script_result r = machine_resume(ctx, value);

	if (r == SCRIPT_DONE)
		ended(ctx);
	return r;
}

static bool has_reply_route(const struct conf *conf)
{
	return conf->program->reply != ROUTE_NONE;
}

static int64_t route_find(const struct conf *conf, enum route_kind kind, struct str name)
{
	const struct program *p = conf->program;
	uint32_t route = kind == IN_ONSEND && !name.n ? p->onsend : program_route(p, kind, name);

	/* what is called in it may not be for routes of this kind */
	if (route == ROUTE_NONE || !(p->routes[route].allowed & kind))
		return -1;
	return (int64_t)route;
}

static struct str route_name(const struct conf *conf, enum route_kind kind, uint32_t route)
{
	(void)kind;
	return conf->program->routes[route].key;
}

bool script_has_route(const struct conf *conf, struct str name)
{
	return program_route(conf->program, IN_REQUEST, name) != ROUTE_NONE;
}

const struct script_hooks script_hooks = {
	.route_find = route_find,
	.route_name = route_name,
	.route_run = inside_run,
	.route_start = route_start,
	.route_inside = inside_start,
	.start = start,
	.resume = resume,
	.end = machine_end,
	.has_reply_route = has_reply_route,
};

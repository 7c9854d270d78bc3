/* SPDX-License-Identifier: BSD-2-Clause */
/* pv: questions about variables. The variables themselves are the core's; Kamailio's scripts load this module for them. */
#include "modules/pv/pv.h"

#include <errno.h>

/* 0, and *v_r is what the variable holds. */
static struct value value_of(struct ctx *ctx, const struct value *variable)
{
	struct value v = value_null();

	if (attr_use_get(ctx, variable->attr, &v))
		return value_null();
	return v;
}

static int answer(bool yes)
{
	return yes ? FN_TRUE : FN_FALSE;
}

static int fn_pv_isset(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return answer(value_of(ctx, &argv[0]).type != VALUE_NULL);
}

static int fn_pv_unset(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct value v = value_null();

	(void)argc;
	return answer(!attr_use_set(ctx, argv[0].attr, &v));
}

static int fn_is_int(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return answer(value_of(ctx, &argv[0]).type == VALUE_INT);
}

static int fn_not_empty(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct value v = value_of(ctx, &argv[0]);

	(void)argc;
	return answer(v.type == VALUE_INT || (v.type == VALUE_STR && v.s.n));
}

/* "int", "str", "null" */
static int fn_typeof(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	enum value_type type = value_of(ctx, &argv[0]).type;
	struct str word = type == VALUE_INT   ? STR("int")
			  : type == VALUE_STR ? STR("str")
					      : STR("null");

	(void)argc;
	return answer(str_eq(argv[1].s, word));
}

static const char *check_typeof(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[1].type != VALUE_STR || str_eq(argv[1].s, STR("int")) ||
	    str_eq(argv[1].s, STR("str")) || str_eq(argv[1].s, STR("null")))
		return NULL;
	return "the type is \"int\", \"str\" or \"null\"";
}

#define EVAL "names are resolved when the script is loaded; write $(name{transformation}) instead"
MODULE_REFUSES(pv_evalx, EVAL)
#define FIELD(NAME) MODULE_REFUSES(NAME, "write $xavp(name[0]=>field) = value; $null takes it away")
FIELD(xavp_child_sets)
FIELD(xavp_child_seti)
FIELD(xavp_child_rm)
MODULE_REFUSES(xavp_params_implode, "write \"a=$xavp(name=>a);b=$xavp(name=>b)\"")
MODULE_REFUSES(xavp_slist_explode, "there is xavp_params_explode(text, name), for \"a=1;b=2\"")
MODULE_REFUSES(xavu_params_explode, "write xavp_params_explode(text, name), and $xavp(name=>field)")
MODULE_REFUSES(xavu_params_implode, "write \"a=$xavu(name=>a);b=$xavu(name=>b)\"")
#define STATIC_BRANCH "there is no $sbranch; append_branch(uri, q) says all of a target at once"
MODULE_REFUSES(sbranch_set_ruri, STATIC_BRANCH)
MODULE_REFUSES(sbranch_append, STATIC_BRANCH)
MODULE_REFUSES(sbranch_reset, STATIC_BRANCH)

static const struct func_def functions[] = {
	MODULE_ASKS(pv_isset, "a", NULL, "true when a variable is not null"),
	MODULE_DOES(pv_unset, "a", NULL, "sets a variable to null, or to what it has instead"),
	MODULE_ASKS(is_int, "a", NULL, "true when it holds a number"),
	MODULE_ASKS(not_empty, "a", NULL, "true when it holds a number, or text that is not empty"),
	MODULE_ASKS(typeof, "as", check_typeof, "true when its type is \"int\", \"str\", \"null\""),
	{ "xavp_params_explode", "tt", IN_ANY, fn_xavp_params_explode,
	  "text \"a=1;b=2\", name: $xavp(name=>a), $xavp(name=>b)", NULL },
	{ "xavp_copy", "tit|i", IN_ANY, fn_xavp_copy,
	  "name, number, name of the copy, number of the value that it replaces; -1: none", NULL },
	{ "xavp_rm", "t", IN_ANY, fn_xavp_rm, "takes the newest $xavp of that name away", NULL },
	{ "pv_xavp_print", "", IN_ANY, fn_pv_xavp_print, "writes all $xavp to the log", NULL },
	MODULE_REFUSED(xavp_child_sets, "ttt"),
	MODULE_REFUSED(xavp_child_seti, "ttt"),
	MODULE_REFUSED(xavp_child_rm, "tt"),
	MODULE_REFUSED(xavp_params_implode, "tt"),
	MODULE_REFUSED(xavp_slist_explode, "tttt"),
	MODULE_REFUSED(xavu_params_explode, "tt"),
	MODULE_REFUSED(xavu_params_implode, "tt"),
	MODULE_REFUSED(pv_evalx, "at"),
	MODULE_REFUSED(sbranch_set_ruri, ""),
	MODULE_REFUSED(sbranch_append, ""),
	MODULE_REFUSED(sbranch_reset, ""),
	{ .name = NULL },
};

/* --- initial values of $shv --------------------------------------------------------------------------------------------------------------- */
struct shv_initial {
	struct shv_initial *next;
	struct str name;
	struct value value;
};

struct pv_conf {
	struct shv_initial *shvs;
};

static const char *shvset(void *section, struct arena *arena, const struct value *v)
{
	struct pv_conf *c = section;
	struct shv_initial *s = arena_zalloc(arena, sizeof(*s));
	const char *wrong;

	if (!s)
		return "out of memory";
	if (v->type != VALUE_STR)
		return "write \"name=i:5\" or \"name=s:text\"";
	wrong = shv_initial_parse(v->s, &s->name, &s->value);
	if (wrong)
		return wrong;
	s->next = c->shvs;
	c->shvs = s;
	return NULL;
}

static const char *varset(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	(void)v;
	return "each message's $var(x) begins with 0; set it where the route begins, or use "
	       "shvset and $shv(x)";
}

static const char *avp_aliases(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	(void)v;
	return "there are no second names of AVPs; write $avp(name)";
}

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	const struct pv_conf *c = section;

	(void)arena;
	for (const struct shv_initial *s = c->shvs; s; s = s->next) {
		unsigned index;
		int err = shv_declare(conf, s->name, &s->value, &index);

		/* a configuration that is only checked has no store */
		if (err == -EMSGSIZE || err == -EINVAL)
			return "shvset: a name has at most 64 bytes, a text at most 1000";
	}
	return NULL;
}

static const struct param_def params[] = {
	{ .name = "shvset",
	  .type = P_CALL,
	  .set = shvset,
	  .live = true,
	  .help = "\"name=i:5\" or \"name=s:text\": what $shv(name) is at the start" },
	{ .name = "varset", .type = P_CALL, .live = true, .set = varset, .help = "is refused" },
	{ .name = "avp_aliases",
	  .type = P_CALL,
	  .live = true,
	  .set = avp_aliases,
	  .help = "is refused" },
	{ .name = NULL, .type = P_END },
};

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "pv",
	.help = "questions about variables",
	.params = params,
	.section_size = sizeof(struct pv_conf),
	.functions = functions,
	.index = &section_index,
	.check = check,
};

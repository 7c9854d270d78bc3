/* SPDX-License-Identifier: BSD-2-Clause */
/* uac_redirect: redirections are followed; its parameters, and the functions that set filters. */
#include "modules/uac_redirect/uac_redirect.h"

#include <errno.h>
#include <stdio.h>

unsigned uac_redirect_section;

/* --- functions --------------------------------------------------------------------------------------------------------------------------- */

static int add_filter(struct ctx *ctx, enum filter_kind kind, const struct value *argv)
{
	struct filters *f = filters_of(ctx);
	int err = f ? filters_add(f, kind, argv[0].re, argv[1].s) : -ENOMEM;

	if (err)
		log_limited(LOG_WARN, "uac_redirect", "could not add a filter",
			    KV_STR("filter", argv[0].re->pattern),
			    KV_STR("why", err == -ENOSPC ? STR("there are six of its kind")
							 : STR("no memory left for this message")));
	return err ? FN_FALSE : FN_TRUE;
}

static MODULE_FN(set_accept_filter)
{
	(void)argc;
	return add_filter(ctx, FILTER_ACCEPT, argv);
}

static MODULE_FN(set_deny_filter)
{
	(void)argc;
	return add_filter(ctx, FILTER_DENY, argv);
}

static const char *check_reset(const struct value *argv, unsigned argc)
{
	bool own, added;

	(void)argc;
	return argv[1].type == VALUE_STR && !filter_reset_parse(argv[1].s, &own, &added)
		       ? "the filters that shall not count any more are named \"reset_all\", "
			 "\"reset_default\", \"reset_added\" or \"\""
		       : NULL;
}

static const struct func_def functions[] = {
	MODULE_ROW(get_redirects, "t|t", IN_FAILURE, check_limits,
		   "adds the Contacts of the 3xx responses as targets, the best first: how many in "
		   "all, and of each response; -1: none was added"),
	MODULE_ROW(set_accept_filter, "rs", IN_FAILURE, check_reset,
		   "Contacts that match are taken, whatever denies them; which filters are reset "
		   "before"),
	MODULE_ROW(set_deny_filter, "rs", IN_FAILURE, check_reset,
		   "Contacts that match are not taken; which filters are reset before"),
	{ .name = NULL },
};

/* --- parameters ------------------------------------------------------------------------------------------------------------------------- */

#define AT(MEMBER) offsetof(struct uac_redirect_conf, MEMBER)
#define TEXT(NAME, DEFAULT, HELP)                                                                 \
	{                                                                                         \
		.name = #NAME, .type = P_STR, .offset = AT(NAME), .def_z = DEFAULT, .live = true, \
		.help = HELP                                                                      \
	}

static const struct param_def params[] = {
	TEXT(default_filter, "accept",
	     "what becomes of Contacts that no filter matches: accept, deny"),
	TEXT(accept_filter, NULL, "expression: Contacts that match are taken"),
	TEXT(deny_filter, NULL, "expression: Contacts that match are not taken"),
	TEXT(acc_function, "acc_log_request", "what get_redirects(max, reason) writes with"),
	{ .name = "bflags",
	  .type = P_INT,
	  .offset = AT(bflags),
	  .min = 0,
	  .max = UINT32_MAX,
	  .live = true,
	  .help = "branch flags of the new targets, a bit for each" },
	{ .name = "q_value",
	  .type = P_INT,
	  .offset = AT(q_value),
	  .def = 10,
	  .min = 0,
	  .max = 1000,
	  .live = true,
	  .help = "q of Contacts that have none, in thousandths" },
	{ .name = "acc_db_table", .type = P_IGNORE, .help = "it is about databases" },
	{ .name = "flags_hdr_mode",
	  .type = P_IGNORE,
	  .help = "Kamailio does nothing with it either" },
	{ .name = NULL, .type = P_END },
};

/* NULL, or what is wrong. */
static const char *filter_compile(struct uac_redirect_conf *c, struct arena *arena,
				  enum filter_kind kind, struct str pattern)
{
	static char wrong[200];
	struct regex_error e;
	int err;

	if (!pattern.n)
		return NULL;
	err = regex_add(c->regex_set, arena, pattern, 0, &c->filters.own[kind], &e);
	if (!err)
		return NULL;
	snprintf(wrong, sizeof(wrong), "%s: %s",
		 kind == FILTER_ACCEPT ? "accept_filter" : "deny_filter",
		 err == -EINVAL ? e.text : "out of memory");
	return wrong;
}

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct uac_redirect_conf *c = section;
	const char *wrong;

	c->tm = module_api(conf, "tm");
	c->acc = module_api(conf, "acc");
	c->filters.deny = str_eq_nocase(c->default_filter, STR("deny"));
	if (!c->filters.deny && !str_eq_nocase(c->default_filter, STR("accept")))
		return "default_filter is accept or deny";
	if (c->acc_function.n && !str_eq(c->acc_function, STR("acc_log_request")))
		return "acc_function is acc_log_request: the others need a database or a server "
		       "that Serac does not have yet";
	c->regex_set = regex_set_new();
	wrong = filter_compile(c, arena, FILTER_ACCEPT, c->accept_filter);
	return wrong ? wrong : filter_compile(c, arena, FILTER_DENY, c->deny_filter);
}

static void end_generation(struct worker *w, const struct conf *conf)
{
	const struct uac_redirect_conf *c = conf->sections[uac_redirect_section];

	(void)w;
	regex_set_drop(c->regex_set);
}

static const char *const needs[] = { "tm", NULL };

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "uac_redirect",
	.help = "redirections are followed",
	.params = params,
	.section_size = sizeof(struct uac_redirect_conf),
	.functions = functions,
	.index = &uac_redirect_section,
	.needs = needs,
	.check = check,
	.end_generation = end_generation,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Which Contacts are let through: the rule, the parameters' expressions, and those that the script adds for one message. */
#include "modules/uac_redirect/uac_redirect.h"

#include <errno.h>

bool filter_reset_parse(struct str text, bool *own_r, bool *added_r)
{
	bool all = str_eq_nocase(text, STR("reset_all"));
	bool own = all || str_eq_nocase(text, STR("reset_default"));
	bool added = all || str_eq_nocase(text, STR("reset_added"));

	if (text.n && !own && !added)
		return false;
	*own_r = own;
	*added_r = added;
	return true;
}

int filters_add(struct filters *f, enum filter_kind kind, const struct regex *re, struct str reset)
{
	bool own = false, added = false;

	filter_reset_parse(reset, &own, &added);
	if (own)
		f->own[kind] = NULL;
	if (added)
		f->added_n[kind] = 0;
	if (!re->pattern.n)
		return 0;
	if (f->added_n[kind] == FILTERS_MAX - 1)
		return -ENOSPC;
	f->added[kind][f->added_n[kind]++] = re;
	return 0;
}

struct filters *filters_of(struct ctx *ctx)
{
	static const char key;
	struct kept {
		bool begun;
		struct filters filters;
	} *k = ctx_data(ctx, &key, sizeof(*k));

	if (!k)
		return NULL;
	if (!k->begun)
		*k = (struct kept){ true, uac_redirect_conf_of(ctx)->filters };
	return &k->filters;
}

/* 1: one of them matches; 0: none; negative: that could not be found out. */
static int matches(const struct filters *f, enum filter_kind kind, struct str uri)
{
	int r = f->own[kind] ? regex_exec(f->own[kind], uri, 0, NULL) : 0;

	for (unsigned i = 0; !r && i < f->added_n[kind]; i++)
		r = regex_exec(f->added[kind][i], uri, 0, NULL);
	return r;
}

bool filters_pass(const struct filters *f, struct str uri)
{
	int r = matches(f, FILTER_ACCEPT, uri);

	if (r)
		return r > 0;
	return !f->deny && matches(f, FILTER_DENY, uri) == 0;
}

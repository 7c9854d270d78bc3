/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose help tables are printed. */
#include "core/mod/help.h"
#include "core/mod/load.h"
#include "core/script/script.h"

#include <stdio.h>

#define MODULES_MAX 512u

static int load_one(const struct help_request *r, const struct module_def **def_r)
{
	char why_z[512];
	int err = mod_load(r->mpath, str_z(r->module_z), def_r, why_z, sizeof(why_z));

	if (err)
		fprintf(stderr, "serac: could not load module \"%s\": %s\n", r->module_z, why_z);
	return err;
}

int mod_help(const struct help_request *r, FILE *out)
{
	const struct module_def *modules[MODULES_MAX];
	const bool only_core = r->module_z && !strcmp(r->module_z, "core");
	const bool only_one = r->module_z && !only_core;
	unsigned n = 0, builtins_n;
	int err;

	if (!only_one)
		modules[n++] = &script_module;
	for (unsigned i = 0; r->builtins[i] && !only_one; i++)
		modules[n++] = r->builtins[i];
	builtins_n = n;
	if (only_one) {
		err = load_one(r, &modules[n++]);
		if (err)
			return err;
	} else if (!only_core) {
		n += mod_load_all(r->mpath, modules + n, MODULES_MAX - n);
	}
	return help_print(modules, n, builtins_n, r->tables ? r->tables : HELP_ALL, r->as_json,
			  out);
}

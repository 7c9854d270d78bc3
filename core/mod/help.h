/* SPDX-License-Identifier: BSD-2-Clause */
/* The help tables of the program and its modules, without a configuration. */
#ifndef MOD_HELP_H
#define MOD_HELP_H

#include "core/base/str.h"
#include "core/script/help.h"

struct help_request {
	const struct module_def *const
		*builtins; /* the layers' own, ended by NULL; the script's are added */
	struct str mpath;  /* where modules are, folders between colons */
	const char
		*module_z; /* this one alone is loaded; "core": none is; NULL: all that are there */
	unsigned tables;   /* of enum help_table; 0: all */
	bool as_json;
};

/* 0; -errno when the module cannot be loaded, and standard error says why. */
int mod_help(const struct help_request *r, FILE *out);

#endif

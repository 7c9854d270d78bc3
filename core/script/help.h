/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script may use, as tables made from the rows in which it is defined: for people and as JSON. */
#ifndef SCRIPT_HELP_H
#define SCRIPT_HELP_H

#include "core/run/rows.h"

#include <stdio.h>

/* Which tables; several together. */
enum help_table {
	HELP_FUNCTIONS = 1,
	HELP_ATTRIBUTES = 2,
	HELP_PARAMS = 4,
	HELP_ALL = 7,	/* of modules */
	HELP_WORDS = 8, /* the words of the family's languages, and what each is here */
};

/* Prints the wanted tables (of enum help_table) of these modules; the first builtins_n of them need no loadmodule, and their parameters no modparam. As JSON: an object with a list
 * for each table. -ENOMEM; -EIO: out takes no more. */
int help_print(const struct module_def *const *modules, unsigned n, unsigned builtins_n,
	       unsigned wanted, bool as_json, FILE *out);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions, variables and modules of the SER family by name, for messages: known_functions.c is made by tools/gen-known-functions. */
#ifndef SCRIPT_KNOWN_H
#define SCRIPT_KNOWN_H

#include "core/script/diag.h"

/* The module that has the function, the one with the shortest name of several; null: none is known. */
struct str known_function(struct str name);
/* Whether a module has the function, and how many arguments it takes. */
bool known_function_of(struct str module, struct str name, unsigned *min_r, unsigned *max_r);
void known_functions_near(struct nearest *near);
bool known_module(struct str name);
/* Whether some module of the family, or the core, calls event_route[name]; if not, near is offered all of them. */
struct nearest;
bool known_event(struct str name, struct nearest *near);
/* The module that has the variable $name; null: none is known. */
struct str known_variable(struct str name);
/* Each module's name, its functions with how many arguments they take, "name/02" for none to two, and its variables, separated by blanks;
 * sorted by module. */
struct known_row {
	const char *module;
	const char *functions;
	const char *variables;
};
extern const struct known_row known_rows[];
extern const unsigned known_rows_n;

#endif

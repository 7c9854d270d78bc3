/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions and modules of the SER family by name, for messages: known_functions.c is made by tools/gen-known-functions. */
#ifndef SCRIPT_KNOWN_H
#define SCRIPT_KNOWN_H

#include "core/base/str.h"

/* The module that has the function; null: none is known. */
struct str known_function(struct str name);
bool known_module(struct str name);
/* Each module's name and its functions, separated by blanks, sorted by module. */
struct known_row {
	const char *module;
	const char *functions;
};
extern const struct known_row known_rows[];
extern const unsigned known_rows_n;

#endif

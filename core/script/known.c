/* SPDX-License-Identifier: BSD-2-Clause */
/* Which module of the SER family has a function or a variable. */
#include "core/script/known.h"

#define ARITY_TEXT 3u /* "/02" */

/* The arity of a function among words; NULL: it is not there. */
static const char *find(const char *words, struct str name)
{
	struct str rest = str_z(words), piece;

	while (str_split(&rest, ' ', &piece))
		if (piece.n > ARITY_TEXT && str_eq(str_head(piece, piece.n - ARITY_TEXT), name))
			return str_end(piece) - ARITY_TEXT + 1;
	return NULL;
}

struct str known_function(struct str name)
{
	struct str best = STR_NULL;

	for (unsigned i = 0; i < known_rows_n; i++) {
		struct str module = str_z(known_rows[i].module);

		if ((!best.p || module.n < best.n) && find(known_rows[i].functions, name))
			best = module;
	}
	return best;
}

bool known_function_of(struct str module, struct str name, unsigned *min_r, unsigned *max_r)
{
	for (unsigned i = 0; i < known_rows_n; i++) {
		const char *arity;

		if (!str_eq(str_z(known_rows[i].module), module))
			continue;
		arity = find(known_rows[i].functions, name);
		if (!arity)
			return false;
		*min_r = (unsigned)char_hex(arity[0]);
		*max_r = (unsigned)char_hex(arity[1]);
		return true;
	}
	return false;
}

struct str known_variable(struct str name)
{
	for (unsigned i = 0; i < known_rows_n; i++) {
		struct str rest = str_z(known_rows[i].variables), piece;

		while (str_split(&rest, ' ', &piece))
			if (str_eq(piece, name))
				return str_z(known_rows[i].module);
	}
	return STR_NULL;
}

void known_functions_near(struct nearest *near)
{
	for (unsigned i = 0; i < known_rows_n; i++) {
		struct str rest = str_z(known_rows[i].functions), piece;

		while (str_split(&rest, ' ', &piece))
			if (piece.n > ARITY_TEXT)
				nearest_offer(near, str_head(piece, piece.n - ARITY_TEXT));
	}
}

bool known_module(struct str name)
{
	for (unsigned i = 0; i < known_rows_n; i++)
		if (str_eq(str_z(known_rows[i].module), name) && !str_eq(name, STR("core")))
			return true;
	return false;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Which module of the SER family has a function. */
#include "core/script/known.h"

static bool has_word(const char *words, struct str word)
{
	struct str rest = str_z(words), piece;

	while (str_split(&rest, ' ', &piece))
		if (str_eq(piece, word))
			return true;
	return false;
}

struct str known_function(struct str name)
{
	if (name.n)
		for (unsigned i = 0; i < known_rows_n; i++)
			if (has_word(known_rows[i].functions, name))
				return str_z(known_rows[i].module);
	return STR_NULL;
}

bool known_module(struct str name)
{
	for (unsigned i = 0; i < known_rows_n; i++)
		if (str_eq(str_z(known_rows[i].module), name))
			return true;
	return false;
}

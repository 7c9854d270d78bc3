/* SPDX-License-Identifier: BSD-2-Clause */
/* One setting of a script with its places, and what its value can be read as. */
#ifndef SCRIPT_SETTING_H
#define SCRIPT_SETTING_H

#include "core/script/source.h"

/* A value in "name = value", in a block or in modparam. */
struct setting {
	struct setting *next;
	struct str module; /* modparam's first argument; null: a core parameter */
	struct pos module_pos;
	struct str name;
	struct pos name_pos;
	enum { SETTING_INT, SETTING_STR, SETTING_WORD } kind;
	int64_t number;
	struct str text;
	struct pos value_pos;
};

/* word[key] { settings } outside of routes. */
struct block {
	struct block *next;
	struct str word;
	struct pos word_pos;
	struct str key; /* as it stands in the brackets, without quotes */
	struct pos key_pos;
	bool key_is_quoted;
	struct setting *settings; /* in the order of the script */
};

/* yes no on off true false enable disable enabled disabled 1 0. */
bool setting_bool(const struct setting *s, bool *v_r);
bool setting_number(const struct setting *s, int64_t *n_r);
/* "5s", "500ms", "2m", "1h", "1d"; a bare number counts in units of unit milliseconds (0: one). */
bool setting_ms(const struct setting *s, unsigned unit, int64_t *ms_r);
/* The value as text; a number is written out, in the pool. Null: no memory. */
struct str setting_text(const struct setting *s, struct pool *pool);

#endif

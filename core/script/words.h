/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the family's languages: what each is here. */
#ifndef SCRIPT_WORDS_H
#define SCRIPT_WORDS_H

#include "core/base/str.h"

enum word_fate {
	WORD_LEXER = 1,	    /* the lexer knows it */
	WORD_DIRECTIVE = 2, /* behind "#!" */
	WORD_FUNCTION = 4,  /* a function of the core */
	WORD_PARAM = 8,	    /* a parameter of the core */
	WORD_VALUE = 16,    /* a value in comparisons, parameters or addresses */
	WORD_CLASS = 32,    /* a class of attributes */
	WORD_UNNEEDED =
		64, /* a parameter that is accepted with a warning; advice says why it is not needed */
	WORD_NO_PARAM = 128,	/* a parameter that is refused; advice says what to do instead */
	WORD_NO_FUNCTION = 256, /* a function that is refused */
	WORD_UNNEEDED_FUNCTION = 1024, /* a function that is accepted with a warning, and true */
	WORD_MODULE_VALUE = 512,       /* a value of a module's parameter, which advice names */
	WORD_BLOCK = 2048, /* begins a block of settings of a module, which advice names */
};

struct word_row {
	const char *word;
	enum word_fate fate;
	const char *advice; /* NULL where it is simply there */
};

extern const struct word_row word_rows[];
extern const unsigned word_rows_n;

/* The row of a word that has one of the fates; NULL: none. */
const struct word_row *word_find(struct str word, unsigned fates);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a syntax error is called. */
#ifndef SCRIPT_PARSE_ERROR_H
#define SCRIPT_PARSE_ERROR_H

#include "core/script/parse.h"
#include "core/base/buf.h"

#define SYNTAX_EXPECTED_MAX 48

/* What the grammar knows about it: names of tokens as in gram.y. */
struct syntax_error {
	struct pos at;
	const char *token;
	bool at_end; /* the end of the script */
	const char *expected[SYNTAX_EXPECTED_MAX];
	unsigned expected_n;
};

void syntax_error_report(struct parse *p, const struct syntax_error *e);
bool syntax_error_expects(const struct syntax_error *e, const char *token);

/* --- mistakes.c --- */
/* Tells what is meant if this is one of the mistakes that people often make; false: it is another. */
bool mistake_report(struct parse *p, const struct syntax_error *e);
/* The word in small letters goes to right; true: that, and not what was written, is a word of the language. */
bool mistake_wrong_case(struct str word, struct buf *right);

#endif

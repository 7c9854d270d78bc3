/* SPDX-License-Identifier: BSD-2-Clause */
/* What a syntax error is called. */
#ifndef SCRIPT_PARSE_ERROR_H
#define SCRIPT_PARSE_ERROR_H

#include "core/script/parse.h"

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

#endif

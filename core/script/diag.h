/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages about a script, for people: collected while it is read, printed in the order of the file. */
#ifndef SCRIPT_DIAG_H
#define SCRIPT_DIAG_H

#include "core/script/source.h"

#include <stdio.h>

#define DIAG_ERRORS_MAX	  20u
#define DIAG_WARNINGS_MAX 100u

struct diag_line;

struct diag {
	struct pool *pool;
	struct diag_line *first;
	unsigned errors, warnings; /* all, shown or not */
	bool syntax; /* there was a syntax error: what follows from missing parts is not said */
};

void diag_init(struct diag *d, struct pool *pool);
/* hint: how to mend it, or NULL; it is copied. The position may be empty. */
void diag_error(struct diag *d, struct pos at, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void diag_warn(struct diag *d, struct pos at, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* "file:line:col: message", the line, a caret, the hint. */
void diag_print(const struct diag *d, FILE *out);

/* The nearest of many words, for "did you mean". */
struct nearest {
	struct str word; /* what was written */
	struct str best; /* null: nothing near */
	unsigned distance;
};
struct nearest nearest_to(struct str word);
void nearest_offer(struct nearest *n, struct str candidate);
/* "; did you mean "x"?" or "", in the pool. */
const char *nearest_z(const struct nearest *n, struct pool *pool);

#endif

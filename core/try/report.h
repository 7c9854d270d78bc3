/* SPDX-License-Identifier: BSD-2-Clause */
/* A record as people read it, and as programs do. */
#ifndef TRY_REPORT_H
#define TRY_REPORT_H

#include "core/try/record.h"

#include <stdio.h>

/* The texts of scripts, by file and line; read when they are first asked for. */
struct listing;
struct listing *listing_new(struct pool *p);
/* Without the blanks at both ends; null: the file cannot be read, or has no such line. */
struct str listing_line(struct listing *s, const char *file_z, uint32_t line);

/* The trace alone: routes, lines, values, log. */
void report_trace(const struct record *r, struct listing *s, FILE *out);
/* Everything: what came, the trace, what would be sent and how it differs from what came. */
void report_text(const struct record *r, struct listing *s, FILE *out);
/* The same records as one JSON text; -ENOMEM. note: what was mended in the message; NULL: nothing. */
int report_json(const struct record *const *records, unsigned n, const char *note,
		struct listing *s, FILE *out);

#endif

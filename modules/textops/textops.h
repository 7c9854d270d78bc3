/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of textops. */
#ifndef TEXTOPS_TEXTOPS_H
#define TEXTOPS_TEXTOPS_H

#include "core/mod/api.h"

/* '/pattern/replacement/flags' taken apart; any character may stand for the slash. */
struct subst {
	struct str pattern;
	struct str replacement; /* with \1 … \9, \0 or & is not special, \n \r \t \\ */
	bool all;		/* g */
	unsigned regex_flags;
};

/* NULL or what is wrong. */
const char *subst_parse(struct str text, struct subst *s_r);

/* A pattern as textops means it ('^' and '$' at each line), compiled once for a constant. NULL: it cannot be; it was logged. */
const struct regex *lines_regex(struct ctx *ctx, const struct regex *re);
const struct regex *subst_regex(struct ctx *ctx, const struct subst *s);

int fn_search(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_search_body(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_replace(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_replace_all(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_replace_body(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_replace_body_all(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_subst(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_subst_body(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_subst_uri(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_subst_user(struct ctx *ctx, const struct value *argv, unsigned argc);

#endif

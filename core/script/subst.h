/* SPDX-License-Identifier: BSD-2-Clause */
/* Substitutions: "/pattern/replacement/flags" as subst(), {re.subst} and "#!subst" have them. */
#ifndef SCRIPT_SUBST_H
#define SCRIPT_SUBST_H

#include "core/script/regex.h"

/* '/pattern/replacement/flags' taken apart; any character may stand for the slash. */
struct subst {
	struct str pattern;
	struct str replacement; /* with \1 … \9, \0 or & is not special, \n \r \t \\ */
	bool all;		/* g */
	unsigned regex_flags;
};

/* NULL or what is wrong. What it finds are slices of text. */
const char *subst_parse(struct str text, struct subst *s_r);
#define SUBST_MATCHES_MAX 1000u /* of one substitution: each may look at all that is behind it */

/* Where the next match of all is looked for behind m; never between CR and LF. */
size_t subst_behind(struct str subject, const struct regex_match *m);
/* What a match in subject is replaced by, in the pool. -ENOMEM. */
int subst_replacement(struct pool *p, struct str replacement, struct str subject,
		      const struct regex_match *m, struct str *text_r);
/* 1 with the new text, in the pool; 0: no match, and nothing is allocated; -EMSGSIZE: it would have more than max bytes; -ENOMEM; -ELOOP: too many steps or
 * matches. */
int subst_text(struct pool *p, const struct regex *re, const struct subst *s, struct str subject,
	       size_t max, struct str *text_r);

#endif

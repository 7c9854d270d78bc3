/* SPDX-License-Identifier: BSD-2-Clause */
/* "#!subst" and its kin: what is changed in the texts of a script while it is read. */
#include "core/script/parse.h"
#include "core/base/buf.h"
#include "core/script/subst.h"

#include <errno.h>

#define SUBST_TEXT_MAX 65536u /* of a text that was changed */

struct substitute {
	struct substitute *next;
	const struct regex *re;
	struct subst how;
};

static void add(struct parse *p, const struct subst *how, struct pos at)
{
	struct substitute *s = parse_alloc(p, sizeof(*s)), **end = &p->substitutes;
	struct regex_error e;
	int r = regex_new(p->pool, how->pattern, how->regex_flags, &s->re, &e);

	if (r == -ENOMEM)
		parse_no_memory(p);
	if (r < 0) {
		diag_error(p->diag, at, NULL, "cannot use this as a regular expression: %s",
			   e.text);
		return;
	}
	s->how = *how;
	while (*end)
		end = &(*end)->next;
	*end = s;
}

void parse_substitute(struct parse *p, struct str verb, struct str text, struct pos at)
{
	struct subst how;
	const char *wrong = "the quotes are missing";
	bool quoted = str_eq(verb, STR("substdefs"));
	char *value;
	struct buf b;

	if (text.n >= 2 && (text.p[0] == '"' || text.p[0] == '\'') &&
	    str_rchr(text, text.p[0]) > 0) {
		/* the line's memory is the lexer's */
		text = pool_str(p->pool, str_of(text.p + 1, (size_t)str_rchr(text, text.p[0]) - 1));
		if (!text.p)
			parse_no_memory(p);
		wrong = subst_parse(text, &how);
	}
	if (wrong) {
		diag_error(p->diag, at, NULL, "#!" STRF " needs \"/pattern/replacement/flags\": %s",
			   STRA(verb), wrong);
		return;
	}
	add(p, &how, at);
	if (str_eq(verb, STR("subst")))
		return;
	value = parse_alloc(p, how.replacement.n + 3);
	b = buf_over(value, how.replacement.n + 3);
	buf_fmt(&b, quoted ? "\"" STRF "\"" : STRF, STRA(how.replacement));
	parse_define(p, how.pattern, buf_str(&b), at);
}

struct str parse_substituted(struct parse *p, struct str text, struct pos at)
{
	for (const struct substitute *s = p->substitutes; s; s = s->next) {
		int r = subst_text(p->pool, s->re, &s->how, text, text.n + SUBST_TEXT_MAX, &text);

		if (r == -ENOMEM)
			parse_no_memory(p);
		if (r < 0)
			diag_error(p->diag, at, NULL, "#!subst cannot be done to this text: %s",
				   r == -EMSGSIZE ? "it becomes too long"
						  : "it takes too many steps");
	}
	return text;
}

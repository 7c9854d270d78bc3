/* SPDX-License-Identifier: BSD-2-Clause */
/* Transformations by regular expressions: class re. */
#include "core/msg/ctx.h"
#include "core/script/subst.h"
#include "core/script/transform.h"

#include <errno.h>

/* argv: the compiled expression and its replacement; or a text, when it is a variable. */
static int subst(struct transforming *t, struct str s, struct value *v)
{
	struct subst e = { .replacement = t->argv[1].s, .all = t->argv[1].i != 0 };
	const struct regex *re = t->argv[0].re;
	struct regex_error bad;
	struct str out;
	int r = 0;

	if (t->argv[0].type == VALUE_STR) {
		r = subst_parse(t->argv[0].s, &e) ? -EINVAL : 0;
		if (!r)
			r = regex_new(t->ctx->pool, e.pattern, e.regex_flags, &re, &bad);
	}
	if (!r)
		r = subst_text(t->ctx->pool, re, &e, s, TRANSFORM_RESULT_MAX, &out);
	if (r < 0)
		return r == -ENOMEM ? r : -EINVAL;
	*v = value_str(r ? out : s);
	return 0;
}

const struct transform_def transforms_re[] = {
	{ .name = "re.subst",
	  .args = "e",
	  .usage = ",/pattern/replacement/flags",
	  .run = subst,
	  .type = VALUE_STR,
	  .help = "what matches is replaced, \\1 being a group; flags g (all), i (any case), s" },
	{ .name = NULL },
};

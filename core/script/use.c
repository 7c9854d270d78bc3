/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes as a script names them: read and set. */
#include "core/script/use.h"

#include "core/script/machine.h"
#include "core/script/transform.h"

#include <errno.h>

/* The argument with what varies: a key or index that another attribute has. */
static int fill(struct ctx *ctx, const struct attr_use *use, struct attr_arg *arg_r)
{
	struct value v;
	int err;

	*arg_r = use->arg;
	if (use->key) {
		err = attr_use_get(ctx, use->key, &v);
		if (!err)
			err = value_text(ctx->pool, &v, &arg_r->key);
		if (err < 0)
			return err;
		if (str_is_null(arg_r->key))
			arg_r->key = STR("");
	}
	if (use->index) {
		int64_t n;

		err = attr_use_get(ctx, use->index, &v);
		if (err < 0 || !value_number(&v, &n))
			return err < 0 ? err : -EINVAL;
		arg_r->has_index = true;
		arg_r->index = n < 0 || n == INT64_MAX ? n : n + 1;
	}
	return 0;
}

int attr_use_get(struct ctx *ctx, const struct attr_use *use, struct value *value_r)
{
	struct attr_arg arg;
	int err;

	if (!use->key && !use->index) {
		err = use->def->get(ctx, &use->arg, value_r);
	} else {
		err = fill(ctx, use, &arg);
		if (!err)
			err = use->def->get(ctx, &arg, value_r);
	}
	return err || !use->transform ? err : transform_run(use->transform, ctx, value_r);
}

int attr_use_set(struct ctx *ctx, const struct attr_use *use, const struct value *v)
{
	struct attr_arg arg;
	int err;

	if (!use->key && !use->index)
		return use->def->set(ctx, &use->arg, v);
	err = fill(ctx, use, &arg);
	return err < 0 ? err : use->def->set(ctx, &arg, v);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How an attribute that a script names is read and set while a message is routed. */
#ifndef SCRIPT_USE_H
#define SCRIPT_USE_H

#include "core/script/ast.h"

/* 0; -ENOMEM; -EINVAL: its index is no number. What the message does not have is null. */
int attr_use_get(struct ctx *ctx, const struct attr_use *use, struct value *value_r);
/* The same where most attributes are plain. */
static inline int attr_use_read(struct ctx *ctx, const struct attr_use *use, struct value *value_r)
{
	if (use->key || use->index || use->transform)
		return attr_use_get(ctx, use, value_r);
	return use->def->get(ctx, &use->arg, value_r);
}
/* 0; -ENOMEM; -EINVAL and others: this value cannot be its value. Null clears it where that is possible. */
int attr_use_set(struct ctx *ctx, const struct attr_use *use, const struct value *v);

static inline int attr_use_write(struct ctx *ctx, const struct attr_use *use, const struct value *v)
{
	if (use->key || use->index)
		return attr_use_set(ctx, use, v);
	return use->def->set(ctx, &use->arg, v);
}

#endif

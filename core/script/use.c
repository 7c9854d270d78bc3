/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes as a script names them: kept with the configuration, read and set. */
#include "core/script/use.h"

#include "core/mem/arena.h"

#include <errno.h>

int attr_use_keep(struct arena *arena, const struct attr_use *use, struct attr_use *kept_r)
{
	*kept_r = *use;
	kept_r->arg.key = arena_str(arena, use->arg.key);
	return use->arg.key.p && !kept_r->arg.key.p ? -ENOMEM : 0;
}

int attr_use_get(struct ctx *ctx, const struct attr_use *use, struct value *value_r)
{
	return use->def->get(ctx, &use->arg, value_r);
}

int attr_use_set(struct ctx *ctx, const struct attr_use *use, const struct value *v)
{
	return use->def->set(ctx, &use->arg, v);
}

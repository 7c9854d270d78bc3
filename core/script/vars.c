/* SPDX-License-Identifier: BSD-2-Clause */
/* $var(x): values of this message's way through the script, numbered when it is loaded; each starts at 0. $shv(x): those that all workers share. */
#include "core/script/vars.h"
#include "core/script/own.h"

#include "core/msg/shv.h"
#include "core/script/machine.h"

#include <errno.h>

static int var_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct machine *m = ctx->machine;

	*value_r = m && m->vars ? m->vars[arg->slot] : value_int(0);
	return 0;
}

static int var_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	struct machine *m = ctx->machine;
	uint32_t n;

	if (!m)
		return -EINVAL;
	n = m->program->vars_n;
	if (!m->vars) {
		m->vars = pool_alloc(ctx->pool, n * sizeof(*m->vars));
		if (!m->vars)
			return -ENOMEM;
		for (uint32_t i = 0; i < n; i++)
			m->vars[i] = value_int(0);
	}
	m->vars[arg->slot] = v->type == VALUE_NULL ? value_int(0) : *v;
	return 0;
}

static const char *shv_prepare(struct attr_arg *arg, const struct conf *conf)
{
	switch (shv_declare(conf, arg->key, NULL, &arg->slot)) {
	case 0:
		return NULL;
	case -EINVAL:
		return "the name of a shared variable has at most 64 characters";
	case -ENOSPC:
		return "there are too many shared variables";
	default:
		return "there is not enough memory";
	}
}

static int shared_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	return shv_get(ctx, arg->slot, value_r);
}

static int shared_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	return shv_set(ctx, arg->slot, v);
}

const struct attr_def script_attrs[] = {
	{ .pv = "var",
	  .get = var_get,
	  .set = var_set,
	  .type = VALUE_STR,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY | ATTR_SLOT,
	  .help = "a variable of this message's way through the script; it starts at 0" },
	{ .pv = "shv",
	  .get = shared_get,
	  .set = shared_set,
	  .type = VALUE_STR,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY,
	  .prepare = shv_prepare,
	  .help = "a variable that all workers share and that outlives a reload; it starts at 0" },
	{ .name = "cfg_get",
	  .get = own_get,
	  .type = VALUE_STR,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY,
	  .prepare = own_prepare_setting,
	  .help = "a setting of the script's own, of the core or of a module: "
		  "@cfg_get.group.name" },
	{ .pv = "def",
	  .get = own_get,
	  .type = VALUE_STR,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY,
	  .prepare = own_prepare_define,
	  .help = "what #!define gave this name" },
	{ .pv = "env",
	  .get = own_get,
	  .type = VALUE_STR,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY,
	  .prepare = own_prepare_env,
	  .help = "a variable of the environment in which the script was loaded" },
	{ .get = NULL },
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* $xavp(x=>y), $xavu, $xavi: values with fields. */
#include "core/msg/attr_avp.h"

#include "core/mem/arena.h"

#include <errno.h>

#define STEPS_MAX 8u

/* One name on the way: "x", "x[1]", "x[*]". */
struct step {
	struct avp_name name;
	bool has_index, all;
	int64_t index; /* 0 is the newest, -1 the oldest */
};

struct path {
	unsigned n;
	struct step steps[STEPS_MAX];
};

/* --- as it is written -------------------------------------------------------------------------------------------------------------------- */

static const char *read_index(struct str inside, struct step *step_r)
{
	inside = str_trim(inside);
	step_r->all = str_eq(inside, STR("*"));
	if (step_r->all)
		return NULL;
	step_r->has_index = true;
	return str_int(inside, &step_r->index) < 0 ? "in brackets stands a number or \"*\"" : NULL;
}

static const char *read_step(struct str text, struct step *step_r)
{
	ssize_t bracket = str_chr(text, '[');
	struct str name = str_trim(bracket < 0 ? text : str_head(text, (size_t)bracket));

	*step_r = (struct step){ .name = avp_name(name) };
	if (!name.n || str_chr(name, '$') >= 0)
		return "this is written $xavp(name=>field)";
	if (bracket < 0)
		return NULL;
	if (text.p[text.n - 1] != ']')
		return "this \"[\" is not closed";
	return read_index(str_of(text.p + bracket + 1, text.n - (size_t)bracket - 2), step_r);
}

static const char *read_path(struct str key, struct path *path_r)
{
	const char *wrong = NULL;

	while (!wrong) {
		ssize_t arrow = str_find(key, STR("=>"));

		if (path_r->n == STEPS_MAX)
			return "there are too many fields in fields";
		wrong = read_step(str_trim(arrow < 0 ? key : str_head(key, (size_t)arrow)),
				  &path_r->steps[path_r->n++]);
		if (arrow < 0)
			break;
		key = str_skip(key, (size_t)arrow + 2);
	}
	for (unsigned i = 0; i + 1 < path_r->n; i++)
		if (path_r->steps[i].all)
			return "only the last name can stand for all its values";
	return wrong;
}

static int lower(struct str *s, struct arena *arena)
{
	char *p = arena_alloc(arena, s->n + 1);

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++)
		p[i] = char_lower(s->p[i]);
	*s = str_of(p, s->n);
	return 0;
}

const char *xavp_prepare(struct attr_arg *arg, const struct conf *conf)
{
	struct path *path = arena_zalloc(conf->arena, sizeof(*path));

	if (!path || (arg->tag == AVP_XI && lower(&arg->key, conf->arena) < 0))
		return "there is not enough memory";
	arg->data = path;
	return read_path(arg->key, path);
}

/* --- reading and setting ------------------------------------------------------------------------------------------------------------------ */

int xavp_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct path *path = arg->data;
	struct avp *list = ctx->avps ? ctx->avps->first[arg->tag] : NULL;
	const struct step *last;

	*value_r = arg->counts ? value_int(0) : value_null();
	if (!path || !list)
		return 0;
	last = &path->steps[path->n - 1];
	for (unsigned i = 0; i + 1 < path->n && list; i++) {
		const struct step *s = &path->steps[i];
		const struct avp *a = avp_find(list, &s->name, s->index);

		list = a ? a->fields : NULL;
	}
	if (arg->counts) {
		*value_r = value_int(avp_count(list, &last->name));
		return 0;
	}
	if (last->all)
		return avp_join(ctx, list, &last->name, value_r);
	*value_r = avp_value(avp_find(list, &last->name, last->index));
	return 0;
}

static int set_last(struct ctx *ctx, struct avp **first, const struct step *s,
		    const struct value *v, bool unique)
{
	struct avp *a = avp_find(*first, &s->name, s->index);

	if (v->type == VALUE_NULL && !s->all) {
		avp_remove(ctx->avps, first, a);
		return 0;
	}
	if (s->all)
		avp_remove_all(ctx->avps, first, &s->name);
	else if (a && (s->has_index || unique))
		return avp_replace(ctx->avps, a, v);
	else if (s->has_index && s->index)
		return -ENOENT;
	return v->type == VALUE_NULL ? 0 : avp_add(ctx->avps, ctx->pool, first, &s->name, v, NULL);
}

/* As in Kamailio: $xavp(x=>y) = v makes a new x; $xavp(x[0]=>y) = v adds to the newest one. */
int xavp_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	static const struct value none = { .type = VALUE_NULL };
	const struct path *path = arg->data;
	const bool unique = arg->tag == AVP_XU;
	struct avp **first;

	if (!path)
		return -EINVAL;
	if (!ctx_avps(ctx))
		return -ENOMEM;
	first = &ctx->avps->first[arg->tag];
	for (unsigned i = 0; i + 1 < path->n; i++) {
		const struct step *s = &path->steps[i];
		struct avp *a = NULL;
		int err = 0;

		if (i || s->has_index || unique || v->type == VALUE_NULL)
			a = avp_find(*first, &s->name, s->index);
		if (!a && v->type == VALUE_NULL)
			return 0;
		if (!a)
			err = avp_add(ctx->avps, ctx->pool, first, &s->name, &none, &a);
		if (err < 0)
			return err;
		if (a->value.type != VALUE_NULL)
			return -EINVAL;
		first = &a->fields;
	}
	return set_last(ctx, first, &path->steps[path->n - 1], v, unique);
}

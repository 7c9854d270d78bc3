/* SPDX-License-Identifier: BSD-2-Clause */
/* $avp(x), and SER's attributes: $f.x, $tu.x, $x. */
#include "core/msg/attr_avp.h"

#include "core/base/buf.h"
#include "core/mem/arena.h"

#include <errno.h>

#define AVP_TEXT_MAX 65536u /* of all values of one name, joined */

struct avps *ctx_avps(struct ctx *ctx)
{
	if (!ctx->avps)
		ctx->avps = pool_zalloc(ctx->pool, sizeof(*ctx->avps));
	return ctx->avps;
}

struct value avp_value(const struct avp *a)
{
	if (!a)
		return value_null();
	return a->fields ? value_str(STR("<<xavp>>")) : a->value;
}

static void put_value(struct buf *b, const struct value *v)
{
	if (v->type == VALUE_INT)
		buf_int(b, v->i);
	else
		buf_str_put(b, v->s);
}

int avp_join(struct ctx *ctx, const struct avp *first, const struct avp_name *name,
	     struct value *value_r)
{
	struct buf b;
	size_t n = 0;
	char *room;

	*value_r = value_null();
	for (const struct avp *a = first; (a = avp_find((struct avp *)a, name, 0)); a = a->next) {
		const struct value v = avp_value(a);

		n += (v.type == VALUE_STR ? v.s.n : 0) + 24;
	}
	if (!n)
		return 0;
	room = n > AVP_TEXT_MAX ? NULL : pool_alloc(ctx->pool, n);
	if (!room)
		return -ENOMEM;
	b = buf_over(room, n);
	for (const struct avp *a = first; (a = avp_find((struct avp *)a, name, 0)); a = a->next) {
		const struct value v = avp_value(a);

		if (b.n)
			buf_lit(&b, ", ");
		put_value(&b, &v);
	}
	*value_r = value_str(buf_str(&b));
	return 0;
}

/* --- names ------------------------------------------------------------------------------------------------------------------------------ */

/* "s:x" is x; "i:5" stays as it is. */
static struct avp_name name_of(struct str key)
{
	return avp_name(str_starts(key, STR("s:")) ? str_skip(key, 2) : key);
}

const char *avp_prepare(struct attr_arg *arg, const struct conf *conf)
{
	struct avp_name *name = arena_alloc(conf->arena, sizeof(*name));

	if (!name)
		return "there is not enough memory";
	*name = name_of(arg->key);
	arg->data = name;
	return name->text.n ? NULL : "the name is empty";
}

static struct avp_name name_for(const struct attr_arg *arg)
{
	return arg->data ? *(const struct avp_name *)arg->data : name_of(arg->key);
}

/* --- reading and setting ---------------------------------------------------------------------------------------------------------------- */

/* SER counts from the oldest, Kamailio from the newest. */
static int64_t place(const struct attr_arg *arg)
{
	if (!arg->has_index)
		return 0;
	if (TAG_PART(arg->tag) & AVP_REPLACES)
		return arg->index > 0 ? -arg->index : -(arg->index + 1);
	return arg->index > 0 ? arg->index - 1 : arg->index;
}

int avp_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const unsigned lists = TAG_BASE(arg->tag);
	struct avp_name name;

	*value_r = arg->counts ? value_int(0) : value_null();
	if (!ctx->avps)
		return 0;
	name = name_for(arg);
	for (unsigned i = 0; i < AVP_LISTS; i++) {
		struct avp *first = ctx->avps->first[i];

		if (!(lists & 1u << i) || !avp_find(first, &name, 0))
			continue;
		if (arg->counts) {
			*value_r = value_int(avp_count(first, &name));
			return 0;
		}
		if (arg->all)
			return avp_join(ctx, first, &name, value_r);
		*value_r = avp_value(avp_find(first, &name, place(arg)));
		return 0;
	}
	return 0;
}

static int clear(struct avps *avps, struct avp **first, const struct avp_name *name,
		 const struct attr_arg *arg)
{
	const bool whole = TAG_PART(arg->tag) & AVP_REPLACES;

	if (arg->all || (whole && !arg->has_index))
		avp_remove_all(avps, first, name);
	else
		avp_remove(avps, first, avp_find(*first, name, place(arg)));
	return 0;
}

int avp_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	const bool replaces = TAG_PART(arg->tag) & AVP_REPLACES;
	struct avps *avps = ctx_avps(ctx);
	struct avp_name name = name_for(arg);
	struct avp **first, *a;

	if (!avps)
		return -ENOMEM;
	first = &avps->first[TAG_PART(arg->tag) & ~AVP_REPLACES];
	if (v->type == VALUE_NULL)
		return clear(avps, first, &name, arg);
	if (arg->has_index) {
		a = avp_find(*first, &name, place(arg));
		return a ? avp_replace(avps, a, v) : -ENOENT;
	}
	/* $(avp(x)[*]) and $f.x are set whole; $avp(x) and $f.x[] get one more */
	if (replaces != arg->all)
		avp_remove_all(avps, first, &name);
	return avp_add(avps, ctx->pool, first, &name, v, NULL);
}

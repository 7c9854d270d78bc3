/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions over $xavp(x) whose name is a text. */
#include "modules/pv/pv.h"

#include <errno.h>

static int failed(const char *text_z, struct str name, int err)
{
	log_limited(LOG_WARN, "pv", text_z, KV_STR("name", name), KV_ERRNO(-err));
	return FN_FALSE;
}

/* The message's list of $xavp; NULL: no memory. */
static struct avp **list_of(struct ctx *ctx)
{
	struct avps *avps = ctx_avps(ctx);

	return avps ? &avps->first[AVP_X] : NULL;
}

/* ";a=1;b" as fields of one value. */
static int put_params(struct ctx *ctx, struct str params, struct avp **fields)
{
	struct sip_param p;
	int more;

	while ((more = sip_param_next(&params, &p)) == 1) {
		struct avp_name name = avp_name(p.name);
		char *room = pool_alloc(ctx->pool, p.value.n + 1);
		struct value v;
		int err;

		if (!room)
			return -ENOMEM;
		v = value_str(p.value.n ? sip_unquote(p.value, room) : STR(""));
		err = avp_add(ctx->avps, ctx->pool, fields, &name, &v, NULL);
		if (err)
			return err;
	}
	return more < 0 ? more : *fields ? 0 : -EBADMSG;
}

/* "a=1;b=2": a new value of that name with these fields. */
int fn_xavp_params_explode(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	static const struct value none = { .type = VALUE_NULL };
	struct str params = str_trim(argv[0].s);
	struct avp_name name = avp_name(str_trim(argv[1].s));
	struct avp **first = list_of(ctx), *a = NULL;
	struct buf b;
	int err;

	(void)argc;
	if (!params.n || !name.text.n)
		return FN_FALSE;
	if (params.p[params.n - 1] == ';')
		params.n--;
	b = buf_over(pool_alloc(ctx->pool, params.n + 1), params.n + 1);
	if (!first || !b.p)
		return failed("could not make fields of parameters", name.text, -ENOMEM);
	if (params.n && params.p[0] != ';')
		buf_char(&b, ';');
	buf_str_put(&b, params);
	err = avp_add(ctx->avps, ctx->pool, first, &name, &none, &a);
	if (!err) {
		err = put_params(ctx, buf_str(&b), &a->fields);
		if (err)
			avp_remove(ctx->avps, first, a);
	}
	if (err == -EBADMSG)
		return FN_FALSE;
	return err ? failed("could not make fields of parameters", name.text, err) : FN_TRUE;
}

/* name, number, name of the copy: it becomes the oldest of that name. With a number of the copy it takes the place of that one. */
int fn_xavp_copy(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct avp_name from = avp_name(argv[0].s), to = avp_name(argv[2].s);
	struct avp **first = list_of(ctx), **place, *source, *old;
	int err;

	if (!first)
		return failed("could not copy", from.text, -ENOMEM);
	source = avp_find(*first, &from, argv[1].i);
	old = argc > 3 ? avp_find(*first, &to, argv[3].i) : NULL;
	if (!source || !to.text.n || (argc > 3 && !old))
		return FN_FALSE;
	for (place = first; *place && *place != old;)
		place = &(*place)->next;
	err = avp_clone(ctx->avps, ctx->pool, place, source, &to);
	if (!err)
		avp_remove(ctx->avps, first, old);
	return err ? failed("could not copy", from.text, err) : FN_TRUE;
}

int fn_xavp_rm(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct avp_name name = avp_name(argv[0].s);

	(void)argc;
	if (ctx->avps)
		avp_remove(ctx->avps, &ctx->avps->first[AVP_X],
			   avp_find(ctx->avps->first[AVP_X], &name, 0));
	return FN_TRUE;
}

static void print(const struct avp *a, struct str field, const struct avp *holder)
{
	struct log_kv kv[4];
	unsigned n = 0;

	kv[n++] = KV_STR("name", a->name);
	if (field.n)
		kv[n++] = KV_STR("field", field);
	if (holder->value.type == VALUE_INT)
		kv[n++] = KV_INT("value", holder->value.i);
	else if (holder->value.type == VALUE_STR)
		kv[n++] = KV_TEXT("value", str_head(holder->value.s, 512));
	kv[n] = (struct log_kv){ .kind = LOG_END };
	log_write(LOG_INFO, "script", "xavp", kv);
}

/* A line for each value, or for each of its fields. */
int fn_pv_xavp_print(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct avp *a = ctx->avps ? ctx->avps->first[AVP_X] : NULL;

	(void)argv;
	(void)argc;
	if (!log_wants(LOG_INFO))
		return FN_TRUE;
	for (; a; a = a->next) {
		if (!a->fields)
			print(a, STR(""), a);
		for (const struct avp *f = a->fields; f; f = f->next)
			print(a, f->name, f);
	}
	return FN_TRUE;
}

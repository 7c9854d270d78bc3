/* SPDX-License-Identifier: BSD-2-Clause */
/* What onsend_route sees of the message that leaves, as attributes. */
#include "core/msg/attr_pv.h"
#include "core/msg/onsend.h"

#include <errno.h>

static int text_of(struct ctx *ctx, const struct sending *s, struct value *value_r)
{
	size_t n = sending_length(s);
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);

	if (!b.p)
		return -ENOMEM;
	for (unsigned i = 0; i < s->n; i++)
		buf_mem(&b, s->iov[i].iov_base, s->iov[i].iov_len);
	*value_r = value_str(buf_str(&b));
	return 0;
}

static int address_of(struct ctx *ctx, const struct addr *a, struct value *value_r)
{
	char text[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(text);

	addr_put(&b, a);
	return attr_text(ctx, buf_str(&b), value_r);
}

int attr_send(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct sending *s = ctx->sending;
	const struct target *t = s ? s->target : NULL;
	const struct addr *a = !t ? NULL : arg->tag == SEND_FROM ? &t->from->addr : &t->addr;

	*value_r = value_null();
	if (!s)
		return 0;
	if (str_eq(arg->key, STR("ip")))
		return address_of(ctx, a, value_r);
	if (str_eq(arg->key, STR("buf")))
		return text_of(ctx, s, value_r);
	if (str_eq(arg->key, STR("port")))
		*value_r = value_int(addr_port(a));
	else if (str_eq(arg->key, STR("af")))
		*value_r = value_int(a->sa.sa_family);
	else if (str_eq(arg->key, STR("len")))
		*value_r = value_int((int64_t)sending_length(s));
	else if (str_eq(arg->key, STR("proto")))
		*value_r = attr_transport_number(str_z(t->transport->name));
	else if (str_eq(arg->key, STR("sproto")))
		*value_r = value_str(str_z(t->transport->name));
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script says of Record-Route: it is kept as the data of a late edit, whose text is made for each target. */
#include "modules/rr/rr.h"

#include <errno.h>

/* The texts of a record. */
struct texts {
	struct str flow, user, host, host2, params;
};

/* What may stand in a URI between brackets, as address or as parameters of ours. */
static bool is_uri_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (c <= 32 || c >= 127 || str_chr(STR("<>\",?@\\"), s.p[i]) >= 0)
			return false;
	}
	return true;
}

static bool is_params(struct str s)
{
	return s.n > 1 && s.p[0] == ';' && is_uri_text(s);
}

const char *check_rr_param(const struct value *argv, unsigned argc)
{
	if (!argc || argv[0].type != VALUE_STR || str_chr(argv[0].s, '$') >= 0 ||
	    str_chr(argv[0].s, '%') >= 0 || is_params(argv[0].s))
		return NULL;
	return "URI parameters are needed: \";name=value\"";
}

/* In the pool; null: no memory. */
static struct str joined(struct ctx *ctx, struct str a, struct str b)
{
	struct buf out = buf_over(pool_alloc(ctx->pool, a.n + b.n), a.n + b.n);

	if (!out.p)
		return STR_NULL;
	buf_str_put(&out, a);
	buf_str_put(&out, b);
	return buf_str(&out);
}

/* --- the record ------------------------------------------------------------------------------------------------------------------------- */
/* The custom user, else that of the Request-URI as received, else of the current one. */
static struct str user_of(struct ctx *ctx)
{
	const struct rr_conf *c = rr_conf_of(ctx);
	struct value v = value_null();
	struct sip_uri *u;

	if (!c->username)
		return STR_NULL;
	if (c->user.def && !attr_use_get(ctx, &c->user, &v) && v.type == VALUE_STR && v.s.n &&
	    uri_is_user(v.s))
		return v.s;
	u = str_is_null(ctx->uri) ? ctx_uri(ctx) : ctx_uri_parse(ctx, ctx->msg->ruri);
	if (u && !u->user.n)
		u = ctx_uri(ctx);
	return u && u->user.n ? u->user : STR_NULL;
}

static size_t texts_n(const struct texts *t)
{
	return t->flow.n + t->user.n + t->host.n + t->host2.n + t->params.n;
}

/* The bytes of a record with its texts, in the pool. Null: no memory. */
static struct str packed(struct ctx *ctx, struct record *rec, const struct texts *t)
{
	size_t n = sizeof(*rec) + texts_n(t);
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);

	rec->flow_n = (uint32_t)t->flow.n;
	rec->user_n = (uint32_t)t->user.n;
	rec->host_n = (uint32_t)t->host.n;
	rec->host2_n = (uint32_t)t->host2.n;
	rec->params_n = (uint32_t)t->params.n;
	if (!b.p)
		return STR_NULL;
	buf_mem(&b, rec, sizeof(*rec));
	buf_str_put(&b, t->flow);
	buf_str_put(&b, t->user);
	buf_str_put(&b, t->host);
	buf_str_put(&b, t->host2);
	buf_str_put(&b, t->params);
	return buf_str(&b);
}

/* The record that is there; NULL: none. */
static struct edit *there(struct ctx *ctx, struct record *rec_r)
{
	struct edit *x = edits_late(&ctx->edits, &record_late);

	if (x)
		memcpy(rec_r, x->data, sizeof(*rec_r));
	return x;
}

/* Of one that is pending the parameters are all the texts. */
static struct str pending(const struct edit *x)
{
	return x ? str_skip(str_of(x->data, x->data_n), sizeof(struct record)) : STR("");
}

/* x: the one that is there, to be replaced. */
static int put(struct ctx *ctx, struct edit *x, struct record *rec, const struct texts *t)
{
	struct str data;

	if (texts_n(t) > RECORD_TEXT_MAX)
		return -EMSGSIZE;
	data = packed(ctx, rec, t);
	if (!data.p)
		return -ENOMEM;
	if (!x) /* before all other header fields, so before those of others; 16.6 item 4 */
		return edits_add_late(&ctx->edits, ctx->pool,
				      (size_t)(ctx->msg->headers.p - ctx->msg->buf.p), &record_late,
				      data);
	x->data = data.p;
	x->data_n = data.n;
	return 0;
}

static int add(struct ctx *ctx, struct edit *x, enum record_kind kind, struct texts *t)
{
	struct record rec = { .kind = (uint8_t)kind, .by_callee = rr_is_upstream(ctx) };
	struct str before = pending(x);
	char token[FLOW_TEXT_MAX];
	struct buf flow = BUF_ON(token);

	rec.mac = dialog_mac(ctx, rr_tag(ctx, rec.by_callee ? HDR_TO : HDR_FROM));
	t->user = user_of(ctx);
	if (flow_wanted(ctx)) {
		flow_put(ctx, &flow);
		t->flow = buf_str(&flow);
	}
	if (before.n)
		t->params = joined(ctx, t->params, before);
	return before.n && !t->params.p ? -ENOMEM : put(ctx, x, &rec, t);
}

static int record(struct ctx *ctx, enum record_kind kind, struct texts t)
{
	int err = -EINVAL;
	struct record rec;
	struct edit *x;

	if (!ctx->msg->is_request)
		return FN_FALSE;
	x = there(ctx, &rec);
	if (x && rec.kind != RECORD_PENDING)
		return rr_failed("could not record the route a second time", ctx->msg->method_text,
				 -EALREADY);
	if (is_uri_text(t.host) && is_uri_text(t.host2) && (!t.params.n || is_params(t.params)))
		err = add(ctx, x, kind, &t);
	return err ? rr_failed("could not record the route",
			       t.params.n ? t.params
			       : t.host.n ? t.host
					  : STR(""),
			       err)
		   : FN_TRUE;
}

/* --- functions -------------------------------------------------------------------------------------------------------------------------- */
int fn_record_route(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return record(ctx, RECORD_OWN, (struct texts){ .params = argc ? argv[0].s : STR_NULL });
}

int fn_record_route_preset(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct texts t = { .host = argv[0].s, .host2 = argc > 1 ? argv[1].s : STR_NULL };

	if (!t.host.n || (t.host2.n && !rr_conf_of(ctx)->double_rr))
		return rr_failed("could not record a preset route", t.host, -EINVAL);
	return record(ctx, RECORD_PRESET, t);
}

int fn_record_route_advertised_address(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	if (!argv[0].s.n)
		return rr_failed("could not record an advertised address", argv[0].s, -EINVAL);
	return record(ctx, RECORD_ADVERTISED, (struct texts){ .host = argv[0].s });
}

int fn_remove_record_route(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return edits_forget_late(&ctx->edits, &record_late) ? FN_TRUE : FN_FALSE;
}

/* The parameters are the last of a record's texts. */
static int append(struct ctx *ctx, struct edit *x, struct record *rec, struct str params)
{
	struct str data;

	if (x->data_n + params.n > sizeof(*rec) + RECORD_TEXT_MAX)
		return -EMSGSIZE;
	data = joined(ctx, str_of(x->data, x->data_n), params);
	if (!data.p)
		return -ENOMEM;
	rec->params_n += (uint32_t)params.n;
	memcpy((char *)(uintptr_t)data.p, rec, sizeof(*rec));
	x->data = data.p;
	x->data_n = data.n;
	return 0;
}

static int param_add(struct ctx *ctx, struct str params)
{
	struct record rec = { .kind = RECORD_PENDING };
	struct edit *x = there(ctx, &rec);

	if (!is_params(params))
		return -EINVAL;
	return x ? append(ctx, x, &rec, params)
		 : put(ctx, NULL, &rec, &(struct texts){ .params = params });
}

int fn_add_rr_param(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int err;

	(void)argc;
	if (!ctx->msg->is_request)
		return FN_FALSE;
	err = param_add(ctx, argv[0].s);
	return err ? rr_failed("could not add a parameter to Record-Route", argv[0].s, err)
		   : FN_TRUE;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told of a message: its fields, the time, the answer; and that it is written. */
#include "modules/acc/acc.h"

#define CORE_FIELDS  6u
#define PLACE_FIELDS 3u
#define NUMBER_ROOM  24u
#define DATE_ROOM    128u
#define FIELDS_MAX   (CORE_FIELDS + ACC_EXTRA_MAX + ACC_LEGS_MAX * ACC_LEGS_MAX + PLACE_FIELDS)

struct str acc_place(struct ctx *ctx, const struct transport *t, const struct addr *a)
{
	size_t room = ADDR_TEXT_MAX + 8;
	struct buf b = buf_over(pool_alloc(ctx->pool, room), room);

	if (!b.p)
		return STR_NULL;
	buf_str_put(&b, str_z(t->name));
	buf_char(&b, ':');
	addr_port_put(&b, a);
	return buf_str(&b);
}

/* --- values ----------------------------------------------------------------------------------------------------------------------------- */

/* Null when there is no memory. */
static struct str number(struct ctx *ctx, int64_t n)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, NUMBER_ROOM), NUMBER_ROOM);

	if (!b.p)
		return STR_NULL;
	buf_int(&b, n);
	return buf_str(&b);
}

/* Null: there is none. */
static struct str tag_of(struct ctx *ctx, enum hdr_id id)
{
	struct sip_nameaddr *na;

	return sip_msg_nameaddr(ctx->msg, id, &na) ? STR_NULL : na->tag;
}

static struct str method_of(struct ctx *ctx)
{
	struct sip_cseq cseq;

	if (ctx->msg->is_request)
		return ctx->msg->method_text;
	return sip_msg_cseq(ctx->msg, &cseq) ? STR_NULL : cseq.method_text;
}

static void put(struct acc_fields *f, struct str name, struct str value, bool is_number)
{
	f->rows[f->n++] = (struct acc_field){ name, value, is_number };
}

#define RDIR_UPSTREAM 2

/* Whether the callee sends it. */
static bool goes_upstream(struct ctx *ctx)
{
	const struct attr_use *direction = &acc_conf_of(ctx)->direction;
	struct value v;

	return direction->def && !attr_use_read(ctx, direction, &v) && v.type == VALUE_INT &&
	       v.i == RDIR_UPSTREAM;
}

/* In Kamailio's order. */
static void core_fields(struct ctx *ctx, const struct acc_about *about, struct acc_fields *f)
{
	struct str to_tag = about->to_tag.n ? about->to_tag : tag_of(ctx, HDR_TO);
	struct str from_tag = tag_of(ctx, HDR_FROM);
	struct str code = about->status ? number(ctx, about->status) : STR_NULL;
	bool turned = goes_upstream(ctx);

	put(f, STR("method"), method_of(ctx), false);
	put(f, STR("from_tag"), turned ? to_tag : from_tag, false);
	put(f, STR("to_tag"), turned ? from_tag : to_tag, false);
	put(f, STR("call_id"), sip_msg_call_id(ctx->msg), false);
	put(f, STR("code"), code, true);
	put(f, STR("reason"), about->reason, false);
}

static bool is_named(const struct acc_fields *f, struct str name)
{
	for (unsigned i = 0; i < f->n; i++)
		if (str_eq(f->rows[i].name, name))
			return true;
	return false;
}

/* A field that the configuration names so takes the place of ours. */
static void place_fields(struct ctx *ctx, const struct acc_about *about,
			 const struct acc_fields *extra, struct acc_fields *f)
{
	if (!is_named(extra, STR("src")))
		put(f, STR("src"), acc_place(ctx, ctx->from.transport, &ctx->from.src), false);
	if (!is_named(extra, STR("dst")))
		put(f, STR("dst"), about->target, false);
	if (about->setup_ms >= 0 && !is_named(extra, STR("setup_ms")))
		put(f, STR("setup_ms"), number(ctx, about->setup_ms), true);
}

/* --- time ------------------------------------------------------------------------------------------------------------------------------- */

/* The format comes from the configuration. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void date_put(struct ctx *ctx, const struct acc_conf *c, const struct timespec *at,
		     struct buf *b)
{
	char text[DATE_ROOM], *format_z = pool_str_z(ctx->pool, c->time_format);
	struct tm tm;

	if (c->time_mode == ACC_TIME_LOCAL)
		localtime_r(&at->tv_sec, &tm);
	else
		gmtime_r(&at->tv_sec, &tm);
	if (format_z)
		buf_mem(b, text, strftime(text, sizeof(text), format_z, &tm));
}
#pragma GCC diagnostic pop

/* As time_mode says. */
static struct acc_field time_field(struct ctx *ctx, const struct acc_conf *c,
				   const struct timespec *at)
{
	struct acc_field f = { .name = c->time_attr,
			       .is_number = c->time_mode <= ACC_TIME_SECONDS };
	struct buf b;

	if (c->time_mode == ACC_TIME_NONE)
		return (struct acc_field){ .name = STR_NULL };
	b = buf_over(pool_alloc(ctx->pool, DATE_ROOM), DATE_ROOM);
	if (!b.p)
		return (struct acc_field){ .name = STR_NULL };
	if (c->time_mode == ACC_TIME_MICROSECONDS) {
		f.name = c->time_exten;
		buf_int(&b, at->tv_nsec / 1000);
	} else if (c->time_mode == ACC_TIME_SECONDS) {
		buf_fmt(&b, "%lld.%03ld", (long long)at->tv_sec, at->tv_nsec / 1000000);
	} else {
		date_put(ctx, c, at, &b);
	}
	f.value = buf_str(&b);
	return f;
}

/* --- the record -------------------------------------------------------------------------------------------------------------------------- */

/* The part of rows that begins behind another. */
static struct acc_fields behind(const struct acc_fields *f)
{
	return (struct acc_fields){ .rows = f->rows + f->n };
}

static void fields_fill(struct ctx *ctx, const struct acc_conf *c, const struct acc_about *about,
			struct acc_field *rows, struct acc_record *r)
{
	*r = (struct acc_record){ .event = about->event, .core = { .rows = rows } };
	clock_gettime(CLOCK_REALTIME, &r->at);
	r->time = time_field(ctx, c, &r->at);
	core_fields(ctx, about, &r->core);
	r->extra = behind(&r->core);
	acc_extra_fields(c->extra, ctx, &r->extra);
	r->legs = behind(&r->extra);
	r->leg_fields = acc_legs_fields(c->legs, ctx, &r->legs);
	r->places = behind(&r->legs);
	if (c->log_places)
		place_fields(ctx, about, &r->extra, &r->places);
}

/* With another Request-URI, if one is told. */
static void fill(struct ctx *ctx, const struct acc_conf *c, const struct acc_about *about,
		 struct acc_field *rows, struct acc_record *r)
{
	struct sip_uri *parsed = ctx->uri_parsed;
	struct str uri = ctx->uri;

	if (!str_is_null(about->uri)) {
		ctx->uri = about->uri;
		ctx->uri_parsed = NULL;
	}
	fields_fill(ctx, c, about, rows, r);
	ctx->uri = uri;
	ctx->uri_parsed = parsed;
}

void acc_write(struct ctx *ctx, const struct acc_about *about)
{
	const struct acc_conf *c = acc_conf_of(ctx);
	struct acc_record r;
	struct acc_field *rows;
	struct buf b;

	if (!log_wants((enum log_level)c->log_level))
		return;
	rows = pool_alloc(ctx->pool, FIELDS_MAX * sizeof(*rows));
	b = buf_over(pool_alloc(ctx->pool, ACC_RECORD_MAX), ACC_RECORD_MAX);
	if (!rows || !b.p) {
		log_limited(LOG_ERR, "acc", "could not write a record: no memory for this message",
			    KV_STR("call_id", sip_msg_call_id(ctx->msg)));
		return;
	}
	fill(ctx, c, about, rows, &r);
	if (c->log_json)
		acc_json_put(&b, &r);
	else
		acc_text_put(&b, &r);
	log_record((enum log_level)c->log_level, "acc", buf_str(&b), c->log_json);
}

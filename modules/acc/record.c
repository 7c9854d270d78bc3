/* SPDX-License-Identifier: BSD-2-Clause */
/* How a record looks: Kamailio's line, which others parse already, or a JSON object. */
#include "modules/acc/record.h"

#define LEFT_OUT_ROOM 24u  /* for how many fields did not fit, and the end */
#define PLACES_ROOM   640u /* for where from, where to */

static const struct {
	struct str text;
	struct str word;
} events[] = {
	[ACC_REQUEST] = { STR_INIT("request accounted"), STR_INIT("request") },
	[ACC_MISSED] = { STR_INIT("call missed"), STR_INIT("missed") },
	[ACC_ANSWERED] = { STR_INIT("transaction answered"), STR_INIT("answered") },
	[ACC_ACKED] = { STR_INIT("request acknowledged"), STR_INIT("acknowledged") },
};

/* --- one field ------------------------------------------------------------------------------------------------------------------------- */

static void text_value_put(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c <= 126 && c != ';' && c != '\\') {
			buf_char(b, (char)c);
		} else {
			buf_lit(b, "\\x");
			buf_hex(b, c, 2);
		}
	}
}

static void text_field_put(struct buf *b, const struct acc_field *f)
{
	buf_char(b, ';');
	buf_str_put(b, f->name);
	buf_char(b, '=');
	text_value_put(b, str_head(f->value, ACC_VALUE_MAX));
}

/* The first of an object has no comma before it. */
static void json_field_put(struct buf *b, const struct acc_field *f)
{
	if (b->n && b->p[b->n - 1] != '{')
		buf_char(b, ',');
	buf_char(b, '"');
	buf_json(b, f->name);
	buf_lit(b, "\":");
	if (str_is_null(f->value)) {
		buf_lit(b, "null");
	} else if (f->is_number) {
		buf_str_put(b, f->value);
	} else {
		buf_char(b, '"');
		buf_json(b, str_head(f->value, ACC_VALUE_MAX));
		buf_char(b, '"');
	}
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------------- */

typedef void field_put(struct buf *b, const struct acc_field *f);

/* The fields that fit wholly while `keep` bytes stay free. How many did not. */
static unsigned fields_put(struct buf *b, const struct acc_fields *fields, size_t keep,
			   field_put *put)
{
	unsigned left_out = 0;

	for (unsigned i = 0; i < fields->n; i++) {
		struct buf before = *b;

		b->cap -= keep;
		put(b, &fields->rows[i]);
		if (!buf_ok(b)) {
			*b = before;
			left_out++;
		}
		b->cap = before.cap;
	}
	return left_out;
}

/* One object for each leg. How many fields do not fit: a leg is written whole or not. */
static unsigned json_legs_put(struct buf *b, const struct acc_record *r)
{
	unsigned left_out = 0;

	buf_lit(b, ",\"legs\":[");
	for (unsigned at = 0; at < r->legs.n; at += r->leg_fields) {
		const struct acc_fields leg = { r->legs.rows + at, r->leg_fields };
		struct buf before = *b;

		buf_str_put(b, at ? STR(",{") : STR("{"));
		if (fields_put(b, &leg, PLACES_ROOM, json_field_put)) {
			*b = before;
			left_out = r->legs.n - at;
			break;
		}
		buf_char(b, '}');
	}
	buf_char(b, ']');
	return left_out;
}

static void all_put(struct buf *b, const struct acc_record *r, field_put *put)
{
	const struct acc_fields time = { .rows = (struct acc_field *)&r->time,
					 .n = r->time.name.p ? 1 : 0 };
	unsigned left_out = fields_put(b, &time, PLACES_ROOM, put);

	left_out += fields_put(b, &r->core, PLACES_ROOM, put);
	left_out += fields_put(b, &r->extra, PLACES_ROOM, put);
	if (put == text_field_put)
		left_out += fields_put(b, &r->legs, PLACES_ROOM, put);
	else if (r->legs.n)
		left_out += json_legs_put(b, r);
	left_out += fields_put(b, &r->places, LEFT_OUT_ROOM, put);
	if (left_out) {
		char digits[12];
		struct buf n = BUF_ON(digits);

		buf_uint(&n, left_out);
		put(b, &(struct acc_field){ STR("left_out"), buf_str(&n), true });
	}
}

void acc_text_put(struct buf *b, const struct acc_record *r)
{
	buf_lit(b, "ACC: ");
	buf_str_put(b, events[r->event].text);
	buf_lit(b, ": timestamp=");
	buf_int(b, r->at.tv_sec);
	all_put(b, r, text_field_put);
}

void acc_json_put(struct buf *b, const struct acc_record *r)
{
	buf_lit(b, "{\"event\":\"");
	buf_str_put(b, events[r->event].word);
	buf_fmt(b, "\",\"timestamp\":%lld.%03ld", (long long)r->at.tv_sec, r->at.tv_nsec / 1000000);
	all_put(b, r, json_field_put);
	buf_char(b, '}');
}

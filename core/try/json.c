/* SPDX-License-Identifier: BSD-2-Clause */
/* Records as JSON. */
#include "core/try/diff.h"
#include "core/try/report.h"

#include <errno.h>
#include <jansson.h>

/* Bytes that are not UTF-8 become U+FFFD, as in logs. */
static json_t *text_json(struct str s)
{
	struct pool *p;
	struct buf b;
	json_t *j;

	if (str_is_null(s))
		return json_null();
	j = json_stringn(s.p ? s.p : "", s.n);
	if (j)
		return j;
	p = pool_new(4096, 6 * s.n + 8192);
	b = buf_over(p ? pool_alloc(p, 3 * s.n) : NULL, 3 * s.n);
	if (b.p)
		buf_utf8(&b, s);
	j = b.p ? json_stringn(b.p, b.n) : NULL;
	pool_drop(&p);
	return j;
}

static json_t *place_json(const struct transport *t, const struct addr *a, struct str host)
{
	char text[512];
	struct buf b = BUF_ON(text);

	record_place_put(&b, t, a, host);
	return text_json(buf_str(&b));
}

static json_t *sent_json(const struct record *r, const struct sent *s)
{
	struct pool *p = pool_new(65536, 64u << 20);
	bool is_request = s->msg && s->msg->is_request;
	bool is_reply = !is_request && !str_starts(r->text, STR("SIP/"));
	struct str difference = p && !is_reply ? diff_unified(p, r->text, s->text) : STR_NULL;
	json_t *j =
		json_pack("{s:s, s:o, s:o, s:o, s:o*}", "kind",
			  is_request ? "request"
			  : is_reply ? "reply"
				     : "response",
			  "to", place_json(s->target.transport, &s->target.addr, s->host), "socket",
			  place_json(s->target.transport, &s->target.from->addr, STR_NULL),
			  "message", text_json(s->text), "difference",
			  str_is_null(difference) ? NULL : text_json(difference));

	pool_drop(&p);
	return j;
}

static json_t *event_json(const struct event *e, struct listing *s, int sent)
{
	json_t *j = json_pack("{s:s, s:i}", "event", event_name(e->kind), "depth", (int)e->depth);

	if (e->kind == EVENT_SENT)
		json_object_set_new(j, "sent", json_integer(sent));
	if (e->file_z) {
		json_object_set_new(j, "file", text_json(str_z(e->file_z)));
		json_object_set_new(j, "line", json_integer(e->line));
	}
	if (e->kind == EVENT_LINE)
		json_object_set_new(j, "source", text_json(listing_line(s, e->file_z, e->line)));
	if (!str_is_null(e->text))
		json_object_set_new(j, "text", text_json(e->text));
	if (!str_is_null(e->value))
		json_object_set_new(j, "value", text_json(e->value));
	return j;
}

static json_t *record_json(const struct record *r, struct listing *s)
{
	json_t *events = json_array(), *sent = json_array();
	int n = 0;

	for (const struct event *e = r->events; e; e = e->next)
		json_array_append_new(events, event_json(e, s, e->kind == EVENT_SENT ? n++ : 0));
	for (const struct sent *m = r->sent; m; m = m->next)
		json_array_append_new(sent, sent_json(r, m));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}", "from",
			 place_json(r->from.transport, &r->from.src, STR_NULL), "to",
			 place_json(r->from.transport, &r->from.dst, STR_NULL), "message",
			 text_json(r->text), "events", events, "sent", sent, "cut", r->full);
}

int report_json(const struct record *const *records, unsigned n, const char *note,
		struct listing *s, FILE *out)
{
	json_t *all = json_array(), *top;
	int err;

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(all, record_json(records[i], s));
	top = json_pack("{s:s*, s:o}", "note", note, "messages", all);
	err = top && !json_dumpf(top, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER) ? 0 : -ENOMEM;
	fputc('\n', out);
	json_decref(top);
	return err;
}

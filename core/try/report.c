/* SPDX-License-Identifier: BSD-2-Clause */
/* A record as text for a terminal. */
#include "core/try/report.h"

#include "core/try/diff.h"
#include "core/try/judge.h"

static void indent(FILE *out, unsigned depth)
{
	fprintf(out, "%*s", (int)(2 * depth), "");
}

static void event_print(const struct record *r, const struct event *e, struct listing *s, FILE *out)
{
	char text[1024];
	struct buf b = BUF_ON(text);
	unsigned depth = e->depth ? e->depth : 1; /* outside of routes as in the first */

	switch (e->kind) {
	case EVENT_ROUTE:
		indent(out, depth - 1);
		fprintf(out, STRF "\n", STRA(e->text));
		return;
	case EVENT_LINE:
		indent(out, depth);
		fprintf(out, "%s:%u: " STRF "\n", e->file_z, e->line,
			STRA(listing_line(s, e->file_z, e->line)));
		return;
	case EVENT_SENT:
		judge_sent_put(&b, r, e->sent);
		indent(out, depth + 2);
		fprintf(out, "-> " STRF "\n", STRA(buf_str(&b)));
		return;
	default:
		break;
	}
	indent(out, depth + 2);
	if (e->kind == EVENT_LOG)
		fprintf(out, "log: " STRF "\n", STRA(e->text));
	else if (e->kind == EVENT_RESOLVE)
		fprintf(out, "would resolve " STRF ": " STRF "\n", STRA(e->text), STRA(e->value));
	else if (e->kind == EVENT_CONDITION)
		fprintf(out, STRF ": " STRF "\n", STRA(e->text), STRA(e->value));
	else
		fprintf(out, STRF "%s" STRF "\n", STRA(e->text),
			e->kind == EVENT_RETURN ? " returns " : " = ", STRA(e->value));
}

void report_trace(const struct record *r, struct listing *s, FILE *out)
{
	for (const struct event *e = r->events; e; e = e->next)
		event_print(r, e, s, out);
	if (r->full)
		fprintf(out, "  ... more happened than is shown here\n");
}

static void message_print(struct str text, FILE *out)
{
	struct str line;

	while (text.n && str_split(&text, '\n', &line)) {
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		fprintf(out, "%s" STRF "\n", line.n ? "  " : "", STRA(line));
	}
}

static void sent_print(const struct record *r, const struct sent *s, FILE *out)
{
	bool is_reply = s->msg && !s->msg->is_request && !str_starts(r->text, STR("SIP/"));
	struct pool *p = pool_new(65536, 64u << 20);
	char to[512], from[512];
	struct buf t = BUF_ON(to), f = BUF_ON(from);
	struct str difference = p ? diff_unified(p, r->text, s->text) : STR_NULL;

	record_place_put(&t, s->target.transport, &s->target.addr, s->host);
	record_place_put(&f, s->target.transport, &s->target.from->addr, STR_NULL);
	fprintf(out, "\n%s to " STRF " from " STRF "\n",
		is_reply ? "would be answered" : "would be sent", STRA(buf_str(&t)),
		STRA(buf_str(&f)));
	if (is_reply || str_is_null(difference))
		message_print(s->text, out);
	else
		fprintf(out, "--- as it came\n+++ as it would be sent\n" STRF, STRA(difference));
	pool_drop(&p);
}

void report_text(const struct record *r, struct listing *s, FILE *out)
{
	char from[512], to[512];
	struct buf f = BUF_ON(from), t = BUF_ON(to);
	ssize_t end = str_chr(r->text, '\n');

	record_place_put(&f, r->from.transport, &r->from.src, STR_NULL);
	record_place_put(&t, r->from.transport, &r->from.dst, STR_NULL);
	fprintf(out, "from " STRF " to " STRF ": " STRF "\n\n", STRA(buf_str(&f)),
		STRA(buf_str(&t)),
		STRA(str_trim(end < 0 ? r->text : str_head(r->text, (size_t)end))));
	report_trace(r, s, out);
	for (const struct sent *m = r->sent; m; m = m->next)
		sent_print(r, m, out);
	if (!r->sent)
		fprintf(out, "\nnothing was sent\n");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of what happened, kept within bounds. */
#include "core/try/record.h"

const char *event_name(enum event_kind kind)
{
	static const char *const names[] = {
		[EVENT_ROUTE] = "route", [EVENT_RETURN] = "return",	  [EVENT_LINE] = "line",
		[EVENT_CALL] = "call",	 [EVENT_CONDITION] = "condition", [EVENT_SET] = "set",
		[EVENT_LOG] = "log",	 [EVENT_RESOLVE] = "resolve",	  [EVENT_SENT] = "sent",
	};

	return names[kind];
}

struct record *record_new(struct pool *p, const struct origin *from, struct str text)
{
	struct record *r = pool_zalloc(p, sizeof(*r));

	if (!r)
		return NULL;
	r->pool = p;
	r->from = *from;
	r->text = pool_str(p, text);
	return r->text.p ? r : NULL;
}

struct event *record_event(struct record *r, enum event_kind kind, struct str text,
			   struct str value)
{
	struct event *e = r->events_n < RECORD_EVENTS_MAX ? pool_zalloc(r->pool, sizeof(*e)) : NULL;

	if (!e) {
		r->full = true;
		return NULL;
	}
	e->kind = kind;
	e->text = pool_str(r->pool, text);
	e->value = pool_str(r->pool, value);
	if (r->events_last)
		r->events_last->next = e;
	else
		r->events = e;
	r->events_last = e;
	r->events_n++;
	return e;
}

static struct str joined(struct pool *p, const struct iovec *iov, unsigned n)
{
	struct buf b;
	size_t size = 0;

	for (unsigned i = 0; i < n; i++)
		size += iov[i].iov_len;
	b = buf_over(pool_alloc(p, size + 1), size);
	if (!b.p)
		return STR_NULL;
	for (unsigned i = 0; i < n; i++)
		buf_mem(&b, iov[i].iov_base, iov[i].iov_len);
	return buf_str(&b);
}

static struct sip_msg *parsed(struct pool *p, struct str text)
{
	struct sip_msg *msg = pool_alloc(p, sizeof(*msg));
	struct sip_error e;

	return msg && !sip_msg_parse(msg, p, text, false, &e) ? msg : NULL;
}

struct sent *record_sent(struct record *r, const struct target *t, struct str host,
			 const struct iovec *iov, unsigned n)
{
	struct event *e = record_event(r, EVENT_SENT, STR_NULL, STR_NULL);
	struct sent *s = e ? pool_zalloc(r->pool, sizeof(*s)) : NULL;

	if (!s) {
		r->full = true;
		return NULL;
	}
	e->sent = s;
	s->target = *t;
	s->host = pool_str(r->pool, host);
	s->text = joined(r->pool, iov, n);
	s->msg = parsed(r->pool, s->text);
	if (r->sent_last)
		r->sent_last->next = s;
	else
		r->sent = s;
	r->sent_last = s;
	return s;
}

void record_place_put(struct buf *b, const struct transport *t, const struct addr *a,
		      struct str host)
{
	buf_fmt(b, "%s:", t->name);
	if (str_is_null(host)) {
		addr_port_put(b, a);
		return;
	}
	buf_str_put(b, host);
	buf_fmt(b, ":%u", addr_port(a));
}

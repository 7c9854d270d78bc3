/* SPDX-License-Identifier: BSD-2-Clause */
/* Expectations, one function each. */
#include "core/try/judge.h"

/* An answer that was made here, as opposed to what was passed on. */
static bool is_reply(const struct record *r, const struct sent *s)
{
	return s->msg && !s->msg->is_request && !str_starts(r->text, STR("SIP/"));
}

void judge_sent_put(struct buf *b, const struct record *r, const struct sent *s)
{
	buf_fmt(b, "%s to ", is_reply(r, s) ? "reply" : "relayed");
	record_place_put(b, s->target.transport, &s->target.addr, s->host);
	buf_lit(b, ": ");
	buf_escaped(b, s->msg ? s->msg->first_line : s->text, 200);
}

static void all_sent_put(struct buf *b, const struct record *r)
{
	if (!r->sent)
		buf_lit(b, "nothing was sent");
	for (const struct sent *s = r->sent; s; s = s->next) {
		judge_sent_put(b, r, s);
		if (s->next)
			buf_lit(b, "; ");
	}
}

static bool text_holds(const struct expect *e, struct str text)
{
	switch (e->how) {
	case HOW_EQUAL:
		return str_eq(text, e->text);
	case HOW_DIFFERS:
		return !str_eq(text, e->text);
	case HOW_MATCHES:
		return regex_exec(e->re, text, 0, NULL) > 0;
	case HOW_MATCHES_NOT:
		return regex_exec(e->re, text, 0, NULL) == 0;
	default:
		return true;
	}
}

/* "404", "404 Not Found", "4xx" or nothing. */
static bool reply_is(const struct expect *e, const struct sent *s)
{
	struct str code = str_head(e->text, 3), reason = str_trim(str_skip(e->text, 3));
	char digits[4];
	struct buf b = buf_over(digits, 3);

	buf_uint(&b, s->msg->status);
	if (code.n == 3 && str_eq_nocase(str_skip(code, 1), STR("xx"))
		    ? code.p[0] != digits[0]
		    : code.n && !str_eq(code, buf_str(&b)))
		return false;
	return !reason.n || str_eq(reason, s->msg->reason);
}

/* "udp:192.0.2.7:5060", "192.0.2.7:5060", "udp:gw.example.com", "[2001:db8::1]": what is left out is any, the port the transport's own. */
static bool place_is(struct str want, const struct transport *t, const struct addr *a,
		     struct str name)
{
	ssize_t colon = str_chr(want, ':');
	const struct transport *wanted =
		colon > 0 ? transport_find(str_head(want, (size_t)colon)) : NULL;
	uint64_t port = t->port;
	struct str host;
	struct addr parsed;

	if (wanted && wanted != t)
		return false;
	if (wanted)
		want = str_skip(want, (size_t)colon + 1);
	if (!addr_port_parse(want, &parsed))
		return addr_eq(&parsed, a);
	if (!addr_parse(want, &parsed))
		return addr_ip_eq(&parsed, a) && addr_port(a) == port;
	colon = str_rchr(want, ':');
	host = colon >= 0 ? str_head(want, (size_t)colon) : want;
	if (colon >= 0 && str_uint(str_skip(want, (size_t)colon + 1), 65535, &port))
		return false;
	return str_eq_nocase(host, name) && addr_port(a) == port;
}

static bool relayed_is(const struct expect *e, const struct sent *s)
{
	return !e->text.n || place_is(e->text, s->target.transport, &s->target.addr, s->host);
}

static bool sent_holds(const struct expect *e, const struct record *r, const struct sent **found)
{
	for (const struct sent *s = r->sent; s; s = s->next) {
		bool reply = is_reply(r, s);

		if (reply != (e->what == EXPECT_REPLY) || !s->msg)
			continue;
		if (reply ? !reply_is(e, s) : !relayed_is(e, s))
			continue;
		if (!e->negated)
			*found = s;
		return true;
	}
	return false;
}

static bool header_holds(const struct expect *e, const struct sent *s, struct buf *why)
{
	const struct sip_hdr *first = sip_msg_find(s->msg, e->name);
	bool any = false, wants_all = e->how == HOW_DIFFERS || e->how == HOW_MATCHES_NOT;

	for (const struct sip_hdr *h = first; h; h = sip_hdr_next(h)) {
		bool holds = text_holds(e, h->body);

		if (!holds && wants_all)
			any = false;
		buf_fmt(why, "%s" STRF ": ", h == first ? "" : "; ", STRA(h->name));
		buf_escaped(why, h->body, 200);
		if (!holds && wants_all)
			return false;
		any = any || holds;
	}
	if (!first) {
		buf_lit(why, "there is no ");
		buf_str_put(why, e->name);
		buf_lit(why, " in what is sent");
		return wants_all;
	}
	return any;
}

static struct str route_key(struct str name)
{
	ssize_t open = str_chr(name, '[');

	return open < 0 ? name : str_of(name.p + open + 1, name.n - (size_t)open - 2);
}

static bool route_holds(const struct expect *e, const struct record *r, struct buf *why)
{
	for (const struct event *v = r->events; v; v = v->next) {
		if (v->kind != EVENT_ROUTE)
			continue;
		if (str_eq(v->text, e->text) || str_eq(route_key(v->text), e->text))
			return true;
		buf_fmt(why, "%s" STRF, why->n ? ", " : "routes that ran: ", STRA(v->text));
	}
	if (!why->n)
		buf_lit(why, "no route ran");
	return false;
}

static bool log_holds(const struct expect *e, const struct record *r, struct buf *why)
{
	for (const struct event *v = r->events; v; v = v->next) {
		if (v->kind != EVENT_LOG)
			continue;
		if (e->how == HOW_THERE ? str_find(v->text, e->text) >= 0 : text_holds(e, v->text))
			return true;
		buf_lit(why, "\n    log: ");
		buf_escaped(why, v->text, 300);
	}
	if (!why->n)
		buf_lit(why, "nothing was logged");
	return false;
}

/* The expectations about one message. */
static bool message_holds(const struct expect *e, const struct sent *s, struct buf *why)
{
	struct str text;

	switch (e->what) {
	case EXPECT_HEADER:
		return header_holds(e, s, why);
	case EXPECT_SOCKET:
		record_place_put(why, s->target.transport, &s->target.from->addr, STR_NULL);
		return place_is(e->text, s->target.transport, &s->target.from->addr, STR_NULL);
	case EXPECT_RURI:
		text = s->msg->is_request ? s->msg->ruri : STR("(a response has none)");
		break;
	case EXPECT_BODY:
		text = s->msg->body;
		if (e->how == HOW_THERE) {
			buf_fmt(why, "there is %s body", text.n ? "a" : "no");
			return text.n > 0;
		}
		break;
	default:
		text = s->msg->first_line;
	}
	buf_escaped(why, text, 600);
	return text_holds(e, text);
}

static bool holds(const struct expect *e, const struct record *r, const struct sent **found,
		  struct buf *why)
{
	const struct sent *s = *found ? *found : r->sent_last;
	bool yes;

	switch (e->what) {
	case EXPECT_REPLY:
	case EXPECT_RELAYED:
		yes = sent_holds(e, r, found);
		all_sent_put(why, r);
		return yes;
	case EXPECT_NOTHING:
		all_sent_put(why, r);
		return !r->sent;
	case EXPECT_ROUTE:
		return route_holds(e, r, why);
	case EXPECT_LOG:
		return log_holds(e, r, why);
	default:
		if (s && s->msg)
			return message_holds(e, s, why);
		buf_lit(why, "nothing was sent");
		return false;
	}
}

bool judge(const struct expect *e, const struct record *r, const struct sent **found,
	   struct buf *why)
{
	bool yes = holds(e, r, found, why);

	if (yes && e->negated && !why->n)
		buf_lit(why, "it is so");
	return yes != e->negated;
}

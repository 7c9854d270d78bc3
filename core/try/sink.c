/* SPDX-License-Identifier: BSD-2-Clause */
/* Where messages and questions end that would go to the network. */
#include "core/try/router.h"

#include "core/msg/worker.h"

#include <errno.h>
#include <stdlib.h>

/* Somebody waits for an address. */
struct question {
	struct list link;
	struct resolve *q;
	const struct router_name *name;
	uint64_t at;
};

static struct router *router_of(struct worker *w)
{
	return container_of(w, struct router, w);
}

/* The name that an address was made up for. */
static struct str stands_for(const struct router *r, const struct addr *a)
{
	for (unsigned i = 0; i < r->names_n; i++) {
		const struct router_name *n = &r->names[i];

		for (unsigned k = 0; !n->is_given && k < n->answer.n; k++)
			if (addr_ip_eq(&n->answer.addrs[k], a))
				return n->name;
	}
	return STR_NULL;
}

static int sink_send(struct worker *w, const struct target *t, const struct iovec *iov, unsigned n,
		     uint64_t token)
{
	struct router *r = router_of(w);

	(void)token;
	if (r->record && record_sent(r->record, t, stands_for(r, &t->addr), iov, n))
		trace_place(&r->trace);
	return 0;
}

/* Addresses that nobody has (RFC 1112 4, RFC 6666): the first for IPv4, the second for IPv6. */
static void stand_in(struct router *r, struct router_name *n)
{
	char text[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(text);

	buf_fmt(&b, "240.0.0.%u", r->names_n);
	addr_parse(buf_str(&b), &n->answer.addrs[0]);
	b.n = 0;
	buf_fmt(&b, "100::%x", r->names_n);
	addr_parse(buf_str(&b), &n->answer.addrs[1]);
	n->answer.n = 2;
}

static struct router_name *name_find(struct router *r, struct str host)
{
	for (unsigned i = 0; i < r->names_n; i++)
		if (str_eq_nocase(r->names[i].name, host))
			return &r->names[i];
	return NULL;
}

static struct router_name *name_get(struct router *r, struct str host)
{
	struct router_name *n = name_find(r, host);
	char *copy;

	if (n)
		return n;
	copy = r->names_n < ROUTER_NAMES ? malloc(host.n + 1) : NULL;
	if (!copy)
		return NULL;
	memcpy(copy, host.p, host.n);
	n = &r->names[r->names_n++];
	*n = (struct router_name){ .name = str_of(copy, host.n) };
	return n;
}

static const char *answer_read(struct router_name *n, struct str text)
{
	struct str word;

	while (str_split(&text, ' ', &word)) {
		word = str_trim(word);
		if (!word.n)
			continue;
		if (str_eq(word, STR("none"))) {
			n->answer.error = -ENOENT;
		} else if (str_eq(word, STR("timeout"))) {
			n->answer.error = -ETIMEDOUT;
		} else if (str_eq(word, STR("after"))) {
			uint64_t ms;

			text = str_trim(text);
			if (text.n < 3 || !str_eq(str_skip(text, text.n - 2), STR("ms")) ||
			    str_uint(str_head(text, text.n - 2), 600000, &ms))
				return "\"after\" is followed by milliseconds: after 300ms";
			n->after_ms = (uint32_t)ms;
			return NULL;
		} else if (n->answer.n == RESOLVE_ADDRS ||
			   addr_parse(word, &n->answer.addrs[n->answer.n])) {
			return "a name is answered with addresses, \"none\" or \"timeout\"";
		} else {
			n->answer.n++;
		}
	}
	return NULL;
}

const char *router_name_add(struct router *r, struct str name, struct str text)
{
	struct router_name *n = name.n ? name_get(r, name) : NULL;
	const char *wrong;

	if (!n)
		return name.n ? "too many names" : "the name is missing";
	n->is_given = true;
	n->after_ms = 0;
	n->answer = (struct resolve){ .n = 0 };
	wrong = answer_read(n, text);
	if (!wrong && !n->answer.n && !n->answer.error)
		wrong = "a name is answered with addresses, \"none\" or \"timeout\"";
	return wrong;
}

void router_names_forget(struct router *r)
{
	for (unsigned i = 0; i < r->names_n; i++)
		free((char *)(uintptr_t)r->names[i].name.p);
	r->names_n = 0;
}

static void take_answer(struct resolve *q, const struct router_name *n)
{
	q->error = n->answer.error;
	q->n = 0;
	for (unsigned i = 0; i < n->answer.n; i++)
		if (q->family == AF_UNSPEC || n->answer.addrs[i].sa.sa_family == q->family)
			q->addrs[q->n++] = n->answer.addrs[i];
	if (!q->error && !q->n)
		q->error = -ENOENT;
}

static void note(struct router *r, const struct router_name *n)
{
	char text[512];
	struct buf b = BUF_ON(text);

	if (n->answer.error == -ENOENT)
		buf_lit(&b, "there is no such name");
	else if (n->answer.error)
		buf_lit(&b, "no answer in time");
	else if (!n->is_given)
		buf_lit(&b, "not asked for; an address stands in");
	for (unsigned i = 0; n->is_given && i < n->answer.n; i++) {
		if (i)
			buf_char(&b, ' ');
		addr_put(&b, &n->answer.addrs[i]);
	}
	if (r->record && record_event(r->record, EVENT_RESOLVE, n->name, buf_str(&b)))
		trace_place(&r->trace);
}

static int sink_resolve(struct worker *w, struct resolve *q, struct str host, uint32_t deadline_ms)
{
	struct router *r = router_of(w);
	struct router_name *n;
	struct question *question;

	q->query = NULL;
	q->n = 0;
	q->error = 0;
	if (!addr_parse(host, &q->addrs[0])) {
		q->n = 1;
		return 1;
	}
	n = name_get(r, host);
	if (!n)
		return -EAGAIN;
	if (!n->is_given && !n->answer.n)
		stand_in(r, n);
	note(r, n);
	if (!n->after_ms && n->answer.error != -ETIMEDOUT) {
		take_answer(q, n);
		return 1;
	}
	question = malloc(sizeof(*question));
	if (!question)
		return -ENOMEM;
	*question = (struct question){ .q = q, .name = n };
	question->at = w->now + (n->answer.error == -ETIMEDOUT ? deadline_ms : n->after_ms);
	list_init(&question->link);
	list_append(&r->questions, &question->link);
	q->query = question;
	return 0;
}

static void question_drop(struct question *question)
{
	list_remove(&question->link);
	question->q->query = NULL;
	free(question);
}

static void sink_resolve_cancel(struct worker *w, struct resolve *q)
{
	(void)w;
	if (q->query)
		question_drop(q->query);
}

static struct question *first_question(struct router *r)
{
	struct question *first = NULL;

	list_for_each (l, &r->questions) {
		struct question *question = container_of(l, struct question, link);

		if (!first || question->at < first->at)
			first = question;
	}
	return first;
}

void sink_answer(struct router *r, int *next_r)
{
	struct question *question;

	while ((question = first_question(r)) && question->at <= r->w.now) {
		struct resolve *q = question->q;

		take_answer(q, question->name);
		question_drop(question);
		q->done(q);
	}
	*next_r = question ? (int)(question->at - r->w.now) : -1;
}

/* There are no connections. */
static bool sink_conn_origin(struct run *run, uint64_t conn, struct origin *origin_r)
{
	(void)run;
	(void)conn;
	(void)origin_r;
	return false;
}

static int sink_conn_alias(struct worker *w, uint64_t conn, uint16_t port, bool trusted)
{
	(void)w;
	(void)conn;
	(void)port;
	(void)trusted;
	return 0;
}

static bool sink_conn_proves(struct run *run, uint64_t conn, struct str name)
{
	(void)run;
	(void)conn;
	(void)name;
	return false;
}

const struct msg_net sink_net = {
	.send = sink_send,
	.is_own = net_is_own,
	.addr_is_own = net_addr_is_own,
	.block = blocklist_add,
	.refuses = blocklist_refuses,
	.listener_for = net_listener_for,
	.listener_find = net_listener_find,
	.conn_origin = sink_conn_origin,
	.conn_alias = sink_conn_alias,
	.conn_proves = sink_conn_proves,
	.listener_at = net_listener_at,
	.resolve_start = sink_resolve,
	.resolve_cancel = sink_resolve_cancel,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* A router without sockets: what is sent is recorded, names are looked up when the test says so, the script is a C function. */
#ifndef TEST_MSG_FAKE_H
#define TEST_MSG_FAKE_H

#include "core/msg/attrs.h"
#include "core/msg/drop.h"
#include "core/msg/park.h"
#include "core/msg/waiting.h"
#include "core/net/conf.h"
#include "core/base/clock.h"
#include "core/base/must.h"
#include "core/run/log.h"
#include "core/mem/fault.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define FAKE_SENT_MAX	 64
#define FAKE_SLOTS	 5
#define FAKE_NET_SECTION 4

struct fake_sent {
	struct target to; /* its names lie in names: the message's pool is gone when a test looks */
	char names[2][256];
	size_t n;
	char text[70000];
};

/* The whole: one worker and what it would talk to. */
static struct fake {
	struct run run;
	struct worker w;
	const struct conf *_Atomic conf_word;
	_Atomic uint32_t draining;
	struct conf conf;
	void *sections[5];
	const struct module_def *modules[5];
	char section[4096]; /* of the module that is tested */
	struct msg_conf mc;
	struct net_conf nc; /* behind all others */
	struct fake_sent *sent;
	unsigned sent_n;
	int send_error; /* for as many sends as send_errors says */
	unsigned send_errors;
	bool conn_gone;
	struct fake_alias {
		uint64_t conn;
		uint16_t port;
		bool trusted;
	} alias; /* the last that was given */
	const char *proven_z;
	/* resolver */
	struct resolve *query;
	char asked[256];    /* the last name */
	int resolve_answer; /* what resolve_start returns; 1 gives answers */
	struct addr answers[RESOLVE_ADDRS];
	unsigned answers_n;
	unsigned cancels;
	struct addr blocked[4]; /* where requests are not sent to */
	unsigned blocked_n;
	enum block_why blocked_why; /* of the last one that was listed */
	/* script */
	enum script_result (*script)(struct ctx *ctx);
	enum script_result (*script_resume)(struct ctx *ctx, int value);
	unsigned runs, ends;
	bool reply_route;
	bool (*onsend)(struct ctx *ctx); /* NULL: there is no onsend_route */
	bool (*event)(struct ctx *ctx);	 /* the same of an event_route, whatever its name */
	uint32_t late_us;		 /* how long what is received had to wait */
	int last;			 /* the last function's value */
} fake;

static inline struct addr fake_addr(const char *z)
{
	struct addr a;

	assert_int_equal(addr_port_parse(str_z(z), &a), 0);
	return a;
}

static struct listener fake_listeners[6];
static unsigned fake_listeners_n;

static inline void fake_listen(enum transport_id t, const char *addr_z, const char *host_z)
{
	unsigned i = fake_listeners_n++;
	struct listener *l = &fake_listeners[i];

	*l = (struct listener){ .index = i,
				.transport = transport_of(t),
				.addr = fake_addr(addr_z),
				.host = str_z(host_z),
				.fd = -1 };
	l->port = addr_port(&l->addr);
}

/* There is TLS: listener 4, and 5 for IPv6. */
static inline void fake_tls(void)
{
	fake.nc.tls = true;
	fake_listen(TRANSPORT_TLS, "127.0.0.1:5061", "127.0.0.1");
	fake_listen(TRANSPORT_TLS, "[::1]:5061", "[::1]");
}

static inline int fake_send(struct worker *w, const struct target *t, const struct iovec *iov,
			    unsigned n, uint64_t token)
{
	struct fake_sent *s = &fake.sent[fake.sent_n % FAKE_SENT_MAX];
	struct str *names[] = { &s->to.identity, &s->to.domain };

	(void)w;
	(void)token;
	if (fake.send_errors) {
		fake.send_errors--;
		return fake.send_error;
	}
	s->to = *t;
	for (unsigned i = 0; i < 2; i++)
		names[i]->p = names[i]->p ? memcpy(s->names[i], names[i]->p, names[i]->n) : NULL;
	s->n = 0;
	for (unsigned i = 0; i < n; i++) {
		MUST(s->n + iov[i].iov_len < sizeof(s->text));
		memcpy(s->text + s->n, iov[i].iov_base, iov[i].iov_len);
		s->n += iov[i].iov_len;
	}
	fake.sent_n++;
	return 0;
}

static inline bool fake_is_own(struct run *run, const struct conf *conf, const struct transport *t,
			       struct str host, uint16_t port)
{
	(void)run;
	(void)conf;
	for (unsigned i = 0; i < fake_listeners_n; i++) {
		const struct listener *l = &fake_listeners[i];

		if ((!t || t == l->transport) && str_eq_nocase(host, l->host) &&
		    (port ? port
		     : t  ? t->port
			  : 5060) == l->port)
			return true;
	}
	return false;
}

static inline bool fake_addr_is_own(struct run *run, const struct transport *t,
				    const struct addr *a)
{
	(void)run;
	for (unsigned i = 0; i < fake_listeners_n; i++) {
		if ((!t || t == fake_listeners[i].transport) && addr_eq(a, &fake_listeners[i].addr))
			return true;
	}
	return false;
}

static inline const struct listener *fake_listener_for(struct worker *w, const struct transport *t,
						       const struct addr *dst,
						       const struct origin *from)
{
	(void)w;
	if (from && from->listener->transport == t &&
	    from->listener->addr.sa.sa_family == dst->sa.sa_family)
		return from->listener;
	for (unsigned i = 0; i < fake_listeners_n; i++) {
		const struct listener *l = &fake_listeners[i];

		if (l->transport == t && l->addr.sa.sa_family == dst->sa.sa_family)
			return l;
	}
	return NULL;
}

static inline const struct listener *fake_listener_find(struct run *run, const struct transport *t,
							const struct addr *a)
{
	(void)run;
	for (unsigned i = 0; i < fake_listeners_n; i++) {
		const struct listener *l = &fake_listeners[i];

		if ((!t || t == l->transport) && addr_eq(a, &l->addr))
			return l;
	}
	return NULL;
}

static inline const struct listener *fake_listener_at(struct run *run, unsigned index)
{
	(void)run;
	return index < fake_listeners_n ? &fake_listeners[index] : NULL;
}

static inline void fake_answer(struct resolve *q)
{
	memcpy(q->addrs, fake.answers, sizeof(q->addrs));
	q->n = fake.answers_n;
	q->error = fake.answers_n ? 0 : -ENOENT;
}

/* Connection 77 is one to 127.0.0.8:5090 by listener 1, until the test says that it is gone. */
#define FAKE_CONN ((uint64_t)77)
static inline bool fake_conn_origin(struct run *run, uint64_t conn, struct origin *origin_r)
{
	(void)run;
	if (conn != FAKE_CONN || fake.conn_gone)
		return false;
	*origin_r = (struct origin){ .listener = &fake_listeners[1],
				     .transport = fake_listeners[1].transport,
				     .src = fake_addr("127.0.0.8:5090"),
				     .dst = fake_listeners[1].addr,
				     .conn = conn };
	return true;
}

static inline int fake_conn_alias(struct worker *w, uint64_t conn, uint16_t port, bool trusted)
{
	(void)w;
	fake.alias = (struct fake_alias){ conn, port, trusted };
	return fake.conn_gone ? -ENOTCONN : 0;
}

/* The peer of connection 77 proves this name, and was verified if there is one. */
static inline bool fake_conn_proves(struct run *run, uint64_t conn, struct str name)
{
	(void)run;
	return conn == FAKE_CONN && fake.proven_z &&
	       (str_is_null(name) || str_eq_nocase(name, str_z(fake.proven_z)));
}

static inline int fake_resolve_start(struct worker *w, struct resolve *q, struct str host,
				     uint32_t ms)
{
	(void)w;
	(void)ms;
	snprintf(fake.asked, sizeof(fake.asked), STRF, STRA(host));
	if (fake.resolve_answer > 0)
		fake_answer(q);
	else if (!fake.resolve_answer)
		fake.query = q;
	return fake.resolve_answer;
}

static inline void fake_resolve_cancel(struct worker *w, struct resolve *q)
{
	(void)w;
	(void)q;
	fake.cancels++;
	fake.query = NULL;
}

static inline bool fake_refuses(struct worker *w, const struct transport *t, const struct addr *a)
{
	(void)w;
	(void)t;
	for (unsigned i = 0; i < fake.blocked_n; i++) {
		if (addr_eq(a, &fake.blocked[i]))
			return true;
	}
	return false;
}

static inline bool fake_block(struct worker *w, const struct target *t, enum block_why why,
			      uint64_t ms)
{
	(void)w;
	(void)ms;
	fake.blocked_why = why;
	if (fake.blocked_n < sizeof(fake.blocked) / sizeof(fake.blocked[0]))
		fake.blocked[fake.blocked_n++] = t->addr;
	return true;
}

static const struct msg_net fake_net = {
	.block = fake_block,
	.refuses = fake_refuses,
	.send = fake_send,
	.is_own = fake_is_own,
	.addr_is_own = fake_addr_is_own,
	.listener_for = fake_listener_for,
	.listener_find = fake_listener_find,
	.listener_at = fake_listener_at,
	.conn_origin = fake_conn_origin,
	.conn_alias = fake_conn_alias,
	.conn_proves = fake_conn_proves,
	.resolve_start = fake_resolve_start,
	.resolve_cancel = fake_resolve_cancel,
};

static inline enum script_result fake_start(struct ctx *ctx)
{
	fake.runs++;
	return fake.script ? fake.script(ctx) : SCRIPT_DONE;
}

static inline enum script_result fake_resume(struct ctx *ctx, int value)
{
	fake.last = value;
	return fake.script_resume ? fake.script_resume(ctx, value) : SCRIPT_DONE;
}

static inline void fake_end(struct ctx *ctx)
{
	ctx->machine = NULL;
	fake.ends++;
}

static inline bool fake_has_reply_route(const struct conf *conf)
{
	(void)conf;
	return fake.reply_route;
}

static inline int64_t fake_route_find(const struct conf *conf, enum route_kind kind,
				      struct str name)
{
	(void)conf;
	if (kind == IN_EVENT || kind == IN_REQUEST)
		return fake.event ? 1 : -1;
	return kind == IN_ONSEND && !name.n && fake.onsend ? 0 : -1;
}

static inline bool fake_route_run(struct ctx *ctx, enum route_kind kind, uint32_t route)
{
	assert_int_equal(route, kind == IN_EVENT);
	return kind == IN_EVENT ? fake.event(ctx) : fake.onsend(ctx);
}

static const struct script_hooks fake_hooks = {
	.start = fake_start,
	.resume = fake_resume,
	.end = fake_end,
	.has_reply_route = fake_has_reply_route,
	.route_find = fake_route_find,
	.route_run = fake_route_run,
};

/* Makes a worker of this process for slot n; the shared part must be there. */
static inline void fake_worker(unsigned n, bool successor)
{
	shm_slot_set(n);
	fake.w = (struct worker){ .run = &fake.run,
				  .conf = &fake.conf,
				  .n = n,
				  .slot = &fake.run.slots[n],
				  .timers = timers_new(clock_ms()),
				  .now = clock_ms() };
	assert_int_equal(msg_worker_start(&fake.w, successor), 0);
	*(const struct msg_net **)&fake.w.msg->net = &fake_net;
}

static inline void fake_conf(void)
{
	*msg_module.index = 0;
	fake.mc = (struct msg_conf){ .max_suspended = 64,
				     .max_wait = 1000,
				     .max_branches = 8,
				     .retry_after = 5,
				     .overload_lag = 200,
				     .max_transactions = 1000,
				     .emergency_numbers = STR("112, 911"),
				     .server_header = STR("Server: serac"),
				     .server_signature = true };
	fake.sections[0] = &fake.mc;
	fake.modules[0] = &msg_module;
	*net_module.index = FAKE_NET_SECTION;
	fake.nc = (struct net_conf){ .tls = false };
	fake.sections[FAKE_NET_SECTION] = &fake.nc;
	fake.conf = (struct conf){ .sections_n = 1,
				   .sections = fake.sections,
				   .modules = fake.modules };
	atomic_store(&fake.conf_word, &fake.conf);
}

static inline int fake_setup(void **state)
{
	static const uint8_t key[16] = "a key for tests";
	struct slot *slots;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	memset(counter_row, 0, COUNTERS_MAX * sizeof(*counter_row));
	fake_conf();
	fake_listeners_n = 0;
	fake_listen(TRANSPORT_UDP, "127.0.0.1:5060", "127.0.0.1");
	fake_listen(TRANSPORT_TCP, "127.0.0.1:5060", "127.0.0.1");
	fake_listen(TRANSPORT_UDP, "[::1]:5060", "[::1]");
	fake_listen(TRANSPORT_UDP, "127.0.0.9:5070", "edge.example.net");
	fake.sent = calloc(FAKE_SENT_MAX, sizeof(*fake.sent));
	fake.run.shm = shm_new((size_t)256 << 20, (size_t)64 << 20, FAKE_SLOTS);
	shm_slot_set(SHM_MAIN);
	slots = pages_alloc(fake.run.shm, FAKE_SLOTS * (sizeof(*slots) / SHM_PAGE + 1),
			    ID_MAKE(ID_SLOT, 0, 0));
	memset(slots, 0, FAKE_SLOTS * sizeof(*slots));
	for (int i = 0; i < FAKE_SLOTS; i++)
		slots[i].eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pages_publish(fake.run.shm, slots);
	fake.run.slots = slots;
	fake.run.slots_n = FAKE_SLOTS;
	fake.run.conf = &fake.conf_word;
	fake.run.draining = &fake.draining;
	fake.resolve_answer = 1;
	msg_script_set(&fake_hooks);
	assert_int_equal(msgs_open(&fake.run, &fake.conf), 0);
	memcpy(fake.run.msgs->key.k, key, sizeof(key));
	fake_worker(0, false);
	return 0;
}

static inline int fake_teardown(void **state)
{
	(void)state;
	msg_worker_stop(&fake.w);
	timers_drop(&fake.w.timers);
	for (int i = 0; i < FAKE_SLOTS; i++)
		close(fake.run.slots[i].eventfd);
	shm_drop(&fake.run.shm);
	free(fake.sent);
	return 0;
}

#define FAKE_TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

/* Listener 0 and 1 are UDP and TCP; conn 0: none. */
static inline void fake_receive(unsigned listener, const char *src_z, uint64_t conn,
				struct str bytes)
{
	const struct listener *l = &fake_listeners[listener];
	struct origin from = { .listener = l,
			       .transport = l->transport,
			       .src = fake_addr(src_z),
			       .dst = l->addr,
			       .conn = conn,
			       .late_us = fake.late_us };

	msg_hooks.message(&fake.w, &from, bytes);
}

static inline struct str fake_out(unsigned i)
{
	assert_true(i < fake.sent_n);
	return str_of(fake.sent[i].text, fake.sent[i].n);
}

static inline void assert_text(struct str got, struct str want)
{
	if (!str_eq(got, want))
		print_error("got:\n" STRF "\nwanted:\n" STRF "\n", STRA(got), STRA(want));
	assert_true(str_eq(got, want));
}

static inline void assert_has(struct str text, const char *part_z)
{
	if (str_find(text, str_z(part_z)) < 0)
		print_error("\"%s\" is not in:\n" STRF "\n", part_z, STRA(text));
	assert_true(str_find(text, str_z(part_z)) >= 0);
}

static inline void assert_has_not(struct str text, const char *part_z)
{
	if (str_find(text, str_z(part_z)) >= 0)
		print_error("\"%s\" is in:\n" STRF "\n", part_z, STRA(text));
	assert_true(str_find(text, str_z(part_z)) < 0);
}

static inline void assert_sent_to(unsigned i, const char *addr_z)
{
	struct addr a = fake_addr(addr_z);

	assert_true(i < fake.sent_n);
	assert_true(addr_eq(&fake.sent[i].to.addr, &a));
}

static inline uint64_t fake_count(enum msg_counter which)
{
	return counter_row[msg_counters.base + which];
}

/* --- modules ----------------------------------------------------------------------------------------------------------- */
/* The module that is tested, with the defaults of its parameters. */
static inline void fake_module(const struct module_def *m)
{
	MUST(m->section_size <= sizeof(fake.section));
	*m->index = 1;
	fake.sections[1] = fake.section;
	fake.modules[1] = m;
	fake.conf.sections_n = 2;
	memset(fake.section, 0, sizeof(fake.section));
	for (const struct param_def *p = m->params; p && p->name; p++) {
		char *at = fake.section + p->offset;

		if (p->type == P_INT || p->type == P_MS)
			*(int64_t *)(void *)at = p->def;
		else if (p->type == P_BOOL)
			*(bool *)at = p->def != 0;
		else if (p->type == P_STR)
			*(struct str *)(void *)at = str_z(p->def_z);
	}
}

/* Another one behind it, that it asks for what it offers to modules. */
static inline void fake_other_module(const struct module_def *m)
{
	unsigned n = fake.conf.sections_n++;

	MUST(n < FAKE_NET_SECTION);
	fake.modules[n] = m;
}

/* A function's row by name and count of arguments. */
static inline const struct func_def *fake_func(const struct func_def *rows, const char *name_z,
					       unsigned argc)
{
	for (const struct func_def *f = rows; f->name; f++) {
		const char *bar = strchr(f->args, '|');
		size_t max = strlen(f->args) - (bar ? 1 : 0),
		       min = bar ? (size_t)(bar - f->args) : max;

		if (!strcmp(f->name, name_z) && argc >= min && argc <= max)
			return f;
	}
	fail_msg("no function %s with %u arguments", name_z, argc);
	return NULL;
}

static inline int fake_call(struct ctx *ctx, const struct func_def *rows, const char *name_z,
			    unsigned argc, const struct value *argv)
{
	return fake_func(rows, name_z, argc)->call(ctx, argv, argc);
}

/* The row of "$pv" or "@select"; NULL: none. */
static inline const struct attr_def *fake_attr(const char *name_z)
{
	bool pv = name_z[0] == '$';

	for (const struct attr_def *d = msg_attrs; d->get; d++) {
		const char *have = pv ? d->pv : d->name;

		if (have && !strcmp(have, name_z + 1))
			return d;
	}
	return NULL;
}

/* What a script reads by it; key_z NULL: without parentheses. */
static inline struct value fake_attr_read(struct ctx *ctx, const char *name_z, const char *key_z)
{
	const struct attr_def *d = fake_attr(name_z);
	struct attr_arg arg = { .has_key = key_z != NULL, .key = str_z(key_z), .tag = d->tag };
	struct value v;

	if (d->prepare)
		assert_null(d->prepare(&arg, ctx->conf));
	assert_int_equal(d->get(ctx, &arg, &v), 0);
	return v;
}

/* --- scripts ------------------------------------------------------------------------------------------------------------ */
static inline enum script_result script_forward(struct ctx *ctx)
{
	fake.last = forward_request(ctx, STR_NULL, NULL);
	if (fake.last == FN_WAIT) {
		ctx->machine = (struct machine *)&fake;
		return SCRIPT_WAITS;
	}
	return SCRIPT_DONE;
}

static inline const struct fake_sent *fake_last(void)
{
	return &fake.sent[fake.sent_n - 1];
}

/* A request with what every request needs, and more header fields (with CRLF) behind. */
static inline struct str fake_request(const char *method_z, const char *uri_z, const char *via_z,
				      const char *more_z)
{
	static char text[8192];
	int n = snprintf(text, sizeof(text),
			 "%s %s SIP/2.0\r\nVia: %s\r\nFrom: <sip:a@example.com>;tag=f1\r\n"
			 "To: <sip:b@example.com>\r\nCall-ID: c1\r\nCSeq: 7 %s\r\n%s"
			 "Content-Length: 0\r\n\r\n",
			 method_z, uri_z, via_z, method_z, more_z);

	return str_of(text, (size_t)n);
}

#define VIA_A "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bKaaa"
#define URI_B "sip:b@127.0.0.6:5066"

#endif

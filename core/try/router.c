/* SPDX-License-Identifier: BSD-2-Clause */
/* How the private router is put together, and how a message goes through it. */
#include "core/try/router.h"

#include "core/base/clock.h"
#include "core/msg/worker.h"
#include "core/net/layer.h"
#include "core/run/conf.h"
#include "core/run/generation.h"
#include "core/run/log.h"
#include "core/run/master.h"
#include "core/script/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A key that is the same each time: what is sent does not differ from run to run. */
static const struct mac_key constant_key = { "serac try script" };

static void log_take(void *arg, struct str line)
{
	struct router *r = arg;

	if (r->record)
		trace_log(&r->trace, line);
}

static int worker_make(struct router *r, const struct conf *conf)
{
	struct worker *w = &r->w;
	int err;

	*w = (struct worker){ .run = r->run, .slot = &r->run->slots[0], .now = clock_ms() };
	counters_row_set(w->slot->counters);
	lock_stats = &w->slot->locks;
	lock_held = &w->slot->locks_held;
	shm_slot_set(0);
	epoch_alive(r->run->epochs, 0, true);
	generation_first(w);
	w->loop = loop_new();
	w->timers = timers_new(w->now);
	w->limbo = limbo_new(r->run->epochs);
	if (!w->loop || !w->timers || !w->limbo)
		return -ENOMEM;
	err = msg_worker_start(w, false);
	if (!err)
		err = net_worker_start_dry(w);
	for (unsigned i = 0; i < conf->sections_n && !err; i++)
		if (conf->modules[i]->process_start)
			err = conf->modules[i]->process_start(w);
	if (!err)
		err = generation_start(w);
	if (err)
		return err;
	w->msg->net = &sink_net;
	w->trace = &r->trace.script;
	return 0;
}

int router_start(struct router *r, struct run *run, const struct conf *conf,
		 int (*modules_start)(struct run *run, const struct conf *conf))
{
	const struct run_conf *rc = CONF_SECTION(conf, &run_module, struct run_conf);
	int err;

	r->run = run;
	r->record = NULL;
	list_init(&r->questions);
	trace_init(&r->trace, &r->record);
	log_level_set((int)rc->debug);
	msg_script_set(&script_hooks);
	err = run_open(run, conf);
	if (!err)
		err = master_slots_open(run, 1);
	if (!err)
		err = net_open_dry(run, conf);
	if (!err)
		err = msgs_open(run, conf);
	if (!err) {
		run->msgs->key = constant_key;
		err = modules_start(run, conf);
	}
	if (!err)
		err = worker_make(r, conf);
	if (err)
		log_err("try", "could not make a router to try the script in", KV_ERRNO(err));
	else
		log_taker_set(log_take, r);
	return err;
}

void router_stop(struct router *r)
{
	const struct conf *conf = worker_conf(&r->w);

	generation_stop(&r->w);
	for (unsigned i = conf->sections_n; i-- > 0;)
		if (conf->modules[i]->process_stop)
			conf->modules[i]->process_stop(&r->w);
	msg_worker_stop(&r->w);
	net_worker_stop_dry(&r->w);
	log_taker_set(NULL, NULL);
	router_names_forget(r);
	timers_drop(&r->w.timers);
	loop_drop(&r->w.loop);
	limbo_drop(&r->w.limbo);
	net_close(&r->run->net);
}

/* Time goes on to when something happens next, as long as a context waits. */
static void settle(struct router *r)
{
	struct worker *w = &r->w;

	for (;;) {
		int question_ms, timer_ms;

		sink_answer(r, &question_ms);
		timer_ms = timers_run(w->timers, w->now, 512);
		if (!msg_worker_waiting(w))
			return;
		loop_turn(w->loop, 0, NULL, NULL);
		msg_worker_turn(w);
		if (question_ms >= 0 && (timer_ms < 0 || question_ms < timer_ms))
			timer_ms = question_ms;
		w->now += timer_ms > 0 ? (uint64_t)timer_ms : 1;
		timers_now_set(w->timers, w->now);
	}
}

struct record *router_receive(struct router *r, struct pool *p, const struct origin *from,
			      struct str bytes)
{
	struct slot *slot = r->w.slot;
	struct record *record = record_new(p, from, bytes);

	if (!record)
		return NULL;
	r->record = record;
	r->trace.depth = 0;
	r->trace.file_z = NULL;
	r->trace.line = 0;
	slot_hand_from(slot, &from->src, &from->dst, from->transport->name);
	epoch_turn(r->run->epochs, 0);
	limbo_run(r->w.limbo);
	msg_hooks.message(&r->w, from, record->text);
	settle(r);
	r->record = NULL;
	return record;
}

static const char *place_read(struct str text, const struct transport **t_r, struct addr *a_r)
{
	ssize_t colon = str_chr(text, ':');
	struct str word = colon > 0 ? str_head(text, (size_t)colon) : STR_NULL;

	*t_r = transport_of(TRANSPORT_UDP);
	if (STR_IS(word, "ws") || STR_IS(word, "wss"))
		return "there are no WebSockets yet";
	if (word.n && transport_find(word)) {
		*t_r = transport_find(word);
		if ((*t_r)->secure && !layer_of(*t_r))
			return "needs loadmodule \"tls.so\" in the script";
		text = str_skip(text, word.n + 1);
	}
	if (!addr_port_parse(text, a_r))
		return NULL;
	if (addr_parse(text, a_r))
		return "not a place; write it as udp:192.0.2.1:5060";
	addr_set_port(a_r, (*t_r)->port);
	return NULL;
}

static void listeners_tell(struct router *r, char *hint_z, size_t hint_size)
{
	struct buf b = buf_over(hint_z, hint_size);
	const struct listener *l;

	buf_lit(&b, "the script listens on");
	for (unsigned i = 0; (l = net_listener_at(r->run, i)) && buf_ok(&b); i++) {
		buf_char(&b, ' ');
		record_place_put(&b, l->transport, &l->addr, STR_NULL);
	}
	buf_z(&b);
}

const char *router_origin(struct router *r, struct str from, struct str to, struct origin *o_r,
			  char *hint_z, size_t hint_size)
{
	const struct transport *t;
	struct origin o = { .conn = 0 };
	const char *wrong = place_read(from, &o.transport, &o.src);
	const struct listener *l;

	*hint_z = '\0';
	if (wrong)
		return wrong;
	if (!str_is_null(to)) {
		wrong = place_read(to, &t, &o.dst);
		if (wrong)
			return wrong;
		o.listener = net_listener_find(r->run, o.transport, &o.dst);
	}
	for (unsigned i = 0; str_is_null(to) && !o.listener && (l = net_listener_at(r->run, i));
	     i++)
		if (l->transport == o.transport && l->addr.sa.sa_family == o.src.sa.sa_family)
			o.listener = l;
	if (!o.listener) {
		listeners_tell(r, hint_z, hint_size);
		return "the script has no socket where this message could come in";
	}
	o.dst = o.listener->addr;
	/* a connection of which nothing is known but that it is one */
	o.conn = o.transport->reliable ? ID_MAKE(ID_CONN, 1, 1) : 0;
	*o_r = o;
	return NULL;
}

const char *router_peer(struct router *r, struct pool *p, const struct origin *from,
			struct str certificates, struct str *note_r)
{
	const struct stream_layer *layer = layer_of(from->transport);
	struct str why = STR_NULL;
	const void *session = NULL;

	*note_r = STR_NULL;
	if (layer && layer->pretend) {
		session = layer->pretend(worker_conf(&r->w), from, certificates, p, &why);
		if (!session)
			return pool_str_z(p, why);
		*note_r = why;
	} else if (!str_is_null(certificates)) {
		return "only who comes over TLS shows a certificate";
	}
	net_dry_session_set(r->run, from->conn, session);
	return NULL;
}

struct origin router_origin_back(const struct sent *s)
{
	const struct target *t = &s->target;
	struct origin o = { .listener = t->from, .transport = t->transport, .src = t->addr };

	o.dst = t->from->addr;
	o.conn = t->transport->reliable ? ID_MAKE(ID_CONN, 2, 1) : 0;
	return o;
}

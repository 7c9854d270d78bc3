/* SPDX-License-Identifier: BSD-2-Clause */
/* A router of one process for tests: main and the worker of slot 0 take turns; what reaches the upward hooks is kept here. */
#ifndef TEST_NET_WORLD_H
#define TEST_NET_WORLD_H

#include "core/base/clock.h"
#include "core/mem/arena.h"
#include "core/net/conf.h"
#include "core/net/main.h"
#include "core/net/own.h"
#include "core/run/master.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "test/unit/child.h"

#define WORLD_SLOTS 2u

struct world {
	struct run run;
	struct worker w;
	struct loop *main_loop;
	struct conf conf;
	struct net_conf nc;
	void *sections[1];
	const struct module_def *modules[1];
	const struct conf *_Atomic conf_word;
	_Atomic uint32_t draining;
	struct shm_stats before;
	int picks; /* what pick_slot answers */
	/* what came up */
	unsigned messages, bad, failed, ups, downs;
	char last[70000];
	size_t last_n;
	struct origin from;
	int bad_status;
	uint64_t failed_token;
	int failed_reason;
	void (*answer)(struct worker *w, const struct origin *from); /* of a message; NULL: none */
};

static struct world world;

static inline void world_message(struct worker *w, const struct origin *from, struct str bytes)
{
	world.messages++;
	assert_true(bytes.n <= sizeof(world.last));
	memcpy(world.last, bytes.p, bytes.n);
	world.last_n = bytes.n;
	world.from = *from;
	if (world.answer)
		world.answer(w, from);
}

static inline void world_bad(struct worker *w, const struct origin *from, struct str head,
			     const struct sip_error *error)
{
	struct iovec io = { .iov_base = (char[]){ "NO\r\n" }, .iov_len = 4 };
	struct target t = { .transport = from->transport,
			    .addr = from->src,
			    .from = from->listener,
			    .conn = from->conn,
			    .conn_only = true };

	(void)head;
	world.bad++;
	world.bad_status = error->status;
	assert_int_equal(net_send(w, &t, &io, 1, 0), 0);
}

static inline void world_failed(struct worker *w, uint64_t token, int reason)
{
	(void)w;
	world.failed++;
	world.failed_token = token;
	world.failed_reason = reason;
}

static inline void world_event(struct worker *w, uint64_t conn, int up)
{
	(void)w;
	(void)conn;
	*(up ? &world.ups : &world.downs) += 1;
}

static inline int world_pick(void *arg, const bool *not_these)
{
	(void)arg;
	return world.picks >= 0 && not_these && not_these[world.picks] ? -1 : world.picks;
}

static inline void world_defaults(struct net_conf *nc)
{
	char *at = (char *)nc;

	memset(nc, 0, sizeof(*nc));
	for (const struct param_def *p = net_module.params; p->type != P_END; p++) {
		if (p->type == P_INT || p->type == P_MS)
			memcpy(at + p->offset, &p->def, sizeof(int64_t));
		else if (p->type == P_BOOL)
			*(bool *)(at + p->offset) = p->def != 0;
	}
	nc->dns_use_search_list = false;
}

/* Before net_open: memory and configuration; the test changes world.nc, then world_open. */
static inline void world_make(void)
{
	memset(&world, 0, sizeof(world));
	world.run.shm = shm_new(256 << 20, 64 << 20, WORLD_SLOTS);
	assert_non_null(world.run.shm);
	world_defaults(&world.nc);
	world.sections[0] = &world.nc;
	world.modules[0] = &net_module;
	world.conf = (struct conf){ .sections_n = 1,
				    .sections = world.sections,
				    .modules = world.modules };
	world.conf_word = &world.conf;
	world.run.conf = &world.conf_word;
	world.run.draining = &world.draining;
	world.conf.arena = arena_new(world.run.shm, ID_MAKE(ID_CONF, 0, 0), 4096, 1 << 20);
	arena_publish(world.conf.arena);
	assert_int_equal(master_slots_open(&world.run, WORLD_SLOTS), 0);
}

static inline void world_listen(const char *text_z)
{
	assert_null(net_conf_listen_text(&world.nc, world.conf.arena, str_z(text_z)));
}

/* As a worker of slot n begins. */
static inline void world_worker(unsigned n, bool successor)
{
	struct worker *w = &world.w;

	shm_slot_set(n);
	*w = (struct worker){ .run = &world.run,
			      .conf = &world.conf,
			      .n = n,
			      .slot = &world.run.slots[n],
			      .now = clock_ms() };
	w->loop = loop_new();
	w->timers = timers_new(w->now);
	w->limbo = limbo_new(world.run.epochs);
	epoch_alive(world.run.epochs, n, true);
	atomic_store(&w->slot->pid, getpid());
	atomic_store(&w->slot->state, SLOT_RUNNING);
	assert_int_equal(net_worker_start(w, successor), 0);
}

static inline void world_net_open(void)
{
	static const struct net_hooks hooks = { .message = world_message,
						.bad_stream = world_bad,
						.sent_failed = world_failed,
						.conn_event = world_event };

	assert_int_equal(net_open(&world.run, &world.conf, &hooks), 0);
}

static inline void world_main_start(void)
{
	world.main_loop = loop_new();
	assert_int_equal(net_main_start(&world.run, world.main_loop, world_pick, NULL), 0);
	shm_stats(world.run.shm, &world.before);
}

static inline void world_open(void)
{
	world_net_open();
	world_worker(0, false);
	world_main_start();
}

static inline void world_now(void *arg)
{
	(void)arg;
	world.w.now = clock_ms();
	timers_now_set(world.w.timers, world.w.now);
}

static inline void world_main_turn(void)
{
	struct channel_msg m;
	int fd;

	loop_turn(world.main_loop, 0, NULL, NULL);
	for (unsigned i = 0; i < WORLD_SLOTS; i++) {
		while (!channel_recv(world.run.channels[i].main_fd, &m, &fd))
			net_main_channel(&world.run, i, &m, fd);
	}
	net_main_turn(&world.run);
}

static inline void world_worker_turn(int wait_ms)
{
	struct worker *w = &world.w;
	struct channel_msg m;
	int fd;

	atomic_store(&w->slot->turns, w->slot->turns + 1);
	epoch_turn(world.run.epochs, w->n);
	limbo_run(w->limbo);
	timers_run(w->timers, clock_ms(), 100);
	loop_turn(w->loop, atomic_load(&w->slot->ready) ? 0 : wait_ms, world_now, NULL);
	while (!channel_recv(world.run.channels[w->n].worker_fd, &m, &fd))
		net_worker_channel(w, &m, fd);
	for (int i = 0; i < 100 && net_worker_turn(w); i++)
		;
}

/* Turns until the condition holds; fails after five seconds. */
#define WORLD_UNTIL(condition)                                        \
	do {                                                          \
		uint64_t end_ = clock_ms() + 5000;                    \
		while (!(condition)) {                                \
			if (clock_ms() > end_)                        \
				fail_msg("not in time: " #condition); \
			if (world.main_loop)                          \
				world_main_turn();                    \
			world_worker_turn(1);                         \
		}                                                     \
	} while (0)

static inline const struct listener *world_listener(enum transport_id id)
{
	for (unsigned i = 0; net_listener_at(&world.run, i); i++) {
		if (net_listener_at(&world.run, i)->transport->id == id)
			return net_listener_at(&world.run, i);
	}
	fail_msg("no such listener");
	return NULL;
}

static inline unsigned world_rows(void)
{
	return slab_used(world.run.net->conns);
}

static inline void world_bad_memory(const char *what, uint64_t object, void *arg)
{
	(void)arg;
	fprintf(stderr, "verify: %s %llx\n", what, (unsigned long long)object);
}

/* Everything ends, and nothing is left of it. */
static inline void world_close(void)
{
	struct shm_stats after;

	net_worker_stop(&world.w);
	if (world.main_loop) {
		for (int i = 0; i < 1000 && world_rows(); i++) {
			epoch_turn(world.run.epochs, world.w.n);
			world_main_turn();
		}
		assert_int_equal(world_rows(), 0);
		assert_int_equal(net_main_descriptors(&world.run), 0);
		loop_drop(&world.main_loop);
	}
	epoch_alive(world.run.epochs, world.w.n, false);
	limbo_drop(&world.w.limbo);
	shm_stats(world.run.shm, &after);
	assert_int_equal(after.chunks_live, world.before.chunks_live);
	assert_int_equal(shm_verify(world.run.shm, world_bad_memory, NULL), 0);
	loop_drop(&world.w.loop);
	timers_drop(&world.w.timers);
	net_close(&world.run.net);
	for (unsigned i = 0; i < WORLD_SLOTS; i++) {
		channel_close(&world.run.channels[i]);
		close(world.run.slots[i].eventfd);
	}
	close(world.run.main_eventfd);
	free(world.run.channels);
	shm_drop(&world.run.shm);
}

/* Runs step in a worker of slot 1, which then dies; returns behind its death. */
static inline void world_in_slot_1(void (*step)(void))
{
	pid_t pid = child_fork();
	int status;

	if (pid == 0) {
		struct run *run = &world.run;

		world.main_loop = NULL;
		shm_slot_set(1);
		net_child_close_foreign(run, 1);
		world_worker(1, false);
		step();
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	epoch_alive(world.run.epochs, 1, false);
}

/* This process becomes the successor of what died in slot 1. */
static inline void world_succeed(void)
{
	net_worker_stop(&world.w);
	loop_drop(&world.w.loop);
	timers_drop(&world.w.timers);
	limbo_drop(&world.w.limbo);
	epoch_alive(world.run.epochs, 0, false);
	shm_slot_set(1);
	slot_mend(&world.run, 1);
	net_child_close_foreign(&world.run, 1);
	shm_recover(world.run.shm, 1);
	loop_drop(&world.main_loop);
	world_worker(1, true);
}

/* --- messages out ---------------------------------------------------------------------------------------------------------- */
/* "REPLY" to whom it came from. */
static inline void world_reply(struct worker *w, const struct origin *from)
{
	struct iovec io[2] = { { .iov_base = (char[]){ "RE" }, .iov_len = 2 },
			       { .iov_base = (char[]){ "PLY" }, .iov_len = 3 } };
	struct target t = { .transport = from->transport,
			    .addr = from->src,
			    .from = from->listener,
			    .conn = from->conn,
			    .conn_only = true };

	assert_int_equal(net_send(w, &t, io, 2, 0), 0);
}

static inline int world_send(const struct target *t, const char *text_z, uint64_t token)
{
	struct iovec io = { .iov_base = (char *)(uintptr_t)text_z, .iov_len = strlen(text_z) };

	return net_send(&world.w, t, &io, 1, token);
}

/* To whom a connection leads, by it and by no other. */
static inline struct target world_target_of(const struct conn *c)
{
	return (struct target){ .transport = c->transport,
				.addr = c->peer,
				.from = &world.run.net->listeners[c->listener],
				.conn = c->id,
				.conn_only = true };
}

/* --- peers ------------------------------------------------------------------------------------------------------------------- */
/* A port that nobody uses at this moment. */
static inline uint16_t free_port(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	getsockname(fd, (struct sockaddr *)&in, &n);
	close(fd);
	return ntohs(in.sin_port);
}

static inline struct addr loopback(uint16_t port)
{
	struct addr a;

	assert_int_equal(addr_parse(STR("127.0.0.1"), &a), 0);
	addr_set_port(&a, port);
	return a;
}

static inline int tcp_client(uint16_t port)
{
	struct addr a = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, &a.sa, addr_len(&a)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static inline int tcp_server(uint16_t *port_r)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct addr a = loopback(0);
	socklen_t n = sizeof(a);

	assert_int_equal(bind(fd, &a.sa, addr_len(&a)), 0);
	assert_int_equal(listen(fd, 16), 0);
	getsockname(fd, &a.sa, &n);
	*port_r = addr_port(&a);
	return fd;
}

static inline void put(int fd, struct str s)
{
	assert_int_equal(send(fd, s.p, s.n, MSG_NOSIGNAL), s.n);
}

/* True once fd has given n bytes, which are at the end of buf then; *have counts. */
static inline bool got(int fd, char *buf, size_t *have, size_t n)
{
	ssize_t more = recv(fd, buf + *have, n - *have, MSG_DONTWAIT);

	if (more > 0)
		*have += (size_t)more;
	return *have == n;
}

static inline bool at_end(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

#define MESSAGE(body, length) \
	"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\nContent-Length: " length "\r\n\r\n" body

#endif

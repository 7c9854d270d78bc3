/* SPDX-License-Identifier: BSD-2-Clause */
/* One busy connection and several workers, each in a process of its own; this process is main and the peer. Whatever dies, each message is
 * run once, those of one call in order and one at a time. */
#include "test/unit/core/net/world.h"
#include "test/unit/child.h"

#include "core/mem/fault.h"

#include <sys/mman.h>

#define CALLS	     10u
#define MESSAGES_MAX 1200u
#define REPLY	     "reply 0000 0000\n"

struct ran {
	unsigned slot, call, number;
};

/* What all processes know. */
struct shared {
	_Atomic unsigned n;
	struct ran ran[2 * MESSAGES_MAX];
	_Atomic int running[CALLS]; /* slot + 1 */
	_Atomic unsigned wrong;	    /* messages that ran beside one of the same call */
	_Atomic unsigned kill_at;   /* the worker that runs the n-th message dies of it; 0: none */
	_Atomic unsigned kill_slot; /* when it is this slot's: slot + 1; 0: anybody's */
	_Atomic uint32_t draining;
	unsigned spin_us[WORLD_SLOTS];
};

static uint16_t port;
static struct shared *sh;
static pid_t pids[WORLD_SLOTS];
static unsigned deaths;
static int pauses; /* the slot that pauses when its worker dies, and then did; -1: none */
static int peer;
static unsigned replies, reply_bytes;
static uint64_t sent_bytes;

static unsigned number_behind(struct str text, const char *name_z)
{
	const char *p = memmem(text.p, text.n, name_z, strlen(name_z));

	return p ? (unsigned)strtoul(p + strlen(name_z), NULL, 10) : 0;
}

static void spin(unsigned us)
{
	for (uint64_t end = clock_us() + us; clock_us() < end;)
		;
}

static void reply(struct worker *w, const struct origin *from, unsigned call, unsigned number)
{
	char text[32];
	struct iovec io = { .iov_base = text, .iov_len = sizeof(REPLY) - 1 };
	struct target t = { .transport = from->transport,
			    .addr = from->src,
			    .from = from->listener,
			    .conn = from->conn,
			    .conn_only = true };

	snprintf(text, sizeof(text), "reply %04u %04u\n", call % 10000, number % 10000);
	if (net_send(w, &t, &io, 1, 0))
		atomic_fetch_add(&sh->wrong, 1);
}

static void run(struct worker *w, const struct origin *from)
{
	struct str text = str_of(world.last, world.last_n);
	unsigned call = number_behind(text, "Call-ID: "), i = atomic_fetch_add(&sh->n, 1);
	int none = 0;

	sh->ran[i] = (struct ran){ w->n, call, number_behind(text, "CSeq: ") };
	if (!atomic_compare_exchange_strong(&sh->running[call], &none, (int)w->n + 1))
		atomic_fetch_add(&sh->wrong, 1);
	if (i + 1 == atomic_load(&sh->kill_at) && (!sh->kill_slot || sh->kill_slot == w->n + 1))
		raise(SIGKILL);
	spin(sh->spin_us[w->n]);
	atomic_store(&sh->running[call], 0);
	reply(w, from, call, sh->ran[i].number);
}

/* --- processes ------------------------------------------------------------------------------------------------------------------- */
static _Noreturn void work(unsigned slot, bool successor)
{
	struct worker *w = &world.w;

	shm_slot_set(slot);
	net_child_close_foreign(&world.run, slot);
	if (successor)
		shm_recover(world.run.shm, slot);
	world.main_loop = NULL;
	world.answer = run;
	world_worker(slot, successor);
	atomic_store(&w->slot->hand, HAND_NONE);
	do
		world_worker_turn(10);
	while (!worker_draining(w) || net_worker_drain(w));
	net_worker_stop(w);
	atomic_store(&w->slot->state, SLOT_STOPPED);
	epoch_alive(world.run.epochs, slot, false);
	shm_leave(world.run.shm);
	_exit(0);
}

static void worker_fork(unsigned slot, bool successor)
{
	pids[slot] = child_fork();
	if (!pids[slot])
		work(slot, successor);
}

/* As main does: the dead have successors, the living look at everything once. */
static void follow_dead(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (unsigned i = 0; i < WORLD_SLOTS; i++) {
			if (pids[i] != pid)
				continue;
			pids[i] = 0;
			if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
				continue;
			assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
			deaths++;
			epoch_alive(world.run.epochs, i, false);
			for (unsigned call = 0; call < CALLS; call++)
				if (sh->running[call] == (int)i + 1)
					sh->running[call] = 0;
			if ((int)i == pauses) {
				atomic_store(&world.run.slots[i].state, SLOT_PAUSED);
				net_main_move(&world.run, i);
			} else {
				worker_fork(i, true);
			}
			for (unsigned k = 0; k < WORLD_SLOTS; k++) {
				atomic_store(&world.run.slots[k].sweep, 1);
				slot_wake(&world.run.slots[k]);
			}
		}
	}
}

static void replies_read(void)
{
	char buf[4096];
	ssize_t n = recv(peer, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0)
		reply_bytes += (unsigned)n;
	replies = reply_bytes / (sizeof(REPLY) - 1);
}

static void turn(void)
{
	follow_dead();
	world_main_turn();
	replies_read();
	usleep(200);
}

#define UNTIL(condition)                                              \
	do {                                                          \
		uint64_t end_ = clock_ms() + 20000;                   \
		while (!(condition)) {                                \
			if (clock_ms() > end_)                        \
				fail_msg("not in time: " #condition); \
			turn();                                       \
		}                                                     \
	} while (0)

static int open_world(void **state)
{
	char text_z[64];

	(void)state;
	world_make();
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	world.run.draining = &sh->draining;
	port = free_port();
	snprintf(text_z, sizeof(text_z), "tcp:127.0.0.1:%u", port);
	world_listen(text_z);
	deaths = replies = reply_bytes = 0;
	pauses = -1;
	sent_bytes = 0;
	return 0;
}

/* The connection is slot 0's, whose worker is slower in what it runs, so that messages wait. */
static void begin(void)
{
	world_net_open();
	shm_slot_set(SHM_MAIN);
	world_main_start();
	for (unsigned i = 0; i < WORLD_SLOTS; i++)
		worker_fork(i, false);
	UNTIL(world.run.slots[0].state == SLOT_RUNNING && world.run.slots[1].state == SLOT_RUNNING);
	peer = tcp_client(port);
}

static int close_world(void **state)
{
	(void)state;
	close(peer);
	atomic_store(&sh->draining, 1);
	for (unsigned i = 0; i < WORLD_SLOTS; i++)
		slot_wake(&world.run.slots[i]);
	UNTIL(!pids[0] && !pids[1]);
	shm_slot_set(0);
	world_close();
	munmap(sh, sizeof(*sh));
	return 0;
}

/* --- messages ---------------------------------------------------------------------------------------------------------------------- */
static void message_put(struct buf *b, unsigned call, unsigned number, const char *name_z)
{
	buf_fmt(b, "OPTIONS sip:a@b SIP/2.0\r\n%s: %u\r\nCSeq: %u OPTIONS\r\n", name_z, call,
		number);
	buf_fmt(b, "Subject: %0200u\r\nContent-Length: 0\r\n\r\n", number);
}

/* Numbers 1 to n, call after call in turn, at once. */
static void messages_send(unsigned calls, unsigned n)
{
	static char text[MESSAGES_MAX * 320];
	struct buf b = BUF_ON(text);
	size_t sent = 0;

	for (unsigned i = 1; i <= n; i++)
		message_put(&b, i % calls, i, "Call-ID");
	assert_true(buf_ok(&b));
	while (sent < b.n) {
		ssize_t more = send(peer, text + sent, b.n - sent, MSG_NOSIGNAL);

		if (more > 0)
			sent += (size_t)more;
		turn();
	}
	sent_bytes += sent;
}

/* Nothing that was sent waits any more, or is in anybody's hand. */
static bool all_is_run(void)
{
	const struct conn *c = conn_at(world.run.net, 0);

	assert_non_null(c);
	return c->wire.begin == sent_bytes && !tray_waiting(tray_between(&world.run, 0, 1)) &&
	       world.run.slots[0].hand == HAND_NONE && world.run.slots[1].hand == HAND_NONE;
}

/* Each of n ran once, but for lost of them, and those of a call in order; returns how many slot 1 ran. */
static unsigned check_ran(unsigned n, unsigned lost)
{
	static bool seen[MESSAGES_MAX + 1];
	unsigned last[CALLS] = { 0 }, others = 0;

	memset(seen, 0, sizeof(seen));
	assert_int_equal(sh->wrong, 0);
	for (unsigned i = 0; i < sh->n; i++) {
		const struct ran *r = &sh->ran[i];

		assert_in_range(r->number, 1, n);
		assert_false(seen[r->number]);
		seen[r->number] = true;
		assert_true(r->number > last[r->call]);
		last[r->call] = r->number;
		others += r->slot == 1;
	}
	assert_in_range(sh->n, n - lost, n);
	return others;
}

static void the_messages_of_a_busy_connection_are_shared_each_call_in_order(void **state)
{
	unsigned others;

	(void)state;
	sh->spin_us[0] = sh->spin_us[1] = 100;
	begin();
	messages_send(CALLS, 1000);
	UNTIL(replies == 1000);
	others = check_ran(1000, 0);
	assert_in_range(others, 100, 900);
}

static void the_messages_of_one_call_are_never_run_side_by_side(void **state)
{
	(void)state;
	sh->spin_us[0] = sh->spin_us[1] = 50;
	begin();
	messages_send(1, 500);
	UNTIL(replies == 500);
	check_ran(500, 0);
}

static void a_worker_with_little_to_do_is_not_helped(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 20; i++) {
		messages_send(CALLS, 8);
		UNTIL(replies == 8 * (i + 1));
	}
	for (unsigned i = 0; i < sh->n; i++)
		assert_int_equal(sh->ran[i].slot, 0);
}

static void conn_backlog_0_is_never(void **state)
{
	(void)state;
	world.nc.conn_backlog = 0;
	sh->spin_us[0] = 20;
	begin();
	messages_send(CALLS, 500);
	UNTIL(replies == 500);
	assert_int_equal(check_ran(500, 0), 0);
}

static void a_message_without_call_id_and_a_large_one_stay_with_the_owner(void **state)
{
	static char text[300000];
	struct buf b = BUF_ON(text);

	(void)state;
	sh->spin_us[0] = 100;
	begin();
	for (unsigned i = 1; i <= 100; i++)
		message_put(&b, 0, i, "Call-IDs");
	buf_lit(&b, "OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 2\r\nCSeq: 101 O\r\nContent-Length: "
		    "20000\r\n\r\n");
	for (unsigned i = 0; i < 20000; i++)
		buf_char(&b, 'x');
	for (unsigned i = 102; i <= 200; i++)
		message_put(&b, 3, i, "CALL-ID ");
	assert_true(buf_ok(&b));
	for (size_t sent = 0; sent < b.n; turn()) {
		ssize_t more = send(peer, text + sent, b.n - sent, MSG_NOSIGNAL);

		sent += more > 0 ? (size_t)more : 0;
	}
	UNTIL(replies == 200);
	for (unsigned i = 0; i < sh->n; i++)
		if (sh->ran[i].number <= 101)
			assert_int_equal(sh->ran[i].slot, 0);
	assert_true(check_ran(200, 0) > 0);
}

static void requests_before_a_half_close_are_answered_by_all(void **state)
{
	(void)state;
	sh->spin_us[0] = 20;
	sh->spin_us[1] = 2000;
	begin();
	messages_send(CALLS, 200);
	shutdown(peer, SHUT_WR);
	UNTIL(replies == 200);
	UNTIL(world_rows() == 0);
	assert_true(check_ran(200, 0) > 0);
}

static void a_stream_that_cannot_be_followed_ends_behind_what_others_run(void **state)
{
	(void)state;
	sh->spin_us[0] = 20;
	sh->spin_us[1] = 5000;
	begin();
	messages_send(CALLS, 60);
	put(peer, STR("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n"));
	/* "NO\r\n" behind all replies */
	UNTIL(reply_bytes == 60 * (sizeof(REPLY) - 1) + 4);
	UNTIL(world_rows() == 0);
	assert_true(check_ran(60, 0) > 0);
}

static void a_peer_that_is_gone_while_its_connection_waits_costs_nothing(void **state)
{
	struct linger now = { .l_onoff = 1 };
	uint64_t framed, turns;

	(void)state;
	sh->spin_us[1] = 20000;
	begin();
	messages_send(CALLS, 300);
	do {
		framed = conn_at(world.run.net, 0)->wire.begin;
		for (int i = 0; i < 20; i++)
			turn();
	} while (!framed || conn_at(world.run.net, 0)->wire.begin != framed);
	assert_true(framed < sent_bytes);
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(peer);
	peer = -1;
	turns = world.run.slots[0].turns;
	for (int i = 0; i < 100; i++)
		turn();
	assert_in_range(world.run.slots[0].turns - turns, 0, 50);
	UNTIL(world_rows() == 0);
}

static void at_the_end_all_that_was_handed_over_is_run(void **state)
{
	unsigned ran;

	(void)state;
	sh->spin_us[0] = sh->spin_us[1] = 500;
	begin();
	messages_send(CALLS, 400);
	UNTIL(sh->n > 50);
	atomic_store(&sh->draining, 1);
	for (unsigned i = 0; i < WORLD_SLOTS; i++)
		slot_wake(&world.run.slots[i]);
	UNTIL(!pids[0] && !pids[1]);
	replies_read();
	ran = sh->n;
	assert_true(ran < 400);
	assert_int_equal(replies, ran);
	assert_true(check_ran(ran, 0) > 0);
}

/* --- deaths ------------------------------------------------------------------------------------------------------------------------ */
/* Sends a burst while somebody dies, once at most; returns how many slot 1 ran. */
static unsigned burst(unsigned n)
{
	unsigned before = deaths;

	atomic_store(&sh->n, 0);
	reply_bytes = 0;
	messages_send(CALLS, n);
	UNTIL(all_is_run());
	atomic_store(&sh->kill_at, 0);
	return check_ran(n, deaths - before);
}

static void a_worker_that_dies_of_a_message_takes_no_other_with_it(void **state)
{
	(void)state;
	sh->spin_us[0] = sh->spin_us[1] = 50;
	begin();
	for (unsigned i = 0; i < 6; i++) {
		atomic_store(&sh->kill_at, 40 + 7 * i);
		burst(300);
		/* the one it died of is not run again, nor answered here: in the router its successor does */
		assert_int_equal(sh->n, 300);
		UNTIL(deaths == i + 1 && replies == 299);
	}
}

static void deaths_of_a_taker_lose_what_was_in_hand_and_nothing_else(void **state)
{
	(void)state;
	sh->spin_us[0] = sh->spin_us[1] = 100;
	begin();
	srand(3);
	for (unsigned round = 0; round < 5; round++) {
		unsigned before = deaths;
		uint64_t next = clock_ms() + 5;

		atomic_store(&sh->n, 0);
		messages_send(CALLS, 1000);
		while (!all_is_run()) {
			turn();
			if (clock_ms() < next || sh->n > 900)
				continue;
			if (pids[1] && world.run.slots[1].state == SLOT_RUNNING)
				kill(pids[1], SIGKILL);
			next = clock_ms() + (unsigned)rand() % 20;
		}
		check_ran(1000, deaths - before);
	}
	assert_true(deaths > 3);
}

/* Nothing of the dead worker's slot is lost while it pauses; it goes on when the slot does, or in another one. */
static void pause_slot(unsigned slot)
{
	sh->spin_us[0] = sh->spin_us[1] = 200;
	begin();
	UNTIL(conn_at(world.run.net, 0) && conn_at(world.run.net, 0)->owner == 0);
	world.picks = 1;
	pauses = (int)slot;
	/* whoever runs that one: until it is the slot's */
	for (unsigned at = 60; !deaths; at++) {
		atomic_store(&sh->kill_slot, slot + 1);
		atomic_store(&sh->kill_at, at);
		messages_send(CALLS, 300);
		UNTIL(deaths || all_is_run());
		if (!deaths)
			atomic_store(&sh->n, 0);
	}
}

static void a_connection_of_a_paused_slot_goes_on_behind_what_it_handed_over(void **state)
{
	(void)state;
	pause_slot(0);
	UNTIL(conn_at(world.run.net, 0)->wire.begin == sent_bytes);
	UNTIL(sh->n == 300 && world.run.slots[1].hand == HAND_NONE);
	check_ran(300, 0);
	worker_fork(0, true);
	UNTIL(all_is_run());
	assert_int_equal(sh->n, 300);
}

static void what_was_handed_to_a_paused_slot_waits_for_it(void **state)
{
	(void)state;
	pause_slot(1);
	for (unsigned i = 0; i < 300; i++)
		turn();
	assert_true(tray_waiting(tray_between(&world.run, 0, 1)) > 0);
	assert_true(sh->n < 300);
	worker_fork(1, true);
	UNTIL(all_is_run());
	assert_int_equal(sh->n, 300);
	check_ran(300, 0);
}

#ifdef SERAC_FAULT
static void a_death_at_any_step_loses_at_most_what_was_in_hand(void **state)
{
	static const char *const places[] = {
		"net.tray.built",      "net.tray.putting", "net.tray.placed",  "net.tray.published",
		"net.tray.put",	       "net.tray.begun",   "net.tray.done",    "net.tray.dying",
		"net.tray.cleared",    "net.tray.message", "net.trunk.framed", "net.trunk.handing",
		"net.tray.mend_taker",
	};
	static const unsigned passes[] = { 1, 2, 17, 60 };

	(void)state;
	sh->spin_us[0] = sh->spin_us[1] = 50;
	fault_init();
	begin();
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		bool in_hand = !strcmp(places[i], "net.tray.message");
		bool recovery = strstr(places[i], "mend");

		for (size_t k = 0; k < sizeof(passes) / sizeof(passes[0]); k++) {
			atomic_store(&sh->kill_at, recovery ? 50 : 0);
			fault_kill_at(places[i], passes[k]);
			burst(300);
			if (passes[k] <= 2 && !fault_happened())
				fail_msg("%s:%u is not reached", places[i], passes[k]);
			fault_kill_at(NULL, 0);
			assert_int_equal(sh->n, 300 - in_hand);
		}
	}
}
#endif

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		T(the_messages_of_a_busy_connection_are_shared_each_call_in_order),
		T(the_messages_of_one_call_are_never_run_side_by_side),
		T(a_worker_with_little_to_do_is_not_helped),
		T(conn_backlog_0_is_never),
		T(a_message_without_call_id_and_a_large_one_stay_with_the_owner),
		T(requests_before_a_half_close_are_answered_by_all),
		T(a_stream_that_cannot_be_followed_ends_behind_what_others_run),
		T(a_peer_that_is_gone_while_its_connection_waits_costs_nothing),
		T(at_the_end_all_that_was_handed_over_is_run),
		T(a_worker_that_dies_of_a_message_takes_no_other_with_it),
		T(deaths_of_a_taker_lose_what_was_in_hand_and_nothing_else),
		T(a_connection_of_a_paused_slot_goes_on_behind_what_it_handed_over),
		T(what_was_handed_to_a_paused_slot_waits_for_it),
#ifdef SERAC_FAULT
		T(a_death_at_any_step_loses_at_most_what_was_in_hand),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

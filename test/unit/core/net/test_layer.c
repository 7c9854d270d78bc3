/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections with a layer between wire and messages: how it comes up, who may send on it, how it ends, and what a death leaves. */
#include "test/unit/core/net/layer_world.h"

#include "core/mem/fault.h"

static void messages_pass_once_it_is_up(void **state)
{
	int fd = greeted();

	(void)state;
	assert_int_equal(world.ups, 1);
	put_record(fd, STR(MESSAGE("hello", "5")), 0);
	expect_record(fd, STR("REPLY"), 0);
	assert_true(str_eq(str_of(world.last, world.last_n), STR(MESSAGE("hello", "5"))));
	assert_non_null(net_conn_session(&world.run, world.from.conn, world.from.transport));
	/* two in one record, and one in two */
	put_record(fd, STR(MESSAGE("a", "1") MESSAGE("b", "1")), 1);
	WORLD_UNTIL(world.messages == 3);
	put_record(fd, str_head(STR(MESSAGE("c", "1")), 20), 2);
	put_record(fd, str_skip(STR(MESSAGE("c", "1")), 20), 3);
	WORLD_UNTIL(world.messages == 4);
	assert_null(only_conn()->wire.rx);
	assert_null(only_conn()->plain.rx);
	/* once for all of it, when it was quiet for a while */
	assert_int_equal(toy_does.rested, 0);
	WORLD_UNTIL(toy_does.rested == 1);
	close(fd);
	WORLD_UNTIL(world.downs == 1);
	WORLD_UNTIL(world_rows() == 0);
	assert_int_equal(toy_does.ended, 1);
}

static void what_comes_with_the_greeting_is_not_lost(void **state)
{
	int fd;

	(void)state;
	world_open();
	world.answer = world_reply;
	fd = tcp_client(port);
	put(fd, STR("HI"));
	put_record(fd, STR(MESSAGE("hello", "5")), 0);
	expect(fd, "OK");
	expect_record(fd, STR("REPLY"), 0);
	close(fd);
}

static void both_sides_say_good_bye(void **state)
{
	int fd = greeted();

	(void)state;
	put_record(fd, STR(MESSAGE("hello", "5")), 0);
	put_record(fd, STR(""), 1);
	expect_record(fd, STR("REPLY"), 0);
	expect_record(fd, STR(""), 1);
	WORLD_UNTIL(at_end(fd));
	assert_int_equal(toy_does.finished, 1);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void a_peer_that_does_not_greet_hears_why(void **state)
{
	int fd;

	(void)state;
	world_open();
	fd = tcp_client(port);
	put(fd, STR("GET"));
	expect(fd, "NO");
	WORLD_UNTIL(at_end(fd));
	assert_int_equal(toy_does.finished, 0);
	assert_int_equal(world.ups, 0);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void silence_has_a_deadline(void **state)
{
	int fd;

	(void)state;
	world_open();
	fd = tcp_client(port);
	put(fd, STR("H"));
	WORLD_UNTIL(at_end(fd));
	assert_int_equal(toy_does.unfinished, 1);
	assert_int_equal(toy_does.reason, ETIMEDOUT);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void a_peer_that_goes_is_told_so(void **state)
{
	int fd;

	(void)state;
	world_open();
	fd = tcp_client(port);
	put(fd, STR("H"));
	WORLD_UNTIL(toy_does.opened == 1);
	close(fd);
	WORLD_UNTIL(toy_does.unfinished == 1);
	assert_int_equal(toy_does.reason, ECONNRESET);
	WORLD_UNTIL(world_rows() == 0);
}

static void a_layer_that_cannot_begin_ends_it(void **state)
{
	int fd;

	(void)state;
	world_open();
	toy_does.fails_open = true;
	fd = tcp_client(port);
	WORLD_UNTIL(at_end(fd));
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

/* --- outgoing -------------------------------------------------------------------------------------------------------------------- */
/* Two messages on their way to a server, which has accepted the connection. */
static int called(struct target *t_r)
{
	uint16_t to;
	int listening = tcp_server(&to), fd = -1;

	world_open();
	*t_r = target_at(to);
	assert_int_equal(world_send(t_r, "one", 1), 0);
	assert_int_equal(world_send(t_r, "two", 2), 0);
	WORLD_UNTIL((fd = accept(listening, NULL, NULL)) >= 0);
	close(listening);
	return fd;
}

static void what_waited_for_it_leaves_in_order(void **state)
{
	struct target t;
	int fd = called(&t);

	(void)state;
	expect(fd, "HI");
	assert_true(str_eq(only_conn()->identity_name, STR("peer.example")));
	assert_int_equal(world_send(&t, "three", 3), 0);
	put(fd, STR("OK"));
	expect_record(fd, STR("one"), 0);
	expect_record(fd, STR("two"), 1);
	expect_record(fd, STR("three"), 2);
	assert_int_equal(world_send(&t, "four", 4), 0);
	expect_record(fd, STR("four"), 3);
	assert_int_equal(world_rows(), 1);
	assert_int_equal(world.failed, 0);
	assert_int_equal(world.run.net->shared->slots[0].waiting, 0);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void what_waited_for_a_failed_one_is_told_so(void **state)
{
	struct target t;
	int fd = called(&t);

	(void)state;
	put(fd, STR("XX"));
	WORLD_UNTIL(world.failed == 2);
	assert_int_equal(world.failed_reason, EPROTO);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
	assert_int_equal(world.run.net->shared->slots[0].waiting, 0);
}

/* --- one session, several workers ------------------------------------------------------------------------------------------------ */
static void who_does_not_get_it_leaves_the_message(void **state)
{
	int fd = greeted();
	struct conn *c = only_conn();
	struct target t = world_target_of(c);

	(void)state;
	atomic_store(&c->holder, 2);
	assert_int_equal(world_send(&t, "one", 1), 0);
	assert_int_equal(world_send(&t, "two", 2), 0);
	assert_non_null(c->inbox.head);
	put_record(fd, STR(MESSAGE("hello", "5")), 0);
	for (int i = 0; i < 20; i++)
		world_worker_turn(1);
	/* nothing is read, and nothing spins */
	assert_int_equal(world.messages, 0);
	assert_int_equal(c->wanted, 1);
	/* the other one leaves */
	world.w.n = 1;
	session_leave(&world.w, c);
	world.w.n = 0;
	expect_record(fd, STR("one"), 0);
	expect_record(fd, STR("two"), 1);
	expect_record(fd, STR("REPLY"), 2);
	assert_int_equal(world.run.net->shared->slots[0].waiting, 0);
	close(fd);
}

static void a_holder_that_died_costs_the_connection(void **state)
{
	int fd = greeted();
	struct conn *c = only_conn();
	struct target t = world_target_of(c);

	(void)state;
	atomic_store(&c->holder, 2);
	assert_int_equal(world_send(&t, "one", 7), 0);
	slot_mend(&world.run, 1);
	WORLD_UNTIL(at_end(fd));
	assert_int_equal(world.failed_token, 7);
	assert_int_equal(toy_does.ended, 0);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void one_that_failed_while_another_was_in_it_rests_no_more(void **state)
{
	int fd = greeted();
	struct conn *c = only_conn();
	uint64_t end;

	(void)state;
	put_record(fd, STR(MESSAGE("hello", "5")), 0);
	expect_record(fd, STR("REPLY"), 0);
	atomic_store(&c->holder, 2);
	c->mute = true;
	net_conn_close(&world.w, c->id);
	assert_int_equal(conn_state(c), CONN_LINGERING);
	assert_null(c->heap);
	world.w.n = 1;
	session_leave(&world.w, c);
	world.w.n = 0;
	for (end = clock_ms() + 1200; clock_ms() < end;)
		world_worker_turn(50);
	assert_int_equal(toy_does.rested, 0);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void a_peer_that_goes_while_another_is_in_it_costs_no_turns(void **state)
{
	int fd = greeted();
	struct conn *c = only_conn();
	struct linger now = { .l_onoff = 1 };
	uint64_t begin;

	(void)state;
	atomic_store(&c->holder, 2);
	put_record(fd, STR(MESSAGE("hello", "5")), 0);
	for (int i = 0; i < 10; i++)
		world_worker_turn(1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
	for (int i = 0; i < 10; i++)
		world_worker_turn(1);
	begin = clock_ms();
	world_worker_turn(100);
	assert_true(clock_ms() - begin >= 80);
	world.w.n = 1;
	session_leave(&world.w, c);
	world.w.n = 0;
	WORLD_UNTIL(world_rows() == 0);
}

static void a_session_that_fails_costs_the_connection(void **state)
{
	int fd = greeted();

	(void)state;
	toy_does.fails_encode = true;
	world.answer = NULL;
	put_record(fd, STR(MESSAGE("hello", "5")), 0);
	WORLD_UNTIL(world.messages == 1);
	{
		struct target t = { .transport = world.from.transport,
				    .addr = world.from.src,
				    .from = world.from.listener,
				    .conn = world.from.conn,
				    .conn_only = true };

		assert_int_equal(world_send(&t, "one", 7), -ENOTCONN);
	}
	WORLD_UNTIL(at_end(fd));
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

/* --- a successor ------------------------------------------------------------------------------------------------------------------ */
static int client;

static void greet(void)
{
	char buf[8];
	size_t have = 0;

	for (int i = 0; i < 100 && !got(client, buf, &have, 2); i++)
		world_worker_turn(10);
}

static void greet_and_hold(void)
{
	greet();
	assert_true(session_enter(&world.w, only_conn()));
}

static void begin_in_slot_1(void (*step)(void))
{
	world_open();
	world.answer = world_reply;
	world.picks = 1;
	world.run.slots[1].state = SLOT_RUNNING;
	client = tcp_client(port);
	world_main_turn();
	put(client, STR("HI"));
	world_in_slot_1(step);
	world_succeed();
}

static void an_established_one_outlives_its_worker(void **state)
{
	(void)state;
	begin_in_slot_1(greet);
	put_record(client, STR(MESSAGE("hello", "5")), 0);
	expect_record(client, STR("REPLY"), 0);
	assert_int_equal(world.messages, 1);
	close(client);
}

static void one_whose_owner_died_in_it_does_not(void **state)
{
	(void)state;
	begin_in_slot_1(greet_and_hold);
	WORLD_UNTIL(at_end(client));
	assert_int_equal(toy_does.ended, 0);
	close(client);
}

static void nor_one_of_a_slot_that_pauses(void **state)
{
	(void)state;
	world_open();
	world.answer = world_reply;
	world.picks = 1;
	world.run.slots[1].state = SLOT_RUNNING;
	client = tcp_client(port);
	world_main_turn();
	put(client, STR("HI"));
	world_in_slot_1(greet_and_hold);
	world.picks = 0;
	net_main_move(&world.run, 1);
	WORLD_UNTIL(at_end(client));
	assert_int_equal(toy_does.ended, 0);
	close(client);
}

static void one_that_is_not_shared_does_not(void **state)
{
	(void)state;
	session_share_set(false);
	begin_in_slot_1(greet);
	WORLD_UNTIL(at_end(client));
	assert_int_equal(toy_does.ended, 0);
	close(client);
}

static void step_of_a_greeting(void)
{
	world_worker_turn(10);
	world_worker_turn(10);
}

static void one_that_was_not_up_does_not(void **state)
{
	(void)state;
	world_open();
	world.picks = 1;
	world.run.slots[1].state = SLOT_RUNNING;
	client = tcp_client(port);
	world_main_turn();
	put(client, STR("H"));
	world_in_slot_1(step_of_a_greeting);
	world_succeed();
	WORLD_UNTIL(at_end(client));
	assert_int_equal(toy_does.ended, 0);
	close(client);
}

#ifdef SERAC_FAULT
/* --- deaths at every step ----------------------------------------------------------------------------------------------------- */
static void serve(void)
{
	uint64_t end = clock_ms() + 3000;

	world.messages = 0;
	while (world.messages < 2 && clock_ms() < end)
		world_worker_turn(5);
	world_worker_turn(5);
}

/* What came from the router: whole records, and whether it has ended. */
struct heard {
	char bytes[4096];
	size_t n;
	bool ended;
};

static void listen_to(int fd, struct heard *h)
{
	ssize_t n = recv(fd, h->bytes + h->n, sizeof(h->bytes) - h->n, MSG_DONTWAIT);

	if (n > 0)
		h->n += (size_t)n;
	else if (n == 0 || errno != EAGAIN)
		h->ended = true;
}

/* A greeting and two requests, the worker of which dies at the n-th pass of a place. Either all of it goes on in its successor, or the client hears of
 * the end at once. Returns whether it went on. */
static bool dies_at(const char *place_z, unsigned nth)
{
	struct heard h = { .n = 0 };
	uint64_t end;

	fault_kill_at(place_z, nth);
	world_open();
	world.answer = world_reply;
	world.picks = 1;
	world.run.slots[1].state = SLOT_RUNNING;
	client = tcp_client(port);
	world_main_turn();
	put(client, STR("HI"));
	put_record(client, STR(MESSAGE("hello", "5")), 0);
	put_record(client, STR(MESSAGE("hello", "5")), 1);
	world_in_slot_1(serve);
	if (!fault_happened() && nth == 1)
		fail_msg("%s is not reached", place_z);
	fault_kill_at(NULL, 0);
	world_succeed();
	/* a message that was in hand is not run again: the client asks once more */
	end = clock_ms() + 3000;
	for (uint8_t i = 2; !h.ended && clock_ms() < end; i++) {
		size_t before = h.n;

		if (send(client, "", 0, MSG_NOSIGNAL) == 0)
			put_record(client, STR(MESSAGE("again", "5")), i);
		for (int turns = 0; turns < 50 && h.n == before && !h.ended; turns++) {
			world_worker_turn(1);
			listen_to(client, &h);
		}
		if (h.n > before && i > 3)
			break;
	}
	close(client);
	for (int turns = 0; turns < 3000 && world.w.net->own_n; turns++)
		world_worker_turn(1);
	return !h.ended && h.n > 2;
}

static void a_death_costs_at_most_the_connection(void **state)
{
	/* outside of the layer: nothing is lost */
	static const char *const outside[] = {
		"net.session.left", "net.mark",		"net.marked",	       "net.recv.before",
		"net.recv.after",   "net.recv.counted", "net.send.before",     "net.send.after",
		"net.send.counted", "net.place.now",	"net.place.published",
	};
	/* inside: it is closed */
	static const char *const inside[] = {
		"net.session.held",    "net.session.encode", "net.session.encoded",
		"net.session.leaving", "net.queue.wire",     "net.queue.appending",
		"net.queue.published", "net.queue.linked",   "net.layer.decode",
		"net.layer.decoded",   "net.layer.securing", "net.layer.heap",
		"net.layer.published", "net.layer.up",
	};
	const size_t once = 10; /* of the latter, from here on a connection passes only once */

	(void)state;
	fault_init();
	for (unsigned nth = 1; nth <= 3; nth++) {
		for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++) {
			open_layers(NULL);
			/* the first passes may be those of the greeting */
			if (!dies_at(outside[i], nth) && nth > 2)
				fail_msg("%s:%u costs the connection", outside[i], nth);
			close_layers(NULL);
		}
		for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++) {
			if (nth > 1 && i >= once)
				continue;
			open_layers(NULL);
			dies_at(inside[i], nth);
			close_layers(NULL);
		}
	}
}
#endif

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_layers, close_layers)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_pass_once_it_is_up),
		TEST(what_comes_with_the_greeting_is_not_lost),
		TEST(both_sides_say_good_bye),
		TEST(a_peer_that_does_not_greet_hears_why),
		TEST(silence_has_a_deadline),
		TEST(a_peer_that_goes_is_told_so),
		TEST(a_layer_that_cannot_begin_ends_it),
		TEST(what_waited_for_it_leaves_in_order),
		TEST(what_waited_for_a_failed_one_is_told_so),
		TEST(who_does_not_get_it_leaves_the_message),
		TEST(a_holder_that_died_costs_the_connection),
		TEST(one_that_failed_while_another_was_in_it_rests_no_more),
		TEST(a_peer_that_goes_while_another_is_in_it_costs_no_turns),
		TEST(a_session_that_fails_costs_the_connection),
		TEST(an_established_one_outlives_its_worker),
		TEST(one_whose_owner_died_in_it_does_not),
		TEST(nor_one_of_a_slot_that_pauses),
		TEST(one_that_is_not_shared_does_not),
		TEST(one_that_was_not_up_does_not),
#ifdef SERAC_FAULT
		cmocka_unit_test(a_death_costs_at_most_the_connection),
#endif
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

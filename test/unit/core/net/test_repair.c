/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts that a dead worker did not write are those of the kernel; successors; failures told to another slot. */
#include "test/unit/core/net/world.h"
#include "test/unit/child.h"

static uint16_t port;

static int open_world(void **state)
{
	char text_z[64];

	(void)state;
	world_make();
	port = free_port();
	snprintf(text_z, sizeof(text_z), "tcp:127.0.0.1:%u", port);
	world_listen(text_z);
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close();
	return 0;
}

static struct conn *only_conn(void)
{
	for (unsigned i = 0; i < slab_top(world.run.net->conns); i++) {
		struct conn *c = conn_at(world.run.net, i);

		if (c && conn_state(c) != CONN_GONE)
			return c;
	}
	return NULL;
}

/* A connection from fd's side and ours, with some bytes read and some sent already. */
static struct conn *busy_connection(int *fd_r)
{
	char buf[8];
	size_t have = 0;
	struct conn *c;
	struct target t;
	struct iovec io = { .iov_base = (char[]){ "abcde" }, .iov_len = 5 };

	world_open();
	*fd_r = tcp_client(port);
	put(*fd_r, STR(MESSAGE("xyz", "3") "OPTI"));
	WORLD_UNTIL(world.messages == 1);
	c = only_conn();
	t = (struct target){ .transport = c->transport,
			     .addr = c->peer,
			     .from = world_listener(TRANSPORT_TCP),
			     .conn = c->id };
	assert_int_equal(net_send(&world.w, &t, &io, 1, 0), 0);
	WORLD_UNTIL(got(*fd_r, buf, &have, 5));
	return c;
}

static void bytes_read_but_not_counted_are_found(void **state)
{
	int fd;
	struct conn *c = busy_connection(&fd);
	struct own *o = own_of(world.w.net, c);
	struct received *rx = c->wire.rx;
	uint64_t was = c->wire.end;

	(void)state;
	put(fd, STR("ONS sip:"));
	while (recv(o->watch.fd, rx->data + (c->wire.end - rx->start), 1, MSG_PEEK) != 1)
		;
	/* dies here, having read five of the eight bytes */
	c->io = CONN_IO_RECV;
	assert_int_equal(recv(o->watch.fd, rx->data + (c->wire.end - rx->start), 5, 0), 5);
	assert_int_equal(conn_repair(c, o->watch.fd), 0);
	assert_int_equal(c->wire.end, was + 5);
	assert_int_equal(c->io, CONN_IO_NONE);
	put(fd, STR("x SIP/2.0\r\nContent-Length: 0\r\n\r\n"));
	WORLD_UNTIL(world.messages == 2);
	assert_true(str_starts(str_of(world.last, world.last_n), STR("OPTIONS sip:x SIP/2.0")));
	close(fd);
}

static void the_peers_end_is_not_counted_as_a_byte(void **state)
{
	int fd;
	struct conn *c = busy_connection(&fd);
	struct own *o = own_of(world.w.net, c);
	uint64_t was = c->wire.end;

	(void)state;
	shutdown(fd, SHUT_WR);
	usleep(20000);
	c->io = CONN_IO_RECV;
	assert_int_equal(conn_repair(c, o->watch.fd), 0);
	assert_int_equal(c->wire.end, was);
	assert_int_equal(recv(o->watch.fd, (char[8]){ 0 }, 8, 0), 0);
	c->io = CONN_IO_RECV;
	assert_int_equal(conn_repair(c, o->watch.fd), 0);
	assert_int_equal(c->wire.end, was);
	close(fd);
}

static void bytes_sent_but_not_counted_are_found(void **state)
{
	int fd;
	struct conn *c = busy_connection(&fd);
	struct own *o = own_of(world.w.net, c);
	struct iovec io = { .iov_base = (char[]){ "0123456789" }, .iov_len = 10 };
	struct target t = { .transport = c->transport,
			    .addr = c->peer,
			    .from = world_listener(TRANSPORT_TCP),
			    .conn = c->id };
	char buf[16];
	size_t have = 0;

	(void)state;
	assert_int_equal(net_send(&world.w, &t, &io, 1, 0), 0);
	c->io = CONN_IO_SEND;
	assert_int_equal(send(o->watch.fd, "0123", 4, 0), 4);
	assert_int_equal(conn_repair(c, o->watch.fd), 0);
	assert_int_equal(c->out.done, 9);
	WORLD_UNTIL(got(fd, buf, &have, 10));
	assert_memory_equal(buf, "0123456789", 10);
	close(fd);
}

static void an_outgoing_connection_is_repaired_too(void **state)
{
	uint16_t there;
	int server = tcp_server(&there), fd = -1;
	struct iovec io = { .iov_base = (char[]){ "first" }, .iov_len = 5 };
	struct target t;
	struct conn *c;
	char buf[16];
	size_t have = 0;

	(void)state;
	world_open();
	t = (struct target){ .transport = transport_of(TRANSPORT_TCP),
			     .addr = loopback(there),
			     .from = world_listener(TRANSPORT_TCP) };
	assert_int_equal(net_send(&world.w, &t, &io, 1, 0), 0);
	WORLD_UNTIL((fd = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	WORLD_UNTIL(got(fd, buf, &have, 5));
	c = only_conn();
	usleep(20000);
	c->io = CONN_IO_SEND;
	assert_int_equal(conn_repair(c, own_of(world.w.net, c)->watch.fd), 0);
	assert_int_equal(c->out.done, 5);
	io.iov_base = (char[]){ "later" };
	assert_int_equal(net_send(&world.w, &t, &io, 1, 0), 0);
	c->io = CONN_IO_SEND;
	assert_int_equal(send(own_of(world.w.net, c)->watch.fd, "la", 2, 0), 2);
	assert_int_equal(conn_repair(c, own_of(world.w.net, c)->watch.fd), 0);
	have = 0;
	WORLD_UNTIL(got(fd, buf, &have, 5));
	assert_memory_equal(buf, "later", 5);
	close(fd);
	close(server);
}

static void nonsense_is_not_repaired(void **state)
{
	int fd;
	struct conn *c = busy_connection(&fd);
	struct own *o = own_of(world.w.net, c);

	(void)state;
	c->io = CONN_IO_FRAMER;
	assert_int_equal(conn_repair(c, o->watch.fd), -EIO);
	c->io = CONN_IO_SEND;
	c->out.done += 3; /* more than the kernel took */
	assert_int_equal(conn_repair(c, o->watch.fd), -EIO);
	c->out.done -= 3;
	c->io = CONN_IO_NONE;
	close(fd);
}

/* --- processes --------------------------------------------------------------------------------------------------------------------- */
static struct target somewhere;

static void send_somewhere(char *eight)
{
	struct iovec io = { .iov_base = eight, .iov_len = 8 };

	assert_int_equal(net_send(&world.w, &somewhere, &io, 1, 4711), 0);
}

static void send_from_1(void)
{
	send_somewhere((char[]){ "from one" });
}

static void send_from_0(void)
{
	send_somewhere((char[]){ "from 0.." });
}

static void a_message_of_another_slot_is_sent_by_the_owner(void **state)
{
	int fd;
	struct conn *c = busy_connection(&fd);
	char buf[16];
	size_t have = 0;

	(void)state;
	somewhere = (struct target){ .transport = c->transport,
				     .addr = c->peer,
				     .from = world_listener(TRANSPORT_TCP),
				     .conn = c->id };
	world_in_slot_1(send_from_1);
	WORLD_UNTIL(got(fd, buf, &have, 8));
	assert_memory_equal(buf, "from one", 8);
	close(fd);
}

static void wait_for_notice(void)
{
	uint64_t end = clock_ms() + 3000;

	while (!world.failed && clock_ms() < end)
		world_worker_turn(1);
	if (world.failed != 1 || world.failed_token != 4711 || world.failed_reason != ETIMEDOUT)
		_exit(1);
}

static void a_failure_is_told_in_the_slot_that_queued(void **state)
{
	int fd;
	struct conn *c = busy_connection(&fd);

	(void)state;
	somewhere = (struct target){ .transport = c->transport,
				     .addr = c->peer,
				     .from = world_listener(TRANSPORT_TCP),
				     .conn = c->id };
	world_in_slot_1(send_from_1);
	own_abort(own_of(world.w.net, c), ETIMEDOUT, false);
	assert_int_equal(world.failed, 0);
	/* its successor is told */
	world_in_slot_1(wait_for_notice);
	close(fd);
}

static void read_and_die(void)
{
	world_worker_turn(10);
	world_worker_turn(10);
}

static void a_successor_goes_on_with_the_bytes_that_were_read(void **state)
{
	struct str m = STR(MESSAGE("hello", "5"));
	int fd;

	(void)state;
	world_open();
	world.picks = 1;
	world.run.slots[1].state = SLOT_RUNNING;
	fd = tcp_client(port);
	world_main_turn();
	put(fd, str_head(m, 20));
	world_in_slot_1(read_and_die);
	put(fd, str_of(m.p + 20, 10));
	world_in_slot_1(read_and_die);
	assert_int_equal(only_conn()->wire.end, 30);
	put(fd, str_skip(m, 30));
	world_succeed();
	WORLD_UNTIL(world.messages == 1);
	assert_true(str_eq(str_of(world.last, world.last_n), m));
	close(fd);
}

static void connections_of_a_paused_slot_go_to_another(void **state)
{
	struct str m = STR(MESSAGE("hello", "5"));
	char buf[8];
	size_t have = 0;
	int fd;

	(void)state;
	world_open();
	world.picks = 1;
	world.run.slots[1].state = SLOT_RUNNING;
	fd = tcp_client(port);
	world_main_turn();
	put(fd, str_head(m, 20));
	world_in_slot_1(read_and_die);
	world.run.slots[1].state = SLOT_PAUSED;
	world.picks = -1; /* nobody at first: it waits in main */
	net_main_move(&world.run, 1);
	world_main_turn();
	assert_int_equal(only_conn()->owner, SHM_MAIN);
	somewhere = (struct target){ .transport = transport_of(TRANSPORT_TCP),
				     .addr = only_conn()->peer,
				     .from = world_listener(TRANSPORT_TCP),
				     .conn = only_conn()->id };
	send_from_0();
	world.picks = 0;
	WORLD_UNTIL(got(fd, buf, &have, 8));
	assert_int_equal(only_conn()->owner, 0);
	assert_int_equal(world.run.slots[1].connections, 0);
	assert_int_equal(world.run.slots[0].connections, 1);
	put(fd, str_skip(m, 20));
	WORLD_UNTIL(world.messages == 1);
	assert_true(str_eq(str_of(world.last, world.last_n), m));
	shm_slot_set(1); /* what its next worker begins with */
	shm_recover(world.run.shm, 1);
	shm_slot_set(0);
	close(fd);
}

static void a_sweep_beside_a_hand_over_loses_no_count(void **state)
{
	struct slot *s;
	int fd;

	(void)state;
	world_open();
	s = &world.run.slots[0];
	fd = tcp_client(port);
	WORLD_UNTIL(world.ups == 1);
	/* main counts what it is about to send */
	atomic_fetch_add(&s->connections, 1);
	atomic_store(&s->sweep, 1);
	world_worker_turn(0);
	assert_int_equal(s->connections, 2);
	atomic_fetch_sub(&s->connections, 1);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
	assert_int_equal(s->connections, 0);
}

static void draining_closes_what_has_nothing_to_send(void **state)
{
	int fd, idle;

	(void)state;
	busy_connection(&fd);
	idle = tcp_client(port);
	WORLD_UNTIL(world.ups == 2);
	net_main_stop_accepting(&world.run);
	somewhere = (struct target){ .transport = transport_of(TRANSPORT_TCP),
				     .addr = world.from.src,
				     .from = world_listener(TRANSPORT_TCP),
				     .conn = world.from.conn };
	send_from_0();
	assert_int_equal(net_worker_drain(&world.w), 1);
	WORLD_UNTIL(at_end(idle));
	WORLD_UNTIL(net_worker_drain(&world.w) == 0);
	somewhere.conn_only = true;
	assert_int_equal(net_send(&world.w, &somewhere, NULL, 0, 0), -ENOTCONN);
	close(fd);
	close(idle);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		T(bytes_read_but_not_counted_are_found),
		T(the_peers_end_is_not_counted_as_a_byte),
		T(bytes_sent_but_not_counted_are_found),
		T(an_outgoing_connection_is_repaired_too),
		T(nonsense_is_not_repaired),
		T(a_message_of_another_slot_is_sent_by_the_owner),
		T(a_failure_is_told_in_the_slot_that_queued),
		T(a_successor_goes_on_with_the_bytes_that_were_read),
		T(connections_of_a_paused_slot_go_to_another),
		T(a_sweep_beside_a_hand_over_loses_no_count),
		T(draining_closes_what_has_nothing_to_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

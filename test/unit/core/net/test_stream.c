/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections from both ends: framing from a real socket, replies, limits, ends. */
#include "test/unit/core/net/world.h"

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

static struct target target_at(uint16_t to)
{
	return (struct target){ .transport = transport_of(TRANSPORT_TCP),
				.addr = loopback(to),
				.from = world_listener(TRANSPORT_TCP) };
}

static void a_message_may_come_byte_by_byte(void **state)
{
	struct str m = STR(MESSAGE("hello", "5"));
	char buf[8];
	size_t have = 0;
	int fd;

	(void)state;
	world_open();
	world.answer = world_reply;
	fd = tcp_client(port);
	for (size_t i = 0; i < m.n; i++) {
		assert_int_equal(world.messages, 0);
		put(fd, str_of(m.p + i, 1));
		world_main_turn();
		world_worker_turn(1);
	}
	WORLD_UNTIL(world.messages == 1);
	assert_true(str_eq(str_of(world.last, world.last_n), m));
	assert_int_equal(addr_port(&world.from.dst), port);
	WORLD_UNTIL(got(fd, buf, &have, 5));
	assert_memory_equal(buf, "REPLY", 5);
	assert_int_equal(world.ups, 1);
	close(fd);
	WORLD_UNTIL(world.downs == 1);
	WORLD_UNTIL(world_rows() == 0);
}

static void many_messages_in_one_piece_are_all_delivered(void **state)
{
	struct str m = STR(MESSAGE("0123456789", "10"));
	int fd;

	(void)state;
	world_open();
	fd = tcp_client(port);
	for (int i = 0; i < 200; i++)
		put(fd, m);
	WORLD_UNTIL(world.messages == 200);
	close(fd);
}

static void a_large_message_grows_its_memory(void **state)
{
	static char text[60000 + 128];
	struct buf b = BUF_ON(text);
	size_t head, sent;
	int fd;

	(void)state;
	world_open();
	buf_lit(&b, MESSAGE("", "60000"));
	head = b.n;
	memset(b.p + head, 'x', 60000);
	fd = tcp_client(port);
	for (sent = 0; sent < head + 60000;) {
		ssize_t n = send(fd, text + sent, head + 60000 - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		world_main_turn();
		world_worker_turn(1);
	}
	WORLD_UNTIL(world.messages == 1);
	assert_int_equal(world.last_n, head + 60000);
	assert_memory_equal(world.last, text, world.last_n);
	close(fd);
}

static void a_message_above_the_limit_is_answered_and_the_connection_closed(void **state)
{
	char buf[8];
	size_t have = 0;
	int fd;

	(void)state;
	world.nc.tcp_msg_max = 1024;
	world_open();
	fd = tcp_client(port);
	put(fd, STR(MESSAGE("", "2000")));
	WORLD_UNTIL(world.bad == 1);
	assert_int_equal(world.bad_status, 513);
	WORLD_UNTIL(got(fd, buf, &have, 4));
	WORLD_UNTIL(at_end(fd));
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void pings_are_answered_and_lone_crlfs_are_not(void **state)
{
	char buf[8];
	size_t have = 0;
	int fd;

	(void)state;
	world_open();
	fd = tcp_client(port);
	put(fd, STR("\r\n\r\n"));
	WORLD_UNTIL(got(fd, buf, &have, 2));
	assert_memory_equal(buf, "\r\n", 2);
	put(fd, STR("\r\n" MESSAGE("", "0")));
	WORLD_UNTIL(world.messages == 1);
	/* a pong, alone for longer than a second: it is no beginning of a message */
	put(fd, STR("\r\n"));
	for (uint64_t end = clock_ms() + 1300; clock_ms() < end;)
		world_worker_turn(10);
	put(fd, STR("\r\n" MESSAGE("", "0")));
	WORLD_UNTIL(world.messages == 2);
	have = 0;
	assert_false(got(fd, buf, &have, 1));
	close(fd);
}

static void an_unfinished_message_is_closed_at_its_deadline(void **state)
{
	int fd;

	(void)state;
	world.nc.tcp_message_timeout = 200;
	world_open();
	fd = tcp_client(port);
	put(fd, STR("OPTIONS sip:a"));
	WORLD_UNTIL(at_end(fd));
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void a_silent_and_an_idle_connection_are_closed(void **state)
{
	int silent, idle;

	(void)state;
	world.nc.tcp_accept_timeout = 100;
	world.nc.tcp_connection_lifetime = 400;
	world_open();
	silent = tcp_client(port);
	idle = tcp_client(port);
	put(idle, STR(MESSAGE("", "0")));
	WORLD_UNTIL(at_end(silent));
	assert_false(at_end(idle));
	WORLD_UNTIL(at_end(idle));
	close(silent);
	close(idle);
}

static void one_connection_serves_all_that_want_the_same_peer(void **state)
{
	uint16_t there;
	int server = tcp_server(&there), fd = -1;
	struct target t;
	char buf[8];
	size_t have = 0;

	(void)state;
	world_open();
	t = target_at(there);
	assert_int_equal(world_send(&t, "one", 1), 0);
	assert_int_equal(world_send(&t, "two", 2), 0);
	WORLD_UNTIL((fd = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	WORLD_UNTIL(got(fd, buf, &have, 6));
	assert_memory_equal(buf, "onetwo", 6);
	assert_int_equal(accept4(server, NULL, NULL, SOCK_NONBLOCK), -1);
	assert_int_equal(world.ups, 1);
	/* another identity is another connection */
	t.identity = STR("example.com");
	assert_int_equal(world_send(&t, "three", 3), 0);
	close(fd);
	WORLD_UNTIL((fd = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
	assert_int_equal(world.failed, 0);
	close(server);
}

static void an_accepted_connection_carries_requests_to_its_remote_address(void **state)
{
	struct addr a;
	socklen_t n = sizeof(a);
	struct target t;
	char buf[8];
	size_t have = 0;
	int fd;

	(void)state;
	world_open();
	fd = tcp_client(port);
	getsockname(fd, &a.sa, &n);
	WORLD_UNTIL(world.ups == 1);
	t = target_at(addr_port(&a));
	t.literal = true;
	assert_int_equal(world_send(&t, "back", 1), 0);
	WORLD_UNTIL(got(fd, buf, &have, 4));
	assert_int_equal(world_rows(), 1);
	close(fd);
}

static void what_cannot_be_sent_is_told(void **state)
{
	uint16_t nobody = free_port();
	struct target t;

	(void)state;
	world_open();
	t = target_at(nobody);
	assert_int_equal(world_send(&t, "lost", 77), 0);
	WORLD_UNTIL(world.failed == 1);
	assert_int_equal(world.failed_token, 77);
	assert_int_equal(world.failed_reason, ECONNREFUSED);
	WORLD_UNTIL(world_rows() == 0);
	t.conn = ID_MAKE(ID_CONN, 3, 4);
	t.conn_only = true;
	assert_int_equal(world_send(&t, "gone", 78), -ENOTCONN);
}

static void a_reader_that_takes_nothing_is_given_up(void **state)
{
	static char large[20000];
	uint16_t there;
	int server = tcp_server(&there), err = 0, fd = -1;
	struct iovec io = { .iov_base = large, .iov_len = sizeof(large) };
	struct target t;

	(void)state;
	world.nc.tcp_send_timeout = 300;
	world.nc.tcp_conn_wq_max = 65536;
	world_open();
	t = target_at(there);
	for (int i = 0; i < 2000 && !err; i++) {
		err = net_send(&world.w, &t, &io, 1, 5);
		world_main_turn();
		world_worker_turn(0);
		if (fd < 0)
			fd = accept4(server, NULL, NULL, SOCK_NONBLOCK);
	}
	assert_int_equal(err, -EAGAIN);
	WORLD_UNTIL(world.failed > 0);
	assert_int_equal(world.failed_reason, ETIMEDOUT);
	WORLD_UNTIL(world_rows() == 0);
	close(fd);
	close(server);
}

static void limits_by_source_and_in_all_refuse(void **state)
{
	struct value v = value_str(STR("127.0.0.1/32"));
	int fd[4];

	(void)state;
	world.nc.tcp_max_connections_per_source = 2;
	world.nc.tcp_max_connections = 3;
	world_open();
	for (int i = 0; i < 2; i++)
		fd[i] = tcp_client(port);
	WORLD_UNTIL(world.ups == 2);
	fd[2] = tcp_client(port);
	WORLD_UNTIL(at_end(fd[2]));
	close(fd[2]);
	/* on the allow-list the limit in all still holds */
	for (const struct param_def *p = net_module.params; p->type != P_END; p++) {
		if (str_eq(str_z(p->name), STR("tcp_connections_allow")))
			assert_null(p->set(&world.nc, world.conf.arena, &v));
	}
	fd[2] = tcp_client(port);
	WORLD_UNTIL(world.ups == 3);
	fd[3] = tcp_client(port);
	WORLD_UNTIL(at_end(fd[3]));
	close(fd[3]);
	close(fd[0]);
	WORLD_UNTIL(world_rows() == 2);
	fd[0] = tcp_client(port);
	WORLD_UNTIL(world.ups == 4);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

static void nobody_to_take_a_connection_leaves_it_waiting(void **state)
{
	int fd;

	(void)state;
	world_open();
	world.picks = -1;
	fd = tcp_client(port);
	for (int i = 0; i < 10; i++)
		world_main_turn();
	assert_int_equal(world_rows(), 0);
	world.picks = 0;
	WORLD_UNTIL(world.ups == 1);
	close(fd);
}

static void closing_waits_for_the_queue_and_the_peer(void **state)
{
	char buf[8];
	size_t have = 0;
	int fd;

	(void)state;
	world_open();
	world.answer = world_reply;
	fd = tcp_client(port);
	put(fd, STR(MESSAGE("", "0")));
	WORLD_UNTIL(world.messages == 1);
	world_reply(&world.w, &world.from);
	net_conn_close(&world.w, world.from.conn);
	WORLD_UNTIL(got(fd, buf, &have, 5));
	have = 0;
	WORLD_UNTIL(got(fd, buf, &have, 5));
	WORLD_UNTIL(at_end(fd));
	/* it discards what still comes, until the peer ends too */
	put(fd, STR("more"));
	world_worker_turn(1);
	assert_int_equal(world_rows(), 1);
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
}

static void requests_before_a_half_close_are_answered(void **state)
{
	char buf[16];
	size_t have = 0;
	int fd;

	(void)state;
	world_open();
	world.answer = world_reply;
	fd = tcp_client(port);
	put(fd, STR(MESSAGE("", "0") MESSAGE("", "0") MESSAGE("", "0")));
	shutdown(fd, SHUT_WR);
	WORLD_UNTIL(got(fd, buf, &have, 15));
	WORLD_UNTIL(at_end(fd));
	close(fd);
}

static void without_memory_reading_waits(void **state)
{
	void *blocks[20000];
	unsigned n = 0;
	int fd;

	(void)state;
	world_open();
	fd = tcp_client(port);
	WORLD_UNTIL(world.ups == 1);
	while (n < 20000 && (blocks[n] = chunk_alloc(world.run.shm, 4096, ID_MAKE(ID_TEST, 0, 0))))
		n++;
	assert_true(n > 0 && n < 20000);
	put(fd, STR(MESSAGE("", "0")));
	for (int i = 0; i < 20; i++)
		world_worker_turn(5);
	assert_int_equal(world.messages, 0);
	while (n)
		chunk_free(world.run.shm, blocks[--n]);
	WORLD_UNTIL(world.messages == 1);
	close(fd);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		T(a_message_may_come_byte_by_byte),
		T(many_messages_in_one_piece_are_all_delivered),
		T(a_large_message_grows_its_memory),
		T(a_message_above_the_limit_is_answered_and_the_connection_closed),
		T(pings_are_answered_and_lone_crlfs_are_not),
		T(an_unfinished_message_is_closed_at_its_deadline),
		T(a_silent_and_an_idle_connection_are_closed),
		T(one_connection_serves_all_that_want_the_same_peer),
		T(an_accepted_connection_carries_requests_to_its_remote_address),
		T(what_cannot_be_sent_is_told),
		T(a_reader_that_takes_nothing_is_given_up),
		T(limits_by_source_and_in_all_refuse),
		T(nobody_to_take_a_connection_leaves_it_waiting),
		T(closing_waits_for_the_queue_and_the_peer),
		T(requests_before_a_half_close_are_answered),
		T(without_memory_reading_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose connection carries what (SIP.md 1): one that came to us carries what names it, or names whom its peer has proved to be. */
#include "test/unit/core/net/world.h"
#include "test/unit/core/net/toy_layer.h"

#include "core/mem/fault.h"

static uint16_t tcp_port, tls_port;
static const char
	*proven_z; /* what the peer of each connection proves; NULL: it was not verified */

static bool proves(const struct conn *c, struct str name)
{
	assert_true(c->up);
	return proven_z && (str_is_null(name) || str_eq_nocase(name, str_z(proven_z)));
}

static int open_peers(void **state)
{
	static struct stream_layer layer;
	char text_z[64];

	(void)state;
	memset(&toy_does, 0, sizeof(toy_does));
	proven_z = NULL;
	layer = toy_layer;
	layer.proves = proves;
	layer_set(TRANSPORT_TLS, &layer);
	session_share_set(true);
	world_make();
	world.nc.tls = true;
	tcp_port = free_port();
	snprintf(text_z, sizeof(text_z), "tcp:127.0.0.1:%u", tcp_port);
	world_listen(text_z);
	tls_port = free_port();
	snprintf(text_z, sizeof(text_z), "tls:127.0.0.1:%u", tls_port);
	world_listen(text_z);
	world_open();
	return 0;
}

static int close_peers(void **state)
{
	(void)state;
	world_close();
	layer_set(TRANSPORT_TLS, NULL);
	return 0;
}

/* The peer's end of a connection that came to us, and its port. */
static int client(uint16_t to, uint16_t *port_r)
{
	unsigned ups = world.ups;
	int fd = tcp_client(to);
	struct addr a;
	socklen_t n = sizeof(a);

	getsockname(fd, &a.sa, &n);
	*port_r = addr_port(&a);
	if (to == tls_port)
		put(fd, STR("HI"));
	WORLD_UNTIL(world.ups == ups + 1);
	return fd;
}

static uint64_t conn_from(uint16_t port)
{
	for (unsigned i = 0; i < 8; i++) {
		struct conn *c = conn_at(world.run.net, i);

		if (c && c->accepted && addr_port(&c->peer) == port)
			return c->id;
	}
	fail_msg("no such connection");
	return 0;
}

static struct target target(enum transport_id t, uint16_t port)
{
	return (struct target){ .transport = transport_of(t),
				.addr = loopback(port),
				.from = world_listener(t) };
}

/* Whether a message to t leaves on a connection that is there; else on one that is made for it. */
static bool is_carried(const struct target *t)
{
	struct iovec io = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	unsigned rows = world_rows();

	assert_int_equal(net_send(&world.w, t, &io, 1, 0), 0);
	return world_rows() == rows;
}

static void an_address_literal_finds_who_came_from_there(void **state)
{
	static const enum transport_id ids[] = { TRANSPORT_TCP, TRANSPORT_TLS };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		uint16_t from;
		int fd = client(i ? tls_port : tcp_port, &from);
		struct target t = target(ids[i], from);

		t.literal = true;
		t.identity = i ? STR("127.0.0.1") : STR_NULL;
		assert_true(is_carried(&t));
		/* what is to leave with a certificate that was chosen leaves on a connection of its own */
		t.domain = STR("gold");
		assert_false(is_carried(&t));
		t.domain = STR_NULL;
		/* a name that leads there is somebody else's until he proves it */
		t.literal = false;
		t.identity = STR("peer.example");
		assert_false(is_carried(&t));
		/* and the transports are not mixed */
		t = target(ids[1 - i], from);
		t.literal = true;
		assert_false(is_carried(&t));
		close(fd);
		WORLD_UNTIL(world_rows() == 0);
	}
}

static size_t echo_bytes(struct worker *w, const struct origin *from, struct str bytes)
{
	(void)w;
	(void)from;
	return bytes.n;
}

static const struct stream_protocol echo = { .name_z = "echo", .bytes = echo_bytes };

static void connections_of_ours_are_told_apart_by_identity_and_domain(void **state)
{
	uint16_t there;
	int server = tcp_server(&there);
	struct target t = target(TRANSPORT_TLS, there);

	(void)state;
	t.identity = STR("a.example");
	assert_false(is_carried(&t));
	t.identity = STR("A.EXAMPLE");
	assert_true(is_carried(&t));
	t.domain = STR("gold");
	assert_false(is_carried(&t));
	t.domain = STR("Gold");
	assert_true(is_carried(&t));
	t.identity = STR_NULL;
	assert_false(is_carried(&t));
	/* where one text ends and the other begins counts, too */
	t.identity = STR("a.exampleg");
	t.domain = STR("old");
	assert_false(is_carried(&t));
	t.identity = STR("b.example");
	t.domain = STR_NULL;
	assert_false(is_carried(&t));
	t.protocol = &echo;
	assert_false(is_carried(&t));
	assert_true(is_carried(&t));
	close(server);
}

static void an_alias_carries_what_its_peer_proves(void **state)
{
	uint16_t there, from;
	int server = tcp_server(&there), fd = client(tls_port, &from);
	uint64_t id = conn_from(from);
	struct target t = target(TRANSPORT_TLS, there);

	(void)state;
	assert_int_equal(net_conn_alias(&world.w, id, there, false), 0);
	assert_int_equal(net_conn_alias(&world.w, id, there, false), 0);
	assert_int_equal(net_conn_alias(&world.w, id, 7, false), -EEXIST);
	t.identity = STR("Peer.example");
	proven_z = "peer.example";
	assert_true(net_conn_proves(&world.run, id, STR("PEER.example")));
	assert_true(net_conn_proves(&world.run, id, STR_NULL));
	assert_false(net_conn_proves(&world.run, id, STR("other.example")));
	assert_false(net_conn_proves(&world.run, id + 1, STR_NULL));
	assert_true(is_carried(&t));
	assert_true(is_carried(&t));
	t.identity = STR("other.example");
	assert_false(is_carried(&t));
	t.identity = STR_NULL;
	assert_false(is_carried(&t));
	t.identity = STR("peer.example");
	t.domain = STR("gold");
	assert_false(is_carried(&t));
	t.domain = STR_NULL;
	t.transport = transport_of(TRANSPORT_TCP);
	t.from = world_listener(TRANSPORT_TCP);
	assert_false(is_carried(&t));
	close(fd);
	close(server);
}

static void of_two_with_one_alias_each_has_its_name(void **state)
{
	uint16_t there, from[2];
	int server = tcp_server(&there), fd[2];
	struct target t = target(TRANSPORT_TLS, there);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		fd[i] = client(tls_port, &from[i]);
		assert_int_equal(net_conn_alias(&world.w, conn_from(from[i]), there, i), 0);
	}
	/* the second is the script's, which does not ask for proof */
	t.identity = STR("other.example");
	assert_true(is_carried(&t));
	close(fd[1]);
	WORLD_UNTIL(world_rows() == 1);
	assert_false(is_carried(&t));
	t.identity = STR("peer.example");
	proven_z = "peer.example";
	assert_true(is_carried(&t));
	close(fd[0]);
	close(server);
}

static void an_alias_ends_with_its_connection(void **state)
{
	uint16_t there, from;
	int server = tcp_server(&there), fd = client(tcp_port, &from), made;
	uint64_t id = conn_from(from);
	struct target t = target(TRANSPORT_TCP, there);

	(void)state;
	assert_int_equal(net_conn_alias(&world.w, id, there, true), 0);
	assert_true(is_carried(&t));
	close(fd);
	WORLD_UNTIL(world_rows() == 0);
	assert_int_equal(net_conn_alias(&world.w, id, there, true), -ENOTCONN);
	assert_false(is_carried(&t));
	/* one that we made is found by what it was made for */
	WORLD_UNTIL((made = accept4(server, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	assert_int_equal(net_conn_alias(&world.w, conn_at(world.run.net, 0)->id, 7, true),
			 -ENOTCONN);
	close(made);
	close(server);
}

/* Pings with a pong for each, for at most ms or until the connection is closed. */
static void ping_for(int fd, uint8_t *n, uint64_t ms)
{
	uint64_t end = clock_ms() + ms, next = 0;

	while (!world.downs && clock_ms() < end) {
		char record[7] = { 0, 4, (char)*n };

		for (unsigned i = 0; i < 4; i++)
			record[3 + i] = (char)("\r\n\r\n"[i] + *n);
		if (clock_ms() >= next && send(fd, record, sizeof(record), MSG_NOSIGNAL) > 0) {
			++*n;
			next = clock_ms() + 20;
		}
		world_main_turn();
		world_worker_turn(1);
	}
}

static void a_peer_that_was_verified_lives_by_its_pings(void **state)
{
	uint16_t from;
	uint8_t n = 0;
	int fd;

	(void)state;
	world.nc.tcp_accept_timeout = world.nc.tcp_connection_lifetime = 300;
	proven_z = "peer.example";
	fd = client(tls_port, &from);
	ping_for(fd, &n, 900);
	assert_int_equal(world.downs, 0);
	proven_z = NULL;
	ping_for(fd, &n, 5000);
	assert_int_equal(world.downs, 1);
	close(fd);
}

#ifdef SERAC_FAULT
static uint64_t alias_of;

static void give_alias(void)
{
	(void)net_conn_alias(&world.w, alias_of, 7, true);
}

/* Whoever dies while it gives an alias leaves it half given at most: it can be given again, and the end of the connection takes it out. */
static void a_death_leaves_an_alias_whole(void **state)
{
	static const char *const places[] = { "net.peers.claimed", "net.peers.enter" };

	(void)state;
	fault_init();
	for (unsigned i = 0; i < 2; i++) {
		struct target t = target(TRANSPORT_TCP, 7);
		uint16_t from;
		int fd = client(tcp_port, &from);

		alias_of = conn_from(from);
		fault_kill_at(places[i], 1);
		world_in_slot_1(give_alias);
		assert_true(fault_happened());
		fault_kill_at(NULL, 0);
		slot_mend(&world.run, 1);
		shm_recover(world.run.shm, 1);
		assert_int_equal(net_conn_alias(&world.w, alias_of, 7, true), 0);
		assert_true(is_carried(&t));
		close(fd);
		WORLD_UNTIL(world_rows() == 0);
	}
}
#endif

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_peers, close_peers)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_literal_finds_who_came_from_there),
		TEST(connections_of_ours_are_told_apart_by_identity_and_domain),
		TEST(an_alias_carries_what_its_peer_proves),
		TEST(of_two_with_one_alias_each_has_its_name),
		TEST(an_alias_ends_with_its_connection),
		TEST(a_peer_that_was_verified_lives_by_its_pings),
#ifdef SERAC_FAULT
		TEST(a_death_leaves_an_alias_whole),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

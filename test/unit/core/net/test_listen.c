/* SPDX-License-Identifier: BSD-2-Clause */
/* listen= and alias= in all their forms, what is ours, which socket leads where, datagrams. */
#include "test/unit/core/net/world.h"

#include <ifaddrs.h>

static int make_world(void **state)
{
	(void)state;
	world_make();
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close();
	return 0;
}

static const char *listen_add(const char *transport_z, const char *host_z, unsigned port,
			      const char *adv_z, unsigned adv_port)
{
	struct listen_def def = {
		.transport = str_z(transport_z),
		.host = str_z(host_z),
		.port = (uint16_t)port,
		.adv_host = str_z(adv_z),
		.adv_port = (uint16_t)adv_port,
	};

	return net_conf_listen(&world.nc, world.conf.arena, &def);
}

static unsigned listeners(void)
{
	unsigned n = 0;

	while (net_listener_at(&world.run, n))
		n++;
	return n;
}

static void text_forms_are_understood(void **state)
{
	static const struct {
		const char *text_z, *transport_z, *host_z;
		unsigned port;
	} good[] = {
		{ "udp:192.0.2.1:5070", "udp", "192.0.2.1", 5070 },
		{ "TCP:192.0.2.1", "TCP", "192.0.2.1", 0 },
		{ "192.0.2.1", NULL, "192.0.2.1", 0 },
		{ "[2001:db8::1]:5070", NULL, "[2001:db8::1]", 5070 },
		{ "udp:[2001:db8::1]", "udp", "[2001:db8::1]", 0 },
		{ "2001:db8::1", NULL, "2001:db8::1", 0 },
		{ "eth0", NULL, "eth0", 0 },
		{ "udp:eth0:5080", "udp", "eth0", 5080 },
		{ "sip.example.com:5062", NULL, "sip.example.com", 5062 },
	};
	static const char *const wrong[] = {
		"", "udp:", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:70000", "192.0.2.1:x"
	};
	const struct conf_listen *l = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		world_listen(good[i].text_z);
		l = world.nc.listens_last;
		assert_true(str_eq(l->def.transport, str_z(good[i].transport_z)));
		assert_true(str_eq(l->def.host, str_z(good[i].host_z)));
		assert_int_equal(l->def.port, good[i].port);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(net_conf_listen_text(&world.nc, world.conf.arena, str_z(wrong[i])));
	assert_non_null(listen_add("sctp", "192.0.2.1", 0, NULL, 0));
	world.nc.listens = world.nc.listens_last = NULL;
	world.nc.port = free_port();
	world_listen("127.0.0.1");
	world_open();
}

static void a_bare_address_listens_on_udp_and_tcp(void **state)
{
	(void)state;
	world.nc.port = free_port();
	world_listen("127.0.0.1");
	world_listen("127.0.0.1"); /* the same again is the same */
	world_open();
	assert_int_equal(listeners(), 2);
	assert_int_equal(world_listener(TRANSPORT_UDP)->port, world.nc.port);
	assert_true(str_eq(world_listener(TRANSPORT_TCP)->host, STR("127.0.0.1")));
}

static void a_bare_address_has_tls_where_there_is_tls(void **state)
{
	static const struct {
		const char *transport;
		unsigned port, port_no, expected;
	} cases[] = {
		{ NULL, 0, 0, 5061 },	  { NULL, 0, 5070, 5070 },     { NULL, 5080, 0, 5081 },
		{ "tls", 0, 5070, 5070 }, { "tls", 5080, 5070, 5080 }, { NULL, 65535, 0, 65535 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct listen_def def = { .transport = str_z(cases[i].transport),
					  .port = (uint16_t)cases[i].port };
		struct net_conf c = { .tls_port = cases[i].port_no };

		assert_int_equal(net_conf_tls_port(&c, &def), cases[i].expected);
	}
	world.nc.port = free_port();
	world.nc.tls = true;
	world.nc.tls_port = free_port();
	world_listen("127.0.0.1");
	world_open();
	assert_int_equal(listeners(), 3);
	assert_int_equal(world_listener(TRANSPORT_TLS)->port, world.nc.tls_port);
}

static void a_wildcard_becomes_every_address_of_its_family(void **state)
{
	unsigned v4 = 0;
	struct ifaddrs *all;

	(void)state;
	getifaddrs(&all);
	for (struct ifaddrs *i = all; i; i = i->ifa_next)
		v4 += i->ifa_addr && i->ifa_addr->sa_family == AF_INET;
	freeifaddrs(all);
	world.nc.port = free_port();
	world_listen("udp:0.0.0.0");
	world_open();
	assert_int_equal(listeners(), v4);
	for (unsigned i = 0; i < v4; i++)
		assert_false(addr_is_any(&net_listener_at(&world.run, i)->addr));
}

static void an_interface_stands_for_its_addresses(void **state)
{
	struct addr a;

	(void)state;
	world.nc.port = free_port();
	world_listen("udp:lo");
	world_open();
	a = loopback((uint16_t)world.nc.port);
	assert_non_null(net_listener_find(&world.run, transport_of(TRANSPORT_UDP), &a));
	assert_null(net_listener_find(&world.run, transport_of(TRANSPORT_TCP), &a));
}

static void no_listen_is_every_address(void **state)
{
	struct addr a;

	(void)state;
	world.nc.port = free_port();
	world_open();
	a = loopback((uint16_t)world.nc.port);
	assert_true(net_addr_is_own(&world.run, transport_of(TRANSPORT_UDP), &a));
	assert_true(net_addr_is_own(&world.run, transport_of(TRANSPORT_TCP), &a));
}

static void a_second_instance_is_an_error(void **state)
{
	static const struct net_hooks none;
	static const char *const transports[] = { "udp", "tcp" };
	struct net *first;

	(void)state;
	world.nc.port = free_port();
	world_listen("127.0.0.1");
	world_open();
	first = world.run.net;
	for (size_t i = 0; i < 2; i++) {
		world.nc.listens = world.nc.listens_last = NULL;
		assert_null(listen_add(transports[i], "127.0.0.1", 0, NULL, 0));
		assert_int_equal(net_open(&world.run, &world.conf, &none), -EADDRINUSE);
		net_close(&world.run.net);
	}
	world.run.net = first;
}

static void what_cannot_be_listened_on_is_an_error(void **state)
{
	static const struct net_hooks none;

	(void)state;
	/* TEST-NET-1: not ours */
	assert_null(listen_add("udp", "192.0.2.77", 5060, NULL, 0));
	assert_int_equal(net_open(&world.run, &world.conf, &none), -EADDRNOTAVAIL);
	net_close(&world.run.net);
	world.nc.listens = world.nc.listens_last = NULL;
	assert_null(listen_add("udp", "no such host", 5060, NULL, 0));
	assert_true(net_open(&world.run, &world.conf, &none) < 0);
	net_close(&world.run.net);
	/* but with ip_free_bind it may appear later */
	world.nc.listens = world.nc.listens_last = NULL;
	assert_null(listen_add("udp", "192.0.2.77", 5060, NULL, 0));
	world.nc.listens->def.ip_free_bind = true;
	world_open();
	assert_int_equal(listeners(), 1);
}

static void ours_is_what_listen_advertise_and_alias_say(void **state)
{
	struct run *run = &world.run;
	const struct transport *udp = transport_of(TRANSPORT_UDP);
	const struct transport *tcp = transport_of(TRANSPORT_TCP);
	uint16_t port = free_port(), port6 = free_port();

	(void)state;
	assert_null(listen_add("udp", "127.0.0.1", port, "Edge.Example.com", 5070));
	assert_null(listen_add("tcp", "::1", port6, NULL, 0));
	assert_null(net_conf_alias(&world.nc, world.conf.arena, STR_NULL, STR("example.net"), 0));
	assert_null(net_conf_alias(&world.nc, world.conf.arena, STR("tcp"), STR("t.example.net"),
				   5062));
	assert_null(net_conf_alias(&world.nc, world.conf.arena, STR_NULL, STR("192.0.2.9"), 0));
	assert_non_null(net_conf_alias(&world.nc, world.conf.arena, STR("x"), STR("a"), 0));
	world_open();
	assert_true(net_is_own(run, &world.conf, udp, STR("127.0.0.1"), port));
	assert_true(net_is_own(run, &world.conf, NULL, STR("127.0.0.1"), port));
	assert_false(net_is_own(run, &world.conf, tcp, STR("127.0.0.1"), port));
	assert_false(net_is_own(run, &world.conf, udp, STR("127.0.0.1"), 0)); /* 5060 */
	assert_true(net_is_own(run, &world.conf, udp, STR("edge.example.COM"), 5070));
	assert_false(net_is_own(run, &world.conf, udp, STR("edge.example.com"), port));
	assert_true(net_is_own(run, &world.conf, NULL, STR("[::1]"), port6));
	assert_true(net_is_own(run, &world.conf, NULL, STR("0:0:0:0:0:0:0:1"), port6));
	assert_true(net_is_own(run, &world.conf, udp, STR("EXAMPLE.net"), 1234));
	assert_true(net_is_own(run, &world.conf, udp, STR("example.net"), 0));
	assert_true(net_is_own(run, &world.conf, tcp, STR("t.example.net"), 5062));
	assert_false(net_is_own(run, &world.conf, udp, STR("t.example.net"), 5062));
	assert_false(net_is_own(run, &world.conf, tcp, STR("t.example.net"), 0));
	assert_true(net_is_own(run, &world.conf, NULL, STR("192.0.2.9"), 99));
	assert_false(net_is_own(run, &world.conf, NULL, STR("elsewhere"), 0));
	assert_true(str_eq(world_listener(TRANSPORT_UDP)->host, STR("Edge.Example.com")));
	assert_int_equal(world_listener(TRANSPORT_UDP)->port, 5070);
	assert_true(str_eq(world_listener(TRANSPORT_TCP)->host, STR("[::1]")));
}

static void the_socket_follows_transport_family_and_route(void **state)
{
	const struct transport *udp = transport_of(TRANSPORT_UDP);
	const struct transport *tcp = transport_of(TRANSPORT_TCP);
	uint16_t port = free_port();
	struct addr v4, v6;
	struct origin from = { 0 };

	(void)state;
	assert_null(listen_add("udp", "127.0.0.2", port, NULL, 0));
	assert_null(listen_add("udp", "127.0.0.1", port, NULL, 0));
	assert_null(listen_add("tcp", "127.0.0.1", port, NULL, 0));
	world_open();
	v4 = loopback(9);
	addr_parse(STR("::1"), &v6);
	assert_null(net_listener_for(&world.w, udp, &v6, NULL));
	assert_int_equal(net_listener_for(&world.w, udp, &v4, NULL)->index, 0);
	from.listener = net_listener_at(&world.run, 1);
	assert_int_equal(net_listener_for(&world.w, udp, &v4, &from)->index, 1);
	assert_int_equal(net_listener_for(&world.w, tcp, &v4, &from)->index, 2);
	/* the kernel's route to 127.0.0.1 begins there, whatever came first */
	world.nc.mhomed = true;
	assert_int_equal(net_listener_for(&world.w, udp, &v4, NULL)->index, 1);
	from.listener = net_listener_at(&world.run, 0);
	assert_int_equal(net_listener_for(&world.w, udp, &v4, &from)->index, 1);
}

/* --- datagrams ----------------------------------------------------------------------------------------------------------------------- */
static int udp_client(uint16_t port)
{
	struct addr a = loopback(port), mine = loopback(0);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, &mine.sa, addr_len(&mine)), 0);
	assert_int_equal(connect(fd, &a.sa, addr_len(&a)), 0);
	return fd;
}

static void udp_world(void)
{
	world.nc.port = free_port();
	assert_null(listen_add("udp", "127.0.0.1", 0, NULL, 0));
	world_open();
}

static void datagrams_come_and_go(void **state)
{
	char buf[64];
	struct iovec io[2] = { { .iov_base = (char[]){ "an" }, .iov_len = 2 },
			       { .iov_base = (char[]){ "swer" }, .iov_len = 4 } };
	struct target t;
	int fd;

	(void)state;
	udp_world();
	fd = udp_client((uint16_t)world.nc.port);
	put(fd, STR("hello"));
	WORLD_UNTIL(world.messages == 1);
	assert_memory_equal(world.last, "hello", 5);
	assert_int_equal(world.from.conn, 0);
	assert_true(addr_eq(&world.from.dst, &world_listener(TRANSPORT_UDP)->addr));
	t = (struct target){ .transport = world.from.transport,
			     .addr = world.from.src,
			     .from = world.from.listener };
	assert_int_equal(net_send(&world.w, &t, io, 2, 0), 0);
	assert_int_equal(recv(fd, buf, sizeof(buf), 0), 6);
	assert_memory_equal(buf, "answer", 6);
	close(fd);
}

static void a_large_datagram_is_whole(void **state)
{
	static char text[65000];
	int fd;

	(void)state;
	udp_world();
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	fd = udp_client((uint16_t)world.nc.port);
	put(fd, str_of(text, sizeof(text)));
	WORLD_UNTIL(world.messages == 1);
	assert_int_equal(world.last_n, sizeof(text));
	assert_memory_equal(world.last, text, sizeof(text));
	put(fd, str_of(text, 4096));
	WORLD_UNTIL(world.messages == 2);
	put(fd, str_of(text, 4097));
	WORLD_UNTIL(world.messages == 3);
	assert_memory_equal(world.last, text, 4097);
	close(fd);
}

static void keep_alives_go_no_further(void **state)
{
	int fd;

	(void)state;
	udp_world();
	fd = udp_client((uint16_t)world.nc.port);
	put(fd, STR("\r\n\r\n"));
	put(fd, STR("\0"));
	put(fd, STR("\0\0\0\0\0\0"));
	put(fd, STR("x"));
	put(fd, STR("\r\n\r\n\r\n"));
	put(fd, STR("last"));
	WORLD_UNTIL(world.messages == 1);
	assert_memory_equal(world.last, "last", 4);
	close(fd);
}

static void a_datagram_to_nobody_does_not_spoil_the_next(void **state)
{
	struct iovec io = { .iov_base = (char[]){ "hello" }, .iov_len = 5 };
	struct target t;
	int fd;
	char buf[8];
	struct addr a;
	socklen_t n = sizeof(a);

	(void)state;
	udp_world();
	fd = udp_client((uint16_t)world.nc.port);
	getsockname(fd, &a.sa, &n);
	t = (struct target){ .transport = transport_of(TRANSPORT_UDP),
			     .addr = loopback(free_port()),
			     .from = world_listener(TRANSPORT_UDP) };
	for (int i = 0; i < 3; i++)
		assert_int_equal(net_send(&world.w, &t, &io, 1, 0), 0);
	t.addr = a;
	assert_int_equal(net_send(&world.w, &t, &io, 1, 0), 0);
	assert_int_equal(recv(fd, buf, sizeof(buf), 0), 5);
	io.iov_base = world.last;
	io.iov_len = 70000;
	assert_int_equal(net_send(&world.w, &t, &io, 1, 0), -EMSGSIZE);
	close(fd);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_world, close_world)
	const struct CMUnitTest tests[] = {
		T(text_forms_are_understood),
		T(a_bare_address_listens_on_udp_and_tcp),
		T(a_bare_address_has_tls_where_there_is_tls),
		T(a_wildcard_becomes_every_address_of_its_family),
		T(an_interface_stands_for_its_addresses),
		T(no_listen_is_every_address),
		T(a_second_instance_is_an_error),
		T(what_cannot_be_listened_on_is_an_error),
		T(ours_is_what_listen_advertise_and_alias_say),
		T(the_socket_follows_transport_family_and_route),
		T(datagrams_come_and_go),
		T(a_large_datagram_is_whole),
		T(keep_alives_go_no_further),
		T(a_datagram_to_nobody_does_not_spoil_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

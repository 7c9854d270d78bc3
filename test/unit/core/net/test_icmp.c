/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams to where nobody listens: the error comes up with what had been sent, and is nobody else's. */
#include "test/unit/core/net/world.h"

#include <sys/socket.h>

#define MANY 200u /* more than a few turns read */

static struct {
	unsigned n;
	char sent[2048];
	size_t sent_n;
	int reason;
} seen;

static void on_unreached(struct worker *w, struct str sent, int reason)
{
	assert_ptr_equal(w, &world.w);
	assert_true(sent.n <= sizeof(seen.sent));
	memcpy(seen.sent, sent.p, sent.n);
	seen.sent_n = sent.n;
	seen.reason = reason;
	seen.n++;
}

static void make(const char *host_z)
{
	char text[64];

	snprintf(text, sizeof(text), "udp:%s:%u", host_z, free_port());
	world_listen(text);
	world_open();
	world.run.net->hooks.unreached = on_unreached;
}

static int setup(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	world_make();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close();
	return 0;
}

/* A datagram socket of a peer's, and how it is reached. */
static int peer(struct target *t_r)
{
	const struct listener *l = world_listener(TRANSPORT_UDP);
	struct addr a = l->addr;
	socklen_t n = sizeof(a);
	int fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	addr_set_port(&a, 0);
	assert_int_equal(bind(fd, &a.sa, addr_len(&a)), 0);
	getsockname(fd, &a.sa, &n);
	*t_r = (struct target){ .transport = l->transport, .addr = a, .from = l };
	return fd;
}

static struct target nobody(void)
{
	struct target t;

	close(peer(&t));
	return t;
}

static int send_to(const struct target *t, struct str text)
{
	struct iovec io = { .iov_base = (void *)text.p, .iov_len = text.n };

	return net_send(&world.w, t, &io, 1, 0);
}

/* Nothing wakes the worker any more. */
static void assert_quiet(void)
{
	struct pollfd p = { .fd = world_listener(TRANSPORT_UDP)->fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 0), 0);
	assert_false(net_udp_waiting(&world.run));
}

static void what_was_sent_to_nobody_comes_back_at(const char *host_z)
{
	struct target t;
	char text[400];

	make(host_z);
	t = nobody();
	memset(text, 'x', sizeof(text));
	memcpy(text, "INVITE", 6);
	assert_int_equal(send_to(&t, str_of(text, sizeof(text))), 0);
	WORLD_UNTIL(seen.n == 1);
	assert_int_equal(seen.reason, ECONNREFUSED);
	assert_int_equal(seen.sent_n, sizeof(text));
	assert_memory_equal(seen.sent, text, sizeof(text));
	assert_quiet();
	assert_int_equal(world.messages, 0);
}

static void what_was_sent_to_nobody_comes_back(void **state)
{
	(void)state;
	what_was_sent_to_nobody_comes_back_at("127.0.0.1");
}

static void over_ipv6_too(void **state)
{
	(void)state;
	what_was_sent_to_nobody_comes_back_at("[::1]");
}

static void a_quote_is_no_longer_than_the_network_makes_it(void **state)
{
	static char text[9000];
	struct target t;

	(void)state;
	make("127.0.0.1");
	t = nobody();
	memset(text, 'y', sizeof(text));
	assert_int_equal(send_to(&t, str_of(text, sizeof(text))), 0);
	WORLD_UNTIL(seen.n == 1);
	assert_in_range(seen.sent_n, 400, 600);
	assert_quiet();
}

/* They spoil nothing of what is sent and received meanwhile. */
static void many_errors_are_read_turn_by_turn(void **state)
{
	unsigned turns = 0, before;
	struct target none, one;
	char buf[16];
	int fd;

	(void)state;
	make("127.0.0.1");
	none = nobody();
	fd = peer(&one);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(send_to(&none, STR("to nobody")), 0);
		assert_int_equal(send_to(&one, STR("to one")), 0);
		assert_int_equal(recv(fd, buf, sizeof(buf), 0), 6);
	}
	assert_int_equal(sendto(fd, "message", 7, 0, &one.from->addr.sa, addr_len(&one.from->addr)),
			 7);
	while (seen.n < MANY) {
		before = seen.n;
		world_worker_turn(1000);
		assert_in_range(seen.n - before, 1, 32);
		assert_true(++turns < 100);
		/* datagrams have their part of each turn */
		assert_int_equal(world.messages, 1);
	}
	assert_quiet();
	close(fd);
}

/* The kernel had no room for it, or another worker has read it before the socket was marked. */
static void an_error_without_an_entry_does_not_spin(void **state)
{
	const int off = 0;
	struct target none;
	struct pollfd p;

	(void)state;
	make("127.0.0.1");
	none = nobody();
	assert_int_equal(send_to(&none, STR("to nobody")), 0);
	p = (struct pollfd){ .fd = none.from->fd, .events = POLLIN };
	assert_int_equal(setsockopt(p.fd, IPPROTO_IP, IP_RECVERR, &off, sizeof(off)), 0);
	assert_int_equal(poll(&p, 1, 0), 1);
	world_worker_turn(0);
	assert_quiet();
	assert_int_equal(seen.n, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_was_sent_to_nobody_comes_back),
		T(over_ipv6_too),
		T(a_quote_is_no_longer_than_the_network_makes_it),
		T(many_errors_are_read_turn_by_turn),
		T(an_error_without_an_entry_does_not_spin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a message had to wait for a worker, as overload control is told. */
#include "test/unit/core/net/world.h"

static int make_world(void **state)
{
	char text_z[64];

	(void)state;
	world_make();
	world.nc.port = free_port();
	snprintf(text_z, sizeof(text_z), "127.0.0.1:%u", (unsigned)world.nc.port);
	world_listen(text_z);
	world_open();
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_close();
	return 0;
}

static int udp_client(void)
{
	struct addr to = loopback((uint16_t)world.nc.port), mine = loopback(0);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, &mine.sa, addr_len(&mine)), 0);
	assert_int_equal(connect(fd, &to.sa, addr_len(&to)), 0);
	return fd;
}

static uint32_t late[2];

static void keep(struct worker *w, const struct origin *from)
{
	(void)w;
	late[(world.messages - 1) % 2] = from->late_us;
}

/* The kernel begins to note when datagrams come a little after it was asked to. */
static void wait_for_times(int fd)
{
	unsigned tries = 1000;

	do {
		put(fd, STR("early"));
		usleep(2000);
		world.w.waited_us = world.messages = 0;
		world_worker_turn(0);
	} while (late[0] < 1000 && --tries);
	assert_int_not_equal(tries, 0);
	world.messages = 0;
}

static void a_datagram_is_as_late_as_the_kernel_kept_it(void **state)
{
	int fd = udp_client();

	(void)state;
	world.answer = keep;
	wait_for_times(fd);
	put(fd, STR("first"));
	usleep(50000);
	put(fd, STR("second"));
	world.w.waited_us = 0;
	world_worker_turn(0);
	assert_int_equal(world.messages, 2);
	assert_true(late[0] >= 50000 && late[0] < 50000 * 100);
	assert_true(late[1] < late[0]);
	close(fd);
}

static void one_that_woke_its_worker_is_not_late(void **state)
{
	int fd = udp_client();

	(void)state;
	put(fd, STR("first"));
	usleep(20000);
	world.w.waited_us = 20000;
	world.w.last_turn_us = 300000;
	world_worker_turn(0);
	assert_int_equal(world.messages, 1);
	assert_int_equal(world.from.late_us, 0);
	close(fd);
}

static void on_a_stream_it_is_the_turn_before(void **state)
{
	int fd = tcp_client((uint16_t)world.nc.port);

	(void)state;
	WORLD_UNTIL(world.ups == 1);
	world.w.last_turn_us = 300000;
	world.w.waited_us = 5;
	put(fd, STR(MESSAGE("", "0")));
	WORLD_UNTIL(world.messages == 1);
	assert_int_equal(world.from.late_us, 300000);
	/* this one came while the worker slept */
	world.w.waited_us = 5000;
	put(fd, STR(MESSAGE("", "0")));
	WORLD_UNTIL(world.messages == 2);
	assert_int_equal(world.from.late_us, 0);
	close(fd);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_world, close_world)
	const struct CMUnitTest tests[] = {
		T(a_datagram_is_as_late_as_the_kernel_kept_it),
		T(one_that_woke_its_worker_is_not_late),
		T(on_a_stream_it_is_the_turn_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

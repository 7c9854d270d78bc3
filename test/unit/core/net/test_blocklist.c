/* SPDX-License-Identifier: BSD-2-Clause */
/* Dead destinations: listed for a time, in a table that never grows, by workers that may die. */
#include "world.h"

#include "core/net/blocklist.h"
#include "test/unit/child.h"

#include "core/mem/fault.h"

#define EXPIRE 60000

static struct addr v4(unsigned i)
{
	struct addr a = addr_of_v4(htonl(0x0a000000 + i));

	addr_set_port(&a, (uint16_t)(5060 + i % 7));
	return a;
}

static struct target target_of(enum transport_id id, struct addr a)
{
	return (struct target){ .transport = transport_of(id), .addr = a };
}

static bool add(unsigned i, enum block_why why, uint64_t ms)
{
	struct target t = target_of(TRANSPORT_UDP, v4(i));

	return blocklist_add(&world.w, &t, why, ms);
}

static bool has(unsigned i)
{
	struct addr a = v4(i);

	return blocklist_has(&world.w, transport_of(TRANSPORT_UDP), &a);
}

static unsigned listed(void)
{
	struct blocked b;
	unsigned at = 0, n = 0;

	while (blocklist_next(&world.w, &at, &b))
		n++;
	return n;
}

static uint64_t count(enum block_count which)
{
	return counter_row[net_block_counters.base + which];
}

static int setup(void **state)
{
	(void)state;
	world_make();
	world.nc.use_dst_blocklist = true;
	world.nc.dst_blocklist_expire = EXPIRE;
	world.nc.port = free_port();
	world_listen("127.0.0.1");
	memset(counter_row, 0, COUNTERS_MAX * sizeof(*counter_row));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close();
	return 0;
}

static void a_destination_is_listed_for_a_time(void **state)
{
	const struct transport *udp = transport_of(TRANSPORT_UDP);
	struct addr other = v4(1);

	(void)state;
	world_open();
	assert_false(has(1));
	assert_true(add(1, BLOCK_TIMEOUT, 0));
	assert_true(has(1));
	assert_false(has(2));
	addr_set_port(&other, 9);
	assert_false(blocklist_has(&world.w, udp, &other));
	other = v4(1);
	assert_false(blocklist_has(&world.w, transport_of(TRANSPORT_TCP), &other));
	world.w.now += EXPIRE - 1;
	assert_true(has(1));
	/* found dead again: its time begins anew, in the same place */
	assert_true(add(1, BLOCK_SEND, 500));
	assert_int_equal(listed(), 1);
	world.w.now += 499;
	assert_true(blocklist_refuses(&world.w, udp, &other));
	world.w.now++;
	assert_false(has(1));
	assert_false(blocklist_refuses(&world.w, udp, &other));
	assert_int_equal(listed(), 0);
	assert_int_equal(count(BLOCKED_REFUSED), 1);
}

static void what_is_listed_can_be_seen_and_taken_off(void **state)
{
	struct target t = target_of(TRANSPORT_TCP, v4(1));
	struct blocked b;
	unsigned at = 0;

	(void)state;
	world_open();
	assert_int_equal(addr_port_parse(STR("[2001:db8::1]:5071"), &t.addr), 0);
	assert_true(blocklist_add(&world.w, &t, BLOCK_CONNECT, 1000));
	assert_true(blocklist_next(&world.w, &at, &b));
	assert_true(addr_eq(&b.addr, &t.addr));
	assert_ptr_equal(b.transport, t.transport);
	assert_int_equal(b.why, BLOCK_CONNECT);
	assert_int_equal(b.left_ms, 1000);
	assert_string_equal(block_why_name(b.why), "connect");
	assert_false(blocklist_next(&world.w, &at, &b));
	assert_true(blocklist_remove(&world.w, t.transport, &t.addr));
	assert_false(blocklist_remove(&world.w, t.transport, &t.addr));
	assert_false(blocklist_has(&world.w, t.transport, &t.addr));
	for (unsigned i = 0; i < 20; i++)
		add(i, BLOCK_SCRIPT, 0);
	assert_int_equal(listed(), 20);
	blocklist_clear(&world.w);
	assert_int_equal(listed(), 0);
	assert_false(has(3));
}

static void what_the_script_ignores_lists_nothing(void **state)
{
	struct target t = target_of(TRANSPORT_UDP, v4(1));

	(void)state;
	world.nc.dst_blocklist_udp_imask = BLOCK_TIMEOUT;
	world.nc.dst_blocklist_tcp_imask = BLOCK_CONNECT;
	world_open();
	assert_false(blocklist_add(&world.w, &t, BLOCK_TIMEOUT, 0));
	assert_true(blocklist_add(&world.w, &t, BLOCK_SEND, 0));
	t.addr = v4(2);
	t.block_ignore = BLOCK_ALL;
	assert_false(blocklist_add(&world.w, &t, BLOCK_SEND, 0));
	assert_true(blocklist_add(&world.w, &t, BLOCK_SCRIPT, 0));
	t = target_of(TRANSPORT_TCP, v4(3));
	assert_false(blocklist_add(&world.w, &t, BLOCK_CONNECT, 0));
	assert_true(blocklist_add(&world.w, &t, BLOCK_TIMEOUT, 0));
	/* only what is the other end's fault */
	t.addr = v4(4);
	blocklist_blame(&world.w, &t, BLOCK_SEND, ENOMEM);
	blocklist_blame(&world.w, &t, BLOCK_SEND, EMSGSIZE);
	blocklist_blame(&world.w, &t, BLOCK_SEND, EAGAIN);
	assert_false(blocklist_has(&world.w, t.transport, &t.addr));
	blocklist_blame(&world.w, &t, BLOCK_SEND, EHOSTUNREACH);
	assert_true(blocklist_has(&world.w, t.transport, &t.addr));
}

static void it_may_be_off_or_not_there(void **state)
{
	(void)state;
	world.nc.dst_blocklist_init = false;
	world_open();
	assert_false(add(1, BLOCK_SCRIPT, 0));
	assert_false(has(1));
	blocklist_clear(&world.w);
	assert_int_equal(listed(), 0);
}

static void while_it_is_off_nothing_is_done(void **state)
{
	(void)state;
	world_open();
	assert_true(add(1, BLOCK_SEND, 0));
	world.nc.use_dst_blocklist = false;
	assert_false(has(1));
	assert_false(add(2, BLOCK_SEND, 0));
	world.nc.use_dst_blocklist = true;
	assert_true(has(1));
	assert_false(has(2));
}

static void a_full_table_gives_up_what_would_end_first(void **state)
{
	(void)state;
	world.nc.dst_blocklist_mem = 1; /* 16 destinations */
	world_open();
	for (unsigned i = 0; i < 200; i++) {
		assert_true(add(i, BLOCK_SEND, 1000 + i));
		assert_true(has(i));
		assert_true(listed() <= 16);
	}
	assert_int_equal(listed(), 16);
	assert_int_equal(count(BLOCKED_FULL), 200 - 16);
	/* the last ones of each bucket are there, so most of the last sixteen */
	for (unsigned i = 0; i < 100; i++)
		assert_false(has(i));
	world.w.now += 2000;
	assert_int_equal(listed(), 0);
	assert_true(add(1, BLOCK_SEND, 0));
	assert_int_equal(count(BLOCKED_FULL), 200 - 16);
}

/* --- connections ---------------------------------------------------------------------------------------------------------------------- */
static int send_to(const struct addr *a)
{
	struct iovec io = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	struct target t = target_of(TRANSPORT_TCP, *a);

	t.from = world_listener(TRANSPORT_TCP);
	return net_send(&world.w, &t, &io, 1, 0);
}

/* An address at which nobody listens (never accepts: the queue of the kernel is full). */
static int listener_full(struct addr *a_r)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t n = sizeof(a_r->v4);

	*a_r = addr_of_v4(htonl(INADDR_LOOPBACK));
	assert_int_equal(bind(fd, &a_r->sa, addr_len(a_r)), 0);
	assert_int_equal(getsockname(fd, &a_r->sa, &n), 0);
	assert_int_equal(listen(fd, 0), 0);
	for (int i = 0; i < 4; i++) {
		int more = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		connect(more, &a_r->sa, addr_len(a_r));
	}
	return fd;
}

static void a_connection_that_does_not_come_up_lists_its_peer(void **state)
{
	const struct transport *tcp = transport_of(TRANSPORT_TCP);
	struct addr refused = addr_of_v4(htonl(INADDR_LOOPBACK)), silent;
	int fd;

	(void)state;
	world.nc.tcp_connect_timeout = 50;
	world_open();
	addr_set_port(&refused, 1);
	(void)send_to(&refused);
	WORLD_UNTIL(blocklist_has(&world.w, tcp, &refused));
	fd = listener_full(&silent);
	assert_int_equal(send_to(&silent), 0);
	assert_false(blocklist_has(&world.w, tcp, &silent));
	WORLD_UNTIL(blocklist_has(&world.w, tcp, &silent));
	close(fd);
}

/* --- processes that die --------------------------------------------------------------------------------------------------------------- */
#define ADDRESSES 64u

/* Whatever the others do, each entry that can be read is one of ours. */
static unsigned seen(void)
{
	struct blocked b;
	unsigned at = 0, n = 0;

	while (blocklist_next(&world.w, &at, &b)) {
		uint32_t i = ntohl(b.addr.v4.sin_addr.s_addr) - 0x0a000000;
		struct addr a = v4(i);

		if (i >= ADDRESSES || !addr_eq(&a, &b.addr) || b.left_ms > 1000)
			_exit(9);
		n++;
	}
	return n;
}

static void work(unsigned seed)
{
	srand(seed);
	for (unsigned k = 0; k < 20000; k++) {
		unsigned i = (unsigned)rand() % ADDRESSES;
		struct addr a = v4(i);

		if (rand() % 3)
			add(i, BLOCK_SEND, 1000);
		else if (rand() % 100)
			blocklist_remove(&world.w, transport_of(TRANSPORT_UDP), &a);
		else
			blocklist_clear(&world.w);
		if (seen() > 16)
			_exit(8);
	}
	_exit(0);
}

static void workers_that_die_leave_it_whole(void **state)
{
	pid_t pids[4];

	(void)state;
	world.nc.dst_blocklist_mem = 1;
	world_open();
	for (unsigned round = 0; round < 8; round++) {
		for (unsigned i = 0; i < 4; i++) {
			pids[i] = child_fork();
			if (!pids[i])
				work(round * 4 + i);
		}
		usleep(3000);
		kill(pids[0], SIGKILL);
		kill(pids[1], SIGKILL);
		for (unsigned i = 0; i < 4; i++) {
			int status;

			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			if (i > 1)
				assert_int_equal(status, 0);
		}
		(void)seen();
	}
	world.w.now += 2000;
	assert_int_equal(listed(), 0);
	for (unsigned i = 0; i < ADDRESSES; i++) {
		assert_false(has(i));
		assert_true(add(i, BLOCK_SEND, 0));
		assert_true(has(i));
	}
	assert_int_equal(listed(), 16);
}

static void a_death_at_every_place_leaves_it_unlisted(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	static const char *const places[] = { "net.block.freed", "net.block.described",
					      "net.block.named" };

	world_open();
	for (unsigned i = 0; i < 3; i++) {
		pid_t pid;
		int status;

		fault_kill_at(places[i], 1);
		pid = child_fork();
		if (!pid) {
			add(i, BLOCK_SEND, 0);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && fault_happened());
		fault_kill_at(NULL, 0);
		assert_false(has(i));
		assert_int_equal(listed(), 0);
		assert_true(add(i, BLOCK_SEND, 0));
		assert_int_equal(listed(), 1);
		blocklist_clear(&world.w);
	}
#else
	world_open();
	skip();
#endif
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_destination_is_listed_for_a_time),
		TEST(what_is_listed_can_be_seen_and_taken_off),
		TEST(what_the_script_ignores_lists_nothing),
		TEST(it_may_be_off_or_not_there),
		TEST(while_it_is_off_nothing_is_done),
		TEST(a_full_table_gives_up_what_would_end_first),
		TEST(a_connection_that_does_not_come_up_lists_its_peer),
		TEST(workers_that_die_leave_it_whole),
		TEST(a_death_at_every_place_leaves_it_unlisted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

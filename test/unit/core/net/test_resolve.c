/* SPDX-License-Identifier: BSD-2-Clause */
/* Names against a small name server: answers, none, joined, kept, late, given up. */
#include "test/unit/core/net/world.h"

#include "core/net/answers.h"
#include "test/unit/child.h"

/* --- the name server, a process of its own ---------------------------------------------------------------------------------------- */
static int server_fd, asked_pipe[2];
static pid_t server_pid;

/* "a.test" is 192.0.2.1 and 2001:db8::1 for 2 s; "n.test" does not exist; "bad.test" is refused; "silent…" has no answer. */
static size_t answer_make(const unsigned char *q, size_t n, unsigned char *a)
{
	static const unsigned char v4[4] = { 192, 0, 2, 1 };
	static const unsigned char v6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	const unsigned char *p = q + 12;
	unsigned char first = p[1];
	unsigned type, size;

	while (p < q + n && *p)
		p += *p + 1;
	type = p[2];
	n = (size_t)(p + 5 - q);
	if (first == 's')
		return 0;
	memcpy(a, q, n);
	memset(a + 6, 0, 6);
	a[2] = 0x85;
	a[3] = 0x80 | (first == 'n' ? 3 : first == 'b' ? 5 : 0);
	if (first == 'n' || first == 'b' || (type != 1 && type != 28))
		return n;
	size = type == 1 ? 4 : 16;
	a[7] = 1;
	memcpy(a + n,
	       (unsigned char[]){ 0xc0, 12, 0, (unsigned char)type, 0, 1, 0, 0, 0, 2, 0,
				  (unsigned char)size },
	       12);
	memcpy(a + n + 12, type == 1 ? v4 : v6, size);
	return n + 12 + size;
}

static _Noreturn void server_run(void)
{
	unsigned char q[1500], a[1500];

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(server_fd, q, sizeof(q), 0, (struct sockaddr *)&from, &len);
		size_t size;

		if (n < 12)
			continue;
		if (write(asked_pipe[1], &q[13], 1) != 1)
			_exit(1);
		size = answer_make(q, (size_t)n, a);
		if (size)
			sendto(server_fd, a, size, 0, (struct sockaddr *)&from, len);
	}
}

static int open_world(void **state)
{
	static char servers[64];
	struct addr a = loopback(0);
	socklen_t n = sizeof(a);

	(void)state;
	world_make();
	server_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server_fd, &a.sa, addr_len(&a)), 0);
	getsockname(server_fd, &a.sa, &n);
	assert_int_equal(pipe2(asked_pipe, O_NONBLOCK | O_CLOEXEC), 0);
	server_pid = child_fork();
	if (server_pid == 0)
		server_run();
	snprintf(servers, sizeof(servers), "127.0.0.1:%u", addr_port(&a));
	world.nc.dns_servers = str_z(servers);
	world.nc.dns_retr_time = 200;
	world.nc.dns_retr_no = 0;
	world.nc.port = free_port();
	world_listen("udp:127.0.0.1");
	world_open();
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	close(server_fd);
	close(asked_pipe[0]);
	close(asked_pipe[1]);
	world_close();
	return 0;
}

/* How often it was asked since the last time. */
static unsigned asked(void)
{
	char c;
	unsigned n = 0;

	while (read(asked_pipe[0], &c, 1) == 1)
		n++;
	return n;
}

static unsigned finished;

static void done(struct resolve *q)
{
	(void)q;
	finished++;
}

static int start(struct resolve *q, const char *name_z, uint32_t ms)
{
	*q = (struct resolve){ .done = done, .family = AF_UNSPEC };
	return resolve_start(&world.w, q, str_z(name_z), ms);
}

static bool is(const struct addr *a, const char *text_z)
{
	struct addr b;

	return !addr_parse(str_z(text_z), &b) && addr_ip_eq(a, &b);
}

static void a_name_has_its_addresses_ipv4_first(void **state)
{
	struct resolve q;

	(void)state;
	finished = 0;
	assert_int_equal(start(&q, "A.test.", 2000), 0);
	assert_int_equal(finished, 0);
	WORLD_UNTIL(finished == 1);
	assert_int_equal(q.error, 0);
	assert_int_equal(q.n, 2);
	assert_true(is(&q.addrs[0], "192.0.2.1"));
	assert_true(is(&q.addrs[1], "2001:db8::1"));
	assert_int_equal(addr_port(&q.addrs[0]), 0);
}

static void answers_are_kept_for_their_time(void **state)
{
	struct resolve q;

	(void)state;
	finished = 0;
	assert_int_equal(start(&q, "a.test", 2000), 0);
	WORLD_UNTIL(finished == 1);
	assert_int_equal(asked(), 2);
	assert_int_equal(start(&q, "a.TEST", 2000), 1);
	assert_int_equal(q.n, 2);
	assert_int_equal(asked(), 0);
	world.w.now += 2100;
	assert_int_equal(start(&q, "a.test", 2000), 0);
	WORLD_UNTIL(finished == 2);
	assert_int_equal(asked(), 2);
}

static void equal_questions_are_asked_once(void **state)
{
	struct resolve q[20];

	(void)state;
	finished = 0;
	for (int i = 0; i < 20; i++)
		assert_int_equal(start(&q[i], "a.test", 2000), 0);
	resolve_cancel(&world.w, &q[7]);
	WORLD_UNTIL(finished == 19);
	assert_int_equal(asked(), 2);
	for (int i = 0; i < 20; i++)
		assert_int_equal(q[i].n, i == 7 ? 0 : 2);
}

static void a_family_may_be_asked_for(void **state)
{
	struct resolve q = { .done = done, .family = AF_INET6 };

	(void)state;
	finished = 0;
	assert_int_equal(resolve_start(&world.w, &q, STR("a.test"), 2000), 0);
	WORLD_UNTIL(finished == 1);
	assert_int_equal(q.n, 1);
	assert_true(is(&q.addrs[0], "2001:db8::1"));
	world.nc.dns_try_ipv6 = false;
	assert_int_equal(start(&q, "another.test", 2000), 0);
	WORLD_UNTIL(finished == 2);
	assert_int_equal(q.n, 1);
	assert_true(is(&q.addrs[0], "192.0.2.1"));
}

static void a_name_that_does_not_exist_is_known_not_to(void **state)
{
	struct resolve q;

	(void)state;
	finished = 0;
	assert_int_equal(start(&q, "n.test", 2000), 0);
	WORLD_UNTIL(finished == 1);
	assert_int_equal(q.error, -ENOENT);
	assert_true(asked() > 0);
	assert_int_equal(start(&q, "n.test", 2000), 1);
	assert_int_equal(q.error, -ENOENT);
	assert_int_equal(asked(), 0);
}

static void refusals_and_silence_are_told_apart(void **state)
{
	struct resolve q;

	(void)state;
	finished = 0;
	assert_int_equal(start(&q, "bad.test", 3000), 0);
	WORLD_UNTIL(finished == 1);
	assert_int_equal(q.error, -EIO);
	assert_int_equal(start(&q, "silent.test", 3000), 0);
	WORLD_UNTIL(finished == 2);
	assert_int_equal(q.error, -ETIMEDOUT);
}

static void a_deadline_comes_before_the_answer(void **state)
{
	struct resolve q;
	uint64_t begin = clock_ms();

	(void)state;
	finished = 0;
	assert_int_equal(start(&q, "silent.test", 50), 0);
	WORLD_UNTIL(finished == 1);
	assert_int_equal(q.error, -ETIMEDOUT);
	assert_true(clock_ms() - begin < 180);
	resolve_cancel(&world.w, &q); /* is no error */
}

static void literals_and_nonsense_need_no_server(void **state)
{
	static const char *const wrong[] = { "", ".", "a b.test", "a\tb", "x@y", "a;b" };
	struct resolve q;

	(void)state;
	assert_int_equal(start(&q, "192.0.2.9", 10), 1);
	assert_true(q.n == 1 && is(&q.addrs[0], "192.0.2.9"));
	assert_int_equal(start(&q, "[2001:db8::9]", 10), 1);
	assert_true(q.n == 1 && is(&q.addrs[0], "2001:db8::9"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(start(&q, wrong[i], 10), 1);
		assert_int_equal(q.error, -ENOENT);
	}
	assert_int_equal(start(&q, "localhost", 10), 1);
	assert_true(q.n >= 1 && addr_is_loopback(&q.addrs[0]));
	assert_int_equal(asked(), 0);
}

static void questions_are_bounded(void **state)
{
	struct resolve q[4];

	(void)state;
	finished = 0;
	world.nc.dns_max_queries = 3;
	assert_int_equal(start(&q[0], "silent1.test", 2000), 0);
	assert_int_equal(start(&q[1], "silent2.test", 2000), 0);
	assert_int_equal(start(&q[2], "silent3.test", 2000), 0);
	assert_int_equal(start(&q[3], "silent4.test", 2000), -EAGAIN);
	WORLD_UNTIL(finished == 3);
	assert_int_equal(start(&q[3], "a.test", 2000), 0);
	WORLD_UNTIL(finished == 4);
}

static void a_dead_server_blocks_nothing(void **state)
{
	struct resolve q[50];
	char name_z[32];
	uint64_t begin = clock_ms();

	(void)state;
	finished = 0;
	kill(server_pid, SIGSTOP);
	for (int i = 0; i < 50; i++) {
		snprintf(name_z, sizeof(name_z), "a%d.test", i);
		assert_int_equal(start(&q[i], name_z, 100), 0);
	}
	assert_true(clock_ms() - begin < 50);
	WORLD_UNTIL(finished == 50);
	kill(server_pid, SIGCONT);
}

/* --- kept answers ------------------------------------------------------------------------------------------------------------------- */
static void the_least_recently_used_answer_goes_first(void **state)
{
	struct answers *a = answers_new(2);
	struct answer x = { .error = -ENOENT };

	(void)state;
	answers_put(a, STR("one"), AF_UNSPEC, &x, 100);
	answers_put(a, STR("two"), AF_UNSPEC, &x, 100);
	assert_non_null(answers_find(a, STR("one"), AF_UNSPEC, 1));
	answers_put(a, STR("three"), AF_UNSPEC, &x, 100);
	assert_null(answers_find(a, STR("two"), AF_UNSPEC, 1));
	assert_non_null(answers_find(a, STR("one"), AF_UNSPEC, 1));
	assert_null(answers_find(a, STR("one"), AF_INET, 1));
	assert_null(answers_find(a, STR("three"), AF_UNSPEC, 100));
	answers_drop(&a);
}

static void a_hosts_file_is_read(void **state)
{
	char path_z[] = "/tmp/serac-hosts-XXXXXX";
	static const char text[] = "# comment\n192.0.2.1  One.test one # again\n\n2001:db8::1 one\n"
				   "nonsense two\n192.0.2.3";
	int fd = mkstemp(path_z);
	struct answers *a = answers_new(100);
	const struct answer *found;

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	assert_int_equal(answers_read_hosts(a, path_z), 3);
	found = answers_find(a, STR("one"), AF_UNSPEC, 1);
	assert_non_null(found);
	assert_int_equal(found->n, 2);
	assert_non_null(answers_find(a, STR("one.test"), AF_UNSPEC, 1));
	assert_null(answers_find(a, STR("two"), AF_UNSPEC, 1));
	assert_null(answers_find(a, STR("again"), AF_UNSPEC, 1));
	assert_int_equal(answers_read_hosts(a, "/nonexistent"), 0);
	unlink(path_z);
	answers_drop(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		T(a_name_has_its_addresses_ipv4_first),
		T(answers_are_kept_for_their_time),
		T(equal_questions_are_asked_once),
		T(a_family_may_be_asked_for),
		T(a_name_that_does_not_exist_is_known_not_to),
		T(refusals_and_silence_are_told_apart),
		T(a_deadline_comes_before_the_answer),
		T(literals_and_nonsense_need_no_server),
		T(questions_are_bounded),
		T(a_dead_server_blocks_nothing),
		cmocka_unit_test(the_least_recently_used_answer_goes_first),
		cmocka_unit_test(a_hosts_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

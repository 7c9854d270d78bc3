/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of connection numbers that many processes add to, and counts of connections by source. */
#include "core/net/marks.h"
#include "core/net/sources.h"
#include "test/unit/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define NUMBERS 10000u

static unsigned seen[NUMBERS], taken;

static void see(unsigned i, void *arg)
{
	(void)arg;
	assert_true(i < NUMBERS);
	seen[i]++;
	taken++;
}

static struct marks *marks_shared(unsigned n)
{
	struct marks *m = mmap(NULL, marks_size(n), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	marks_init(m, n);
	memset(seen, 0, sizeof(seen));
	taken = 0;
	return m;
}

static void what_is_added_is_taken_once(void **state)
{
	static const unsigned numbers[] = { 0, 1, 63, 64, 4095, 4096, 9999, 64, 0 };
	struct marks *m = marks_shared(NUMBERS);

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		marks_add(m, numbers[i]);
	marks_take(m, see, NULL);
	assert_int_equal(taken, 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(seen[numbers[i]], 1);
	marks_take(m, see, NULL);
	assert_int_equal(taken, 7);
	munmap(m, marks_size(NUMBERS));
}

static void processes_that_add_lose_nothing(void **state)
{
	struct marks *m = marks_shared(NUMBERS);
	unsigned running = 4;

	(void)state;
	for (unsigned child = 0; child < 4; child++) {
		if (child_fork())
			continue;
		for (unsigned i = child; i < NUMBERS; i += 4)
			marks_add(m, i);
		_exit(0);
	}
	while (running) {
		running -= waitpid(-1, NULL, WNOHANG) > 0;
		marks_take(m, see, NULL);
	}
	marks_take(m, see, NULL);
	assert_int_equal(taken, NUMBERS);
	for (unsigned i = 0; i < NUMBERS; i++)
		assert_int_equal(seen[i], 1);
	munmap(m, marks_size(NUMBERS));
}

static void a_half_addition_is_found_by_the_sweep(void **state)
{
	struct marks *m = marks_shared(NUMBERS);

	(void)state;
	/* as left by a death between the two stores of marks_add */
	atomic_fetch_or(&m->bits[m->sums_n + 5], 1);
	marks_take(m, see, NULL);
	assert_int_equal(taken, 0);
	marks_take_all(m, see, NULL);
	assert_int_equal(seen[5 * 64], 1);
	munmap(m, marks_size(NUMBERS));
}

/* --- sources ---------------------------------------------------------------------------------------------------------------------- */
static struct addr v4(unsigned i)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.v4.sin_family = AF_INET;
	a.v4.sin_addr.s_addr = htonl(0x0a000000 + i);
	addr_set_port(&a, (uint16_t)(i + 1000));
	return a;
}

static void counts_follow_a_model(void **state)
{
	enum { SOURCES = 300 };
	unsigned model[SOURCES] = { 0 }, all = 0;
	struct sources *s = sources_new(1000);

	(void)state;
	srand(7);
	for (unsigned i = 0; i < 200000; i++) {
		unsigned which = (unsigned)rand() % SOURCES;
		struct addr a = v4(which);

		if (all < 1000 && rand() % 2) {
			sources_add(s, &a);
			model[which]++;
			all++;
		} else if (model[which]) {
			sources_remove(s, &a);
			model[which]--;
			all--;
		}
		if (i % 1000 == 0) {
			for (unsigned k = 0; k < SOURCES; k++) {
				struct addr b = v4(k);

				assert_int_equal(sources_count(s, &b), model[k]);
			}
		}
	}
	sources_drop(&s);
}

static void an_ipv6_source_is_a_64(void **state)
{
	struct sources *s = sources_new(10);
	struct addr a, b, c;

	(void)state;
	addr_parse(STR("2001:db8:1:2::1"), &a);
	addr_parse(STR("2001:db8:1:2:ffff::2"), &b);
	addr_parse(STR("2001:db8:1:3::1"), &c);
	sources_add(s, &a);
	assert_int_equal(sources_count(s, &b), 1);
	assert_int_equal(sources_count(s, &c), 0);
	sources_drop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_taken_once),
		cmocka_unit_test(processes_that_add_lose_nothing),
		cmocka_unit_test(a_half_addition_is_found_by_the_sweep),
		cmocka_unit_test(counts_follow_a_model),
		cmocka_unit_test(an_ipv6_source_is_a_64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/base/base_test.h"

#include "core/base/list.h"
#include "core/base/clock.h"
#include "core/base/must.h"
#include "test/unit/child.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct item {
	int n;
	struct list link;
};

static void order_is_kept(void **state)
{
	struct item items[5];
	struct list head;
	int next = 0;

	(void)state;
	list_init(&head);
	assert_true(list_is_empty(&head));
	assert_null(list_take_first(&head));
	for (int i = 1; i < 5; i++) {
		items[i].n = i;
		list_append(&head, &items[i].link);
	}
	items[0].n = 0;
	list_prepend(&head, &items[0].link);
	list_for_each (l, &head)
		assert_int_equal(container_of(l, struct item, link)->n, next++);
	assert_int_equal(next, 5);
	assert_ptr_equal(list_take_first(&head), &items[0].link);
}

static void the_safe_loop_may_remove(void **state)
{
	struct item items[6];
	struct list head;
	int seen = 0;

	(void)state;
	list_init(&head);
	for (int i = 0; i < 6; i++) {
		items[i].n = i;
		list_append(&head, &items[i].link);
	}
	list_for_each_safe (l, &head) {
		if (container_of(l, struct item, link)->n % 2)
			list_remove(l);
		seen++;
	}
	assert_int_equal(seen, 6);
	list_for_each (l, &head)
		assert_int_equal(container_of(l, struct item, link)->n % 2, 0);
	list_remove(&items[1].link); /* in no list: legal */
	assert_true(list_is_empty(&items[1].link));
}

static void time_does_not_go_back(void **state)
{
	uint64_t ms = clock_ms(), us = clock_us();

	(void)state;
	assert_true(ms > 0);
	for (int i = 0; i < 1000; i++) {
		assert_true(clock_ms() >= ms && clock_us() >= us);
		ms = clock_ms();
		us = clock_us();
	}
}

static void a_broken_invariant_aborts_and_says_where(void **state)
{
	int out[2], status;
	char said_z[512] = "";
	size_t n = 0;
	ssize_t got;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(out), 0);
	child = child_fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(out[1], STDERR_FILENO);
		MUST(1 + 1 == 2);
		MUST(1 + 1 == 3);
		_exit(0);
	}
	close(out[1]);
	while ((got = read(out[0], said_z + n, sizeof(said_z) - 1 - n)) > 0)
		n += (size_t)got;
	close(out[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(said_z, "1 + 1 == 3"));
	assert_non_null(strstr(said_z, "test_list.c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(the_safe_loop_may_remove),
		cmocka_unit_test(time_does_not_go_back),
		cmocka_unit_test(a_broken_invariant_aborts_and_says_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

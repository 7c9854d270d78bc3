/* SPDX-License-Identifier: BSD-2-Clause */
/* The timer wheel against a model that is just a table of due times. */
#include "core/run/timer.h"

#include "core/base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define N 500

struct probe {
	struct timer t;
	uint64_t due;
	unsigned fired;
};

static uint64_t now;

static void probe_fire(struct timer *t)
{
	struct probe *p = container_of(t, struct probe, t);

	assert_true(now >= p->due);
	assert_false(timer_runs(t));
	p->fired++;
}

static void timers_fire_once_and_never_early(void **state)
{
	static struct probe probes[N];
	struct timers *ts;

	(void)state;
	srandom(7);
	now = 123456789;
	ts = timers_new(now);
	for (int i = 0; i < N; i++)
		timer_init(&probes[i].t, ts, probe_fire);
	for (int round = 0; round < 20000; round++) {
		struct probe *p = &probes[random() % N];
		uint32_t ms = (uint32_t)(random() % (1 << (random() % 26)));

		if (random() % 4 == 0) {
			timer_stop(&p->t);
			p->due = 0;
		} else {
			p->due = timers_now(ts) + ms;
			timer_start(&p->t, ms);
		}
		now += (uint64_t)(random() % (random() % 50 == 0 ? 100000 : 20));
		timers_run(ts, now, N + 1);
		for (int i = 0; i < N; i++) {
			bool overdue = probes[i].due && probes[i].due <= now;

			assert_int_equal(timer_runs(&probes[i].t), probes[i].due > now);
			assert_int_equal(probes[i].fired, overdue);
			if (overdue)
				probes[i].due = probes[i].fired = 0;
		}
	}
	timers_drop(&ts);
}

static void next_timer_is_never_slept_over(void **state)
{
	struct timers *ts = timers_new(1000);
	struct probe p = { .due = 1000 + 70000 };
	int wait;

	(void)state;
	now = 1000;
	timer_init(&p.t, ts, probe_fire);
	timer_start(&p.t, 70000);
	while (!p.fired) {
		wait = timers_run(ts, now, 10);
		if (p.fired)
			break;
		assert_in_range(wait, 1, 70000);
		now += (uint64_t)wait;
	}
	assert_int_equal(now, 71000);
	assert_int_equal(timers_run(ts, now, 10), -1);
	timers_drop(&ts);
}

static void a_turn_fires_at_most_max(void **state)
{
	struct timers *ts = timers_new(10);
	struct probe p[10] = { { .due = 0 } };
	unsigned fired = 0;

	(void)state;
	now = 20;
	for (int i = 0; i < 10; i++) {
		timer_init(&p[i].t, ts, probe_fire);
		timer_start(&p[i].t, 5);
	}
	assert_int_equal(timers_run(ts, now, 4), 0);
	for (int i = 0; i < 10; i++)
		fired += p[i].fired;
	assert_int_equal(fired, 4);
	assert_int_equal(timers_run(ts, now, 100), -1);
	timers_drop(&ts);
}

/* A process that was stopped for a while: what is due fires late, what is started now is not late from the beginning. */
static void timers_count_from_the_clock_while_others_are_due(void **state)
{
	struct timers *ts = timers_new(100);
	struct probe due = { .due = 150 }, later = { .due = 100400 };

	(void)state;
	timer_init(&due.t, ts, probe_fire);
	timer_init(&later.t, ts, probe_fire);
	timer_start(&due.t, 50);
	timers_now_set(ts, 100000);
	timer_start(&later.t, 400);
	now = 100000;
	assert_in_range(timers_run(ts, now, 10), 1, 400);
	assert_int_equal(due.fired, 1);
	assert_int_equal(later.fired, 0);
	now = 100400;
	timers_run(ts, now, 10);
	assert_int_equal(later.fired, 1);
	timers_drop(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_once_and_never_early),
		cmocka_unit_test(next_timer_is_never_slept_over),
		cmocka_unit_test(a_turn_fires_at_most_max),
		cmocka_unit_test(timers_count_from_the_clock_while_others_are_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

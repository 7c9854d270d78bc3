/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of a dead worker: crash files and digests; and how the watchdog judges living ones. */
#include "core/run/crash.h"
#include "core/run/killers.h"
#include "core/run/watchdog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static struct shm *shm;

static int memory_setup(void **state)
{
	(void)state;
	shm = shm_new(64 << 20, 32 << 20, 8);
	return shm ? 0 : -1;
}

static int memory_teardown(void **state)
{
	(void)state;
	shm_drop(&shm);
	return 0;
}

static void killers_are_known_again(void **state)
{
	struct killers *k = killers_new(shm);
	char text_z[32];

	(void)state;
	assert_int_equal(killers_find(k, STR("a")), KILLER_NOT);
	killers_add(k, STR("a"), KILLER_IN_CORE);
	killers_add(k, STR("b"), KILLER_IN_ROUTE);
	assert_int_equal(killers_find(k, STR("a")), KILLER_IN_CORE);
	assert_int_equal(killers_find(k, STR("b")), KILLER_IN_ROUTE);
	assert_int_equal(killers_find(k, STR("c")), KILLER_NOT);
	for (int i = 0; i < 16; i++) {
		snprintf(text_z, sizeof(text_z), "message %d", i);
		killers_add(k, str_z(text_z), KILLER_IN_CORE);
	}
	assert_int_equal(killers_find(k, STR("a")), KILLER_NOT); /* sixteen newer ones */
	assert_int_equal(killers_find(k, STR("message 0")), KILLER_IN_CORE);
	chunk_free(shm, k);
}

static unsigned files_in(const char *dir_z, char *last_z, size_t size)
{
	DIR *d = opendir(dir_z);
	struct dirent *e;
	unsigned n = 0;

	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		snprintf(last_z, size, "%s/%s", dir_z, e->d_name);
	}
	closedir(d);
	return n;
}

static void crash_file_has_the_message_and_is_private(void **state)
{
	static struct slot slot;
	char dir_z[] = "test-crash-XXXXXX", name_z[512] = "", text[4096];
	struct stat st;
	FILE *f;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(dir_z));
	addr_port_parse(STR("127.0.0.1:5070"), &slot.hand_src);
	addr_port_parse(STR("127.0.0.1:5060"), &slot.hand_dst);
	slot.hand_transport_z = "udp";
	crash_write(&slot, 1, SIGSEGV, dir_z); /* nothing in hand */
	assert_int_equal(files_in(dir_z, name_z, sizeof(name_z)), 0);
	slot_hand(&slot, HAND_DATAGRAM, 0, STR("OPTIONS sip:a SIP/2.0\r\n\r\n"));
	crash_write(&slot, 77, SIGSEGV, dir_z);
	assert_int_equal(files_in(dir_z, name_z, sizeof(name_z)), 1);
	assert_int_equal(stat(name_z, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	f = fopen(name_z, "re");
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	assert_non_null(
		strstr(text, "worker process 77 ended by signal 11\n# from udp:127.0.0.1:5070\n"));
	assert_string_equal(strstr(text, "\n\n") + 2, "OPTIONS sip:a SIP/2.0\r\n\r\n");
	for (int i = 100; i < 140; i++)
		crash_write(&slot, i, SIGABRT, dir_z);
	assert_int_equal(files_in(dir_z, name_z, sizeof(name_z)), 20);
	while (files_in(dir_z, name_z, sizeof(name_z)))
		unlink(name_z);
	rmdir(dir_z);
}

/* --- the watchdog --------------------------------------------------------------------------------------------------------------- */
static bool datagram_waits;

static bool fake_udp_waiting(struct run *run)
{
	(void)run;
	return datagram_waits;
}

static const struct run_ops fake_ops = { .udp_waiting = fake_udp_waiting };
static struct slot slots[3];
static struct run run = { .slots = slots, .slots_n = 3, .ops = &fake_ops };
static uint64_t now;

static int slots_setup(void **state)
{
	(void)state;
	now = 1000000;
	datagram_waits = false;
	for (int i = 0; i < 3; i++) {
		memset(&slots[i], 0, sizeof(slots[i]));
		slots[i].pid = 100 + i;
		slots[i].state = SLOT_RUNNING;
		slots[i].eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	}
	return 0;
}

static int slots_teardown(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		close(slots[i].eventfd);
	return 0;
}

/* Ticks for ms; those in working begin a new turn each time. Returns the first slot that was to be killed, -1. */
static int ticks(struct watchdog *wd, unsigned ms, unsigned working)
{
	for (; ms >= WATCHDOG_TICK_MS; ms -= WATCHDOG_TICK_MS) {
		int stuck;

		for (unsigned i = 0; i < 3; i++)
			slots[i].turns += (working >> i) & 1;
		now += WATCHDOG_TICK_MS;
		stuck = watchdog_tick(wd, now, 2000);
		if (stuck >= 0)
			return stuck;
	}
	return -1;
}

static void stuck_worker_is_found_and_others_are_not(void **state)
{
	struct watchdog *wd = watchdog_new(&run);

	(void)state;
	slots[1].busy_since = 1;
	assert_int_equal(ticks(wd, 1900, 5), -1);
	assert_true(watchdog_is_busy(wd, 1));
	assert_false(watchdog_is_busy(wd, 0));
	assert_int_equal(ticks(wd, 300, 5), 1);
	watchdog_forget(wd, 1);
	assert_false(watchdog_is_busy(wd, 1));
	watchdog_drop(&wd);
}

static void worker_stopped_in_its_sleep_is_found(void **state)
{
	struct watchdog *wd = watchdog_new(&run);

	(void)state;
	assert_int_equal(ticks(wd, 3400, 3), -1);
	assert_true(watchdog_is_busy(wd, 2));
	assert_int_equal(ticks(wd, 300, 3), 2);
	watchdog_drop(&wd);
}

static void holder_of_a_lock_goes_first(void **state)
{
	struct watchdog *wd = watchdog_new(&run);

	(void)state;
	slots[0].busy_since = slots[2].busy_since = 1;
	slots[2].locks_held = 1;
	assert_int_equal(ticks(wd, 3000, 2), 2);
	slots[2].state = SLOT_DEAD;
	assert_int_equal(ticks(wd, 900, 2), -1); /* one a second */
	assert_int_equal(ticks(wd, 300, 2), 0);
	watchdog_drop(&wd);
}

static void late_ticks_count_against_nobody(void **state)
{
	struct watchdog *wd = watchdog_new(&run);

	(void)state;
	slots[0].busy_since = 1;
	assert_int_equal(ticks(wd, 100, 6), -1);
	for (int i = 0; i < 100; i++) {
		now += 1000; /* main itself was not run */
		slots[1].turns++;
		slots[2].turns++;
		assert_int_equal(watchdog_tick(wd, now, 2000), -1);
	}
	watchdog_drop(&wd);
}

static void idle_worker_is_poked_when_a_busy_one_sits_on_a_datagram(void **state)
{
	struct watchdog *wd = watchdog_new(&run);

	(void)state;
	slots[0].busy_since = 1;
	ticks(wd, 200, 6);
	datagram_waits = true;
	ticks(wd, WATCHDOG_TICK_MS, 6);
	assert_int_equal(slots[0].poked, 0);
	assert_int_equal(slots[1].poked, 1);
	assert_int_equal(slots[2].poked, 1);
	watchdog_drop(&wd);
}

static void ticks_that_main_makes_up_for_count_against_nobody(void **state)
{
	struct watchdog *wd = watchdog_new(&run);

	(void)state;
	assert_int_equal(ticks(wd, 200, 7), -1);
	now += 60000; /* main was stopped */
	for (int i = 0; i < 60000 / (int)WATCHDOG_TICK_MS; i++)
		assert_int_equal(watchdog_tick(wd, now, 2000), -1);
	assert_false(watchdog_is_busy(wd, 0));
	assert_int_equal(ticks(wd, 200, 7), -1);
	watchdog_drop(&wd);
}

static void waiting_datagram_is_seen_by_late_ticks_too(void **state)
{
	struct watchdog *wd = watchdog_new(&run);

	(void)state;
	ticks(wd, 200, 7);
	datagram_waits = true;
	now += 1000;
	watchdog_tick(wd, now, 2000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(slots[i].poked, 1);
	watchdog_drop(&wd);
}

int main(void)
{
	const struct CMUnitTest memory[] = {
		cmocka_unit_test(killers_are_known_again),
		cmocka_unit_test(crash_file_has_the_message_and_is_private),
	};
	const struct CMUnitTest watchdog[] = {
		cmocka_unit_test_setup_teardown(stuck_worker_is_found_and_others_are_not,
						slots_setup, slots_teardown),
		cmocka_unit_test_setup_teardown(worker_stopped_in_its_sleep_is_found, slots_setup,
						slots_teardown),
		cmocka_unit_test_setup_teardown(holder_of_a_lock_goes_first, slots_setup,
						slots_teardown),
		cmocka_unit_test_setup_teardown(late_ticks_count_against_nobody, slots_setup,
						slots_teardown),
		cmocka_unit_test_setup_teardown(
			idle_worker_is_poked_when_a_busy_one_sits_on_a_datagram, slots_setup,
			slots_teardown),
		cmocka_unit_test_setup_teardown(ticks_that_main_makes_up_for_count_against_nobody,
						slots_setup, slots_teardown),
		cmocka_unit_test_setup_teardown(waiting_datagram_is_seen_by_late_ticks_too,
						slots_setup, slots_teardown),
	};
	int failed = cmocka_run_group_tests(memory, memory_setup, memory_teardown);

	return failed + cmocka_run_group_tests(watchdog, NULL, NULL);
}

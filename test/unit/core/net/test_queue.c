/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues and places in shared memory: order, partial sending, and that deaths leave them whole. */
#include "core/net/place.h"
#include "core/net/queue.h"

#include "core/base/clock.h"
#include "test/unit/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define OWNER ID_MAKE(ID_TEST, 1, 1)
#define SLOTS 5u

struct shared {
	struct queue q;
	struct queue *_Atomic locking[SLOTS];
	void *_Atomic now, *_Atomic old;
	_Atomic uint64_t appended[SLOTS]; /* the last number that was surely appended */
	_Atomic uint64_t next[SLOTS];
};

static struct shm *shm;
static struct shared *sh;
static struct queue_user user;
static struct shm_stats before;

static int setup(void **state)
{
	(void)state;
	shm = shm_new(64 << 20, 32 << 20, SLOTS);
	shm_slot_set(0);
	sh = pages_alloc(shm, 1, OWNER);
	memset(sh, 0, SHM_PAGE);
	pages_publish(shm, sh);
	queue_fresh(&sh->q);
	user = (struct queue_user){ .shm = shm, .locking = &sh->locking[0] };
	shm_stats(shm, &before);
	return 0;
}

static void bad_memory(const char *what, uint64_t object, void *arg)
{
	(void)arg;
	fprintf(stderr, "verify: %s %llx\n", what, (unsigned long long)object);
}

static int teardown(void **state)
{
	struct shm_stats after;

	(void)state;
	shm_stats(shm, &after);
	assert_int_equal(after.chunks_live, before.chunks_live);
	assert_int_equal(shm_verify(shm, bad_memory, NULL), 0);
	shm_drop(&shm);
	return 0;
}

static void append(const struct queue_user *u, const char *text_z, uint64_t token)
{
	struct iovec io[2] = { { .iov_base = (char *)(uintptr_t)text_z, .iov_len = 1 },
			       { .iov_base = (char *)(uintptr_t)text_z + 1,
				 .iov_len = strlen(text_z) - 1 } };
	struct queued *m = queued_new(shm, OWNER, io, 2);

	assert_non_null(m);
	m->token = token;
	queue_lock(u, &sh->q);
	queue_append_locked(u, &sh->q, m);
	queue_unlock(u, &sh->q);
}

static void what_is_left_to_send_follows_from_one_number(void **state)
{
	struct iovec io[4];

	(void)state;
	append(&user, "hello", 1);
	append(&user, "world", 2);
	append(&user, "again", 3);
	assert_int_equal(queue_waiting(&sh->q), 15);
	assert_int_equal(queue_pieces(&sh->q, io, 2), 2);
	assert_int_equal(queue_pieces(&sh->q, io, 4), 3);
	sh->q.done = 7;
	assert_int_equal(queue_pieces(&sh->q, io, 4), 2);
	assert_memory_equal(io[0].iov_base, "rld", 3);
	assert_int_equal(io[0].iov_len, 3);
	assert_int_equal(queue_trim(&user, &sh->q), 5);
	assert_int_equal(queue_trim(&user, &sh->q), 0);
	sh->q.done = 15;
	assert_int_equal(queue_trim(&user, &sh->q), 10);
	assert_int_equal(queue_waiting(&sh->q), 0);
	assert_null(sh->q.head);
	append(&user, "more", 4);
	assert_int_equal(queue_pieces(&sh->q, io, 4), 1);
	sh->q.done = 19;
	queue_trim(&user, &sh->q);
}

/* --- deaths ------------------------------------------------------------------------------------------------------------------------- */
/* Appends numbered messages until it is killed. */
static _Noreturn void appender(unsigned slot)
{
	struct queue_user u = { .shm = shm, .locking = &sh->locking[slot] };
	char text_z[2000];

	shm_slot_set(slot);
	for (;;) {
		uint64_t n = atomic_fetch_add(&sh->next[slot], 1) + 1;

		snprintf(text_z, sizeof(text_z), "%u %llu %0*d", slot, (unsigned long long)n,
			 (int)(n % 1500), 0);
		while (queue_waiting(&sh->q) > 200000)
			sched_yield();
		append(&u, text_z, n);
		atomic_store(&sh->appended[slot], n);
	}
}

static pid_t appender_fork(unsigned slot)
{
	pid_t pid = child_fork();

	if (pid == 0)
		appender(slot);
	return pid;
}

/* What its successor does before anything else. */
static void recover(unsigned slot)
{
	shm_slot_set(slot);
	queue_recover(shm, &sh->locking[slot]);
	shm_recover(shm, slot);
	shm_slot_set(0);
}

static uint64_t last[SLOTS];

/* Takes what is there as an owner does, and looks at each message. */
static void consume(void)
{
	struct iovec io[8];
	unsigned n = queue_pieces(&sh->q, io, 8);
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned slot;
		unsigned long long number;
		char text_z[64];

		snprintf(text_z, sizeof(text_z), "%.*s", (int)io[i].iov_len,
			 (char *)io[i].iov_base);
		assert_int_equal(sscanf(text_z, "%u %llu", &slot, &number), 2);
		assert_true(slot > 0 && slot < SLOTS);
		assert_true(number > last[slot]);
		last[slot] = number;
		bytes += io[i].iov_len;
	}
	atomic_fetch_add(&sh->q.done, bytes);
	queue_trim(&user, &sh->q);
}

static void killed_senders_leave_the_queue_whole(void **state)
{
	pid_t pids[SLOTS];
	uint64_t end = clock_ms() + 3000, next_kill = 0;
	unsigned kills = 0;

	(void)state;
	memset(last, 0, sizeof(last));
	srand(3);
	for (unsigned i = 1; i < SLOTS; i++)
		pids[i] = appender_fork(i);
	while (clock_ms() < end) {
		unsigned victim = 1 + (unsigned)rand() % (SLOTS - 1);

		consume();
		if (clock_ms() < next_kill)
			continue;
		next_kill = clock_ms() + 5;
		kill(pids[victim], SIGKILL);
		waitpid(pids[victim], NULL, 0);
		kills++;
		recover(victim);
		pids[victim] = appender_fork(victim);
	}
	for (unsigned i = 1; i < SLOTS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
		recover(i);
	}
	while (queue_waiting(&sh->q))
		consume();
	assert_true(kills > 50);
	/* what was surely appended has come */
	for (unsigned i = 1; i < SLOTS; i++)
		assert_true(last[i] >= sh->appended[i] && last[i] > 100);
}

/* Takes from the head until it is killed, as the owner of a queue. */
static void a_killed_owner_leaves_the_queue_whole(void **state)
{
	(void)state;
	srand(4);
	for (unsigned round = 0; round < 200; round++) {
		pid_t pid;

		for (unsigned i = 0; i < 40; i++)
			append(&user, "0123456789", i);
		pid = child_fork();
		if (pid == 0) {
			struct queue_user u = { .shm = shm, .locking = &sh->locking[1] };

			shm_slot_set(1);
			for (;;) {
				if (sh->q.done < sh->q.end)
					sh->q.done += 5;
				queue_trim(&u, &sh->q);
			}
		}
		usleep((useconds_t)(rand() % 300));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		recover(1);
		queue_trim(&user, &sh->q);
		for (struct queued *m = sh->q.head; m; m = m->next)
			assert_memory_equal(m->data, "0123456789", 10);
	}
	sh->q.done = sh->q.end;
	queue_trim(&user, &sh->q);
	assert_null(sh->q.head);
}

static void a_killed_replacer_leaves_one_chunk(void **state)
{
	struct place p = { &sh->now, &sh->old };

	(void)state;
	srand(5);
	for (unsigned round = 0; round < 300; round++) {
		pid_t pid = child_fork();

		if (pid == 0) {
			shm_slot_set(2);
			for (unsigned i = 0;; i++) {
				void *next = i % 5 ? chunk_alloc(shm, 1500, OWNER) : NULL;

				if (next)
					memset(next, 0x55, 1500);
				place_put(shm, p, next);
			}
		}
		usleep((useconds_t)(rand() % 400));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		shm_slot_set(2);
		place_mend(shm, p);
		shm_recover(shm, 2);
		shm_slot_set(0);
		assert_null(sh->old);
		if (sh->now) {
			assert_int_equal(chunk_state(shm, sh->now), MEM_LIVE);
			assert_int_equal(((char *)sh->now)[1499], 0x55);
		}
	}
	place_put(shm, p, NULL);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_left_to_send_follows_from_one_number),
		T(killed_senders_leave_the_queue_whole),
		T(a_killed_owner_leaves_the_queue_whole),
		T(a_killed_replacer_leaves_one_chunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What memory costs, in nanoseconds of CPU for a pair of taking and giving back, alone and with a second process at the same. */
#include "core/base/must.h"
#include "core/mem/arena.h"
#include "core/mem/heap.h"
#include "core/mem/page.h"
#include "core/mem/pool.h"

#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct shm *s;
static struct slab *slab;
static struct lock *lock;

static void chunk_pair(void)
{
	chunk_free(s, chunk_alloc(s, 1000, 1));
}

/* More than a process keeps at hand. */
static void chunk_pairs_of_200(void)
{
	static void *p[200];

	for (unsigned i = 0; i < 200; i++)
		p[i] = chunk_alloc(s, 1000, 1);
	for (unsigned i = 0; i < 200; i++)
		chunk_free(s, p[i]);
}

static void run_pair(void)
{
	chunk_free(s, chunk_alloc(s, 9000, 1));
}

static void slab_pair(void)
{
	struct slab_row *row = slab_alloc(slab);

	slab_publish(row);
	slab_free(slab, row);
}

static void lock_pair(void)
{
	lock_take(lock);
	lock_drop(lock);
}

static void arena_of_3_kib(void)
{
	struct arena *a = arena_new(s, 1, 900, 65536);

	for (unsigned i = 0; i < 30; i++)
		arena_alloc(a, 100);
	arena_drop(&a);
}

static void heap_pair(void)
{
	static struct heap *heaps[2]; /* one for each process */
	struct heap **h = &heaps[shm_slot()];

	if (!*h)
		*h = heap_new(s, 1, 1 << 20);
	heap_free(*h, heap_alloc(*h, 300));
}

static void pool_of_3_kib(void)
{
	static struct pool *p;

	if (!p)
		p = pool_new(4096, 65536);
	for (unsigned i = 0; i < 30; i++)
		pool_alloc(p, 100);
	pool_reset(p);
}

static const struct {
	const char *what;
	void (*body)(void);
	unsigned times, pairs;
} benches[] = {
	{ "chunk of 1 KiB", chunk_pair, 5000000, 1 },
	{ "200 chunks of 1 KiB, each", chunk_pairs_of_200, 25000, 200 },
	{ "chunk of 9000 bytes", run_pair, 2000000, 1 },
	{ "slab row", slab_pair, 2000000, 1 },
	{ "lock", lock_pair, 5000000, 1 },
	{ "arena with 30 allocations", arena_of_3_kib, 300000, 1 },
	{ "heap block", heap_pair, 3000000, 1 },
	{ "pool with 30 allocations", pool_of_3_kib, 500000, 1 },
};
#define BENCHES (sizeof(benches) / sizeof(*benches))

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double measure(unsigned i)
{
	double begin = cpu_ns();

	for (unsigned k = 0; k < benches[i].times; k++)
		benches[i].body();
	return (cpu_ns() - begin) / benches[i].times / benches[i].pairs;
}

int main(void)
{
	s = shm_new((size_t)1 << 32, (size_t)256 << 20, 2);
	MUST(s);
	slab = slab_new(s, ID_TEST, 200, 100000, NULL);
	lock = pages_alloc(s, 1, 1);
	MUST(slab && lock);
	lock_init(lock, LOCK_TABLE);
	shm_slot_set(0);
	printf("%-28s %12s %12s\n", "ns of CPU for a pair", "alone", "with another");
	for (unsigned i = 0; i < BENCHES; i++) {
		double alone = measure(i), both;
		pid_t pid;

		fflush(NULL);
		pid = fork();
		MUST(pid >= 0);
		if (!pid) {
			shm_slot_set(1);
			measure(i);
			shm_leave(s);
			_exit(0);
		}
		both = measure(i);
		waitpid(pid, NULL, 0);
		printf("%-28s %12.1f %12.1f\n", benches[i].what, alone, both);
	}
	MUST(!shm_verify(s, NULL, NULL));
	shm_drop(&s);
	return 0;
}

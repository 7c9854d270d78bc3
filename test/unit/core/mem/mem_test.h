/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of shared memory have in common: is it whole, what is in use, and children that end or are killed. */
#ifndef MEM_TEST_H
#define MEM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/mem/shm.h"
#include "test/unit/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

/* In children, where an assertion of cmocka's would go on as the parent. */
#define CHECK(cond)                                                                        \
	do {                                                                               \
		if (!(cond)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
			_exit(1);                                                          \
		}                                                                          \
	} while (0)

static inline void say_bad(const char *what, uint64_t object, void *arg)
{
	(void)arg;
	fprintf(stderr, "verify: %s: %llx\n", what, (unsigned long long)object);
}

static inline unsigned verify(struct shm *s)
{
	return shm_verify(s, say_bad, NULL);
}

/* Bytes that are somebody's. */
static inline size_t used(struct shm *s)
{
	struct shm_stats t;

	shm_stats(s, &t);
	return t.in_use - t.cached;
}

static inline struct shm_stats stats(struct shm *s)
{
	struct shm_stats t;

	shm_stats(s, &t);
	return t;
}

/* A child in that slot which runs body and ends with 0. */
static inline pid_t start_child(unsigned slot, void (*body)(void *arg), void *arg)
{
	pid_t pid;

	fflush(NULL);
	pid = child_fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	shm_slot_set(slot);
	body(arg);
	_exit(0);
}

/* True: it ended with 0; false: it was killed. All else fails the test. */
static inline bool child_ended(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return false;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return true;
}

static inline bool run_child(unsigned slot, void (*body)(void *arg), void *arg)
{
	return child_ended(start_child(slot, body, arg));
}

/* A small generator of its own: the same numbers on every machine. */
static inline uint32_t draw(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

#endif

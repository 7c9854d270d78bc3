/* SPDX-License-Identifier: BSD-2-Clause */
/* The self-test: each step in a child of its own, as workers take turns on one session. A child that dies says as much as one that reports. */
#include "modules/tls/selftest.h"

#include "modules/tls/memory.h"
#include "modules/tls/pair.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAP_MAX    (256u << 10)
#define FAILURES    24u /* allocations that are made to fail, spread over a handshake */
#define ABOUT_SPACE ((size_t)64 << 20)
#define TIME_OUT    10 /* seconds for one child, which needs some milliseconds */

/* In shared memory: what one child leaves for the next, and for main. */
struct trial {
	struct pair pair;
	struct heap *priority_heap;
	gnutls_priority_t priority, priority12;
	char why_z[160];
};

static struct tls_selftest result = { .sharing = true, .tickets = true };
static char why_z[256];

const struct tls_selftest *tls_selftest_result(void)
{
	return &result;
}

void tls_selftest_set(const struct tls_selftest *found)
{
	result = *found;
}

/* --- in children ------------------------------------------------------------------------------------------------------------------------------- */
static bool failed(struct trial *t, const char *what_z, int err)
{
	struct buf b = BUF_ON(t->why_z);

	buf_fmt(&b, "%s: %s", what_z, err ? gnutls_strerror(err) : "not as it should be");
	buf_z(&b);
	return false;
}

/* Nothing of the sessions is left. */
static bool is_empty(struct trial *t, const char *what_z)
{
	for (unsigned i = 0; i < 2; i++) {
		struct heap_stats stats;

		if (!t->pair.heap[i])
			continue;
		heap_stats(t->pair.heap[i], &stats);
		if (stats.live_blocks || heap_verify(t->pair.heap[i]))
			return failed(t, what_z, 0);
	}
	return true;
}

static bool priority_make(struct trial *t)
{
	gnutls_priority_t first;
	int err = gnutls_priority_init(&first, "NORMAL", NULL);

	if (!err) {
		/* what the library makes for itself stays private */
		gnutls_priority_deinit(first);
		heap_enter(t->priority_heap);
		err = gnutls_priority_init(&t->priority, "NORMAL", NULL);
		if (!err)
			err = gnutls_priority_init(&t->priority12, "NORMAL:-VERS-TLS1.3", NULL);
		heap_leave();
	}
	return err ? failed(t, "priorities in shared memory", err) : true;
}

static bool do_handshake(struct trial *t)
{
	struct pair_creds creds = { 0 };
	int err;

	if (!priority_make(t))
		return false;
	err = pair_creds_make(&creds);
	if (!err)
		err = pair_shake(&t->pair, &creds, t->priority, false);
	pair_creds_drop(&creds);
	return err ? failed(t, "a handshake in shared memory", err) : true;
}

static bool do_records(struct trial *t)
{
	int err = pair_talk(&t->pair);

	return err ? failed(t, "records by another process", err) : true;
}

static bool do_close(struct trial *t)
{
	pair_end(&t->pair, true);
	return is_empty(t, "memory left when another process closed a session");
}

/* An honest ticket, then one with a changed byte, which the library must take for no ticket. */
static int tickets_try(struct trial *t, const struct pair_creds *creds, gnutls_priority_t priority)
{
	int err = pair_shake(&t->pair, creds, priority, false);

	pair_end(&t->pair, true);
	if (!err)
		err = pair_shake(&t->pair, creds, priority, true);
	pair_end(&t->pair, true);
	if (err)
		return err;
	if (!t->pair.resumed || !pair_ticket_change(&t->pair))
		return GNUTLS_E_INTERNAL_ERROR;
	err = pair_shake(&t->pair, creds, priority, true);
	pair_end(&t->pair, true);
	return !err && t->pair.resumed ? GNUTLS_E_INTERNAL_ERROR : err;
}

static bool do_tickets(struct trial *t)
{
	struct pair_creds creds = { 0 };
	int err = pair_creds_make(&creds);

	if (!err)
		err = tickets_try(t, &creds, t->priority);
	if (!err)
		err = tickets_try(t, &creds, t->priority12);
	pair_creds_drop(&creds);
	return err ? failed(t, "a resumption by ticket", err)
		   : is_empty(t, "memory left by tickets");
}

/* One handshake in which the server's n-th allocation fails: it may fail or not, and leaves nothing. False: it did not come to n allocations. */
static bool fail_once(struct trial *t, const struct pair_creds *creds, unsigned n)
{
	memory_fail_at(n);
	pair_shake(&t->pair, creds, t->priority, false);
	memory_fail_at(0);
	pair_end(&t->pair, false);
	return memory_failed();
}

static bool do_failures(struct trial *t)
{
	struct pair_creds creds = { 0 };
	unsigned n = 1, step;

	if (pair_creds_make(&creds))
		return failed(t, "a certificate", 0);
	/* the peer's own memory is libc's */
	t->pair.heap[TLS_CLIENT] = NULL;
	while (fail_once(t, &creds, n))
		n *= 2;
	step = n / FAILURES + 1;
	for (n = 2; fail_once(t, &creds, n); n += step)
		;
	pair_creds_drop(&creds);
	return is_empty(t, "memory left by handshakes without memory");
}

/* --- in main ------------------------------------------------------------------------------------------------------------------------------------ */
static bool child_run(struct trial *t, bool (*step)(struct trial *t), const char *what_z)
{
	pid_t parent = getpid(), pid;
	int status = -1;

	t->why_z[0] = '\0';
	pid = fork();
	if (pid < 0)
		return failed(t, "a child could not be forked", 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_DUMPABLE, 0);
		if (getppid() != parent)
			_exit(2);
		alarm(TIME_OUT);
		_exit(step(t) ? 0 : 1);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (!t->why_z[0]) {
		struct buf b = BUF_ON(t->why_z);

		buf_fmt(&b, "%s: the process died of signal %d", what_z, WTERMSIG(status));
		buf_z(&b);
	}
	return false;
}

static bool sharing_works(struct trial *t)
{
	return child_run(t, do_handshake, "a handshake in shared memory") &&
	       child_run(t, do_records, "records by another process") &&
	       child_run(t, do_close, "a session that another process closes");
}

static void trial_drop(struct trial *t, struct shm *shm)
{
	heap_drop(&t->pair.heap[TLS_SERVER]);
	heap_drop(&t->pair.heap[TLS_CLIENT]);
	heap_drop(&t->priority_heap);
	chunk_free(shm, t);
}

static struct trial *trial_new(struct shm *shm)
{
	uint64_t owner = ID_MAKE(ID_CORE, 0, 0);
	struct trial *t = chunk_alloc(shm, sizeof(*t), owner);

	if (!t)
		return NULL;
	memset(t, 0, sizeof(*t));
	t->pair.heap[TLS_SERVER] = heap_new(shm, owner, HEAP_MAX);
	t->pair.heap[TLS_CLIENT] = heap_new(shm, owner, HEAP_MAX);
	t->priority_heap = heap_new(shm, owner, HEAP_MAX);
	random_bytes(t->pair.ticket_key, sizeof(t->pair.ticket_key));
	if (t->pair.heap[TLS_SERVER] && t->pair.heap[TLS_CLIENT] && t->priority_heap)
		return t;
	trial_drop(t, shm);
	return NULL;
}

static void judge(struct trial *t)
{
	struct heap *client = t->pair.heap[TLS_CLIENT];

	result.sharing = sharing_works(t);
	if (result.sharing) {
		result.sharing = child_run(t, do_failures, "a handshake without memory");
		t->pair.heap[TLS_CLIENT] = client;
	}
	result.tickets = result.sharing && child_run(t, do_tickets, "a changed ticket");
}

/* Fills result. */
static void ask(struct shm *shm)
{
	struct trial *t = trial_new(shm);

	result = (struct tls_selftest){ 0 };
	if (t)
		judge(t);
	if (!result.sharing || !result.tickets) {
		snprintf(why_z, sizeof(why_z), "%s", t ? t->why_z : "there is no shared memory");
		result.why_z = why_z;
	}
	if (t)
		trial_drop(t, shm);
}

static const char *consequence_z(void)
{
	if (!result.sharing)
		return "sessions stay with the worker that shook hands, and end with it";
	return result.tickets ? "sessions are every worker's, and can be resumed"
			      : "sessions are every worker's, and cannot be resumed";
}

void tls_selftest_run(struct shm *shm)
{
	ask(shm);
	if (result.why_z)
		log_warn("tls", consequence_z(), KV_Z("reason", result.why_z),
			 KV_Z("gnutls", gnutls_check_version(NULL)),
			 KV_INT("free_redirected", memory_redirected()),
			 KV_Z("hint",
			      "another version of GnuTLS may do better; tell the developers"));
	else
		log_debug("tls", consequence_z(), KV_Z("gnutls", gnutls_check_version(NULL)));
}

void tls_selftest_about(FILE *out)
{
	struct shm *shm = shm_new(ABOUT_SPACE, ABOUT_SPACE, 1);

	if (!shm)
		return;
	fflush(out);
	memory_start(shm);
	ask(shm);
	memory_start(NULL);
	shm_drop(&shm);
	fprintf(out, "tls: GnuTLS %s, %s%s%s\n", gnutls_check_version(NULL), consequence_z(),
		result.why_z ? ": " : "", result.why_z ? result.why_z : "");
}

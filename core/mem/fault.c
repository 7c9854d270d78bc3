/* SPDX-License-Identifier: BSD-2-Clause */
/* The fault build: counts passes over all processes in a small mapping of its own, and kills or refuses at the one asked for. */
#include "core/mem/fault.h"

#ifdef SERAC_FAULT

#include "core/base/must.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OBJECTS_MAX 64
#define KILLS_MAX   4

struct fault_kill {
	char name[64]; /* whose n-th pass kills */
	unsigned at;
	bool onward; /* and at every pass after it */
	int number;  /* by which signal: SIGKILL or SIGSTOP */
	_Atomic unsigned passes;
};

struct fault_shared {
	_Atomic bool armed;
	_Atomic bool happened;
	_Atomic int spared; /* a process that is not killed */
	struct fault_kill kills[KILLS_MAX];
	unsigned kills_n;
	unsigned alloc_at; /* which allocation fails; 0 for none */
	bool alloc_onward; /* and all after it */
	_Atomic unsigned allocs;
};

struct fault_object {
	const struct fault_site *const *begin, *const *end;
};

static struct fault_shared *shared;
static struct fault_object objects[OBJECTS_MAX];
static unsigned objects_n;

void fault_sites_add(const struct fault_site *const *begin, const struct fault_site *const *end)
{
	if (begin == end)
		return;
	for (unsigned i = 0; i < objects_n; i++)
		if (objects[i].begin == begin)
			return;
	MUST(objects_n < OBJECTS_MAX);
	objects[objects_n++] = (struct fault_object){ begin, end };
}

static struct fault_kill *kill_add(const char *name, size_t n, unsigned at)
{
	struct fault_kill *k = &shared->kills[shared->kills_n];

	MUST(shared->kills_n < KILLS_MAX && n < sizeof(k->name));
	memset(k, 0, sizeof(*k));
	memcpy(k->name, name, n);
	k->at = at;
	k->number = SIGKILL;
	shared->kills_n++;
	return k;
}

/* "name:n", several with commas between */
static void read_kills(const char *p)
{
	const char *colon;
	char *end;

	while (p && (colon = strchr(p, ':'))) {
		unsigned at = (unsigned)strtoul(colon + 1, &end, 10);
		struct fault_kill *k = kill_add(p, (size_t)(colon - p), at);

		k->onward = *end == '+';
		if (*end == '!')
			k->number = SIGSTOP;
		end += *end == '+' || *end == '!';
		p = *end == ',' ? end + 1 : NULL;
	}
}

static void read_environment(void)
{
	const char *alloc_z = getenv("SERAC_FAULT_ALLOC");
	char *end;

	read_kills(getenv("SERAC_FAULT"));
	if (alloc_z) {
		shared->alloc_at = (unsigned)strtoul(alloc_z, &end, 10);
		shared->alloc_onward = *end == '+';
	}
}

void fault_init(void)
{
	if (shared)
		return;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	MUST(shared != MAP_FAILED);
	read_environment();
}

void fault_arm(void)
{
	fault_init();
	/* when main dies the service ends: what must hold is asked of its children */
	shared->spared = getpid();
	shared->armed = true;
}

void fault_kill_at(const char *name, unsigned n)
{
	fault_init();
	shared->armed = false;
	shared->kills_n = 0;
	shared->happened = false;
	if (!name || !n)
		return;
	kill_add(name, strlen(name), n);
	shared->armed = true;
}

void fault_alloc_fail(unsigned n)
{
	fault_init();
	shared->armed = n > 0;
	shared->alloc_at = n;
	shared->alloc_onward = false;
	shared->allocs = 0;
	shared->happened = false;
}

bool fault_happened(void)
{
	return shared && shared->happened;
}

unsigned fault_passes(void)
{
	return shared && shared->kills_n ? shared->kills[shared->kills_n - 1].passes : 0;
}

unsigned fault_allocs(void)
{
	return shared ? shared->allocs : 0;
}

static void kill_pass(struct fault_kill *k)
{
	unsigned n = atomic_fetch_add(&k->passes, 1) + 1;

	if (n != k->at && !(k->onward && n > k->at))
		return;
	shared->happened = true;
	kill(getpid(), k->number);
	while (k->number == SIGKILL)
		pause();
}

void fault_pass(const struct fault_site *site)
{
	if (!shared || !shared->armed || shared->spared == getpid())
		return;
	for (unsigned i = 0; i < shared->kills_n; i++)
		if (strcmp(site->name, shared->kills[i].name) == 0)
			kill_pass(&shared->kills[i]);
}

bool fault_alloc(void)
{
	unsigned n;

	if (!shared || !shared->armed || !shared->alloc_at)
		return false;
	n = atomic_fetch_add(&shared->allocs, 1) + 1;
	if (n != shared->alloc_at && !(shared->alloc_onward && n > shared->alloc_at))
		return false;
	shared->happened = true;
	return true;
}

void fault_list(void (*each)(const char *name, const char *file, int line, void *arg), void *arg)
{
	for (unsigned i = 0; i < objects_n; i++)
		for (const struct fault_site *const *p = objects[i].begin; p < objects[i].end; p++)
			each((*p)->name, (*p)->file, (*p)->line, arg);
}

#else

void fault_init(void)
{
}

void fault_arm(void)
{
}

void fault_list(void (*each)(const char *name, const char *file, int line, void *arg), void *arg)
{
	(void)each;
	(void)arg;
}

#endif

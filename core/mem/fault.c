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

struct fault_shared {
	_Atomic bool armed;
	_Atomic bool happened;
	_Atomic int spared; /* a process that is not killed */
	char name[64];	    /* whose n-th pass kills; "" for none */
	unsigned kill_at;
	bool kill_onward; /* and at every pass after it */
	_Atomic unsigned passes;
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

static void read_environment(void)
{
	const char *kill_z = getenv("SERAC_FAULT");
	const char *alloc_z = getenv("SERAC_FAULT_ALLOC");
	const char *colon = kill_z ? strrchr(kill_z, ':') : NULL;
	char *end;

	if (colon && (size_t)(colon - kill_z) < sizeof(shared->name)) {
		memcpy(shared->name, kill_z, (size_t)(colon - kill_z));
		shared->kill_at = (unsigned)strtoul(colon + 1, &end, 10);
		shared->kill_onward = *end == '+';
	}
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
	memset(shared->name, 0, sizeof(shared->name));
	shared->kill_at = n;
	shared->kill_onward = false;
	shared->passes = 0;
	shared->happened = false;
	if (!name)
		return;
	MUST(strlen(name) < sizeof(shared->name));
	memcpy(shared->name, name, strlen(name));
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

unsigned fault_allocs(void)
{
	return shared ? shared->allocs : 0;
}

void fault_pass(const struct fault_site *site)
{
	unsigned n;

	if (!shared || !shared->armed || !shared->kill_at || strcmp(site->name, shared->name) != 0)
		return;
	if (shared->spared == getpid())
		return;
	n = atomic_fetch_add(&shared->passes, 1) + 1;
	if (n != shared->kill_at && !(shared->kill_onward && n > shared->kill_at))
		return;
	shared->happened = true;
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
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

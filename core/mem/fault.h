/* SPDX-License-Identifier: BSD-2-Clause */
/* Places where a process may die or an allocation may fail at the worst moment, for tests. Compiles to nothing in ordinary builds. */
#ifndef MEM_FAULT_H
#define MEM_FAULT_H

#include <stdbool.h>

#ifdef SERAC_FAULT
/* Kills this process (SIGKILL) when the environment's SERAC_FAULT=name:n asks for it and this is the n-th pass of that name, counted over
 * all processes; never twice, unless n ends in '+': then at every pass from the n-th on; when it ends in '!' the process is stopped (SIGSTOP), not
 * killed. Up to four may stand there, with commas between.
 * Main is spared, and not counted, once the router is ready. Each name is a string constant and is listed by fault_list (linker section). */
struct fault_site {
	const char *name;
	const char *file;
	int line;
};
void fault_pass(const struct fault_site *site);
#define FAULT(NAME)                                                                        \
	do {                                                                               \
		static const struct fault_site fault_site_ = { NAME, __FILE__, __LINE__ }; \
		static const struct fault_site *const fault_ptr_                           \
			__attribute__((used, section("fault_sites"))) = &fault_site_;      \
		fault_pass(fault_ptr_);                                                    \
	} while (0)
/* True when this allocation (shared memory, pools) is to fail: SERAC_FAULT_ALLOC=n, counted over all processes from fault_arm() on; every
 * one from the n-th on with SERAC_FAULT_ALLOC=n+. Unit tests set it with fault_alloc_fail. */
bool fault_alloc(void);
/* n > 0: the n-th allocation of this process tree from now fails; 0: none. */
void fault_alloc_fail(unsigned n);
/* What SERAC_FAULT=name:n asks for, from now on, for unit tests; name NULL: nobody is killed. */
void fault_kill_at(const char *name, unsigned n);
/* Did the kill that was asked for happen, or the allocation fail? */
bool fault_happened(void);
/* Passes of the place that stands last in SERAC_FAULT. */
unsigned fault_passes(void);
/* Allocations counted so far: 0 unless one was asked to fail. */
unsigned fault_allocs(void);

/* The sites of one linked object, the program or a module; each source file that includes this header hands its object's over. */
void fault_sites_add(const struct fault_site *const *begin, const struct fault_site *const *end);
extern const struct fault_site *const __start_fault_sites[]
	__attribute__((weak, visibility("hidden")));
extern const struct fault_site *const __stop_fault_sites[]
	__attribute__((weak, visibility("hidden")));
__attribute__((constructor)) static inline void fault_sites_found_(void)
{
	fault_sites_add(__start_fault_sites, __stop_fault_sites);
}
#else
#define FAULT(NAME) ((void)0)
static inline bool fault_alloc(void)
{
	return false;
}
#endif

/* Maps the shared counters; once, before the first fork. Nothing in ordinary builds. */
void fault_init(void);
/* Starts the counting: called when the router is ready, so that "the n-th" does not depend on how long starting took. */
void fault_arm(void);
/* Calls each for every site, in no order, a name once for each place it stands at. */
void fault_list(void (*each)(const char *name, const char *file, int line, void *arg), void *arg);

#endif

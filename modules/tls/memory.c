/* SPDX-License-Identifier: BSD-2-Clause */
/* GnuTLS' hooks. gnutls_global_set_mem_functions() has done nothing for many versions, but the pointers behind it are exported and used. The library also calls libc's
 * free() for blocks that came from the hooks (a ticket that cannot be read), so its own import of it is led here. */
#include "modules/tls/memory.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define STRAYS_MAX  8u
#define STRAY_LEAST 4096u /* bytes: smaller ones are no buffers of records */
#define STRAY_MOST  65536u

/* This process's: hooks get no argument that could lead to it. */
static struct memory {
	struct shm *shm;
	struct heap *entered;
	unsigned era; /* how many shared memories there were */
	bool hooked;
	/* private blocks that stand for blocks of the heap */
	void *strays[STRAYS_MAX];
	unsigned strays_n;
	unsigned redirected;
	unsigned fail_in; /* allocations; 0: none fails */
	bool failed;
	bool fresh; /* no random number was drawn in this process yet */
} memory;

/* --- the hooks ------------------------------------------------------------------------------------------------------------------------ */
static bool is_shared(const void *p)
{
	return memory.shm && shm_has(memory.shm, p);
}

static bool fails_now(void)
{
	if (!memory.fail_in || --memory.fail_in)
		return false;
	memory.failed = true;
	return true;
}

/* A private block in place of one of the heap, which has no room. */
static void *stray_alloc(size_t n)
{
	void *p;

	if (n < STRAY_LEAST || n > STRAY_MOST || memory.strays_n == STRAYS_MAX)
		return NULL;
	p = malloc(n);
	if (p)
		memory.strays[memory.strays_n++] = p;
	return p;
}

/* The place of p among them; NULL: it is none. */
static void **stray_find(const void *p)
{
	for (unsigned i = 0; i < memory.strays_n; i++)
		if (memory.strays[i] == p)
			return &memory.strays[i];
	return NULL;
}

static void *hook_malloc(size_t n)
{
	void *p;

	if (!memory.entered)
		return malloc(n);
	if (fails_now())
		return NULL;
	p = heap_alloc(memory.entered, n);
	return p ? p : stray_alloc(n);
}

static void *hook_calloc(size_t members, size_t size)
{
	size_t n;
	void *p;

	if (!memory.entered)
		return calloc(members, size);
	if (__builtin_mul_overflow(members, size, &n))
		return NULL;
	p = hook_malloc(n);
	if (p)
		memset(p, 0, n);
	return p;
}

static void hook_free(void *p)
{
	if (!p)
		return;
	if (!is_shared(p)) {
		void **stray = stray_find(p);

		if (stray)
			*stray = memory.strays[--memory.strays_n];
		free(p);
		return;
	}
	/* a block of another heap is caught there */
	MUST(memory.entered);
	heap_free(memory.entered, p);
}

/* A private block that grows while a heap is entered stays private: it belongs to the library, not to a session, or is a stray one. */
static void *private_grow(void *p, size_t n)
{
	void **stray = stray_find(p), *moved = realloc(p, n);

	if (stray && moved)
		*stray = moved;
	return moved;
}

static void *hook_realloc(void *p, size_t n)
{
	void *moved;
	size_t old;

	if (!p)
		return hook_malloc(n);
	if (!is_shared(p))
		return private_grow(p, n);
	MUST(memory.entered);
	if (fails_now())
		return NULL;
	moved = heap_realloc(memory.entered, p, n);
	if (moved)
		return moved;
	moved = stray_alloc(n);
	if (!moved)
		return NULL;
	old = heap_block_size(memory.entered, p);
	memcpy(moved, p, old < n ? old : n);
	heap_free(memory.entered, p);
	return moved;
}

/* Nobody else is in a session that this process is in, and threads there are none: its two mutexes guard nothing. */
static int mutex_nothing(void **m)
{
	*m = NULL;
	return 0;
}

static int mutex_pass(void **m)
{
	(void)m;
	return 0;
}

/* --- the library's import of free ------------------------------------------------------------------------------------------------------ */
#if defined(__x86_64__)
#define IS_IMPORT(type) ((type) == R_X86_64_JUMP_SLOT || (type) == R_X86_64_GLOB_DAT)
#elif defined(__aarch64__)
#define IS_IMPORT(type) ((type) == R_AARCH64_JUMP_SLOT || (type) == R_AARCH64_GLOB_DAT)
#else
#define IS_IMPORT(type) false
#endif

/* What of a library's dynamic section is needed to find its imports. */
struct imports {
	const struct dl_phdr_info *library;
	const ElfW(Sym) * symbols;
	const char *names;
	const ElfW(Rela) * tables[2];
	size_t bytes[2];
};

static void imports_read(struct imports *im, const ElfW(Dyn) * d)
{
	for (; d->d_tag != DT_NULL; d++) {
		switch (d->d_tag) {
		case DT_SYMTAB:
			im->symbols = (const void *)d->d_un.d_ptr;
			break;
		case DT_STRTAB:
			im->names = (const void *)d->d_un.d_ptr;
			break;
		case DT_JMPREL:
			im->tables[0] = (const void *)d->d_un.d_ptr;
			break;
		case DT_PLTRELSZ:
			im->bytes[0] = d->d_un.d_val;
			break;
		case DT_RELA:
			im->tables[1] = (const void *)d->d_un.d_ptr;
			break;
		case DT_RELASZ:
			im->bytes[1] = d->d_un.d_val;
			break;
		default:
			break;
		}
	}
}

/* Whether the loader made the page read-only when it had filled it in. */
static bool is_relro(const struct dl_phdr_info *library, uintptr_t page)
{
	for (unsigned i = 0; i < library->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &library->dlpi_phdr[i];
		uintptr_t begin = library->dlpi_addr + ph->p_vaddr;

		if (ph->p_type == PT_GNU_RELRO && page >= (begin & ~(uintptr_t)(SHM_PAGE - 1)) &&
		    page < begin + ph->p_memsz)
			return true;
	}
	return false;
}

static bool import_store(const struct dl_phdr_info *library, void **slot)
{
	long size = sysconf(_SC_PAGESIZE);
	uintptr_t page = (uintptr_t)slot & ~((uintptr_t)size - 1);
	bool relro = is_relro(library, page);

	if (relro && mprotect((void *)page, (size_t)size, PROT_READ | PROT_WRITE))
		return false;
	*slot = (void *)hook_free;
	if (relro)
		mprotect((void *)page, (size_t)size, PROT_READ);
	return true;
}

static void imports_redirect(const struct imports *im)
{
	for (unsigned t = 0; t < 2; t++) {
		for (size_t i = 0; i < im->bytes[t] / sizeof(ElfW(Rela)); i++) {
			const ElfW(Rela) *r = &im->tables[t][i];
			size_t symbol = ELF64_R_SYM(r->r_info);

			if (symbol && IS_IMPORT(ELF64_R_TYPE(r->r_info)) &&
			    !strcmp(im->names + im->symbols[symbol].st_name, "free"))
				memory.redirected +=
					import_store(im->library, (void **)(im->library->dlpi_addr +
									    r->r_offset));
		}
	}
}

static int library_visit(struct dl_phdr_info *library, size_t size, void *arg)
{
	struct imports im = { .library = library };

	(void)size;
	(void)arg;
	if (!strstr(library->dlpi_name, "/libgnutls.so"))
		return 0;
	for (unsigned i = 0; i < library->dlpi_phnum; i++)
		if (library->dlpi_phdr[i].p_type == PT_DYNAMIC)
			imports_read(&im, (const void *)(library->dlpi_addr +
							 library->dlpi_phdr[i].p_vaddr));
	if (im.symbols && im.names)
		imports_redirect(&im);
	return 1;
}

/* --- what others call --------------------------------------------------------------------------------------------------------------------- */
static void forked(void)
{
	memory.fresh = true;
}

void memory_start(struct shm *shm)
{
	if (memory.shm != shm)
		memory.era++;
	memory.shm = shm;
	if (memory.hooked)
		return;
	memory.hooked = memory.fresh = true;
	pthread_atfork(NULL, NULL, forked);
	gnutls_global_set_mutex(mutex_nothing, mutex_pass, mutex_pass, mutex_pass);
	gnutls_malloc = hook_malloc;
	gnutls_calloc = hook_calloc;
	gnutls_realloc = hook_realloc;
	(gnutls_free) = hook_free;
	dl_iterate_phdr(library_visit, NULL);
}

unsigned memory_era(void)
{
	return memory.era;
}

unsigned memory_redirected(void)
{
	return memory.redirected;
}

/* The random generator is private: what it allocates at its first use in a process must not lie in a heap. */
static void draw_first(void)
{
	unsigned char unused;

	memory.fresh = false;
	gnutls_rnd(GNUTLS_RND_NONCE, &unused, sizeof(unused));
	gnutls_rnd(GNUTLS_RND_RANDOM, &unused, sizeof(unused));
}

void heap_enter(struct heap *h)
{
	MUST(!memory.entered);
	if (memory.fresh)
		draw_first();
	memory.entered = h;
}

bool heap_leave(void)
{
	bool whole = !memory.strays_n;

	while (memory.strays_n)
		free(memory.strays[--memory.strays_n]);
	memory.entered = NULL;
	return whole;
}

struct heap *heap_pause(void)
{
	struct heap *h = memory.entered;

	memory.entered = NULL;
	return h;
}

void heap_resume(struct heap *h)
{
	memory.entered = h;
}

struct heap *heap_entered(void)
{
	return memory.entered;
}

void memory_fail_at(unsigned n)
{
	memory.fail_in = n;
	if (n)
		memory.failed = false;
}

bool memory_failed(void)
{
	return memory.failed;
}

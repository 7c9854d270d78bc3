/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of priorities. It is filled by one process at a time: main, then one loader after the other, each of which may be killed at any moment. A row is there
 * for others from the one store of its prio on; what a dead loader left of an unfinished row is told from its owner's id, which is used once. */
#include "modules/tls/prio.h"

#include "modules/tls/memory.h"

#include <stdio.h>

#define PRIO_HEAP 65536u /* bytes for one; it takes some 8 KiB */

struct prio_row {
	_Atomic uint32_t tries;		/* how often it was begun to be made */
	struct heap *_Atomic heap;	/* all that belongs to it */
	gnutls_priority_t _Atomic prio; /* NULL: the row is free, or unfinished */
	struct str text;
};

/* In shared memory; found again by every process through the pointer that it inherited from main. */
struct prios {
	struct prio_row rows[TLS_PRIOS_MAX];
};
static struct prios *table;
static struct shm *table_shm;
static unsigned table_era;

static uint64_t row_owner(const struct prio_row *r)
{
	return ID_MAKE(ID_CORE, r - table->rows, r->tries);
}

static bool table_there(struct shm *shm)
{
	if (table && table_era == memory_era())
		return true;
	table = pages_alloc(shm, (sizeof(*table) + SHM_PAGE - 1) / SHM_PAGE,
			    ID_MAKE(ID_CORE, 0, 0));
	if (!table)
		return false;
	memset(table, 0, sizeof(*table));
	pages_publish(shm, table);
	table_shm = shm;
	table_era = memory_era();
	return true;
}

/* What somebody began and did not finish: his building memory was given back with his slot, what he had published is ours. */
static void row_clean(struct prio_row *r)
{
	struct heap *h = atomic_load(&r->heap);

	if (h && heap_of(table_shm, h) == h && chunk_owner(table_shm, h) == row_owner(r) &&
	    chunk_state(table_shm, h) == MEM_LIVE)
		heap_drop(&h);
	atomic_store(&r->heap, NULL);
}

/* GnuTLS' own word is a pointer into what it was given. */
static const char *place_say(const char *place_z)
{
	static char text_z[160];

	snprintf(text_z, sizeof(text_z), "it is not understood from \"%.100s\" on", place_z);
	return text_z;
}

/* Privately first: it tells what is wrong, and what the library makes for itself at its first use does not come to lie in a heap. */
static const char *text_check(const char *text_z)
{
	const char *place_z = NULL;
	gnutls_priority_t p;
	int err = gnutls_priority_init(&p, text_z, &place_z);

	if (!err) {
		gnutls_priority_deinit(p);
		return NULL;
	}
	return place_z && *place_z ? place_say(place_z) : gnutls_strerror(err);
}

static gnutls_priority_t row_fill(struct prio_row *r, struct heap *h, const char *text_z, size_t n)
{
	gnutls_priority_t p = NULL;
	char *copy;
	int err;

	heap_lasting(h, true);
	copy = heap_alloc(h, n + 1);
	if (!copy)
		return NULL;
	memcpy(copy, text_z, n + 1);
	r->text = str_of(copy, n);
	heap_enter(h);
	err = gnutls_priority_init(&p, text_z, NULL);
	return heap_leave() && !err ? p : NULL;
}

static gnutls_priority_t row_make(struct shm *shm, struct prio_row *r, const char *text_z, size_t n)
{
	gnutls_priority_t p;
	struct heap *h;

	row_clean(r);
	r->tries++;
	h = heap_new(shm, row_owner(r), PRIO_HEAP);
	if (!h)
		return NULL;
	p = row_fill(r, h, text_z, n);
	if (!p) {
		heap_drop(&h);
		return NULL;
	}
	heap_trim(h);
	atomic_store(&r->heap, h);
	FAULT("tls.prio.begun");
	heap_publish(h);
	FAULT("tls.prio.made");
	atomic_store(&r->prio, p);
	return p;
}

gnutls_priority_t tls_prio_find(struct shm *shm, struct str text, const char **why_z_r)
{
	struct prio_row *unused = NULL;
	gnutls_priority_t p;
	char text_z[4096];

	memory_start(shm);
	if (text.n >= sizeof(text_z)) {
		*why_z_r = "it is too long";
		return NULL;
	}
	*why_z_r = "there is no shared memory left";
	if (!table_there(shm))
		return NULL;
	for (struct prio_row *r = table->rows; r < table->rows + TLS_PRIOS_MAX; r++) {
		p = atomic_load(&r->prio);
		if (p && str_eq(r->text, text))
			return p;
		if (!p && !unused)
			unused = r;
	}
	memcpy(text_z, text.p, text.n);
	text_z[text.n] = '\0';
	*why_z_r = text_check(text_z);
	if (*why_z_r)
		return NULL;
	*why_z_r = unused ? "there is no shared memory left"
			  : "there are more different ones than the router keeps since its start; "
			    "it must be restarted";
	return unused ? row_make(shm, unused, text_z, text.n) : NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Epochs: one counter for all, what each slot saw of it at the top of its turn, and the list of what waits. */
#include "core/mem/epoch.h"

#include "core/base/must.h"
#include "core/mem/fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define HOLDS_NOTHING UINT64_MAX /* seen by one who waits for events, or does not live */

struct epoch_row {
	_Alignas(64) _Atomic uint64_t seen;
};

struct epochs {
	_Alignas(64) _Atomic uint64_t now;
	unsigned slots;
	struct epoch_row rows[];
};

struct epochs *epochs_new(struct shm *s, unsigned slots)
{
	size_t bytes = sizeof(struct epochs) + slots * sizeof(struct epoch_row);
	struct epochs *e;

	MUST(slots <= SHM_SLOTS_MAX);
	e = pages_alloc(s, (unsigned)((bytes + SHM_PAGE - 1) / SHM_PAGE), ID_MAKE(ID_CORE, 0, 0));
	if (!e)
		return NULL;
	e->now = 1;
	e->slots = slots;
	for (unsigned i = 0; i < slots; i++)
		e->rows[i].seen = HOLDS_NOTHING;
	pages_publish(s, e);
	return e;
}

/* The new value must be out before this turn's first look at a shared pointer, or one who unlinks would take us for idle: that is what the fence is
 * for. What the turn before did is out before the new value. */
void epoch_turn(struct epochs *e, unsigned slot)
{
	MUST(slot < e->slots);
	atomic_store_explicit(&e->rows[slot].seen, atomic_load(&e->now), memory_order_release);
	atomic_thread_fence(memory_order_seq_cst);
}

void epoch_idle(struct epochs *e, unsigned slot)
{
	MUST(slot < e->slots);
	atomic_store_explicit(&e->rows[slot].seen, HOLDS_NOTHING, memory_order_release);
}

void epoch_alive(struct epochs *e, unsigned slot, bool alive)
{
	if (alive)
		epoch_turn(e, slot);
	else
		epoch_idle(e, slot);
}

uint64_t epoch_mark(struct epochs *e)
{
	return atomic_fetch_add(&e->now, 1) + 1;
}

bool epoch_passed(struct epochs *e, uint64_t mark)
{
	for (unsigned i = 0; i < e->slots; i++)
		if (atomic_load(&e->rows[i].seen) < mark)
			return false;
	return true;
}

void epoch_wait(struct epochs *e, unsigned slot)
{
	const struct timespec nap = { .tv_nsec = 200000 };
	uint64_t mark = epoch_mark(e);

	/* two who wait do not wait for each other */
	epoch_idle(e, slot);
	while (!epoch_passed(e, mark))
		nanosleep(&nap, NULL);
	epoch_turn(e, slot);
}

/* --- limbo --- */

#define SPARE_MAX 1024 /* entries kept for reuse */

struct limbo_entry {
	struct limbo_entry *next;
	void (*release)(void *obj, void *arg);
	void *obj, *arg;
	uint64_t mark;
};

struct limbo {
	struct epochs *epochs;
	struct limbo_entry *first, **end;
	struct limbo_entry *spare;
	unsigned spare_n;
};

struct limbo *limbo_new(struct epochs *e)
{
	struct limbo *l = fault_alloc() ? NULL : calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->epochs = e;
	l->end = &l->first;
	return l;
}

static void release_first(struct limbo *l)
{
	struct limbo_entry *entry = l->first;

	l->first = entry->next;
	if (!l->first)
		l->end = &l->first;
	entry->release(entry->obj, entry->arg);
	if (l->spare_n == SPARE_MAX) {
		free(entry);
		return;
	}
	entry->next = l->spare;
	l->spare = entry;
	l->spare_n++;
}

void limbo_drop(struct limbo **lp)
{
	struct limbo *l = *lp;

	*lp = NULL;
	if (!l)
		return;
	while (l->first)
		release_first(l);
	while (l->spare) {
		struct limbo_entry *entry = l->spare;

		l->spare = entry->next;
		free(entry);
	}
	free(l);
}

int limbo_add(struct limbo *l, void (*release)(void *obj, void *arg), void *obj, void *arg)
{
	struct limbo_entry *entry = l->spare;

	if (fault_alloc())
		return -ENOMEM;
	if (entry) {
		l->spare = entry->next;
		l->spare_n--;
	} else {
		entry = malloc(sizeof(*entry));
		if (!entry)
			return -ENOMEM;
	}
	*entry = (struct limbo_entry){ NULL, release, obj, arg, epoch_mark(l->epochs) };
	*l->end = entry;
	l->end = &entry->next;
	return 0;
}

void limbo_run(struct limbo *l)
{
	while (l->first && epoch_passed(l->epochs, l->first->mark)) {
		FAULT("limbo.release");
		release_first(l);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of stores in which a message goes from one worker to another. */
#include "core/net/tray.h"

#include "core/mem/fault.h"
#include "core/net/state.h"

size_t trays_size(unsigned n)
{
	return (size_t)n * n * sizeof(struct tray);
}

struct tray *tray_between(const struct run *run, unsigned giver, unsigned taker)
{
	return &run->net->shared->trays[(size_t)giver * run->slots_n + taker];
}

static struct handed *_Atomic *place_of(struct tray *t, uint64_t count)
{
	return &t->places[count % TRAY_ROOM];
}

/* --- the giver ----------------------------------------------------------------------------------------------------------------- */
struct handed *handed_new(struct shm *s, unsigned taker, const struct origin *from,
			  struct str bytes)
{
	struct handed *m = chunk_alloc(s, sizeof(*m) + bytes.n, ID_MAKE(ID_SLOT, taker, 0));

	if (!m)
		return NULL;
	m->from = *from;
	m->n = (uint32_t)bytes.n;
	memcpy(m->data, bytes.p, bytes.n);
	FAULT("net.tray.built");
	return m;
}

void tray_put(struct shm *s, struct tray *t, struct handed *m)
{
	uint64_t put = atomic_load(&t->put);

	atomic_store(&t->putting, put + 1);
	FAULT("net.tray.putting");
	atomic_store(place_of(t, put), m);
	FAULT("net.tray.placed");
	chunk_publish(s, m);
	FAULT("net.tray.published");
	atomic_store(&t->put, put + 1);
	FAULT("net.tray.put");
}

bool tray_wait(struct tray *t, uint64_t at)
{
	uint64_t waits = atomic_load(&t->wake_at);

	if (!waits || at < waits)
		atomic_store(&t->wake_at, at);
	/* behind the store: the taker counts first and looks then */
	return atomic_load(&t->done) < at;
}

void tray_mend_giver(struct shm *s, struct tray *t)
{
	uint64_t put = atomic_load(&t->put);
	struct handed *m = atomic_load(place_of(t, put));
	bool live;

	/* whoever put the last one that is counted has not begun with another: the place is the taker's */
	if (atomic_load(&t->putting) != put + 1 || !m)
		return;
	live = chunk_state(s, m) == MEM_LIVE;
	if (live)
		chunk_dying(s, m);
	FAULT("net.tray.mend_giver");
	atomic_store(place_of(t, put), NULL);
	/* one that is building or dying is given back by the recovery of the slot */
	if (live)
		chunk_free(s, m);
}

/* --- the taker ----------------------------------------------------------------------------------------------------------------- */
struct handed *tray_next(const struct tray *t)
{
	uint64_t done = atomic_load(&t->done);

	return atomic_load(&t->put) == done ? NULL : atomic_load(&t->places[done % TRAY_ROOM]);
}

void tray_begin(struct tray *t)
{
	atomic_store(&t->begun, atomic_load(&t->done) + 1);
	FAULT("net.tray.begun");
}

bool tray_done(struct tray *t)
{
	uint64_t done = atomic_load(&t->begun), waits;

	atomic_store(&t->done, done);
	FAULT("net.tray.done");
	waits = atomic_load(&t->wake_at);
	return waits && waits <= done && atomic_compare_exchange_strong(&t->wake_at, &waits, 0);
}

void tray_clear(struct shm *s, struct tray *t)
{
	uint64_t done = atomic_load(&t->done), cleared = atomic_load(&t->cleared);

	for (; cleared < done; atomic_store(&t->cleared, ++cleared)) {
		struct handed *m = atomic_load(place_of(t, cleared));

		if (!m)
			continue; /* freed by one who died before it was counted */
		chunk_dying(s, m);
		FAULT("net.tray.dying");
		atomic_store(place_of(t, cleared), NULL);
		FAULT("net.tray.cleared");
		chunk_free(s, m);
	}
}

void tray_mend_taker(struct shm *s, struct tray *t, bool told)
{
	uint64_t done = atomic_load(&t->done), cleared = atomic_load(&t->cleared);
	struct handed *m = atomic_load(place_of(t, cleared));

	if (cleared < done && m && chunk_state(s, m) == MEM_DYING)
		atomic_store(place_of(t, cleared), NULL);
	FAULT("net.tray.mend_taker");
	/* one that was begun and never was in hand is begun again */
	if (told)
		atomic_store(&t->done, atomic_load(&t->begun));
	else
		atomic_store(&t->begun, done);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole messages of a busy connection on their way from its owner to another worker. There is a tray for each pair of workers, in shared
 * memory: one puts (the giver), one takes (the taker), nobody locks.
 *
 * Messages are counted from the beginning: put of them were put, begun were taken in hand, done have been run, cleared are freed. Each count is written
 * by one side, with one store. What a dead giver had half put is taken back by tray_mend_giver, so it is still its connection's; what a dead taker had
 * begun is not run again, once its slot's row told it. */
#ifndef NET_TRAY_H
#define NET_TRAY_H

#include "core/net/net.h"

#define TRAY_ROOM	 16u
#define TRAY_MESSAGE_MAX 16384u /* bytes; a larger one stays with its connection's owner */

/* A message, a chunk of the taker's slot. */
struct handed {
	struct origin from;
	uint64_t at; /* clock_ms when it was handed over; the giver's to set */
	uint32_t n;
	char data[];
};

struct tray {
	/* the giver's */
	_Atomic uint64_t put;
	_Atomic uint64_t putting; /* put + 1 while the place of the next one is filled */
	_Atomic uint64_t wake_at; /* it is to be woken when so many are done; 0: it does not wait */
	/* the taker's, in a line of its own */
	_Alignas(64) _Atomic uint64_t begun;
	_Atomic uint64_t done;
	_Atomic uint64_t cleared;
	_Alignas(64) struct handed *_Atomic places[TRAY_ROOM];
};

/* Bytes for all trays among n slots. */
size_t trays_size(unsigned n);
struct tray *tray_between(const struct run *run, unsigned giver, unsigned taker);

static inline unsigned tray_waiting(const struct tray *t)
{
	return (unsigned)(atomic_load(&t->put) - atomic_load(&t->done));
}

static inline bool tray_is_full(const struct tray *t)
{
	return atomic_load(&t->put) - atomic_load(&t->cleared) >= TRAY_ROOM;
}

/* --- the giver ----------------------------------------------------------------------------------------------------------------- */
/* Building; bytes are copied. NULL: no memory. */
struct handed *handed_new(struct shm *s, unsigned taker, const struct origin *from,
			  struct str bytes);
/* The tray must not be full. Once this returns the message is the taker's. */
void tray_put(struct shm *s, struct tray *t, struct handed *m);
/* False: at messages are done already. Else the taker wakes the giver when they are, or earlier. */
bool tray_wait(struct tray *t, uint64_t at);
/* What a dead giver left; before shm_recover. */
void tray_mend_giver(struct shm *s, struct tray *t);

/* --- the taker ----------------------------------------------------------------------------------------------------------------- */
/* The next message to be begun; NULL: none. */
struct handed *tray_next(const struct tray *t);
/* Before its slot's row says that it is in hand. */
void tray_begin(struct tray *t);
/* It was run. True: the giver is to be woken. Before the row is cleared. */
bool tray_done(struct tray *t);
/* Frees what is done; behind the row. */
void tray_clear(struct shm *s, struct tray *t);
/* What a dead taker left; told: its row names the message that was begun. Before shm_recover; the message stays until tray_clear. */
void tray_mend_taker(struct shm *s, struct tray *t, bool told);

#endif

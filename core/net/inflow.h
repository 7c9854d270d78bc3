/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes on their way in, in shared memory: what came and was not taken yet. Places are counted from the stream's beginning. One worker, the connection's
 * owner, writes. */
#ifndef NET_INFLOW_H
#define NET_INFLOW_H

#include "core/base/str.h"
#include "core/net/place.h"

/* A chunk: data[0] is the byte at place start of the stream. */
struct received {
	uint64_t start;
	uint64_t reserved;
	char data[];
};

struct inflow {
	void *_Atomic rx;	/* struct received; NULL: nothing is waiting */
	void *_Atomic rx_old;	/* see place.h */
	_Atomic uint64_t end;	/* bytes that came */
	_Atomic uint64_t begin; /* of these, bytes that were taken */
};

static inline struct place inflow_place(struct inflow *f)
{
	return (struct place){ &f->rx, &f->rx_old };
}

/* What came and was not taken yet. */
struct str inflow_left(const struct inflow *f);
/* Makes room for more behind it: the chunk is of about that size, and no larger than most unless what is left over needs it. -ENOMEM. */
int inflow_prepare(struct shm *shm, struct inflow *f, uint64_t owner, size_t size, size_t most);
/* Where the next bytes go, and how many fit. */
char *inflow_space(struct shm *shm, const struct inflow *f, size_t *room_r);
static inline void inflow_came(struct inflow *f, size_t n)
{
	atomic_fetch_add(&f->end, (uint64_t)n);
}
static inline void inflow_take(struct inflow *f, size_t n)
{
	atomic_store(&f->begin, f->begin + n);
}
/* Gives its memory back. */
void inflow_free(struct shm *shm, struct inflow *f);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* One chunk, which is replaced as a whole when what is left over does not fit. */
#include "core/net/inflow.h"

#include <errno.h>
#include <string.h>

#define ROOM_LEAST 512u

static struct received *rx_of(const struct inflow *f)
{
	return atomic_load(&f->rx);
}

struct str inflow_left(const struct inflow *f)
{
	const struct received *rx = rx_of(f);

	if (!rx)
		return str_of("", 0);
	return str_of(rx->data + (f->begin - rx->start), f->end - f->begin);
}

char *inflow_space(struct shm *shm, const struct inflow *f, size_t *room_r)
{
	struct received *rx = rx_of(f);

	*room_r = 0;
	if (!rx)
		return NULL;
	*room_r = chunk_size(shm, rx) - sizeof(*rx) - (f->end - rx->start);
	return rx->data + (f->end - rx->start);
}

/* Other memory of size bytes, which begins with what is left over. */
static struct received *rx_copy(struct shm *shm, const struct inflow *f, uint64_t owner,
				size_t size)
{
	struct str left = inflow_left(f);
	struct received *rx = chunk_alloc(shm, size, owner);

	if (!rx)
		return NULL;
	rx->start = f->begin;
	rx->reserved = 0;
	memcpy(rx->data, left.p, left.n);
	return rx;
}

int inflow_prepare(struct shm *shm, struct inflow *f, uint64_t owner, size_t size, size_t most)
{
	size_t left = f->end - f->begin, room;
	struct received *rx = rx_of(f);

	if (rx && !left && rx->start != f->end)
		rx->start = f->end; /* all of it is taken: the chunk is empty again */
	inflow_space(shm, f, &room);
	if (room >= ROOM_LEAST && (left || chunk_size(shm, rx) >= size))
		return 0;
	if (size < 2 * left)
		size = 2 * left;
	if (size > most)
		size = most;
	if (size < left + sizeof(*rx) + ROOM_LEAST)
		size = left + sizeof(*rx) + ROOM_LEAST;
	rx = rx_copy(shm, f, owner, size);
	if (!rx)
		return -ENOMEM;
	place_put(shm, inflow_place(f), rx);
	return 0;
}

void inflow_free(struct shm *shm, struct inflow *f)
{
	if (rx_of(f))
		place_put(shm, inflow_place(f), NULL);
}

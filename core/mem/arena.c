/* SPDX-License-Identifier: BSD-2-Clause */
/* Arenas: how large the next piece is, and that all pieces go with the first. */
#include "core/mem/arena.h"

#include "core/mem/page.h"

#define ALIGN	  16u
#define PIECE_MAX ((size_t)64 << 10) /* unless one allocation needs more */

struct rest {
	char *at, *end;
};

struct arena {
	struct shm *shm;
	struct rest rests
		[2]; /* [filling] is the free rest of the piece that is filled now; changed by one store, so that whoever
			       * goes on after a death finds a whole one */
	unsigned filling;
	size_t held, max; /* bytes of all pieces */
	size_t used;
};

struct arena *arena_new(struct shm *s, uint64_t owner, size_t first, size_t max)
{
	size_t head = (sizeof(struct arena) + ALIGN - 1) / ALIGN * ALIGN;
	struct arena *a;

	if (first > max || max < head || first > SIZE_MAX - head)
		return NULL;
	a = chunk_alloc(s, first + head < max ? first + head : max, owner);
	if (!a)
		return NULL;
	a->shm = s;
	a->held = chunk_size(s, a);
	a->filling = 0;
	a->rests[0] = (struct rest){ (char *)a + head, (char *)a + a->held };
	a->max = max;
	a->used = 0;
	return a;
}

void arena_publish(struct arena *a)
{
	STEP("arena.publish");
	chunk_publish(a->shm, a);
}

void arena_drop(struct arena **ap)
{
	struct arena *a = *ap;

	if (!a) {
		*ap = NULL;
		return;
	}
	chunk_dying(a->shm, a);
	STEP("arena.dying");
	*ap = NULL;
	STEP("arena.drop");
	chunk_free(a->shm, a);
}

/* As much as there is already, so that a large arena has few pieces; less where the maximum is near. */
static void *piece_new(struct arena *a, size_t need, size_t *size_r)
{
	size_t left = a->max > a->held ? a->max - a->held : 0;
	size_t size = a->held < PIECE_MAX ? a->held : PIECE_MAX;
	void *p;

	if (need > left)
		return NULL;
	if (size > left)
		size = left;
	if (size < need)
		size = need;
	p = part_alloc(a->shm, a, size);
	if (p)
		*size_r = piece_size(a->shm, p);
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t need = ((n ? n : 1) + ALIGN - 1) / ALIGN * ALIGN, size;
	struct rest *rest = &a->rests[a->filling];
	char *p;

	if (n > a->max)
		return NULL;
	if (need <= (size_t)(rest->end - rest->at)) {
		p = rest->at;
		rest->at += need;
	} else {
		p = piece_new(a, need, &size);
		if (!p)
			return NULL;
		STEP("arena.piece");
		a->held += size;
		/* A large allocation must not waste the rest of the piece that is filled now. */
		if (size - need > (size_t)(rest->end - rest->at)) {
			a->rests[!a->filling] = (struct rest){ p + need, p + size };
			STEP("arena.rest");
			a->filling = !a->filling;
		}
	}
	a->used += n;
	return p;
}

void *arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	return p ? memset(p, 0, n) : NULL;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p;

	if (str_is_null(s))
		return STR_NULL;
	p = arena_alloc(a, s.n);
	if (!p)
		return STR_NULL;
	if (s.n)
		memcpy(p, s.p, s.n);
	return str_of(p, s.n);
}

void *arena_block_alloc(struct arena *a, size_t n)
{
	return part_alloc(a->shm, a, n);
}

void arena_block_free(struct arena *a, void *p)
{
	part_free(a->shm, p);
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

struct shm *arena_shm(const struct arena *a)
{
	return a->shm;
}

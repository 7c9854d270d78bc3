/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes to a message: an ordered list of "at this offset of the received buffer, leave out that many bytes and put this text in". The buffer is
 * never written to. */
#ifndef MSG_EDIT_H
#define MSG_EDIT_H

#include "core/mem/pool.h"

struct edit {
	struct edit *next;
	uint32_t at;	 /* offset in the received buffer */
	uint32_t drop;	 /* bytes left out from there */
	struct str text; /* put in at that place */
};

/* Sorted by at; those at the same place in the order in which they were made. */
struct edits {
	struct edit *first, *last;
	size_t reach;  /* nothing is left out from there on */
	size_t grown;  /* bytes put in */
	size_t shrunk; /* bytes left out */
};

/* text must live as long as p. -ENOMEM; -EEXIST: part of the range, or what is on both sides of the place, is already left out (nothing is changed).
 * Those that are made in order of their places cost the same however many there are. */
int edits_add(struct edits *e, struct pool *p, size_t at, size_t drop, struct str text);
/* Takes back what was changed inside the range: removals of bytes of it alone, and texts put between its first and last byte. */
void edits_forget(struct edits *e, size_t at, size_t n);
/* Takes back everything from that place on. */
void edits_forget_behind(struct edits *e, size_t at);
/* True when the whole range is left out already: reads of removals see it. */
bool edits_removed(const struct edits *e, size_t at, size_t n);
/* True when a removal shares a byte with the range; of an empty range: when one begins before it and ends behind it. */
bool edits_overlap(const struct edits *e, size_t at, size_t n);

#endif

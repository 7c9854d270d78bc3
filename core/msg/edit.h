/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes to a message: an ordered list of "at this offset of the received buffer, leave out that many bytes and put this text in". The buffer is
 * never written to.
 *
 * A late edit's text is made when the message is emitted, for the target it goes to: Record-Route and its like name the socket of each target. It
 * lies between header fields, leaves nothing out, and consists of a constant table and of plain bytes: whoever keeps edits elsewhere copies those. */
#ifndef MSG_EDIT_H
#define MSG_EDIT_H

#include "core/mem/pool.h"

struct ctx;
struct target;

/* What makes the text of a late edit: one constant of the module that adds it. */
struct edit_late {
	/* Whole header fields with CRLF for a message that leaves to t, in the context's pool; null: none. data and data_n are the edit's. 0 or -errno: the
	 * message is not sent to t. */
	int (*make)(struct ctx *ctx, const struct target *t, const void *data, size_t data_n,
		    struct str *text_r);
};

struct edit {
	struct edit *next;
	uint32_t at;   /* offset in the received buffer */
	uint32_t drop; /* bytes left out from there */
	struct str
		text; /* put in at that place; of a late one: as made for the last target, null before */
	const struct edit_late *late; /* NULL: an ordinary one */
	const void *data;	      /* a late one's: plain bytes without pointers */
	size_t data_n;
};

/* Sorted by at; those at the same place in the order in which they were made. */
struct edits {
	struct edit *first, *last;
	size_t reach;  /* nothing is left out from there on */
	size_t grown;  /* bytes put in; texts of late ones are not counted */
	size_t shrunk; /* bytes left out */
};

/* text must live as long as p. -ENOMEM; -EEXIST: part of the range, or what is on both sides of the place, is already left out (nothing is changed).
 * Those that are made in order of their places cost the same however many there are. */
int edits_add(struct edits *e, struct pool *p, size_t at, size_t drop, struct str text);
/* A late edit, at a place between header fields; data, which may be replaced by its maker, is copied. Same errors. */
int edits_add_late(struct edits *e, struct pool *p, size_t at, const struct edit_late *late,
		   struct str data);
/* The first one that late makes. NULL: there is none. */
struct edit *edits_late(const struct edits *e, const struct edit_late *late);
/* Takes out all that late makes. False: there was none. */
bool edits_forget_late(struct edits *e, const struct edit_late *late);
/* Another list of the same changes, whose texts stay where they are; p's. -ENOMEM: *to_r is unusable. */
int edits_copy(const struct edits *from, struct pool *p, struct edits *to_r);
/* Whether there is any but late ones: something that reads could see. */
bool edits_any(const struct edits *e);
/* Takes back what was changed inside the range: removals of bytes of it alone, and texts put between its first and last byte. */
void edits_forget(struct edits *e, size_t at, size_t n);
/* Takes back everything from that place on. */
void edits_forget_behind(struct edits *e, size_t at);
/* True when the whole range is left out already: reads of removals see it. */
bool edits_removed(const struct edits *e, size_t at, size_t n);
/* True when a removal shares a byte with the range; of an empty range: when one begins before it and ends behind it. */
bool edits_overlap(const struct edits *e, size_t at, size_t n);
/* Why something of a message was not changed, for a person: err is what edits_add() or whoever comes to it answered, -errno. */
const char *edit_why(int err);

#endif

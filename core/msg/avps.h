/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that a script keeps under names of its own, several under one name: $avp(x), SER's $f.x, $xavp(x=>y). Bounded. They point to nothing but memory
 * of one allocator, and can be copied to another: from a message to its transaction and back. */
#ifndef MSG_AVPS_H
#define MSG_AVPS_H

#include "core/mem/pool.h"
#include "core/run/value.h"

#define AVPS_VALUES_MAX 1000u	     /* in one store */
#define AVPS_BYTES_MAX	(256u << 10) /* of names and texts */

/* Where a value belongs; SER's classes: of the caller and the called, their URI, user and domain. */
enum avp_list {
	AVP_FROM_URI, /* $fr.x, $avp(x) */
	AVP_FROM_USER,
	AVP_FROM_DOMAIN,
	AVP_TO_URI,
	AVP_TO_USER,
	AVP_TO_DOMAIN,
	AVP_GLOBAL,
	AVP_X,	/* $xavp */
	AVP_XU, /* $xavu: one value for each name */
	AVP_XI, /* $xavi: names in lower case */
	AVP_LISTS,
};

/* One value; the newest of a name comes first. */
struct avp {
	struct avp *next;
	uint32_t hash;	/* of the name */
	uint32_t flags; /* setavpflag */
	struct str name;
	struct value value; /* null, a number or text; of one with fields null */
	struct avp *fields;
};

struct avps {
	struct avp *first[AVP_LISTS];
	uint32_t values;
	size_t bytes;
	struct avp *spare; /* removed, used again */
};

/* A name with its hash, made once. */
struct avp_name {
	struct str text;
	uint32_t hash;
};
struct avp_name avp_name(struct str text);

/* The value at index of those of that name: 0 the newest, -1 the oldest. NULL: there is none. */
struct avp *avp_find(struct avp *first, const struct avp_name *name, int64_t index);
unsigned avp_count(const struct avp *first, const struct avp_name *name);
/* Puts a value (null: one that may have fields) before the others of a list. Name and text must live as long as the pool. -ENOSPC: the store's bounds
 * are reached; -ENOMEM. */
int avp_add(struct avps *avps, struct pool *pool, struct avp **first, const struct avp_name *name,
	    const struct value *v, struct avp **avp_r);
/* Gives it another value; its fields go. -ENOSPC. */
int avp_replace(struct avps *avps, struct avp *avp, const struct value *v);
/* Removes one; NULL does nothing. */
void avp_remove(struct avps *avps, struct avp **first, struct avp *avp);
void avp_remove_all(struct avps *avps, struct avp **first, const struct avp_name *name);

/* A copy of one with its fields, under another name, before *first. Texts are not copied. -ENOSPC, -ENOMEM: nothing is added. */
int avp_clone(struct avps *avps, struct pool *pool, struct avp **first, const struct avp *from,
	      const struct avp_name *name);

/* alloc(arg, n): n bytes aligned to 16, or NULL. A copy of everything, texts included. -ENOMEM: *to_r is unusable. */
typedef void *avps_alloc(void *arg, size_t n);
int avps_copy(const struct avps *from, avps_alloc *alloc, void *arg, struct avps *to_r);

#endif

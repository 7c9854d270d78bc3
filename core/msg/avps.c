/* SPDX-License-Identifier: BSD-2-Clause */
/* How a script's values are kept in lists, counted, and copied whole. */
#include "core/msg/avps.h"

#include <errno.h>

#define DEPTH_MAX 16u /* of fields in fields, when they are copied; paths are not longer */

/* FNV-1a: names are few and short, and what they are compared with is known. */
struct avp_name avp_name(struct str text)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < text.n; i++)
		h = (h ^ (unsigned char)text.p[i]) * 16777619u;
	return (struct avp_name){ .text = text, .hash = h };
}

static inline bool is_named(const struct avp *a, const struct avp_name *name)
{
	return a->hash == name->hash && str_eq(a->name, name->text);
}

unsigned avp_count(const struct avp *a, const struct avp_name *name)
{
	unsigned n = 0;

	for (; a; a = a->next)
		n += is_named(a, name);
	return n;
}

struct avp *avp_find(struct avp *a, const struct avp_name *name, int64_t index)
{
	if (index < 0)
		index += avp_count(a, name);
	if (index < 0)
		return NULL;
	for (; a; a = a->next)
		if (is_named(a, name) && index-- == 0)
			return a;
	return NULL;
}

static size_t text_bytes(const struct value *v)
{
	return v->type == VALUE_STR ? v->s.n : 0;
}

int avp_add(struct avps *avps, struct pool *pool, struct avp **first, const struct avp_name *name,
	    const struct value *v, struct avp **avp_r)
{
	size_t bytes = name->text.n + text_bytes(v);
	struct avp *a = avps->spare;

	if (avps->values >= AVPS_VALUES_MAX || avps->bytes + bytes > AVPS_BYTES_MAX)
		return -ENOSPC;
	if (a)
		avps->spare = a->next;
	else
		a = pool_alloc(pool, sizeof(*a));
	if (!a)
		return -ENOMEM;
	*a = (struct avp){ .next = *first, .hash = name->hash, .name = name->text, .value = *v };
	*first = a;
	avps->values++;
	avps->bytes += bytes;
	if (avp_r)
		*avp_r = a;
	return 0;
}

/* A list of any depth, taken apart without recursion: what is below goes to the front. */
static void spare_all(struct avps *avps, struct avp *a)
{
	while (a) {
		struct avp *next = a->next, *last = a->fields;

		if (last) {
			while (last->next)
				last = last->next;
			last->next = next;
			next = a->fields;
		}
		avps->values--;
		avps->bytes -= a->name.n + text_bytes(&a->value);
		a->next = avps->spare;
		avps->spare = a;
		a = next;
	}
}

int avp_replace(struct avps *avps, struct avp *a, const struct value *v)
{
	size_t bytes = avps->bytes - text_bytes(&a->value) + text_bytes(v);

	if (bytes > AVPS_BYTES_MAX)
		return -ENOSPC;
	avps->bytes = bytes;
	a->value = *v;
	spare_all(avps, a->fields);
	a->fields = NULL;
	return 0;
}

void avp_remove(struct avps *avps, struct avp **first, struct avp *avp)
{
	for (; *first; first = &(*first)->next) {
		if (*first != avp)
			continue;
		*first = avp->next;
		avp->next = NULL;
		spare_all(avps, avp);
		return;
	}
}

void avp_remove_all(struct avps *avps, struct avp **first, const struct avp_name *name)
{
	while (*first) {
		struct avp *a = *first;

		if (is_named(a, name))
			avp_remove(avps, first, a);
		else
			first = &a->next;
	}
}

static int clone(struct avps *avps, struct pool *pool, struct avp **first, const struct avp *from,
		 const struct avp_name *name, unsigned depth)
{
	struct avp *a, **end;
	int err = avp_add(avps, pool, first, name, &from->value, &a);

	if (err || !depth)
		return err;
	end = &a->fields;
	for (const struct avp *f = from->fields; f && !err; f = f->next) {
		struct avp_name field = { .text = f->name, .hash = f->hash };

		err = clone(avps, pool, end, f, &field, depth - 1);
		if (!err)
			end = &(*end)->next;
	}
	if (err)
		avp_remove(avps, first, a);
	return err;
}

int avp_clone(struct avps *avps, struct pool *pool, struct avp **first, const struct avp *from,
	      const struct avp_name *name)
{
	return clone(avps, pool, first, from, name, DEPTH_MAX);
}

/* --- copies --------------------------------------------------------------------------------------------------------------------------- */

static int copy_text(avps_alloc *alloc, void *arg, struct str *s)
{
	char *p;

	if (str_is_null(*s))
		return 0;
	p = alloc(arg, s->n + 1);
	if (!p)
		return -ENOMEM;
	memcpy(p, s->p, s->n);
	*s = str_of(p, s->n);
	return 0;
}

static int copy_list(const struct avp *from, avps_alloc *alloc, void *arg, unsigned depth,
		     struct avp **to)
{
	int err = 0;

	*to = NULL;
	for (; from && depth && !err; from = from->next, to = &(*to)->next) {
		struct avp *a = alloc(arg, sizeof(*a));

		if (!a)
			return -ENOMEM;
		*a = *from;
		a->next = NULL;
		*to = a;
		err = copy_text(alloc, arg, &a->name);
		if (!err && a->value.type == VALUE_STR)
			err = copy_text(alloc, arg, &a->value.s);
		if (!err)
			err = copy_list(from->fields, alloc, arg, depth - 1, &a->fields);
	}
	return err;
}

int avps_copy(const struct avps *from, avps_alloc *alloc, void *arg, struct avps *to_r)
{
	int err = 0;

	*to_r = (struct avps){ .values = from->values, .bytes = from->bytes };
	for (unsigned i = 0; i < AVP_LISTS && !err; i++)
		err = copy_list(from->first[i], alloc, arg, DEPTH_MAX, &to_r->first[i]);
	return err;
}

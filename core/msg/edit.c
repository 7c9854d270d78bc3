/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of changes to a message, kept in order of the places they concern. */
#include "core/msg/edit.h"

#include <errno.h>

static size_t edit_end(const struct edit *e)
{
	return (size_t)e->at + e->drop;
}

bool edits_overlap(const struct edits *e, size_t at, size_t n)
{
	for (const struct edit *x = e->first; x && x->at < at + n; x = x->next) {
		if (x->drop && edit_end(x) > at)
			return true;
	}
	return false;
}

/* Where the new one is linked in; NULL: it would split a removal, or be one of what is gone. */
static struct edit **edits_place(struct edits *e, size_t at, size_t drop)
{
	struct edit **link = &e->first;

	if (e->last && at >= e->reach && at >= e->last->at)
		return &e->last->next;
	if (edits_overlap(e, at, drop))
		return NULL;
	while (*link && (*link)->at <= at)
		link = &(*link)->next;
	return link;
}

static int edits_insert(struct edits *e, struct pool *p, struct edit what)
{
	struct edit **link = edits_place(e, what.at, what.drop), *new;

	if (!link)
		return -EEXIST;
	new = pool_alloc(p, sizeof(*new));
	if (!new)
		return -ENOMEM;
	*new = what;
	new->next = *link;
	*link = new;
	if (!new->next)
		e->last = new;
	if (new->drop && edit_end(new) > e->reach)
		e->reach = edit_end(new);
	e->grown += new->text.n;
	e->shrunk += new->drop;
	return 0;
}

int edits_add(struct edits *e, struct pool *p, size_t at, size_t drop, struct str text)
{
	return edits_insert(
		e, p, (struct edit){ .at = (uint32_t)at, .drop = (uint32_t)drop, .text = text });
}

int edits_add_late(struct edits *e, struct pool *p, size_t at, const struct edit_late *late,
		   struct str data)
{
	struct str copy = pool_str(p, data);

	if (data.n && !copy.p)
		return -ENOMEM;
	return edits_insert(
		e, p,
		(struct edit){
			.at = (uint32_t)at, .late = late, .data = copy.p, .data_n = copy.n });
}

struct edit *edits_late(const struct edits *e, const struct edit_late *late)
{
	for (struct edit *x = e->first; x; x = x->next) {
		if (x->late == late)
			return x;
	}
	return NULL;
}

int edits_copy(const struct edits *from, struct pool *p, struct edits *to_r)
{
	struct edit **link = &to_r->first;

	*to_r = *from;
	to_r->first = to_r->last = NULL;
	for (const struct edit *x = from->first; x; x = x->next) {
		struct edit *e = pool_alloc(p, sizeof(*e));

		if (!e)
			return -ENOMEM;
		*e = *x;
		e->next = NULL;
		*link = to_r->last = e;
		link = &e->next;
	}
	return 0;
}

bool edits_any(const struct edits *e)
{
	for (const struct edit *x = e->first; x; x = x->next) {
		if (!x->late)
			return true;
	}
	return false;
}

/* Takes out the one behind before (NULL: the first). */
static void unlink_edit(struct edits *e, struct edit *before)
{
	struct edit **link = before ? &before->next : &e->first, *x = *link;

	e->grown -= x->late ? 0 : x->text.n;
	e->shrunk -= x->drop;
	*link = x->next;
	if (e->last == x)
		e->last = before;
}

static struct edit *edit_behind(const struct edits *e, const struct edit *before)
{
	return before ? before->next : e->first;
}

void edits_forget(struct edits *e, size_t at, size_t n)
{
	struct edit *before = NULL, *x;

	while ((x = edit_behind(e, before)) && x->at < at + n) {
		if ((x->at > at || (x->at == at && x->drop)) && edit_end(x) <= at + n)
			unlink_edit(e, before);
		else
			before = x;
	}
}

bool edits_forget_late(struct edits *e, const struct edit_late *late)
{
	struct edit *before = NULL, *x;
	bool any = false;

	while ((x = edit_behind(e, before))) {
		if (x->late == late) {
			unlink_edit(e, before);
			any = true;
		} else {
			before = x;
		}
	}
	return any;
}

void edits_forget_behind(struct edits *e, size_t at)
{
	struct edit *before = NULL, *x;

	while ((x = edit_behind(e, before))) {
		if (x->at >= at)
			unlink_edit(e, before);
		else
			before = x;
	}
}

bool edits_removed(const struct edits *e, size_t at, size_t n)
{
	size_t end = at + n;

	for (const struct edit *x = e->first; x && x->at <= at; x = x->next) {
		if (x->drop && edit_end(x) > at)
			at = edit_end(x);
		if (at >= end)
			return true;
	}
	return false;
}

const char *edit_why(int err)
{
	switch (-err) {
	case EPERM:
		return "Content-Length is made for the message as it leaves; set_body() sets what "
		       "it counts";
	case EEXIST:
		return "a part of it was changed before";
	case EALREADY:
		return "that was done before";
	case EINVAL:
		return "it is not well formed";
	case EBADMSG:
		return "it is of another kind";
	case ENOENT:
		return "there is none";
	case E2BIG:
		return "there are too many";
	case ELOOP:
		return "it takes too many steps";
	case EMSGSIZE:
		return "it would be too long";
	case ERANGE:
		return "a number is out of range";
	case ENOMEM:
		return "no memory left for this message";
	default:
		return "it cannot be";
	}
}

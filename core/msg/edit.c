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

int edits_add(struct edits *e, struct pool *p, size_t at, size_t drop, struct str text)
{
	struct edit **link = &e->first;
	struct edit *new;

	/* the second removal would not know what of it is gone */
	if (drop && edits_overlap(e, at, drop))
		return -EEXIST;
	new = pool_alloc(p, sizeof(*new));
	if (!new)
		return -ENOMEM;
	while (*link && (*link)->at <= at)
		link = &(*link)->next;
	*new = (struct edit){
		.next = *link, .at = (uint32_t)at, .drop = (uint32_t)drop, .text = text
	};
	*link = new;
	e->grown += text.n;
	e->shrunk += drop;
	return 0;
}

static void unlink_edit(struct edits *e, struct edit **link)
{
	e->grown -= (*link)->text.n;
	e->shrunk -= (*link)->drop;
	*link = (*link)->next;
}

void edits_forget(struct edits *e, size_t at, size_t n)
{
	struct edit **link = &e->first;

	while (*link && (*link)->at < at + n) {
		const struct edit *x = *link;

		if ((x->at > at || (x->at == at && x->drop)) && edit_end(x) <= at + n)
			unlink_edit(e, link);
		else
			link = &(*link)->next;
	}
}

void edits_forget_behind(struct edits *e, size_t at)
{
	struct edit **link = &e->first;

	while (*link) {
		if ((*link)->at >= at)
			unlink_edit(e, link);
		else
			link = &(*link)->next;
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

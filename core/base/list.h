/* SPDX-License-Identifier: BSD-2-Clause */
/* Intrusive doubly linked lists, of this process's objects only. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* A head or a link. A link that is in no list points to itself. */
struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_append(struct list *head, struct list *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

static inline void list_prepend(struct list *head, struct list *link)
{
	list_append(head->next, link);
}

/* Taking out a link that is in no list is legal. */
static inline void list_remove(struct list *link)
{
	link->next->prev = link->prev;
	link->prev->next = link->next;
	list_init(link);
}

/* Takes the first link out; NULL when the list is empty. */
static inline struct list *list_take_first(struct list *head)
{
	struct list *first = head->next;

	if (first == head)
		return NULL;
	list_remove(first);
	return first;
}

#define list_for_each(l, head) for (struct list *l = (head)->next; l != (head); l = l->next)
/* The body may remove l. */
#define list_for_each_safe(l, head)                                           \
	for (struct list *l = (head)->next, *l##_next = l->next; l != (head); \
	     l = l##_next, l##_next = l->next)

#endif

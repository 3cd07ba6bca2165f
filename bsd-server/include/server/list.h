/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Doubly linked circular lists; the head is an element of its own. An element
 * that is on no list points at itself after list_init or list_remove.
 */
#ifndef SERVER_LIST_H
#define SERVER_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next;
	struct list *prev;
};

#define LIST_HEAD(name)                                                                            \
	{                                                                                          \
		&(name), &(name)                                                                   \
	}

#define list_entry(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

#define list_for_each(link, head)                                                                  \
	for ((link) = (head)->next; (link) != (head); (link) = (link)->next)

/* The current element may be removed. */
#define list_for_each_safe(link, following, head)                                                  \
	for ((link) = (head)->next, (following) = (link)->next; (link) != (head);                  \
	     (link) = (following), (following) = (link)->next)

static inline void
list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool
list_empty(const struct list *l)
{
	return l->next == l;
}

/* Put `l` in front of `head`, that is at the end of its list. */
static inline void
list_append(struct list *head, struct list *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

static inline void
list_remove(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

static inline struct list *
list_first(const struct list *head)
{
	return head->next == head ? NULL : head->next;
}

#endif

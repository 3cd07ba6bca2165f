/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * list -- circular doubly linked lists with an embedded node.
 *
 * A list head is a node that belongs to no element. An element that is in
 * no list has a node pointing to itself (list_node_init) so that membership
 * can be asked and a removal repeated.
 */
#ifndef KERN_LIST_H
#define KERN_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next;
	struct list *prev;
};

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define list_entry(node, type, member) container_of(node, type, member)

#define LIST_INITIALIZER(name)                                                                     \
	{                                                                                          \
		&(name), &(name)                                                                   \
	}

static inline void
list_init(struct list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void
list_insert_before(struct list *next, struct list *node)
{
	node->next = next;
	node->prev = next->prev;
	next->prev->next = node;
	next->prev = node;
}

static inline void
list_insert_tail(struct list *head, struct list *node)
{
	list_insert_before(head, node);
}

static inline void
list_insert_head(struct list *head, struct list *node)
{
	list_insert_before(head->next, node);
}

/* Unlink a node that is put into a list again before anybody asks for it: it
 * is left with what it held. */
static inline void
list_unlink(struct list *node)
{
	struct list *next = node->next, *prev = node->prev;

	next->prev = prev;
	prev->next = next;
}

/* Unlink; the node then points to itself. Harmless when it is in no list. */
static inline void
list_remove(struct list *node)
{
	list_unlink(node);
	list_init(node);
}

/* First node, or NULL. */
static inline struct list *
list_first(const struct list *head)
{
	struct list *first = head->next;

	if (first == NULL)
		__builtin_unreachable(); /* a list is initialized */
	return first != head ? first : NULL;
}

static inline struct list *
list_pop(struct list *head)
{
	struct list *node = list_first(head);

	if (node != NULL)
		list_remove(node);
	return node;
}

/* Move every element of `from` to the tail of `to`; `from` is then empty. */
static inline void
list_concat(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	from->prev->next = to;
	to->prev->next = from->next;
	to->prev = from->prev;
	list_init(from);
}

#define list_for_each(head, node)                                                                  \
	for ((node) = (head)->next; (node) != (head); (node) = (node)->next)

/* As list_for_each; the current node may be removed. */
#define list_for_each_safe(head, node, tmp)                                                        \
	for ((node) = (head)->next, (tmp) = (node)->next; (node) != (head);                        \
	     (node) = (tmp), (tmp) = (node)->next)

#endif

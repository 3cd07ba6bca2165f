/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rbtree -- balanced search trees with an embedded node.
 *
 * The caller descends and compares; this module links, rebalances and walks.
 * A tree may be augmented: `update` recomputes a node's summary from its own
 * fields and its two children, and is called bottom up wherever a subtree
 * changed.
 *
 * Locks: the caller's.
 * Hosted: yes (tests/unit/vm/t_rbtree.c).
 */
#ifndef KERN_RBTREE_H
#define KERN_RBTREE_H

#include <stdbool.h>
#include <stddef.h>

struct rb_node {
	struct rb_node *parent;
	struct rb_node *left;
	struct rb_node *right;
	bool red;
};

struct rb_tree {
	struct rb_node *root;
};

typedef void rb_update_t(struct rb_node *node);

static inline void
rb_init(struct rb_tree *tree)
{
	tree->root = NULL;
}

static inline bool
rb_empty(const struct rb_tree *tree)
{
	return tree->root == NULL;
}

/*
 * Link `node` at `*link`, the empty child slot (or the root) of `parent` that
 * the caller's descent ended in, and rebalance. `update` may be NULL.
 */
void rb_insert(struct rb_tree *tree, struct rb_node *parent, struct rb_node **link,
    struct rb_node *node, rb_update_t *update);

/* Unlink and rebalance. `update` may be NULL. */
void rb_remove(struct rb_tree *tree, struct rb_node *node, rb_update_t *update);

/* The node's own fields changed: refresh it and everything above it. */
void rb_refresh(struct rb_node *node, rb_update_t *update);

/* In order; NULL at the ends. */
struct rb_node *rb_first(const struct rb_tree *tree);
struct rb_node *rb_last(const struct rb_tree *tree);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

#endif

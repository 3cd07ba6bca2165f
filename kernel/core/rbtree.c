/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rbtree -- red-black trees: a red node has black children, and every path
 * down from a node meets equally many black ones. Missing children are black.
 */
#include <kern/rbtree.h>

static bool
is_red(const struct rb_node *node)
{
	return node != NULL && node->red;
}

static void
refresh_path(struct rb_node *node, rb_update_t *update)
{
	for (; update != NULL && node != NULL; node = node->parent)
		update(node);
}

/* `parent` (or the root) points to `new` where it pointed to `old`. */
static void
replace_child(
    struct rb_tree *tree, struct rb_node *parent, struct rb_node *old, struct rb_node *new)
{
	if (parent == NULL)
		tree->root = new;
	else if (parent->left == old)
		parent->left = new;
	else
		parent->right = new;
	if (new != NULL)
		new->parent = parent;
}

/* Let `node` sink to the left (right); its other child rises. */
static void
rotate(struct rb_tree *tree, struct rb_node *node, bool left, rb_update_t *update)
{
	struct rb_node *up = left ? node->right : node->left;
	struct rb_node *inner = left ? up->left : up->right;

	replace_child(tree, node->parent, node, up);
	if (left) {
		up->left = node;
		node->right = inner;
	} else {
		up->right = node;
		node->left = inner;
	}
	node->parent = up;
	if (inner != NULL)
		inner->parent = node;
	if (update != NULL) {
		update(node);
		update(up);
	}
}

/* `node` is red and its parent may be, too. */
static void
insert_repair(struct rb_tree *tree, struct rb_node *node, rb_update_t *update)
{
	struct rb_node *parent, *grand, *uncle;
	bool left;

	while (is_red(parent = node->parent)) {
		grand = parent->parent;
		left = parent == grand->left;
		uncle = left ? grand->right : grand->left;
		if (is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			grand->red = true;
			node = grand;
			continue;
		}
		if (node == (left ? parent->right : parent->left)) {
			rotate(tree, parent, left, update);
			parent = node;
		}
		parent->red = false;
		grand->red = true;
		rotate(tree, grand, !left, update);
		break;
	}
	tree->root->red = false;
}

void
rb_insert(struct rb_tree *tree, struct rb_node *parent, struct rb_node **link, struct rb_node *node,
    rb_update_t *update)
{
	node->parent = parent;
	node->left = NULL;
	node->right = NULL;
	node->red = true;
	*link = node;
	refresh_path(node, update);
	insert_repair(tree, node, update);
}

/* Paths through `node` (perhaps NULL), child of `parent`, lack one black. */
static void
remove_repair(
    struct rb_tree *tree, struct rb_node *parent, struct rb_node *node, rb_update_t *update)
{
	struct rb_node *sibling, *near, *far;
	bool left;

	while (parent != NULL && !is_red(node)) {
		left = node == parent->left;
		sibling = left ? parent->right : parent->left;
		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			rotate(tree, parent, left, update);
			sibling = left ? parent->right : parent->left;
		}
		near = left ? sibling->left : sibling->right;
		far = left ? sibling->right : sibling->left;
		if (!is_red(near) && !is_red(far)) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			continue;
		}
		if (!is_red(far)) {
			near->red = false;
			sibling->red = true;
			rotate(tree, sibling, !left, update);
			far = sibling;
			sibling = near;
		}
		sibling->red = parent->red;
		parent->red = false;
		far->red = false;
		rotate(tree, parent, left, update);
		return;
	}
	if (node != NULL)
		node->red = false;
}

/* Put the successor of `node`, which has two children, in its place. Returns
 * the parent and child of the hole, and the colour that left the hole. */
static bool
splice_successor(
    struct rb_tree *tree, struct rb_node *node, struct rb_node **parentp, struct rb_node **childp)
{
	struct rb_node *next = node->right;
	bool red;

	while (next->left != NULL)
		next = next->left;
	red = next->red;
	*childp = next->right;
	*parentp = next->parent == node ? next : next->parent;
	replace_child(tree, next->parent, next, next->right);
	replace_child(tree, node->parent, node, next);
	next->red = node->red;
	next->left = node->left;
	next->left->parent = next;
	next->right = node->right;
	if (next->right != NULL)
		next->right->parent = next;
	return red;
}

void
rb_remove(struct rb_tree *tree, struct rb_node *node, rb_update_t *update)
{
	struct rb_node *parent, *child;
	bool red;

	if (node->left != NULL && node->right != NULL) {
		red = splice_successor(tree, node, &parent, &child);
	} else {
		parent = node->parent;
		child = node->left != NULL ? node->left : node->right;
		red = node->red;
		replace_child(tree, parent, node, child);
	}
	refresh_path(parent, update);
	if (!red)
		remove_repair(tree, parent, child, update);
	node->parent = node->left = node->right = NULL;
}

void
rb_refresh(struct rb_node *node, rb_update_t *update)
{
	refresh_path(node, update);
}

static struct rb_node *
leftmost(struct rb_node *node)
{
	while (node != NULL && node->left != NULL)
		node = node->left;
	return node;
}

static struct rb_node *
rightmost(struct rb_node *node)
{
	while (node != NULL && node->right != NULL)
		node = node->right;
	return node;
}

struct rb_node *
rb_first(const struct rb_tree *tree)
{
	return leftmost(tree->root);
}

struct rb_node *
rb_last(const struct rb_tree *tree)
{
	return rightmost(tree->root);
}

struct rb_node *
rb_next(const struct rb_node *node)
{
	if (node->right != NULL)
		return leftmost(node->right);
	while (node->parent != NULL && node == node->parent->right)
		node = node->parent;
	return node->parent;
}

struct rb_node *
rb_prev(const struct rb_node *node)
{
	if (node->left != NULL)
		return rightmost(node->left);
	while (node->parent != NULL && node == node->parent->left)
		node = node->parent;
	return node->parent;
}

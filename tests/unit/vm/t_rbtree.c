/* SPDX-License-Identifier: BSD-2-Clause */
/* Red-black trees against a bitmap, with an augmented count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <kern/list.h>
#include <kern/rbtree.h>

#define KEYS 512

struct item {
	struct rb_node node;
	unsigned key;
	unsigned subtree;
};

static struct item items[KEYS];
static char present[KEYS];
static struct rb_tree tree;

static struct item *
item_of(struct rb_node *node)
{
	return node == NULL ? NULL : container_of(node, struct item, node);
}

static unsigned
size_of(struct rb_node *node)
{
	return node == NULL ? 0 : item_of(node)->subtree;
}

static void
update(struct rb_node *node)
{
	item_of(node)->subtree = 1 + size_of(node->left) + size_of(node->right);
}

static void
insert(unsigned key)
{
	struct rb_node **link = &tree.root, *parent = NULL;

	items[key].key = key;
	while (*link != NULL) {
		parent = *link;
		link = key < item_of(parent)->key ? &parent->left : &parent->right;
	}
	rb_insert(&tree, parent, link, &items[key].node, update);
	present[key] = 1;
}

/* Black height, or -1 through an assertion. */
static int
check(struct rb_node *node, struct rb_node *parent)
{
	int left, right;

	if (node == NULL)
		return 0;
	assert_ptr_equal(node->parent, parent);
	if (node->red && parent != NULL)
		assert_false(parent->red);
	left = check(node->left, node);
	right = check(node->right, node);
	assert_int_equal(left, right);
	assert_int_equal(item_of(node)->subtree, 1 + size_of(node->left) + size_of(node->right));
	return left + !node->red;
}

static void
check_order(void)
{
	struct rb_node *node = rb_first(&tree);
	struct rb_node *last = NULL;

	for (unsigned key = 0; key < KEYS; key++) {
		if (!present[key])
			continue;
		assert_non_null(node);
		assert_int_equal(item_of(node)->key, key);
		assert_ptr_equal(rb_prev(node), last);
		last = node;
		node = rb_next(node);
	}
	assert_null(node);
	assert_ptr_equal(rb_last(&tree), last);
}

static void
t_random(void **state)
{
	(void)state;
	srand(1);
	rb_init(&tree);
	for (int round = 0; round < 20000; round++) {
		unsigned key = (unsigned)rand() % KEYS;

		if (present[key]) {
			rb_remove(&tree, &items[key].node, update);
			present[key] = 0;
		} else {
			insert(key);
		}
		if (round % 64 == 0) {
			check(tree.root, NULL);
			check_order();
		}
	}
}

static void
t_ascending(void **state)
{
	(void)state;
	rb_init(&tree);
	for (unsigned key = 0; key < KEYS; key++)
		present[key] = 0;
	for (unsigned key = 0; key < KEYS; key++)
		insert(key);
	assert_true(check(tree.root, NULL) <= 10);
	check_order();
	for (unsigned key = 0; key < KEYS; key++) {
		rb_remove(&tree, &items[key].node, update);
		present[key] = 0;
		check(tree.root, NULL);
	}
	assert_true(rb_empty(&tree));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_random),
		cmocka_unit_test(t_ascending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

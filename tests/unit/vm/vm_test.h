/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_test -- what the suites of vm share: a machine with some frames, tasks'
 * maps on it, and user accesses that fault as real ones would.
 */
#ifndef VM_TEST_H
#define VM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kern/account.h>
#include <mach/vm_param.h>
#include <mach/vm_prot.h>
#include <vm/vm_map.h>

#define TEST_FRAMES 8192
#define KB(n)       ((vm_size_t)(n) << 10)

/* Setup and teardown of one test: nothing may be left behind. */
int vm_test_setup(void **state);
int vm_test_teardown(void **state);
#define VM_TEST(f) cmocka_unit_test_setup_teardown(f, vm_test_setup, vm_test_teardown)

/* The account tests charge to. */
extern struct account *test_account;

struct vm_map *test_map(void);
struct vm_map *test_fork(struct vm_map *map);
vm_offset_t test_allocate(struct vm_map *map, vm_size_t size);
void test_allocate_at(struct vm_map *map, vm_offset_t at, vm_size_t size);

/* As a thread's loads and stores: fault until the MMU is content. */
kern_return_t user_access(struct vm_map *map, vm_offset_t at, bool write, void **pointerp);
void user_store(struct vm_map *map, vm_offset_t at, uint8_t value);
uint8_t user_load(struct vm_map *map, vm_offset_t at);

/* Objects behind the entry at `at`, the first included. */
unsigned chain_length(struct vm_map *map, vm_offset_t at);
/* The map's tree, list and gaps agree, and so do its objects' sets. */
void check_map(struct vm_map *map);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * account -- what a task causes to exist in the kernel, counted and bounded.
 *
 * A child task shares its parent's account unless its creator carves a
 * sub-account out of it: a charge to a sub-account is also a charge to every
 * account above it, so carving never adds. An account lives until its last
 * charge and reference are gone (design D9).
 *
 * Locks: counters are atomic; no lock needed or taken by callers.
 */
#ifndef KERN_ACCOUNT_H
#define KERN_ACCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define ACCOUNT_KIND_TABLE(KIND)                                                                   \
	KIND(TASKS, "tasks")                                                                       \
	KIND(THREADS, "threads")                                                                   \
	KIND(PORTS, "ports and port sets")                                                         \
	KIND(ENTRIES, "name space entries")                                                        \
	KIND(MESSAGE_BYTES, "bytes in queued messages")                                            \
	KIND(MAP_ENTRIES, "vm map entries and copies")                                             \
	KIND(OBJECTS, "vm objects")                                                                \
	KIND(PAGES, "resident pages brought in")                                                   \
	KIND(WIRED_PAGES, "wired pages")                                                           \
	KIND(PAGE_TABLES, "page-table pages")

enum account_kind {
#define ACCOUNT_ENUM(name, what) ACCOUNT_##name,
	ACCOUNT_KIND_TABLE(ACCOUNT_ENUM)
#undef ACCOUNT_ENUM
	    ACCOUNT_KIND_COUNT
};

#define ACCOUNT_NO_LIMIT UINT64_MAX

struct account {
	struct account *parent;
	_Atomic uint64_t references;
	_Atomic uint64_t used[ACCOUNT_KIND_COUNT];
	uint64_t limit[ACCOUNT_KIND_COUNT];
};

/* A sub-account with the parent's limits, or NULL on shortage. The caller
 * holds one reference; the parent is referenced. */
struct account *account_create(struct account *parent);
void account_reference(struct account *account);
void account_release(struct account *account);

/* Charge n units, here and above, or nothing: false over a limit. A charge
 * holds the account alive. A NULL account is the kernel's own: unlimited. */
bool account_charge(struct account *account, enum account_kind kind, uint64_t n)
    __attribute__((warn_unused_result));
void account_uncharge(struct account *account, enum account_kind kind, uint64_t n);

#endif

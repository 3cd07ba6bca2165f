/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * account -- see kern/account.h.
 *
 * A unit charged to an account counts once in its `references`, so the last
 * uncharge frees it; the accounts above are held by their child alone.
 */
#include <kern/account.h>
#include <kern/assert.h>
#include <kern/zalloc.h>

#include "account.h"
#include "host_counts.h"

static struct zone account_zone;

void
account_module_init(void)
{
	zone_init(&account_zone, "accounts", sizeof(struct account));
	host_count_zone(PORTOLAN_COUNT_ACCOUNTS, &account_zone);
}

struct account *
account_create(struct account *parent)
{
	struct account *account = zalloc(&account_zone);

	if (account == NULL)
		return NULL;
	account->parent = parent;
	atomic_init(&account->references, 1);
	for (unsigned kind = 0; kind < ACCOUNT_KIND_COUNT; kind++) {
		atomic_init(&account->used[kind], 0);
		account->limit[kind] = parent != NULL ? parent->limit[kind] : ACCOUNT_NO_LIMIT;
	}
	if (parent != NULL)
		account_reference(parent);
	return account;
}

void
account_reference(struct account *account)
{
	if (account != NULL)
		atomic_fetch_add_explicit(&account->references, 1, memory_order_relaxed);
}

/* Drop n references; frees this account, and then its parent's reference. */
static void
account_drop(struct account *account, uint64_t n)
{
	while (account != NULL) {
		struct account *parent = account->parent;
		uint64_t before =
		    atomic_fetch_sub_explicit(&account->references, n, memory_order_acq_rel);

		kassert(before >= n);
		if (before != n)
			return;
		zfree(&account_zone, account);
		account = parent;
		n = 1;
	}
}

void
account_release(struct account *account)
{
	account_drop(account, 1);
}

/* Charge one level; false over its limit. */
static bool
account_charge_one(struct account *account, enum account_kind kind, uint64_t n)
{
	uint64_t limit = account->limit[kind];
	uint64_t used = atomic_load_explicit(&account->used[kind], memory_order_relaxed);

	do {
		if (used + n < used || used + n > limit)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
	    &account->used[kind], &used, used + n, memory_order_relaxed, memory_order_relaxed));
	return true;
}

/* Take back n units from `account` up to, but not including, `end`. */
static void
account_uncharge_until(
    struct account *account, const struct account *end, enum account_kind kind, uint64_t n)
{
	for (; account != end; account = account->parent) {
		uint64_t before =
		    atomic_fetch_sub_explicit(&account->used[kind], n, memory_order_relaxed);

		kassert(before >= n);
	}
}

bool
account_charge(struct account *account, enum account_kind kind, uint64_t n)
{
	if (account == NULL)
		return true;
	for (struct account *a = account; a != NULL; a = a->parent) {
		if (!account_charge_one(a, kind, n)) {
			account_uncharge_until(account, a, kind, n);
			return false;
		}
	}
	atomic_fetch_add_explicit(&account->references, n, memory_order_relaxed);
	return true;
}

void
account_uncharge(struct account *account, enum account_kind kind, uint64_t n)
{
	if (account == NULL)
		return;
	account_uncharge_until(account, NULL, kind, n);
	account_drop(account, n);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosted panic, log and accounts. */
#include <host/host.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <kern/account.h>
#include <kern/assert.h>

_Noreturn void
panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("panic: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

void
kern_log(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/* -- Accounts ----------------------------------------------------------------- */

struct account *
account_create(struct account *parent)
{
	struct account *account = calloc(1, sizeof(*account));
	unsigned i;

	if (account == NULL)
		abort();
	account->parent = parent;
	atomic_store(&account->references, 1);
	for (i = 0; i < ACCOUNT_KIND_COUNT; i++)
		account->limit[i] = parent == NULL ? ACCOUNT_NO_LIMIT : parent->limit[i];
	if (parent != NULL)
		account_reference(parent);
	return account;
}

void
account_reference(struct account *account)
{
	atomic_fetch_add(&account->references, 1);
}

void
account_release(struct account *account)
{
	struct account *parent = account->parent;

	if (atomic_fetch_sub(&account->references, 1) != 1)
		return;
	free(account);
	if (parent != NULL)
		account_release(parent);
}

/* A charge is a reference of each unit, so that it keeps the account. */
bool
account_charge(struct account *account, enum account_kind kind, uint64_t n)
{
	struct account *each, *undo;

	for (each = account; each != NULL; each = each->parent) {
		if (atomic_load(&each->used[kind]) + n > each->limit[kind])
			break;
		atomic_fetch_add(&each->used[kind], n);
		atomic_fetch_add(&each->references, n);
	}
	if (each == NULL)
		return true;
	for (undo = account; undo != each; undo = undo->parent) {
		atomic_fetch_sub(&undo->used[kind], n);
		atomic_fetch_sub(&undo->references, n);
	}
	return false;
}

void
account_uncharge(struct account *account, enum account_kind kind, uint64_t n)
{
	struct account *parent;

	for (; account != NULL && n != 0; account = parent) {
		parent = account->parent;
		if (atomic_fetch_sub(&account->used[kind], n) < n)
			panic("account_uncharge: below zero, kind %d", kind);
		if (atomic_fetch_sub(&account->references, n) == n) {
			free(account);
			if (parent != NULL)
				account_release(parent);
		}
	}
}

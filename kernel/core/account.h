/* SPDX-License-Identifier: BSD-2-Clause */
/* account -- its start; the rest is kern/account.h. */
#ifndef CORE_ACCOUNT_H
#define CORE_ACCOUNT_H

/* The zone of accounts. After zalloc_module_init. */
void account_module_init(void);

#endif

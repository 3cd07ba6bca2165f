/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * page_pool -- single pages for file contents, carved from chunks.
 *
 * A chunk is PAGE_CHUNK bytes, aligned to its size; its first page describes
 * it.  A chunk with no page in use is given back, except one that is kept for
 * the next need.
 *
 * Locks: master lock; nothing sleeps.
 */
#ifndef BSD_FS_PAGE_POOL_H
#define BSD_FS_PAGE_POOL_H

#include <stddef.h>

#define POOL_PAGE  4096u
#define PAGE_CHUNK (256u * 1024)

/* A zeroed page, or NULL. */
void *page_pool_get(void);

void page_pool_put(void *page);

/* Give back the chunk that is kept (before counting what is in use). */
void page_pool_trim(void);

/* Pages handed out now. */
size_t page_pool_used(void);

#endif /* BSD_FS_PAGE_POOL_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages from chunks.  Chunks that have a free page are on a list; pages never
 * handed out are zero as the system gave them and are not touched before.
 */
#include "fs/page_pool.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "vfs/services.h"

#define CHUNK_PAGES (PAGE_CHUNK / POOL_PAGE) /* the first is ours */

/* A free page that was used before. */
struct pool_page {
	struct pool_page *next;
};

struct chunk {
	struct chunk *next, **link; /* link NULL: not on the list */
	struct pool_page *freed;
	unsigned used;  /* pages handed out */
	unsigned fresh; /* index of the first never used */
};

static struct chunk *available;
static struct chunk *spare; /* empty, kept; not on the list */
static size_t pages_used;

size_t
page_pool_used(void)
{
	return pages_used;
}

static void
chunk_list(struct chunk *chunk)
{
	chunk->next = available;
	chunk->link = &available;
	if (available != NULL)
		available->link = &chunk->next;
	available = chunk;
}

static void
chunk_unlist(struct chunk *chunk)
{
	*chunk->link = chunk->next;
	if (chunk->next != NULL)
		chunk->next->link = chunk->link;
	chunk->link = NULL;
}

static bool
chunk_full(const struct chunk *chunk)
{
	return chunk->freed == NULL && chunk->fresh == CHUNK_PAGES;
}

/* A chunk with a free page, on the list; NULL when out of memory. */
static struct chunk *
chunk_get(void)
{
	struct chunk *chunk = available;

	if (chunk != NULL)
		return chunk;
	chunk = spare;
	spare = NULL;
	if (chunk == NULL) {
		chunk = bsd_alloc_aligned(PAGE_CHUNK);
		if (chunk == NULL)
			return NULL;
		chunk->fresh = 1;
	}
	chunk_list(chunk);
	return chunk;
}

void *
page_pool_get(void)
{
	struct chunk *chunk = chunk_get();
	struct pool_page *page;

	if (chunk == NULL)
		return NULL;
	page = chunk->freed;
	if (page != NULL) {
		chunk->freed = page->next;
		memset(page, 0, POOL_PAGE);
	} else {
		page = (void *)((char *)chunk + chunk->fresh++ * POOL_PAGE);
	}
	chunk->used++;
	pages_used++;
	if (chunk_full(chunk))
		chunk_unlist(chunk);
	return page;
}

/* The chunk has no page in use any more. */
static void
chunk_retire(struct chunk *chunk)
{
	chunk_unlist(chunk);
	if (spare == NULL)
		spare = chunk;
	else
		bsd_free_pages(chunk, PAGE_CHUNK);
}

void
page_pool_put(void *memory)
{
	struct chunk *chunk;
	struct pool_page *page = memory;

	chunk = (struct chunk *)((uintptr_t)memory & ~(uintptr_t)(PAGE_CHUNK - 1));
	bsd_assert(chunk->used > 0 && (void *)chunk != memory);
	page->next = chunk->freed;
	chunk->freed = page;
	chunk->used--;
	pages_used--;
	if (chunk->link == NULL)
		chunk_list(chunk);
	if (chunk->used == 0)
		chunk_retire(chunk);
}

void
page_pool_trim(void)
{
	if (spare != NULL)
		bsd_free_pages(spare, PAGE_CHUNK);
	spare = NULL;
}

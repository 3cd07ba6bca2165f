/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ramfs_data -- the bytes of one regular file, sparse, of any size.
 *
 * Two forms: a radix tree of pages (512 children per level, as high as the
 * last page needs), or one contiguous extent of pages that the executable
 * loader can map.  A hole is a missing child and reads as zeros.  Bytes
 * behind the end of the file inside the last page are always zero.
 *
 * A file that programs map shared is pinned: an extent for good, in a stretch
 * of addresses with room to grow, whose pages never change places.  Programs
 * write there, behind the end, too, as they like.
 *
 * Locks: master lock; nothing sleeps.
 */
#ifndef BSD_FS_RAMFS_DATA_H
#define BSD_FS_RAMFS_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAMFS_PAGE   4096u
#define RAMFS_FANOUT 512u

/* A first write of at least this much makes an extent. */
#define RAMFS_EXTENT_MIN (64u * 1024)

/* Addresses of a pinned file: so much, or four times what is asked for first. */
#define RAMFS_PIN_MIN (16u << 20)
#define RAMFS_PIN_MAX (UINT64_C(1) << 36)

/* The largest file: 2^62 bytes keeps every sum of offsets in range. */
#define RAMFS_SIZE_MAX (UINT64_C(1) << 62)

/* Bytes a file system holds and may hold (0: as much as the machine has). */
struct ramfs_budget {
	uint64_t used;
	uint64_t limit;
};

struct ramfs_data {
	uint64_t size;
	uint64_t pages;  /* data pages held, the extent's included */
	unsigned height; /* 0: `root` is a page or NULL */
	void *root;
	void *extent;       /* other form; root is NULL then */
	size_t extent_size; /* whole pages, those paid for */
	size_t pinned;      /* 0, or bytes of addresses that the extent has */
	unsigned owner;     /* of a pinned extent's memory */
	bool shared;        /* pinned, and programs may write it */
	bool splitting;     /* must become a tree */
};

/* Charge `bytes`; false when that would pass the limit. */
bool ramfs_budget_take(struct ramfs_budget *budget, uint64_t bytes);
void ramfs_budget_give(struct ramfs_budget *budget, uint64_t bytes);

/* Bytes that files may still take of the machine's free memory. */
uint64_t ramfs_machine_free(void);

/* Copy out; the result is short only at the end of the file. */
size_t ramfs_data_read(const struct ramfs_data *data, void *buffer, size_t length, uint64_t offset);

/*
 * Copy in, extending the file.  Returns the number of bytes that found
 * memory: less than `length` when none is left.
 */
size_t ramfs_data_write(struct ramfs_data *data, struct ramfs_budget *budget, const void *buffer,
    size_t length, uint64_t offset);

/* Set the size; ENOSPC, EFBIG (nothing changed then). */
int ramfs_data_truncate(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t size);

/* Give back everything. */
void ramfs_data_destroy(struct ramfs_data *data, struct ramfs_budget *budget);

/*
 * Bring the file into the contiguous form and return it; ENOMEM leaves it as
 * it was.  An empty file is ENOMEM too, and one that programs may write to
 * their mappings of.
 */
int ramfs_data_extent(struct ramfs_data *data, struct ramfs_budget *budget, const void **basep);

/*
 * Pin the file and return its memory, of which at least the first `need` bytes
 * may be mapped, for writing or not.  ENOSPC: no memory for it; ENOMEM: pinned with less room.
 */
int ramfs_data_pin(struct ramfs_data *data, struct ramfs_budget *budget, uint64_t need,
    bool writable, const void **basep);

#endif /* BSD_FS_RAMFS_DATA_H */

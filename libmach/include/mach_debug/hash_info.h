/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hash table statistics (ABI sheet 9.4).
 */
#ifndef MACH_DEBUG_HASH_INFO_H
#define MACH_DEBUG_HASH_INFO_H

typedef struct hash_info_bucket {
	unsigned int hib_count; /* records in the bucket */
} hash_info_bucket_t;

typedef hash_info_bucket_t *hash_info_bucket_array_t;
typedef const hash_info_bucket_t *const_hash_info_bucket_array_t;

_Static_assert(sizeof(hash_info_bucket_t) == 4, "layout");

#endif /* MACH_DEBUG_HASH_INFO_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel allocator caches (ABI sheet 9.4).
 */
#ifndef MACH_DEBUG_SLAB_INFO_H
#define MACH_DEBUG_SLAB_INFO_H

#include <mach/machine/vm_types.h>
#include <stddef.h>

#define CACHE_NAME_MAX_LEN 32

typedef struct cache_info {
	int flags;
	int flags_pad;
	rpc_vm_size_t cpu_pool_size;
	rpc_vm_size_t obj_size;
	rpc_vm_size_t align;
	rpc_vm_size_t buf_size;
	rpc_vm_size_t slab_size;
	rpc_long_natural_t bufs_per_slab;
	rpc_long_natural_t nr_objs;
	rpc_long_natural_t nr_bufs;
	rpc_long_natural_t nr_slabs;
	rpc_long_natural_t nr_free_slabs;
	char name[CACHE_NAME_MAX_LEN];
} cache_info_t;

typedef cache_info_t *cache_info_array_t;
typedef const cache_info_t *const_cache_info_array_t;

_Static_assert(sizeof(cache_info_t) == 120, "layout");
_Static_assert(offsetof(cache_info_t, obj_size) == 16, "layout");
_Static_assert(offsetof(cache_info_t, bufs_per_slab) == 48, "layout");
_Static_assert(offsetof(cache_info_t, nr_free_slabs) == 80, "layout");
_Static_assert(offsetof(cache_info_t, name) == 88, "layout");

#endif /* MACH_DEBUG_SLAB_INFO_H */

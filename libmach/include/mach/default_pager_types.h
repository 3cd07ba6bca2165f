/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Structures of the default pager's interface (ABI sheet 6.7).
 */
#ifndef MACH_DEFAULT_PAGER_TYPES_H
#define MACH_DEFAULT_PAGER_TYPES_H

#include <mach/machine/vm_types.h>

typedef struct default_pager_info {
	rpc_vm_size_t dpi_total_space; /* bytes */
	rpc_vm_size_t dpi_free_space;  /* bytes */
	rpc_vm_size_t dpi_page_size;
} default_pager_info_t;

typedef struct default_pager_object {
	rpc_vm_offset_t dpo_object; /* identifies the object */
	rpc_vm_size_t dpo_size;     /* bytes */
} default_pager_object_t;

typedef default_pager_object_t *default_pager_object_array_t;
typedef const default_pager_object_t *const_default_pager_object_array_t;

typedef struct default_pager_page {
	rpc_vm_offset_t dpp_offset; /* offset in the object */
} default_pager_page_t;

typedef default_pager_page_t *default_pager_page_array_t;
typedef const default_pager_page_t *const_default_pager_page_array_t;

typedef char default_pager_filename_t[256];
typedef const char *const_default_pager_filename_t;

_Static_assert(sizeof(default_pager_info_t) == 24, "layout");
_Static_assert(sizeof(default_pager_object_t) == 16, "layout");
_Static_assert(sizeof(default_pager_page_t) == 8, "layout");

#endif /* MACH_DEFAULT_PAGER_TYPES_H */

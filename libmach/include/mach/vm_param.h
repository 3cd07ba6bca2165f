/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages.
 */
#ifndef MACH_VM_PARAM_H
#define MACH_VM_PARAM_H

#include <mach/machine/vm_param.h>
#include <mach/machine/vm_types.h>

#ifndef PAGE_SIZE
#define PAGE_SIZE (1 << PAGE_SHIFT)
#endif
#define PAGE_MASK (PAGE_SIZE - 1)

#define round_page(x)   ((vm_offset_t)((((vm_offset_t)(x)) + PAGE_MASK) & ~(vm_offset_t)PAGE_MASK))
#define trunc_page(x)   ((vm_offset_t)(((vm_offset_t)(x)) & ~(vm_offset_t)PAGE_MASK))
#define page_aligned(x) ((((vm_offset_t)(x)) & PAGE_MASK) == 0)

_Static_assert(PAGE_SIZE == 4096 && PAGE_MASK == 0xfff, "4 KiB pages");

#endif /* MACH_VM_PARAM_H */

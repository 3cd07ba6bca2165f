/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_init -- bring the vm system up.
 */
#ifndef VM_VM_INIT_H
#define VM_VM_INIT_H

#include <mach/machine/vm_types.h>

/*
 * Zones, page queues, and the kernel map over [min, max) of kernel_pmap, a
 * range nothing else uses. Physical memory, zones and kernel_pmap work
 * already; no other CPU runs yet. Panics when memory is too small for it.
 */
void vm_init(vm_offset_t min, vm_offset_t max);

#endif

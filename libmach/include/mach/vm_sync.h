/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flags of vm_msync (ABI sheet 5.1).
 */
#ifndef MACH_VM_SYNC_H
#define MACH_VM_SYNC_H

typedef int vm_sync_t;

#define VM_SYNC_ASYNCHRONOUS ((vm_sync_t)0x1)
#define VM_SYNC_SYNCHRONOUS  ((vm_sync_t)0x2)
#define VM_SYNC_INVALIDATE   ((vm_sync_t)0x4)

#endif /* MACH_VM_SYNC_H */

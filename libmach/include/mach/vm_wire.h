/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flags of vm_wire_all (ABI sheet 5.1, 5.5).
 */
#ifndef MACH_VM_WIRE_H
#define MACH_VM_WIRE_H

typedef int vm_wire_t;

#define VM_WIRE_NONE    0
#define VM_WIRE_CURRENT 1
#define VM_WIRE_FUTURE  2
#define VM_WIRE_ALL     (VM_WIRE_CURRENT | VM_WIRE_FUTURE)

#endif /* MACH_VM_WIRE_H */

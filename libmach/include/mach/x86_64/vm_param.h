/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page size and user address range of x86-64 (ABI sheet 0.4, 5.1).
 */
#ifndef MACH_X86_64_VM_PARAM_H
#define MACH_X86_64_VM_PARAM_H

#define BYTE_SIZE 8

#define I386_PGBYTES 4096
#define I386_PGSHIFT 12
#define PAGE_SHIFT   I386_PGSHIFT

/* The user address range is [VM_MIN_ADDRESS, VM_MAX_ADDRESS). */
#define VM_MIN_ADDRESS (0UL)
#define VM_MAX_ADDRESS (0x800000000000UL)

#endif /* MACH_X86_64_VM_PARAM_H */

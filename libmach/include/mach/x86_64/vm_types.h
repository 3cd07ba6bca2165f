/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scalar types of x86-64 (LP64): natural_t stays 32 bits, addresses and
 * sizes are 64 (ABI sheet 0.4).
 */
#ifndef MACH_X86_64_VM_TYPES_H
#define MACH_X86_64_VM_TYPES_H

#include <stdint.h>

typedef unsigned int natural_t;
typedef int integer_t;
typedef unsigned long long_natural_t;
typedef long long_integer_t;
typedef long_natural_t rpc_long_natural_t;
typedef long_integer_t rpc_long_integer_t;

typedef uintptr_t vm_offset_t;
typedef vm_offset_t *vm_offset_array_t;
typedef const vm_offset_t *const_vm_offset_array_t;
typedef uintptr_t vm_size_t;
typedef vm_size_t *vm_size_array_t;
typedef const vm_size_t *const_vm_size_array_t;
typedef unsigned long long phys_addr_t;

typedef uintptr_t rpc_uintptr_t;
typedef uintptr_t rpc_vm_address_t;
typedef uintptr_t rpc_vm_offset_t;
typedef uintptr_t rpc_vm_size_t;
typedef phys_addr_t rpc_phys_addr_t;
typedef rpc_phys_addr_t *rpc_phys_addr_array_t;
typedef const rpc_phys_addr_t *const_rpc_phys_addr_array_t;
typedef rpc_vm_offset_t *rpc_vm_offset_array_t;
typedef const rpc_vm_offset_t *const_rpc_vm_offset_array_t;
typedef rpc_vm_size_t *rpc_vm_size_array_t;
typedef const rpc_vm_size_t *const_rpc_vm_size_array_t;

/* The wire type of integer_t and natural_t: MACH_MSG_TYPE_INTEGER_32. */
#define MACH_MSG_TYPE_INTEGER_T 2

_Static_assert(sizeof(natural_t) == 4, "natural_t is 32 bits");
_Static_assert(sizeof(long_natural_t) == 8, "long_natural_t is 64 bits");
_Static_assert(sizeof(vm_offset_t) == 8, "addresses are 64 bits");
_Static_assert(sizeof(phys_addr_t) == 8, "physical addresses are 64 bits");

#endif /* MACH_X86_64_VM_TYPES_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACH_STD_TYPES_H
#define MACH_STD_TYPES_H
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>
typedef uintptr_t vm_offset_t;
typedef uintptr_t vm_address_t;
typedef uintptr_t vm_size_t;
typedef unsigned natural_t;
typedef int integer_t;
#endif

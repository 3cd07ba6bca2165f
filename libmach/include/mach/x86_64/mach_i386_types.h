/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types of the machine interface (ABI sheet 9.7).
 */
#ifndef MACH_X86_64_MACH_I386_TYPES_H
#define MACH_X86_64_MACH_I386_TYPES_H

#include <mach/port.h>

struct descriptor {
	unsigned int low_word;
	unsigned int high_word;
};

typedef struct descriptor descriptor_t;
typedef struct descriptor *descriptor_list_t;
typedef const struct descriptor *const_descriptor_list_t;

typedef unsigned short io_port_t;
typedef mach_port_t io_perm_t;

_Static_assert(sizeof(struct descriptor) == 8, "layout");

#endif /* MACH_X86_64_MACH_I386_TYPES_H */

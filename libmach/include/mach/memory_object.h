/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * External memory objects (ABI sheet 6.5).
 */
#ifndef MACH_MEMORY_OBJECT_H
#define MACH_MEMORY_OBJECT_H

#include <mach/port.h>

typedef mach_port_t memory_object_t;
typedef memory_object_t *memory_object_array_t;
typedef const memory_object_t *const_memory_object_array_t;
typedef mach_port_t memory_object_control_t;
typedef mach_port_t memory_object_name_t;

#define MEMORY_OBJECT_NULL MACH_PORT_NULL

typedef int memory_object_copy_strategy_t;

#define MEMORY_OBJECT_COPY_NONE      0 /* copy eagerly */
#define MEMORY_OBJECT_COPY_CALL      1 /* ask by memory_object_copy */
#define MEMORY_OBJECT_COPY_DELAY     2 /* copy on write */
#define MEMORY_OBJECT_COPY_TEMPORARY 3 /* and changes need not be seen */

typedef int memory_object_return_t;

#define MEMORY_OBJECT_RETURN_NONE  0
#define MEMORY_OBJECT_RETURN_DIRTY 1
#define MEMORY_OBJECT_RETURN_ALL   2 /* dirty and precious */

#endif /* MACH_MEMORY_OBJECT_H */

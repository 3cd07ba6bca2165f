/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACH_PORT_H
#define MACH_PORT_H
#include <stdint.h>
typedef uint32_t mach_port_t;
typedef uint32_t mach_port_name_t;
typedef mach_port_t *mach_port_array_t;
#define MACH_PORT_NULL 0u
#endif

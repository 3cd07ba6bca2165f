/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACH_KERN_RETURN_H
#define MACH_KERN_RETURN_H
typedef int kern_return_t;
#define KERN_SUCCESS           0
#define KERN_FAILURE           5
#define KERN_RESOURCE_SHORTAGE 6
#endif

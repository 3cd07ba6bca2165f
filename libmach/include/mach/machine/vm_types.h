/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor this tree is built for. */
#ifndef MACH_MACHINE_VM_TYPES_H
#define MACH_MACHINE_VM_TYPES_H

#include <mach/x86_64/vm_types.h>

#endif /* MACH_MACHINE_VM_TYPES_H */

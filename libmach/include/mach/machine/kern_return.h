/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor this tree is built for. */
#ifndef MACH_MACHINE_KERN_RETURN_H
#define MACH_MACHINE_KERN_RETURN_H

#include <mach/x86_64/kern_return.h>

#endif /* MACH_MACHINE_KERN_RETURN_H */

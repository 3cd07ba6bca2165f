/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor this tree is built for. */
#ifndef MACH_MACHINE_BOOLEAN_H
#define MACH_MACHINE_BOOLEAN_H

#include <mach/x86_64/boolean.h>

#endif /* MACH_MACHINE_BOOLEAN_H */

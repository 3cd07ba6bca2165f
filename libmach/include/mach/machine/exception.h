/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor this tree is built for. */
#ifndef MACH_MACHINE_EXCEPTION_H
#define MACH_MACHINE_EXCEPTION_H

#include <mach/x86_64/exception.h>

#endif /* MACH_MACHINE_EXCEPTION_H */

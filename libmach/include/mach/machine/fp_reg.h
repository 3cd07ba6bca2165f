/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor this tree is built for. */
#ifndef MACH_MACHINE_FP_REG_H
#define MACH_MACHINE_FP_REG_H

#include <mach/x86_64/fp_reg.h>

#endif /* MACH_MACHINE_FP_REG_H */

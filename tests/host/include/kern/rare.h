/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted machine's: ordinary functions. See the kernel's file. */
#ifndef KERN_RARE_H
#define KERN_RARE_H

#define KERN_RARE __attribute__((cold, noinline))

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rare -- for functions that hot code calls only when something unusual is the
 * case: they save the registers they use, all of them, so that their callers
 * need not keep anything out of the registers a call would use up. The
 * hosted machine puts its own file of this name before this one.
 */
#ifndef KERN_RARE_H
#define KERN_RARE_H

#define KERN_RARE __attribute__((cold, noinline, no_caller_saved_registers))

#endif

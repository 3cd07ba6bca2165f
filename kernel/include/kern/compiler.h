/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compiler -- attributes that not every compiler of ours has.
 */
#ifndef KERN_COMPILER_H
#define KERN_COMPILER_H

/* A function by itself: not inlined, not fitted to its callers. */
#if __has_attribute(noipa)
#define KERN_NO_IPA __attribute__((noipa))
#else
#define KERN_NO_IPA __attribute__((noinline))
#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * copyio -- moving bytes between the kernel and the running task's memory.
 *
 * A fault on the user side is resolved by the vm system (which may block and
 * keeps the stack) and the copy goes on; if it cannot be resolved, or the
 * range leaves user space, the copy stops and the result is false. What was
 * moved before stays moved.
 *
 * Locks: no spin lock held, and no lock that is held while a fault is served
 *        (a vm map or object).
 */
#ifndef KERN_COPYIO_H
#define KERN_COPYIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool copyin(uint64_t user, void *to, size_t size) __attribute__((warn_unused_result));
bool copyout(const void *from, uint64_t user, size_t size) __attribute__((warn_unused_result));

/* As above, but a page that is not mapped as needed right now is a failure:
 * never faults, never blocks, may be called under spin locks. */
bool copyin_resident(uint64_t user, void *to, size_t size) __attribute__((warn_unused_result));
bool
copyout_resident(const void *from, uint64_t user, size_t size) __attribute__((warn_unused_result));

/* NUL-terminated string of at most size-1 bytes; *lengthp excludes the NUL.
 * False when unreadable or too long. */
bool copyin_string(uint64_t user, char *to, size_t size, size_t *lengthp)
    __attribute__((warn_unused_result));

#endif

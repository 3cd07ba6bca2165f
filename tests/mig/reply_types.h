/* SPDX-License-Identifier: BSD-2-Clause */
/* C types of reply.defs, and the memory the stubs of a dialect ask for. */
#ifndef REPLY_TYPES_H
#define REPLY_TYPES_H

#include <mach/mig_support.h>
#include <stdbool.h>
#include <stddef.h>

typedef mach_port_t rep_object_t;
typedef char *data_t;
typedef int few_t[4];
typedef char *far_t;

rep_object_t rep_object_get(mach_port_t port);
void rep_object_put(rep_object_t object);

/* Regions that come with a request, and allocations of the stubs: counted
 * until somebody frees them (reply_stub.c). */
void *reply_memory_new(size_t size);
void reply_memory_free(void *memory);
/* Let the nth allocation from now on fail; false when server stubs allocate nothing. */
bool reply_memory_fail(unsigned nth);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of error numbers.
 */
#ifndef MACH_MACH_ERROR_H
#define MACH_MACH_ERROR_H

#include <mach/error.h>

/* A constant string such as "KERN_NO_SPACE", or "unknown error". */
const char *mach_error_string(mach_error_t error);

/* The kind of the number: "kernel", "IPC send", "IPC receive", "MIG", ... */
const char *mach_error_type(mach_error_t error);

#endif /* MACH_MACH_ERROR_H */

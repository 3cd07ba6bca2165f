/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Results of kernel calls (ABI sheet 12.1). 11 and 25 are unassigned.
 */
#ifndef MACH_KERN_RETURN_H
#define MACH_KERN_RETURN_H

#include <mach/machine/kern_return.h>

#define KERN_SUCCESS                  0
#define KERN_INVALID_ADDRESS          1 /* address not valid */
#define KERN_PROTECTION_FAILURE       2 /* access not permitted there */
#define KERN_NO_SPACE                 3 /* range in use or none large enough */
#define KERN_INVALID_ARGUMENT         4
#define KERN_FAILURE                  5 /* catch-all */
#define KERN_RESOURCE_SHORTAGE        6
#define KERN_NOT_RECEIVER             7  /* historic */
#define KERN_NO_ACCESS                8  /* restricted */
#define KERN_MEMORY_FAILURE           9  /* memory object destroyed */
#define KERN_MEMORY_ERROR             10 /* memory object reported an error */
#define KERN_NOT_IN_SET               12 /* receive right not in a set */
#define KERN_NAME_EXISTS              13 /* name in use */
#define KERN_ABORTED                  14
#define KERN_INVALID_NAME             15 /* name denotes no right */
#define KERN_INVALID_TASK             16 /* not a live task */
#define KERN_INVALID_RIGHT            17 /* wrong kind of right */
#define KERN_INVALID_VALUE            18 /* range error */
#define KERN_UREFS_OVERFLOW           19 /* user reference limit */
#define KERN_INVALID_CAPABILITY       20 /* improper port */
#define KERN_RIGHT_EXISTS             21 /* port known under another name */
#define KERN_INVALID_HOST             22 /* not a (privileged) host port */
#define KERN_MEMORY_PRESENT           23 /* page already present */
#define KERN_WRITE_PROTECTION_FAILURE 24 /* write to a notify page */
#define KERN_TERMINATED               26 /* object terminated */
#define KERN_TIMEDOUT                 27
#define KERN_INTERRUPTED              28

#endif /* MACH_KERN_RETURN_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor this tree is built for. */
#ifndef MACH_MACHINE_THREAD_STATUS_H
#define MACH_MACHINE_THREAD_STATUS_H

#include <mach/x86_64/thread_status.h>

#endif /* MACH_MACHINE_THREAD_STATUS_H */

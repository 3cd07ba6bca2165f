/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * C types named in bsd_types.defs.
 */
#ifndef BSD_BSD_TYPES_H
#define BSD_BSD_TYPES_H

#include <mach/std_types.h>

#include "bsd/abi.h"

typedef mach_port_t bsd_process_t;
typedef char *bsd_data_t;
typedef const char *const_bsd_data_t;
typedef char *bsd_fpu_t;
typedef char *bsd_names_t;
typedef const char *const_bsd_names_t;
typedef char bsd_path_t[BSD_PATH_MAX];
typedef const char *const_bsd_path_t;
typedef uint64_t *bsd_pollset_t;
typedef const uint64_t *const_bsd_pollset_t;
typedef uint32_t *bsd_groups_t;
typedef const uint32_t *const_bsd_groups_t;

#endif

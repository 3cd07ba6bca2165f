/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layout of error numbers: system (6 bits), subsystem (12), code (14)
 * (ABI sheet 12.3).
 */
#ifndef MACH_ERROR_H
#define MACH_ERROR_H

#include <mach/kern_return.h>

typedef kern_return_t mach_error_t;

#define err_none    ((mach_error_t)0)
#define ERR_SUCCESS ((mach_error_t)0)

#define err_system(x)       ((mach_error_t)((((unsigned int)(x)) & 0x3fU) << 26))
#define err_sub(x)          ((mach_error_t)((((unsigned int)(x)) & 0xfffU) << 14))
#define err_get_system(err) ((((unsigned int)(err)) >> 26) & 0x3fU)
#define err_get_sub(err)    ((((unsigned int)(err)) >> 14) & 0xfffU)
#define err_get_code(err)   (((unsigned int)(err)) & 0x3fffU)

#define system_emask (err_system(0x3f))
#define sub_emask    (err_sub(0xfff))
#define code_emask   (0x3fff)

#define err_kern       err_system(0x00)
#define err_us         err_system(0x01)
#define err_server     err_system(0x02)
#define err_ipc        err_system(0x03)
#define err_mach_ipc   err_system(0x04)
#define err_bootstrap  err_system(0x05)
#define err_hurd       err_system(0x10)
#define err_fluke      err_system(0x20)
#define err_local      err_system(0x3e)
#define err_ipc_compat err_system(0x3f)
#define err_max_system 0x3f

/* Subsystems of err_kern. */
#define err_unix        (err_kern | err_sub(3))
#define err_dos         (err_kern | err_sub(0xd05))
#define unix_err(errno) (err_unix | (errno))

/* Flat numbers outside the layout. */
#define err_mig  (-300)
#define err_exec 6000

/* Results of the emulation vector calls (ABI sheet 4.11). */
#define EML_SUCCESS      0
#define EML_BAD_TASK     (err_kern | err_sub(2) | 1)
#define EML_BAD_CNT      (err_kern | err_sub(2) | 2)
#define EML_ROUTINE_NULL 0

_Static_assert(EML_BAD_TASK == 0x8001, "layout");

#endif /* MACH_ERROR_H */

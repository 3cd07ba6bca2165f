/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device interface (ABI sheet 8.3).
 */
#ifndef DEVICE_DEVICE_TYPES_H
#define DEVICE_DEVICE_TYPES_H

#include <mach/port.h>
#include <mach/std_types.h>
#include <stddef.h>

typedef mach_port_t device_t;

typedef char dev_name_t[128];
typedef const char *const_dev_name_t;
typedef char new_dev_name_t[128];
typedef const char *const_new_dev_name_t;

typedef unsigned int dev_mode_t;

#define D_READ    0x1
#define D_WRITE   0x2
#define D_NODELAY 0x4
#define D_NOWAIT  0x8

typedef char *io_buf_ptr_t;
typedef const char *const_io_buf_ptr_t;

#define IO_INBAND_MAX 128

typedef char io_buf_ptr_inband_t[IO_INBAND_MAX];
typedef const char *const_io_buf_ptr_inband_t;

typedef struct {
	vm_offset_t data;
	vm_size_t count;
} io_buf_vec_t;

typedef struct {
	rpc_vm_offset_t data;
	rpc_vm_size_t count;
} rpc_io_buf_vec_t;

_Static_assert(sizeof(io_buf_vec_t) == 16, "layout");

typedef long_natural_t recnum_t;
typedef rpc_long_natural_t rpc_recnum_t;

typedef unsigned int dev_flavor_t;

#define DEV_STATUS_MAX 1024

typedef integer_t *dev_status_t;
typedef const integer_t *const_dev_status_t;
typedef integer_t dev_status_data_t[DEV_STATUS_MAX];

/* Flavours every device knows. */
#define DEV_GET_SIZE             0
#define DEV_GET_SIZE_DEVICE_SIZE 0 /* bytes, 0 if unknown */
#define DEV_GET_SIZE_RECORD_SIZE 1 /* 1 if sequential */
#define DEV_GET_SIZE_COUNT       2

#define DEV_GET_RECORDS                1
#define DEV_GET_RECORDS_DEVICE_RECORDS 0
#define DEV_GET_RECORDS_RECORD_SIZE    1
#define DEV_GET_RECORDS_COUNT          2

#define DEV_FLUSH_CACHE 2

typedef kern_return_t io_return_t;

#define D_IO_QUEUED         (-1) /* no result yet */
#define D_SUCCESS           0
#define D_IO_ERROR          2500 /* hardware error */
#define D_WOULD_BLOCK       2501 /* D_NOWAIT and not ready */
#define D_NO_SUCH_DEVICE    2502
#define D_ALREADY_OPEN      2503 /* exclusive device in use */
#define D_DEVICE_DOWN       2504 /* shut down */
#define D_INVALID_OPERATION 2505
#define D_INVALID_RECNUM    2506
#define D_INVALID_SIZE      2507
#define D_NO_MEMORY         2508
#define D_READ_ONLY         2509

#endif /* DEVICE_DEVICE_TYPES_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages: header, type descriptors, options, results (ABI sheet section 2).
 */
#ifndef MACH_MESSAGE_H
#define MACH_MESSAGE_H

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/port.h>
#include <stddef.h>

/* Milliseconds; ignored without a TIMEOUT option. */
typedef natural_t mach_msg_timeout_t;

#define MACH_MSG_TIMEOUT_NONE ((mach_msg_timeout_t)0)

/* -- Header ------------------------------------------------------------ */

typedef unsigned int mach_msg_bits_t;
typedef unsigned int mach_msg_size_t;
typedef natural_t mach_msg_seqno_t;
typedef integer_t mach_msg_id_t;

#define MACH_MSGH_BITS_ZERO          0x00000000U
#define MACH_MSGH_BITS_REMOTE_MASK   0x000000ffU
#define MACH_MSGH_BITS_LOCAL_MASK    0x0000ff00U
#define MACH_MSGH_BITS_PORTS_MASK    (MACH_MSGH_BITS_REMOTE_MASK | MACH_MSGH_BITS_LOCAL_MASK)
#define MACH_MSGH_BITS_COMPLEX       0x80000000U
/* The next four are the kernel's own. */
#define MACH_MSGH_BITS_CIRCULAR      0x40000000U
#define MACH_MSGH_BITS_COMPLEX_PORTS 0x20000000U
#define MACH_MSGH_BITS_COMPLEX_DATA  0x10000000U
#define MACH_MSGH_BITS_MIGRATED      0x08000000U
#define MACH_MSGH_BITS_UNUSED        0x07ff0000U

#define MACH_MSGH_BITS(remote, local) ((remote) | ((local) << 8))
#define MACH_MSGH_BITS_REMOTE(bits)   ((bits)&MACH_MSGH_BITS_REMOTE_MASK)
#define MACH_MSGH_BITS_LOCAL(bits)    (((bits)&MACH_MSGH_BITS_LOCAL_MASK) >> 8)
#define MACH_MSGH_BITS_PORTS(bits)    ((bits)&MACH_MSGH_BITS_PORTS_MASK)
#define MACH_MSGH_BITS_OTHER(bits)    ((bits) & ~MACH_MSGH_BITS_PORTS_MASK)

#define MACH_MSG_SIZE_MAX ((mach_msg_size_t)~0U)

#define MACH_MSGH_KIND_NORMAL 0x00000000U
#define msgh_kind             msgh_seqno

/*
 * Each port field is a 32-bit name in a slot of 8 bytes: the upper half is
 * ignored on send and zero on receive.
 */
typedef struct mach_msg_header {
	mach_msg_bits_t msgh_bits;
	mach_msg_size_t msgh_size;
	union {
		mach_port_t msgh_remote_port;
		rpc_uintptr_t msgh_remote_slot;
	};
	union {
		mach_port_t msgh_local_port;
		/* Valid when the local disposition is PROTECTED_PAYLOAD. */
		rpc_uintptr_t msgh_protected_payload;
	};
	mach_port_seqno_t msgh_seqno;
	mach_msg_id_t msgh_id;
} mach_msg_header_t;

_Static_assert(sizeof(mach_msg_header_t) == 32, "header is 32 bytes");
_Static_assert(offsetof(mach_msg_header_t, msgh_remote_port) == 8, "layout");
_Static_assert(offsetof(mach_msg_header_t, msgh_local_port) == 16, "layout");
_Static_assert(offsetof(mach_msg_header_t, msgh_seqno) == 24, "layout");
_Static_assert(offsetof(mach_msg_header_t, msgh_id) == 28, "layout");

/* -- Type descriptors -------------------------------------------------- */

typedef unsigned int mach_msg_type_name_t;
typedef unsigned int mach_msg_type_size_t;
typedef natural_t mach_msg_type_number_t;

typedef struct {
	unsigned int msgt_name : 8, /* what the elements are */
	    msgt_size : 16,         /* bits per element */
	    msgt_unused : 5,        /* zero */
	    msgt_inline : 1, msgt_longform : 1, msgt_deallocate : 1;
	mach_msg_type_number_t msgt_number; /* elements */
} __attribute__((aligned(8))) mach_msg_type_t;

/* On 64-bit machines the long form is the short form, bit 30 apart. */
typedef union {
	mach_msg_type_t msgtl_header;
	struct {
		unsigned int msgtl_name : 8, msgtl_size : 16, msgtl_pad : 8;
		natural_t msgtl_number;
	};
} __attribute__((aligned(8))) mach_msg_type_long_t;

_Static_assert(sizeof(mach_msg_type_t) == 8, "descriptor is 8 bytes");
_Static_assert(sizeof(mach_msg_type_long_t) == 8, "long form is 8 bytes");
_Static_assert(offsetof(mach_msg_type_t, msgt_number) == 4, "layout");

/* A port name inside a message. */
typedef struct {
	mach_port_name_t name;
	natural_t padding;
} mach_port_name_inlined_t;

_Static_assert(sizeof(mach_port_name_inlined_t) == 8, "inline ports are 8 bytes");

#define MACH_MSG_TYPE_UNSTRUCTURED 0
#define MACH_MSG_TYPE_BIT          0
#define MACH_MSG_TYPE_BOOLEAN      0
#define MACH_MSG_TYPE_INTEGER_16   1
#define MACH_MSG_TYPE_INTEGER_32   2
#define MACH_MSG_TYPE_CHAR         8
#define MACH_MSG_TYPE_BYTE         9
#define MACH_MSG_TYPE_INTEGER_8    9
#define MACH_MSG_TYPE_REAL         10
#define MACH_MSG_TYPE_INTEGER_64   11
#define MACH_MSG_TYPE_STRING       12
#define MACH_MSG_TYPE_STRING_C     12
#define MACH_MSG_TYPE_PORT_NAME    15 /* a bare name, no right */

/* What the sender of a right asks for. */
#define MACH_MSG_TYPE_MOVE_RECEIVE   16
#define MACH_MSG_TYPE_MOVE_SEND      17
#define MACH_MSG_TYPE_MOVE_SEND_ONCE 18
#define MACH_MSG_TYPE_COPY_SEND      19
#define MACH_MSG_TYPE_MAKE_SEND      20
#define MACH_MSG_TYPE_MAKE_SEND_ONCE 21

/* What the receiver of a right sees. */
#define MACH_MSG_TYPE_PORT_RECEIVE   MACH_MSG_TYPE_MOVE_RECEIVE
#define MACH_MSG_TYPE_PORT_SEND      MACH_MSG_TYPE_MOVE_SEND
#define MACH_MSG_TYPE_PORT_SEND_ONCE MACH_MSG_TYPE_MOVE_SEND_ONCE

/* Only as the local disposition of a received header. */
#define MACH_MSG_TYPE_PROTECTED_PAYLOAD 23
#define MACH_MSG_TYPE_LAST              23

/* Marker at compile time, never sent. */
#define MACH_MSG_TYPE_POLYMORPHIC ((mach_msg_type_name_t)-1)

#define MACH_MSG_TYPE_PORT_ANY(x)                                                                  \
	((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_SEND(x)                                                             \
	((x) >= MACH_MSG_TYPE_MOVE_SEND && (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_RIGHT(x)                                                            \
	((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && (x) <= MACH_MSG_TYPE_MOVE_SEND_ONCE)

#define MACH_MSG_USER_ALIGNMENT 8

#define mach_msg_user_align(n)                                                                     \
	(((n) + MACH_MSG_USER_ALIGNMENT - 1) & ~((vm_offset_t)MACH_MSG_USER_ALIGNMENT - 1))
#define mach_msg_align(n)              mach_msg_user_align(n)
#define mach_msg_user_is_misaligned(n) ((n) & (MACH_MSG_USER_ALIGNMENT - 1))

/* -- Options ----------------------------------------------------------- */

typedef integer_t mach_msg_option_t;

#define MACH_MSG_OPTION_NONE 0x00000000
#define MACH_SEND_MSG        0x00000001
#define MACH_RCV_MSG         0x00000002
#define MACH_SEND_TIMEOUT    0x00000010
#define MACH_SEND_NOTIFY     0x00000020
#define MACH_SEND_INTERRUPT  0x00000040 /* library: do not retry */
#define MACH_SEND_CANCEL     0x00000080
#define MACH_RCV_TIMEOUT     0x00000100
#define MACH_RCV_NOTIFY      0x00000200
#define MACH_RCV_INTERRUPT   0x00000400 /* library: do not retry */
#define MACH_RCV_LARGE       0x00000800
#define MACH_SEND_ALWAYS     0x00010000 /* kernel internal */

/* -- Results (sheet 2.15) ---------------------------------------------- */

typedef kern_return_t mach_msg_return_t;

#define MACH_MSG_SUCCESS 0x00000000

/* Special bits, ORed into the codes of partly failed operations. */
#define MACH_MSG_MASK       0x00003c00
#define MACH_MSG_IPC_SPACE  0x00002000 /* no room for names */
#define MACH_MSG_VM_SPACE   0x00001000 /* no room for memory */
#define MACH_MSG_IPC_KERNEL 0x00000800 /* kernel shortage, rights */
#define MACH_MSG_VM_KERNEL  0x00000400 /* kernel shortage, memory */

#define MACH_SEND_IN_PROGRESS        0x10000001
#define MACH_SEND_INVALID_DATA       0x10000002
#define MACH_SEND_INVALID_DEST       0x10000003
#define MACH_SEND_TIMED_OUT          0x10000004
#define MACH_SEND_WILL_NOTIFY        0x10000005
#define MACH_SEND_NOTIFY_IN_PROGRESS 0x10000006
#define MACH_SEND_INTERRUPTED        0x10000007
#define MACH_SEND_MSG_TOO_SMALL      0x10000008
#define MACH_SEND_INVALID_REPLY      0x10000009
#define MACH_SEND_INVALID_RIGHT      0x1000000a
#define MACH_SEND_INVALID_NOTIFY     0x1000000b
#define MACH_SEND_INVALID_MEMORY     0x1000000c
#define MACH_SEND_NO_BUFFER          0x1000000d
#define MACH_SEND_NO_NOTIFY          0x1000000e
#define MACH_SEND_INVALID_TYPE       0x1000000f
#define MACH_SEND_INVALID_HEADER     0x10000010

#define MACH_RCV_IN_PROGRESS    0x10004001
#define MACH_RCV_INVALID_NAME   0x10004002
#define MACH_RCV_TIMED_OUT      0x10004003
#define MACH_RCV_TOO_LARGE      0x10004004
#define MACH_RCV_INTERRUPTED    0x10004005
#define MACH_RCV_PORT_CHANGED   0x10004006
#define MACH_RCV_INVALID_NOTIFY 0x10004007
#define MACH_RCV_INVALID_DATA   0x10004008
#define MACH_RCV_PORT_DIED      0x10004009
#define MACH_RCV_IN_SET         0x1000400a
#define MACH_RCV_HEADER_ERROR   0x1000400b
#define MACH_RCV_BODY_ERROR     0x1000400c

/* -- The calls (user programs) ----------------------------------------- */

/*
 * Send and/or receive a message. The trap itself: interrupted operations are
 * reported to the caller.
 */
mach_msg_return_t mach_msg_trap(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);

/*
 * The same, repeating interrupted operations unless MACH_SEND_INTERRUPT or
 * MACH_RCV_INTERRUPT asks for their report (sheet section 14).
 */
mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);

#endif /* MACH_MESSAGE_H */

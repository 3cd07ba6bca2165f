/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names, rights and attributes of ports (ABI sheet section 3).
 *
 * mach_port_t is the user's 32-bit name of a right. The kernel has a type of
 * its own for the port itself and uses mach_port_name_t for what users say.
 */
#ifndef MACH_PORT_H
#define MACH_PORT_H

#include <mach/boolean.h>
#include <mach/machine/vm_types.h>
#include <stddef.h>

typedef natural_t mach_port_name_t;
typedef mach_port_name_t *mach_port_name_array_t;
typedef const mach_port_name_t *const_mach_port_name_array_t;

typedef mach_port_name_t mach_port_t;
typedef mach_port_t *mach_port_array_t;
typedef const mach_port_t *const_mach_port_array_t;

typedef integer_t *rpc_signature_info_t;

#define MACH_PORT_NAME_NULL ((mach_port_name_t)0)
#define MACH_PORT_NAME_DEAD ((mach_port_name_t)~0U)
#define MACH_PORT_NULL      ((mach_port_t)0)
#define MACH_PORT_DEAD      ((mach_port_t)~0U)

#define MACH_PORT_NAME_VALID(name) ((name) != MACH_PORT_NAME_NULL && (name) != MACH_PORT_NAME_DEAD)
#define MACH_PORT_VALID(port)      ((port) != MACH_PORT_NULL && (port) != MACH_PORT_DEAD)

typedef natural_t mach_port_right_t;

#define MACH_PORT_RIGHT_SEND      ((mach_port_right_t)0)
#define MACH_PORT_RIGHT_RECEIVE   ((mach_port_right_t)1)
#define MACH_PORT_RIGHT_SEND_ONCE ((mach_port_right_t)2)
#define MACH_PORT_RIGHT_PORT_SET  ((mach_port_right_t)3)
#define MACH_PORT_RIGHT_DEAD_NAME ((mach_port_right_t)4)
#define MACH_PORT_RIGHT_NUMBER    ((mach_port_right_t)5)

typedef natural_t mach_port_type_t;
typedef mach_port_type_t *mach_port_type_array_t;
typedef const mach_port_type_t *const_mach_port_type_array_t;

#define MACH_PORT_TYPE(right)                                                                      \
	((mach_port_type_t)(((mach_port_type_t)1) << ((right) + (mach_port_right_t)16)))

#define MACH_PORT_TYPE_NONE         ((mach_port_type_t)0)
#define MACH_PORT_TYPE_SEND         MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND)
#define MACH_PORT_TYPE_RECEIVE      MACH_PORT_TYPE(MACH_PORT_RIGHT_RECEIVE)
#define MACH_PORT_TYPE_SEND_ONCE    MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_SET     MACH_PORT_TYPE(MACH_PORT_RIGHT_PORT_SET)
#define MACH_PORT_TYPE_DEAD_NAME    MACH_PORT_TYPE(MACH_PORT_RIGHT_DEAD_NAME)
#define MACH_PORT_TYPE_SEND_RECEIVE (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_SEND_RIGHTS  (MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_RIGHTS  (MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_PORT_OR_DEAD (MACH_PORT_TYPE_PORT_RIGHTS | MACH_PORT_TYPE_DEAD_NAME)
#define MACH_PORT_TYPE_ALL_RIGHTS   (MACH_PORT_TYPE_PORT_OR_DEAD | MACH_PORT_TYPE_PORT_SET)

/* Pseudo bits returned by mach_port_type and mach_port_names. */
#define MACH_PORT_TYPE_DNREQUEST 0x80000000U /* dead-name request registered */
#define MACH_PORT_TYPE_MAREQUEST 0x40000000U /* msg-accepted request pending */
#define MACH_PORT_TYPE_COMPAT    0x20000000U /* obsolete */

typedef natural_t mach_port_urefs_t;
typedef integer_t mach_port_delta_t;
typedef natural_t mach_port_seqno_t;
typedef unsigned int mach_port_mscount_t;
typedef unsigned int mach_port_msgcount_t;
typedef unsigned int mach_port_rights_t;

#define MACH_PORT_UREFS_MAX ((mach_port_urefs_t)65535)

#define MACH_PORT_QLIMIT_DEFAULT ((mach_port_msgcount_t)5)
#define MACH_PORT_QLIMIT_MAX     ((mach_port_msgcount_t)16)

typedef int mach_port_ktype_t;

#define MACH_PORT_KTYPE_NONE        0
#define MACH_PORT_KTYPE_USER_DEVICE 28

struct mach_port_status {
	mach_port_name_t mps_pset;         /* containing set, or null */
	mach_port_seqno_t mps_seqno;       /* sequence number */
	mach_port_mscount_t mps_mscount;   /* make-send count */
	mach_port_msgcount_t mps_qlimit;   /* queue limit */
	mach_port_msgcount_t mps_msgcount; /* messages queued */
	mach_port_rights_t mps_sorights;   /* send-once rights in existence */
	boolean_t mps_srights;             /* do send rights exist? */
	boolean_t mps_pdrequest;           /* port-destroyed registered? */
	boolean_t mps_nsrequest;           /* no-senders registered? */
};

typedef struct mach_port_status mach_port_status_t;

_Static_assert(sizeof(mach_port_name_t) == 4, "names are 32 bits");
_Static_assert(sizeof(struct mach_port_status) == 36, "nine words");
_Static_assert(offsetof(struct mach_port_status, mps_qlimit) == 12, "layout");
_Static_assert(offsetof(struct mach_port_status, mps_sorights) == 20, "layout");
_Static_assert(offsetof(struct mach_port_status, mps_nsrequest) == 32, "layout");
_Static_assert(MACH_PORT_TYPE_ALL_RIGHTS == 0x001f0000, "type masks");

#endif /* MACH_PORT_H */

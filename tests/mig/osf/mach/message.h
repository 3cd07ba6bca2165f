/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACH_MESSAGE_H
#define MACH_MESSAGE_H
#include <mach/kern_return.h>
#include <mach/port.h>
typedef uint32_t mach_msg_bits_t;
typedef uint32_t mach_msg_size_t;
typedef int32_t mach_msg_id_t;
typedef uint32_t mach_msg_type_name_t;
typedef uint32_t mach_msg_type_number_t;
typedef uint32_t mach_msg_timeout_t;
typedef uint32_t mach_port_seqno_t;
typedef int mach_msg_option_t;
typedef kern_return_t mach_msg_return_t;
#define MACH_MSGH_BITS(remote, local) ((mach_msg_bits_t)((remote) | ((local) << 8)))
#define MACH_MSGH_BITS_REMOTE(bits)   ((bits)&0xffu)
#define MACH_MSGH_BITS_LOCAL(bits)    (((bits) >> 8) & 0xffu)
#define MACH_MSGH_BITS_COMPLEX        0x80000000u
#define MACH_MSG_TYPE_MOVE_RECEIVE    16u
#define MACH_MSG_TYPE_MOVE_SEND       17u
#define MACH_MSG_TYPE_MOVE_SEND_ONCE  18u
#define MACH_MSG_TYPE_COPY_SEND       19u
#define MACH_MSG_TYPE_MAKE_SEND       20u
#define MACH_MSG_TYPE_MAKE_SEND_ONCE  21u
#define MACH_MSG_TYPE_PORT_SEND       17u
#define MACH_MSG_TYPE_PORT_SEND_ONCE  18u
#define MACH_MSG_TYPE_PORT_ANY(x)     ((x) >= 16u && (x) <= 21u)
#define MACH_MSG_SUCCESS              0
#define MACH_SEND_MSG                 1
#define MACH_RCV_MSG                  2
#define MACH_SEND_TIMEOUT             0x10
#define MACH_RCV_TIMEOUT              0x100
#define MACH_SEND_TIMED_OUT           0x10000004
#define MACH_SEND_INTERRUPTED         0x10000007
#define MACH_MSG_TIMEOUT_NONE         0
#define MACH_RCV_TRAILER_TYPE(x)      (((x)&0xf) << 28)
#define MACH_RCV_TRAILER_ELEMENTS(x)  (((x)&0xf) << 24)
#define MACH_RCV_TRAILER_SENDER       2
#define MACH_RCV_TRAILER_AUDIT        3
#define MACH_MSG_TRAILER_FORMAT_0     0
#define MACH_MSG_PORT_DESCRIPTOR      0
#define MACH_MSG_OOL_DESCRIPTOR       1
#define MACH_MSG_OOL_PORTS_DESCRIPTOR 2
#define MACH_MSG_PHYSICAL_COPY        0
#define MACH_MSG_VIRTUAL_COPY         1
#pragma pack(push, 4)
typedef struct {
	mach_msg_bits_t msgh_bits;
	mach_msg_size_t msgh_size;
	mach_port_t msgh_remote_port;
	mach_port_t msgh_local_port;
	mach_port_name_t msgh_voucher_port;
	mach_msg_id_t msgh_id;
} mach_msg_header_t;
typedef struct {
	mach_msg_size_t msgh_descriptor_count;
} mach_msg_body_t;
typedef struct {
	mach_port_t name;
	mach_msg_size_t pad1;
	unsigned int pad2 : 16;
	unsigned int disposition : 8;
	unsigned int type : 8;
} mach_msg_port_descriptor_t;
typedef struct {
	void *address;
	unsigned int deallocate : 8;
	unsigned int copy : 8;
	unsigned int pad1 : 8;
	unsigned int type : 8;
	mach_msg_size_t size;
} mach_msg_ool_descriptor_t;
typedef struct {
	void *address;
	unsigned int deallocate : 8;
	unsigned int copy : 8;
	unsigned int disposition : 8;
	unsigned int type : 8;
	mach_msg_size_t count;
} mach_msg_ool_ports_descriptor_t;
typedef struct {
	unsigned int val[2];
} security_token_t;
typedef struct {
	unsigned int val[8];
} audit_token_t;
typedef struct {
	unsigned int msgh_trailer_type;
	unsigned int msgh_trailer_size;
	mach_port_seqno_t msgh_seqno;
	security_token_t msgh_sender;
	audit_token_t msgh_audit;
	uint64_t msgh_context;
} mach_msg_max_trailer_t;
#pragma pack(pop)
mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);
#endif

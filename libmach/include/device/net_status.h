/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network interfaces: status, packet filters, received packets (ABI sheet
 * 8.6, 16.2).
 */
#ifndef DEVICE_NET_STATUS_H
#define DEVICE_NET_STATUS_H

#include <device/device_types.h>
#include <mach/boolean.h>
#include <mach/message.h>
#include <stddef.h>

struct net_status {
	integer_t min_packet_size;
	integer_t max_packet_size;
	integer_t header_format; /* HDR_* */
	integer_t header_size;
	integer_t address_size;
	integer_t flags;
	integer_t mapped_size;
};

#define NET_STATUS_COUNT (sizeof(struct net_status) / sizeof(int))
#define NET_STATUS       ((dev_flavor_t)(('n' << 16) + 1))
#define NET_ADDRESS      ((dev_flavor_t)(('n' << 16) + 2))
#define NET_DSTADDR      ((dev_flavor_t)(('n' << 16) + 3))
#define NET_FLAGS        ((dev_flavor_t)(('n' << 16) + 4))

_Static_assert(NET_STATUS_COUNT == 7, "layout");

#define HDR_ETHERNET     1
#define HDR_EXP_ETHERNET 2
#define HDR_PRO_NET      4
#define HDR_CHAOS        5
#define HDR_802          6

/* -- Packet filters: arrays of 16-bit words ---------------------------------- */

#define NET_MAX_FILTER         128
#define NET_FILTER_STACK_DEPTH 32

typedef unsigned short filter_t;
typedef filter_t *filter_array_t;
typedef const filter_t *const_filter_array_t;

#define CSPF_BYTES(n) ((n) * sizeof(filter_t))

#define NETF_NBPA      10 /* bits of an argument */
#define NETF_NBPO      6  /* bits of an operator */
#define NETF_ARG(word) ((word)&0x3ff)
#define NETF_OP(word)  (((word) >> NETF_NBPA) & 0x3f)

/* The first word. */
#define NETF_TYPE_MASK (((1 << NETF_NBPO) - 1) << NETF_NBPA)
#define NETF_BPF       (1 << NETF_NBPA)
#define NETF_IN        0x1
#define NETF_OUT       0x2

/* Operators. */
#define NETF_NOP   (0 << NETF_NBPA)
#define NETF_EQ    (1 << NETF_NBPA)
#define NETF_LT    (2 << NETF_NBPA)
#define NETF_LE    (3 << NETF_NBPA)
#define NETF_GT    (4 << NETF_NBPA)
#define NETF_GE    (5 << NETF_NBPA)
#define NETF_AND   (6 << NETF_NBPA)
#define NETF_OR    (7 << NETF_NBPA)
#define NETF_XOR   (8 << NETF_NBPA)
#define NETF_COR   (9 << NETF_NBPA)
#define NETF_CAND  (10 << NETF_NBPA)
#define NETF_CNOR  (11 << NETF_NBPA)
#define NETF_CNAND (12 << NETF_NBPA)
#define NETF_NEQ   (13 << NETF_NBPA)
#define NETF_LSH   (14 << NETF_NBPA)
#define NETF_RSH   (15 << NETF_NBPA)
#define NETF_ADD   (16 << NETF_NBPA)
#define NETF_SUB   (17 << NETF_NBPA)

/* Arguments. */
#define NETF_NOPUSH     0
#define NETF_PUSHLIT    1
#define NETF_PUSHZERO   2
#define NETF_PUSHIND    14
#define NETF_PUSHHDRIND 15
#define NETF_PUSHWORD   16
#define NETF_PUSHHDR    960
#define NETF_PUSHSTK    992

#define NET_HI_PRI  100
#define NET_PRI_MAX 255

/* -- Received packets ---------------------------------------------------------- */

#define NET_RCV_MAX     4095
#define NET_HDW_HDR_MAX 64
#define NET_RCV_MSG_ID  2999

struct packet_header {
	unsigned short length;
	unsigned short type; /* network order */
};

struct net_rcv_msg {
	mach_msg_header_t msg_hdr;
	mach_msg_type_t header_type;
	char header[NET_HDW_HDR_MAX];
	mach_msg_type_t packet_type;
	char packet[NET_RCV_MAX];
	boolean_t sent; /* not on the wire */
};

typedef struct net_rcv_msg *net_rcv_msg_t;

#define net_rcv_msg_packet_count packet_type.msgt_number

_Static_assert(sizeof(struct packet_header) == 4, "layout");
_Static_assert(sizeof(struct net_rcv_msg) == 4216, "layout");
_Static_assert(offsetof(struct net_rcv_msg, packet_type) == 104, "layout");
_Static_assert(offsetof(struct net_rcv_msg, packet) == 112, "layout");
_Static_assert(offsetof(struct net_rcv_msg, sent) == 4208, "layout");

#endif /* DEVICE_NET_STATUS_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets in the BSD interface (bsd_socket.defs): 4.4BSD's numbers and
 * address form.  Shared by the server and the emulators.
 */
#ifndef BSD_SOCKET_H
#define BSD_SOCKET_H

#include <stdint.h>

#include "bsd/abi.h"

#define AF_UNSPEC 0
#define AF_LOCAL  1
#define AF_INET   2

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_SEQPACKET 5

#define SHUT_RD   0
#define SHUT_WR   1
#define SHUT_RDWR 2

#define MSG_OOB       0x1
#define MSG_PEEK      0x2
#define MSG_DONTROUTE 0x4
#define MSG_EOR       0x8
#define MSG_TRUNC     0x10
#define MSG_CTRUNC    0x20
#define MSG_WAITALL   0x40
#define MSG_DONTWAIT  0x80
#define MSG_NOSIGNAL  0x400

#define SOL_SOCKET    0xffff
#define SO_ACCEPTCONN 0x0002
#define SO_SNDBUF     0x1001
#define SO_RCVBUF     0x1002
#define SO_ERROR      0x1007
#define SO_TYPE       0x1008
#define SO_PEERCRED   0x2001 /* ours: struct bsd_peercred */
#define SO_DOMAIN     0x2002
#define SO_PROTOCOL   0x2003
/* Options that are kept but mean nothing to local sockets are below this. */
#define SO_KEPT_MAX   0x1000

#define BSD_SOCKOPT_MAX 64

struct bsd_peercred {
	int32_t pid;
	uint32_t uid;
	uint32_t gid;
};

/* The longest path of a local socket. */
#define BSD_SOCKPATH_MAX 108

/*
 * An address: sa_len counts the used bytes of the whole structure.  Local
 * names are paths, ended by sa_len or a NUL.
 */
struct bsd_sockaddr {
	uint8_t sa_len;
	uint8_t sa_family;
	char sa_data[126];
};
typedef struct bsd_sockaddr bsd_sockaddr_t;
_Static_assert(sizeof(struct bsd_sockaddr) == 16 * 8, "wire size");

#endif

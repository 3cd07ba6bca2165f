/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unix -- sockets between processes of this system: streams and datagrams of
 * the local family, named by paths or not at all.
 *
 *   socket --bind--> named --listen--> listening --accept--> a new socket
 *      `---connect (waits for accept only when the queue is full)--> connected
 *
 * Life:   an open file owns its socket.  A connected pair points at each
 *         other; the first to close leaves the other disconnected, which
 *         still reads what was sent.  A bound socket holds its vnode, which
 *         points back without a reference.
 * Locks:  master lock; connect, accept, send and receive sleep.
 * Hosted: yes (tests/unit/bsd-vfs/t_socket.c).
 */
#ifndef BSD_SOCKET_UNIX_H
#define BSD_SOCKET_UNIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bsd/socket.h"

struct file;
struct proc;

/* Bytes that wait at one socket before a sender waits. */
#define UNIX_BUFFER 65536u

/* When all sockets together hold so much, each may hold one page only. */
#define UNIX_MEMORY_SOFT  (4u << 20)
#define UNIX_BUFFER_SMALL 4096u

/* Most connections that wait to be accepted. */
#define UNIX_BACKLOG_MAX 128

/*
 * Each call is one routine of bsd_socket.defs.  Errors beside those named in
 * socket(2) and its like: EBADF, ENOTSOCK, ERESTART, ENOMEM, ENFILE, EMFILE.
 */

/* EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT */
int socket_create(struct proc *proc, int domain, int type, int protocol, unsigned flags, int *fdp);
int socket_pair(
    struct proc *proc, int domain, int type, int protocol, unsigned flags, int *fd0p, int *fd1p);

/* EADDRINUSE, EINVAL, path errors */
int socket_bind(struct proc *proc, int fd, const struct bsd_sockaddr *name);
/* EOPNOTSUPP, EINVAL */
int socket_listen(struct proc *proc, int fd, int backlog);
/* EAGAIN, EINVAL; *name is the peer's. */
int
socket_accept(struct proc *proc, int fd, unsigned flags, struct bsd_sockaddr *name, int *newfdp);
/* ECONNREFUSED, EISCONN, EPROTOTYPE, EAGAIN, path errors */
int socket_connect(struct proc *proc, int fd, const struct bsd_sockaddr *name);

/*
 * flags MSG_DONTWAIT, MSG_NOSIGNAL; `to` with sa_family 0: the peer.
 * EPIPE (with SIGPIPE), ENOTCONN, EISCONN, EMSGSIZE, ECONNREFUSED, EAGAIN.
 */
int socket_send(struct proc *proc, int fd, unsigned flags, const struct bsd_sockaddr *to,
    const void *bytes, size_t length, size_t *donep);
/*
 * flags MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC (length of the whole datagram);
 * *outflagsp may get MSG_TRUNC.  ENOTCONN, EAGAIN, ECONNRESET.
 */
int socket_receive(struct proc *proc, int fd, unsigned flags, void *buffer, size_t length,
    struct bsd_sockaddr *from, size_t *donep, unsigned *outflagsp);

/* how SHUT_RD, SHUT_WR, SHUT_RDWR.  ENOTCONN, EINVAL */
int socket_shutdown(struct proc *proc, int fd, int how);
int socket_getname(struct proc *proc, int fd, bool peer, struct bsd_sockaddr *name);
/* `value` has room for BSD_SOCKOPT_MAX bytes.  ENOPROTOOPT */
int
socket_getoption(struct proc *proc, int fd, int level, int option, void *value, size_t *lengthp);
int socket_setoption(
    struct proc *proc, int fd, int level, int option, const void *value, size_t length);

#endif /* BSD_SOCKET_UNIX_H */

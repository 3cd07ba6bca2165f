/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The routines of bsd_socket.defs.
 */
#include <mach.h>
#include <string.h>

#include "bsd/bsd_types.h"
#include "bsd_socket_server.h"
#include "server/proc.h"
#include "socket/unix.h"

kern_return_t
serve_bsd_socket(mach_port_t self, int domain, int type, int protocol, int flags, int *fd)
{
	return socket_create(bsd_current_proc(), domain, type, protocol, flags, fd);
}

kern_return_t
serve_bsd_socketpair(
    mach_port_t self, int domain, int type, int protocol, int flags, int *fd0, int *fd1)
{
	return socket_pair(bsd_current_proc(), domain, type, protocol, flags, fd0, fd1);
}

kern_return_t
serve_bsd_bind(mach_port_t self, int fd, bsd_sockaddr_t name)
{
	return socket_bind(bsd_current_proc(), fd, &name);
}

kern_return_t
serve_bsd_listen(mach_port_t self, int fd, int backlog)
{
	return socket_listen(bsd_current_proc(), fd, backlog);
}

kern_return_t
serve_bsd_accept(mach_port_t self, int fd, int flags, int *newfd, bsd_sockaddr_t *name)
{
	return socket_accept(bsd_current_proc(), fd, flags, name, newfd);
}

kern_return_t
serve_bsd_connect(mach_port_t self, int fd, bsd_sockaddr_t name)
{
	return socket_connect(bsd_current_proc(), fd, &name);
}

kern_return_t
serve_bsd_sendto(mach_port_t self, int fd, int flags, bsd_sockaddr_t to, const bsd_data_t data,
    mach_msg_type_number_t dataCnt, int *sent)
{
	size_t done;
	int error;

	error = socket_send(bsd_current_proc(), fd, flags, &to, data, dataCnt, &done);
	*sent = done;
	return error;
}

kern_return_t
serve_bsd_recvfrom(mach_port_t self, int fd, int count, int flags, int *outflags, int *length,
    bsd_sockaddr_t *name, bsd_data_t data, mach_msg_type_number_t *dataCnt)
{
	unsigned out;
	size_t want, done;
	int error;

	if (count < 0)
		return EINVAL;
	want = count < BSD_IO_MAX ? count : BSD_IO_MAX;
	error = socket_receive(bsd_current_proc(), fd, flags, data, want, name, &done, &out);
	*outflags = out;
	/* With MSG_TRUNC the length may exceed what came. */
	*length = done;
	*dataCnt = done < want ? done : want;
	return error;
}

kern_return_t
serve_bsd_shutdown(mach_port_t self, int fd, int how)
{
	return socket_shutdown(bsd_current_proc(), fd, how);
}

kern_return_t
serve_bsd_getsockname(mach_port_t self, int fd, int peer, bsd_sockaddr_t *name)
{
	return socket_getname(bsd_current_proc(), fd, peer != 0, name);
}

kern_return_t
serve_bsd_getsockopt(mach_port_t self, int fd, int level, int option, bsd_data_t value,
    mach_msg_type_number_t *valueCnt)
{
	_Alignas(8) char bytes[BSD_SOCKOPT_MAX];
	size_t length = 0;
	int error;

	error = socket_getoption(bsd_current_proc(), fd, level, option, bytes, &length);
	if (error == 0)
		memcpy(value, bytes, length);
	*valueCnt = length;
	return error;
}

kern_return_t
serve_bsd_setsockopt(mach_port_t self, int fd, int level, int option, const bsd_data_t value,
    mach_msg_type_number_t valueCnt)
{
	return socket_setoption(bsd_current_proc(), fd, level, option, value, valueCnt);
}

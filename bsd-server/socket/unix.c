/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local sockets.
 *
 * What is sent stands in packets at the receiver.  A stream joins small sends
 * in one packet; a datagram or sequenced packet is one each.
 *
 * Channels: &socket->packets for receivers and for accept, &socket->bytes for
 * those who wait for room at this socket or in its backlog.
 */
#include "socket/unix.h"

#include <string.h>

#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "file/poll.h"
#include "vfs/fs_context.h"
#include "vfs/services.h"
#include "vfs/vfs.h"
#include "vfs/vnode.h"

/* Room of a stream's packet. */
#define PACKET_STREAM 4096u

struct packet {
	struct packet *next;
	size_t length, taken, room;
	struct bsd_sockaddr from;
	uint8_t bytes[];
};

struct unix_socket {
	unsigned refs; /* the open file; the peer; a sleeper */
	int type;
	bool listening, connected, closed;
	bool read_shut, write_shut;
	int error;                /* for the next call, or SO_ERROR */
	struct unix_socket *peer; /* referenced */
	struct vnode *bound;
	struct bsd_sockaddr name;
	struct packet *packets, **tail;
	size_t bytes;                /* waiting in packets */
	struct unix_socket *pending; /* not yet accepted; via `next` */
	struct unix_socket *next;
	unsigned pending_count, backlog;
	struct bsd_peercred cred; /* of whom made it */
	uint32_t kept_options;    /* bits of SO_ below SO_KEPT_MAX */
	struct poll_head read_poll, write_poll;
};

static const struct file_ops socket_file_ops;

static size_t packet_bytes; /* room of all packets */

/* ---- life ------------------------------------------------------------------------- */

static struct unix_socket *
unix_create(struct proc *proc, int type)
{
	struct unix_socket *s = bsd_alloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	s->refs = 1;
	s->type = type;
	s->tail = &s->packets;
	s->name.sa_len = 2;
	s->name.sa_family = AF_LOCAL;
	s->cred.pid = proc_pid(proc);
	s->cred.uid = proc_cred(proc)->euid;
	s->cred.gid = proc_cred(proc)->egid;
	return s;
}

static struct unix_socket *
unix_reference(struct unix_socket *s)
{
	s->refs++;
	return s;
}

static void
packet_drop(struct unix_socket *s)
{
	struct packet *packet = s->packets;

	s->packets = packet->next;
	if (s->packets == NULL)
		s->tail = &s->packets;
	packet_bytes -= packet->room;
	bsd_free(packet, sizeof(*packet) + packet->room);
}

static void
unix_release(struct unix_socket *s)
{
	bsd_assert(s->refs > 0);
	if (--s->refs > 0)
		return;
	while (s->packets != NULL)
		packet_drop(s);
	bsd_free(s, sizeof(*s));
}

static void
unix_wake(struct unix_socket *s)
{
	bsd_wakeup(&s->packets);
	bsd_wakeup(&s->bytes);
	poll_notify(&s->read_poll);
	poll_notify(&s->write_poll);
}

/* Part from the peer; `error` is what its next call learns. */
static void
unix_disconnect(struct unix_socket *s, int error)
{
	struct unix_socket *peer = s->peer;

	if (peer == NULL)
		return;
	s->peer = NULL;
	if (peer->peer == s) {
		peer->peer = NULL;
		peer->error = error;
		unix_wake(peer);
		unix_release(s);
	}
	unix_wake(peer);
	unix_release(peer);
}

static void
unix_unbind(struct unix_socket *s)
{
	if (s->bound == NULL)
		return;
	s->bound->socket = NULL;
	vnode_release(s->bound);
	s->bound = NULL;
}

/* The owner is gone. */
static void
unix_close(struct unix_socket *s)
{
	struct unix_socket *pending;

	s->closed = true;
	unix_unbind(s);
	while ((pending = s->pending) != NULL) {
		s->pending = pending->next;
		s->pending_count--;
		unix_close(pending); /* has no pending ones itself */
	}
	unix_disconnect(s, s->packets != NULL ? ECONNRESET : 0);
	unix_wake(s);
	unix_release(s);
}

static void
socket_close(struct file *file)
{
	unix_close(file->data);
}

/* ---- descriptors --------------------------------------------------------------------- */

/* The socket of a descriptor; ends with file_release. */
static int
socket_get(struct proc *proc, int fd, struct file **filep, struct unix_socket **sp)
{
	int error;

	error = fd_table_get(proc_files(proc), fd, filep);
	if (error != 0)
		return error;
	if ((*filep)->ops != &socket_file_ops) {
		file_release(*filep);
		return ENOTSOCK;
	}
	*sp = (*filep)->data;
	return 0;
}

/* Put a socket under a descriptor; takes it over in any case. */
static int
socket_install(struct proc *proc, struct unix_socket *s, unsigned flags, int *fdp)
{
	struct file *file;
	int error;

	error = file_create(&socket_file_ops, O_RDWR | (flags & O_NONBLOCK), NULL, &file);
	if (error != 0) {
		unix_close(s);
		return error;
	}
	file->data = s;
	error = fd_table_add(
	    proc_files(proc), 0, proc_limit_nofile(proc), file, flags & O_CLOEXEC, fdp);
	if (error != 0)
		file_release(file);
	return error;
}

static int
socket_check_kind(int domain, int type, int protocol)
{
	if (domain != AF_LOCAL)
		return EAFNOSUPPORT;
	if (protocol != 0 && protocol != AF_LOCAL)
		return EPROTONOSUPPORT;
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return ESOCKTNOSUPPORT;
	return 0;
}

int
socket_create(struct proc *proc, int domain, int type, int protocol, unsigned flags, int *fdp)
{
	struct unix_socket *s;
	int error;

	error = socket_check_kind(domain, type, protocol);
	if (error != 0)
		return error;
	s = unix_create(proc, type);
	return s == NULL ? ENOMEM : socket_install(proc, s, flags, fdp);
}

/* Make two sockets each other's peer. */
static void
unix_join(struct unix_socket *a, struct unix_socket *b)
{
	a->peer = unix_reference(b);
	b->peer = unix_reference(a);
	a->connected = true;
	b->connected = true;
}

int
socket_pair(
    struct proc *proc, int domain, int type, int protocol, unsigned flags, int *fd0p, int *fd1p)
{
	struct unix_socket *a, *b;
	int error;

	error = socket_check_kind(domain, type, protocol);
	if (error != 0)
		return error;
	a = unix_create(proc, type);
	b = unix_create(proc, type);
	if (a == NULL || b == NULL) {
		if (a != NULL)
			unix_close(a);
		if (b != NULL)
			unix_close(b);
		return ENOMEM;
	}
	unix_join(a, b);
	error = socket_install(proc, a, flags, fd0p);
	if (error != 0) {
		unix_close(b);
		return error;
	}
	error = socket_install(proc, b, flags, fd1p);
	if (error != 0)
		(void)fd_table_close(proc_files(proc), *fd0p);
	return error;
}

/* ---- names ------------------------------------------------------------------------------ */

/* The path in an address, NUL-ended. */
static int
name_path(const struct bsd_sockaddr *name, char path[BSD_SOCKPATH_MAX + 1])
{
	size_t length;

	if (name->sa_family != AF_LOCAL)
		return EAFNOSUPPORT;
	if (name->sa_len < 2 || name->sa_len > 2 + BSD_SOCKPATH_MAX)
		return EINVAL;
	length = name->sa_len - 2;
	memcpy(path, name->sa_data, length);
	path[length] = '\0';
	return path[0] == '\0' ? EINVAL : 0;
}

static int
unix_bind(struct proc *proc, struct unix_socket *s, const struct bsd_sockaddr *name)
{
	char path[BSD_SOCKPATH_MAX + 1];
	int error;

	error = name_path(name, path);
	if (error == 0 && s->bound != NULL)
		error = EINVAL;
	if (error == 0)
		error = vfs_mknod(proc, AT_FDCWD, path, S_IFSOCK | 0777, 0);
	if (error == EEXIST)
		error = EADDRINUSE;
	if (error == 0)
		error = vfs_find(proc, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &s->bound);
	if (error == 0) {
		s->bound->socket = s;
		s->name = *name;
		s->name.sa_len = 2 + strlen(path);
	}
	return error;
}

/* The socket bound to a path, for one who may write there. */
static int
name_socket(struct proc *proc, const struct bsd_sockaddr *name, struct unix_socket **sp)
{
	char path[BSD_SOCKPATH_MAX + 1];
	struct vnode *vp;
	int error;

	error = name_path(name, path);
	if (error == 0)
		error = vfs_find(proc, AT_FDCWD, path, 0, &vp);
	if (error != 0)
		return error;
	error = vnode_access(vp, proc_cred(proc), VWANT_WRITE, false);
	if (error == 0 && vp->socket == NULL)
		error = ECONNREFUSED;
	if (error == 0)
		*sp = unix_reference(vp->socket);
	vnode_release(vp);
	return error;
}

/* ---- connecting ---------------------------------------------------------------------------- */

static int
unix_listen(struct unix_socket *s, int backlog)
{
	if (s->type == SOCK_DGRAM)
		return EOPNOTSUPP;
	if (s->connected || s->bound == NULL)
		return EINVAL;
	s->listening = true;
	s->backlog = backlog < 1         ? 1
	    : backlog > UNIX_BACKLOG_MAX ? UNIX_BACKLOG_MAX
					 : (unsigned)backlog;
	return 0;
}

/* Wait until the listener can take one more. */
static int
connect_wait(struct file *file, struct unix_socket *listener)
{
	int error = 0;

	while (error == 0 && !listener->closed && listener->pending_count >= listener->backlog) {
		if (file_nonblocking(file))
			return EAGAIN;
		error = bsd_sleep(&listener->bytes, BSD_SLEEP_INTR, 0);
	}
	return error == 0 && listener->closed ? ECONNREFUSED : error;
}

static int
connect_stream(
    struct proc *proc, struct file *file, struct unix_socket *s, struct unix_socket *listener)
{
	struct unix_socket *served, **link;
	int error;

	if (!listener->listening)
		return ECONNREFUSED;
	error = connect_wait(file, listener);
	if (error != 0)
		return error;
	if (s->connected)
		return EISCONN; /* by another thread meanwhile */
	served = unix_create(proc, s->type);
	if (served == NULL)
		return ENOMEM;
	served->name = listener->name;
	served->cred = listener->cred;
	s->cred.pid = proc_pid(proc);
	unix_join(s, served);
	for (link = &listener->pending; *link != NULL; link = &(*link)->next)
		;
	*link = served;
	listener->pending_count++;
	unix_wake(listener);
	return 0;
}

static int
connect_datagram(struct unix_socket *s, struct unix_socket *to)
{
	unix_disconnect(s, 0);
	s->peer = unix_reference(to);
	s->connected = true;
	return 0;
}

static int
socket_connect_to(
    struct proc *proc, struct file *file, struct unix_socket *s, const struct bsd_sockaddr *name)
{
	struct unix_socket *to;
	int error;

	if (name->sa_family == AF_UNSPEC && s->type == SOCK_DGRAM) {
		unix_disconnect(s, 0);
		s->connected = false;
		return 0;
	}
	if (s->connected && s->type != SOCK_DGRAM)
		return EISCONN;
	if (s->listening)
		return EINVAL;
	error = name_socket(proc, name, &to);
	if (error != 0)
		return error;
	if (to->type != s->type)
		error = EPROTOTYPE;
	else if (s->type == SOCK_DGRAM)
		error = connect_datagram(s, to);
	else
		error = connect_stream(proc, file, s, to);
	unix_release(to);
	return error;
}

static int
accept_wait(struct file *file, struct unix_socket *s)
{
	int error = 0;

	while (error == 0 && s->pending == NULL) {
		if (file_nonblocking(file))
			return EAGAIN;
		error = bsd_sleep(&s->packets, BSD_SLEEP_INTR, 0);
	}
	return error;
}

static int
unix_accept(struct proc *proc, struct file *file, struct unix_socket *s, unsigned flags,
    struct bsd_sockaddr *name, int *newfdp)
{
	struct unix_socket *served;
	int error;

	if (!s->listening)
		return s->type == SOCK_DGRAM ? EOPNOTSUPP : EINVAL;
	error = accept_wait(file, s);
	if (error != 0)
		return error;
	served = s->pending;
	s->pending = served->next;
	served->next = NULL;
	s->pending_count--;
	unix_wake(s);
	*name = served->peer != NULL ? served->peer->name : s->name;
	if (served->peer == NULL)
		name->sa_len = 2;
	return socket_install(proc, served, flags, newfdp);
}

/* ---- sending ---------------------------------------------------------------------------------- */

/* Append bytes to what waits at `to`; false when out of memory. */
static bool
packet_put(struct unix_socket *to, const struct unix_socket *from, const void *bytes, size_t length)
{
	struct packet *packet = NULL;
	size_t room = length;

	if (to->type == SOCK_STREAM && to->packets != NULL)
		packet = (struct packet *)((char *)to->tail - offsetof(struct packet, next));
	if (packet == NULL || packet->room - packet->length < length) {
		if (to->type == SOCK_STREAM && room < PACKET_STREAM)
			room = PACKET_STREAM;
		packet = bsd_alloc(sizeof(*packet) + room);
		if (packet == NULL)
			return false;
		packet->room = room;
		packet_bytes += room;
		packet->from = from->name;
		*to->tail = packet;
		to->tail = &packet->next;
	}
	memcpy(packet->bytes + packet->length, bytes, length);
	packet->length += length;
	to->bytes += length;
	bsd_wakeup(&to->packets);
	poll_notify(&to->read_poll);
	return true;
}

/* Why nothing can be sent to `to` any more; 0: it can. */
static int
send_state(const struct unix_socket *s, const struct unix_socket *to)
{
	if (s->write_shut)
		return EPIPE;
	if (to == NULL || to->closed)
		return s->type == SOCK_DGRAM ? ECONNREFUSED : EPIPE;
	return to->read_shut ? EPIPE : 0;
}

/* How much may wait at `to` now. */
static size_t
unix_capacity(const struct unix_socket *to)
{
	return packet_bytes > UNIX_MEMORY_SOFT ? UNIX_BUFFER_SMALL : UNIX_BUFFER;
}

/* Bytes of `left` that go in now: as a whole unless it is a stream. */
static size_t
send_room(const struct unix_socket *to, size_t left)
{
	size_t capacity = unix_capacity(to);
	size_t room = to->bytes < capacity ? capacity - to->bytes : 0;

	if (room >= left)
		return left;
	/* A packet larger than the small buffer goes alone. */
	if (to->type != SOCK_STREAM)
		return to->packets == NULL ? left : 0;
	return room;
}

static int
unix_send_to(struct unix_socket *s, struct unix_socket *to, bool nowait, const uint8_t *bytes,
    size_t length, size_t *donep)
{
	size_t part;
	int error;

	if (s->type != SOCK_STREAM && length > UNIX_BUFFER)
		return EMSGSIZE;
	do {
		error = send_state(s, to);
		if (error != 0)
			return error;
		part = send_room(to, length - *donep);
		if (part > 0 || length == 0) {
			if (!packet_put(to, s, bytes + *donep, part))
				return ENOBUFS;
			*donep += part;
		} else if (nowait) {
			return EAGAIN;
		} else {
			error = bsd_sleep(&to->bytes, BSD_SLEEP_INTR, 0);
			if (error != 0)
				return error;
		}
	} while (*donep < length);
	return 0;
}

/* The same for a stream's peer, which may go while we wait. */
static int
unix_send(struct unix_socket *s, bool nowait, const void *bytes, size_t length, size_t *donep)
{
	struct unix_socket *to = s->peer;
	int error;

	*donep = 0;
	if (to == NULL) {
		if (s->type == SOCK_DGRAM)
			return s->connected ? ECONNREFUSED : EDESTADDRREQ;
		return s->connected ? EPIPE : ENOTCONN;
	}
	/* An empty send on a stream is nothing at all. */
	if (length == 0 && s->type == SOCK_STREAM)
		return 0;
	unix_reference(to);
	error = unix_send_to(s, to, nowait, bytes, length, donep);
	unix_release(to);
	return *donep > 0 ? 0 : error;
}

static int
send_named(struct proc *proc, struct unix_socket *s, bool nowait, const struct bsd_sockaddr *name,
    const void *bytes, size_t length, size_t *donep)
{
	struct unix_socket *to;
	int error;

	if (s->type != SOCK_DGRAM)
		return s->connected ? EISCONN : EOPNOTSUPP;
	error = name_socket(proc, name, &to);
	if (error != 0)
		return error;
	if (to->type != SOCK_DGRAM)
		error = EPROTOTYPE;
	else
		error = unix_send_to(s, to, nowait, bytes, length, donep);
	unix_release(to);
	return error;
}

static int
unix_send_flags(struct proc *proc, struct file *file, struct unix_socket *s, unsigned flags,
    const struct bsd_sockaddr *to, const void *bytes, size_t length, size_t *donep)
{
	bool nowait;
	int error;

	nowait = file_nonblocking(file) || (flags & MSG_DONTWAIT);
	if (flags & MSG_OOB)
		error = EOPNOTSUPP;
	else if (to->sa_family != AF_UNSPEC)
		error = send_named(proc, s, nowait, to, bytes, length, donep);
	else
		error = unix_send(s, nowait, bytes, length, donep);
	if (error == EPIPE && !(flags & MSG_NOSIGNAL))
		bsd_signal_proc(proc, SIGPIPE);
	return error;
}

/* ---- receiving ---------------------------------------------------------------------------------- */

/* Copy from the front, over several packets for a stream. */
static size_t
packet_take(struct unix_socket *s, uint8_t *buffer, size_t length, bool peek)
{
	struct packet *packet = s->packets;
	size_t done = 0, part;

	while (packet != NULL && done < length) {
		part = packet->length - packet->taken;
		if (part > length - done)
			part = length - done;
		memcpy(buffer + done, packet->bytes + packet->taken, part);
		done += part;
		if (!peek) {
			packet->taken += part;
			s->bytes -= part;
		}
		if (s->type != SOCK_STREAM)
			break;
		packet = packet->next;
		while (!peek && s->packets != NULL && s->packets->taken == s->packets->length)
			packet_drop(s);
	}
	return done;
}

/* Until there is a packet, or never will be: 0 with none means the end. */
static int
receive_wait(struct unix_socket *s, bool nowait)
{
	int error = 0;

	while (error == 0 && s->packets == NULL) {
		if (s->error != 0) {
			error = s->error;
			s->error = 0;
			return error;
		}
		if (s->read_shut)
			return 0;
		if (s->type != SOCK_DGRAM) {
			if (!s->connected)
				return ENOTCONN;
			if (s->peer == NULL || s->peer->write_shut)
				return 0;
		}
		if (nowait)
			return EAGAIN;
		error = bsd_sleep(&s->packets, BSD_SLEEP_INTR, 0);
	}
	return error;
}

/* One receive; *wholep is the length of the packet it came from. */
static int
unix_receive(struct unix_socket *s, bool nowait, bool peek, void *buffer, size_t length,
    struct bsd_sockaddr *from, size_t *donep, size_t *wholep)
{
	struct packet *packet;
	int error;

	*donep = 0;
	*wholep = 0;
	memset(from, 0, sizeof(*from));
	if (length == 0 && s->type == SOCK_STREAM)
		return 0;
	error = receive_wait(s, nowait);
	packet = s->packets;
	if (error != 0 || packet == NULL)
		return error;
	*from = packet->from;
	*wholep = packet->length;
	*donep = packet_take(s, buffer, length, peek);
	if (s->type != SOCK_STREAM && !peek) {
		s->bytes -= packet->length - packet->taken;
		packet_drop(s);
	}
	if (!peek) {
		bsd_wakeup(&s->bytes);
		poll_notify(&s->write_poll);
		if (s->peer != NULL)
			poll_notify(&s->peer->write_poll);
	}
	return 0;
}

static int
unix_receive_flags(struct file *file, struct unix_socket *s, unsigned flags, void *buffer,
    size_t length, struct bsd_sockaddr *from, size_t *donep, unsigned *outflagsp)
{
	size_t whole;
	bool nowait;
	int error;

	nowait = file_nonblocking(file) || (flags & MSG_DONTWAIT);
	if (flags & MSG_OOB)
		error = EOPNOTSUPP;
	else
		error =
		    unix_receive(s, nowait, flags & MSG_PEEK, buffer, length, from, donep, &whole);
	if (error == 0 && s->type != SOCK_STREAM && whole > *donep)
		*outflagsp = MSG_TRUNC;
	if (error == 0 && (flags & MSG_TRUNC) && s->type != SOCK_STREAM)
		*donep = whole;
	return error;
}

/* ---- as a file ------------------------------------------------------------------------------------- */

static int
socket_file_read(struct file *file, struct proc *proc, void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	struct bsd_sockaddr from;
	size_t whole;

	return unix_receive(
	    file->data, file_nonblocking(file), false, buffer, length, &from, donep, &whole);
}

static int
socket_file_write(struct file *file, struct proc *proc, const void *buffer, size_t length,
    uint64_t offset, size_t *donep)
{
	int error;

	error = unix_send(file->data, file_nonblocking(file), buffer, length, donep);
	if (error == EPIPE)
		bsd_signal_proc(proc, SIGPIPE);
	return error;
}

static unsigned
socket_file_poll(struct file *file, unsigned events, struct poll_wait *wait)
{
	struct unix_socket *s = file->data;
	bool gone = s->type != SOCK_DGRAM && s->connected && s->peer == NULL;
	unsigned ready = 0;

	poll_record(&s->read_poll, wait);
	poll_record(&s->write_poll, wait);
	if (s->packets != NULL || s->pending != NULL || s->read_shut || gone ||
	    (s->peer != NULL && s->type != SOCK_DGRAM && s->peer->write_shut))
		ready |= POLLIN | POLLRDNORM;
	if (gone || (s->read_shut && s->write_shut))
		ready |= POLLHUP;
	if (s->error != 0)
		ready |= POLLERR;
	if (gone || s->peer == NULL ? !s->listening && s->type == SOCK_DGRAM
				    : s->peer->bytes < unix_capacity(s->peer))
		ready |= POLLOUT;
	return ready;
}

static int
socket_file_ioctl(struct file *file, struct proc *proc, uint32_t request, void *data)
{
	const struct unix_socket *s = file->data;

	if (request != FIONREAD)
		return ENOTTY;
	*(int32_t *)data = s->type == SOCK_STREAM || s->packets == NULL
	    ? (int32_t)s->bytes
	    : (int32_t)s->packets->length;
	return 0;
}

static const struct file_ops socket_file_ops = {
	.read = socket_file_read,
	.write = socket_file_write,
	.poll = socket_file_poll,
	.ioctl = socket_file_ioctl,
	.close = socket_close,
};

/* ---- the rest ---------------------------------------------------------------------------------------- */

static int
unix_shutdown(struct unix_socket *s, int how)
{
	if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
		return EINVAL;
	if (!s->connected)
		return ENOTCONN;
	if (how != SHUT_WR)
		s->read_shut = true;
	if (how != SHUT_RD)
		s->write_shut = true;
	unix_wake(s);
	if (s->peer != NULL)
		unix_wake(s->peer);
	return 0;
}

static int
unix_getname(const struct unix_socket *s, bool peer, struct bsd_sockaddr *name)
{
	if (peer && s->peer == NULL)
		return ENOTCONN;
	*name = peer ? s->peer->name : s->name;
	return 0;
}

/* The value of an option that is a number. */
static int
option_number(struct unix_socket *s, int option, int32_t *value)
{
	switch (option) {
	case SO_TYPE:
		*value = s->type;
		return 0;
	case SO_DOMAIN:
		*value = AF_LOCAL;
		return 0;
	case SO_PROTOCOL:
		*value = 0;
		return 0;
	case SO_ERROR:
		*value = s->error;
		s->error = 0;
		return 0;
	case SO_SNDBUF:
	case SO_RCVBUF:
		*value = UNIX_BUFFER;
		return 0;
	case SO_ACCEPTCONN:
		*value = s->listening;
		return 0;
	default:
		if (option <= 0 || option >= SO_KEPT_MAX)
			return ENOPROTOOPT;
		*value = (s->kept_options & (uint32_t)option) != 0;
		return 0;
	}
}

static int
unix_getoption(struct unix_socket *s, int level, int option, void *value, size_t *lengthp)
{
	if (level != SOL_SOCKET)
		return ENOPROTOOPT;
	if (option == SO_PEERCRED) {
		memcpy(value, s->peer != NULL ? &s->peer->cred : &s->cred, sizeof(s->cred));
		*lengthp = sizeof(s->cred);
		return 0;
	}
	*lengthp = sizeof(int32_t);
	return option_number(s, option, value);
}

static int
unix_setoption(struct unix_socket *s, int level, int option, const void *value, size_t length)
{
	int32_t number;

	if (level != SOL_SOCKET || option <= 0 ||
	    (option >= SO_KEPT_MAX && option != SO_SNDBUF && option != SO_RCVBUF))
		return ENOPROTOOPT;
	if (length < sizeof(number))
		return EINVAL;
	if (option >= SO_KEPT_MAX)
		return 0;
	memcpy(&number, value, sizeof(number));
	s->kept_options &= ~(uint32_t)option;
	if (number != 0)
		s->kept_options |= (uint32_t)option;
	return 0;
}

/* ---- calls on descriptors ------------------------------------------------------------------------------ */

/* What `call` answers, made while the socket `s` of the descriptor, open as `file`, is held. */
#define ON_SOCKET(proc, fd, call)                                                                  \
	({                                                                                         \
		struct unix_socket *s;                                                             \
		struct file *file;                                                                 \
		int error = socket_get(proc, fd, &file, &s);                                       \
                                                                                                   \
		if (error == 0) {                                                                  \
			error = call;                                                              \
			file_release(file);                                                        \
		}                                                                                  \
		error;                                                                             \
	})

int
socket_bind(struct proc *proc, int fd, const struct bsd_sockaddr *name)
{
	return ON_SOCKET(proc, fd, unix_bind(proc, s, name));
}

int
socket_listen(struct proc *proc, int fd, int backlog)
{
	return ON_SOCKET(proc, fd, unix_listen(s, backlog));
}

int
socket_connect(struct proc *proc, int fd, const struct bsd_sockaddr *name)
{
	return ON_SOCKET(proc, fd, socket_connect_to(proc, file, s, name));
}

int
socket_accept(struct proc *proc, int fd, unsigned flags, struct bsd_sockaddr *name, int *newfdp)
{
	return ON_SOCKET(proc, fd, unix_accept(proc, file, s, flags, name, newfdp));
}

int
socket_send(struct proc *proc, int fd, unsigned flags, const struct bsd_sockaddr *to,
    const void *bytes, size_t length, size_t *donep)
{
	*donep = 0;
	return ON_SOCKET(proc, fd, unix_send_flags(proc, file, s, flags, to, bytes, length, donep));
}

int
socket_receive(struct proc *proc, int fd, unsigned flags, void *buffer, size_t length,
    struct bsd_sockaddr *from, size_t *donep, unsigned *outflagsp)
{
	*donep = 0;
	*outflagsp = 0;
	return ON_SOCKET(
	    proc, fd, unix_receive_flags(file, s, flags, buffer, length, from, donep, outflagsp));
}

int
socket_shutdown(struct proc *proc, int fd, int how)
{
	return ON_SOCKET(proc, fd, unix_shutdown(s, how));
}

int
socket_getname(struct proc *proc, int fd, bool peer, struct bsd_sockaddr *name)
{
	return ON_SOCKET(proc, fd, unix_getname(s, peer, name));
}

int
socket_getoption(struct proc *proc, int fd, int level, int option, void *value, size_t *lengthp)
{
	return ON_SOCKET(proc, fd, unix_getoption(s, level, option, value, lengthp));
}

int
socket_setoption(struct proc *proc, int fd, int level, int option, const void *value, size_t length)
{
	return ON_SOCKET(proc, fd, unix_setoption(s, level, option, value, length));
}

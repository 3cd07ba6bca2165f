/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets. Addresses change form (Linux: a 16-bit family and no length
 * inside), constants change numbers; data go as in file.c. Control messages
 * are not carried.
 */
#include "bsd/socket.h"
#include "bsd_socket_user.h"
#include "calls.h"
#include "emul.h"

#define LINUX_EMSGSIZE 90

#define LINUX_SOCK_NONBLOCK 0x800
#define LINUX_SOCK_CLOEXEC  0x80000
#define LINUX_SOL_SOCKET    1

struct pair {
	uint32_t linux_value;
	uint32_t bsd_value;
};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct pair message_flags[] = {
	{ 0x1, MSG_OOB },
	{ 0x2, MSG_PEEK },
	{ 0x4, MSG_DONTROUTE },
	{ 0x8, MSG_CTRUNC },
	{ 0x20, MSG_TRUNC },
	{ 0x40, MSG_DONTWAIT },
	{ 0x80, MSG_EOR },
	{ 0x100, MSG_WAITALL },
	{ 0x4000, MSG_NOSIGNAL },
};

static const struct pair socket_options[] = {
	{ 1, 0x0001 }, /* SO_DEBUG */
	{ 2, 0x0004 }, /* SO_REUSEADDR */
	{ 3, SO_TYPE },
	{ 4, SO_ERROR },
	{ 5, 0x0010 }, /* SO_DONTROUTE */
	{ 6, 0x0020 }, /* SO_BROADCAST */
	{ 7, SO_SNDBUF },
	{ 8, SO_RCVBUF },
	{ 9, 0x0008 },  /* SO_KEEPALIVE */
	{ 10, 0x0100 }, /* SO_OOBINLINE */
	{ 15, 0x0200 }, /* SO_REUSEPORT */
	{ 17, SO_PEERCRED },
	{ 30, SO_ACCEPTCONN },
	{ 38, SO_PROTOCOL },
	{ 39, SO_DOMAIN },
};

struct linux_msghdr {
	uint64_t name;
	uint32_t name_length;
	uint32_t pad;
	uint64_t iov;
	uint64_t iov_count;
	uint64_t control;
	uint64_t control_length;
	uint32_t flags;
	uint32_t pad2;
};
_Static_assert(sizeof(struct linux_msghdr) == 56, "layout of msghdr");

static uint32_t
flags_to_bsd(uint32_t flags)
{
	uint32_t result = 0;

	for (size_t i = 0; i < COUNT(message_flags); i++)
		if ((flags & message_flags[i].linux_value) != 0)
			result |= message_flags[i].bsd_value;
	return result;
}

static uint32_t
flags_to_linux(uint32_t flags)
{
	uint32_t result = 0;

	for (size_t i = 0; i < COUNT(message_flags); i++)
		if ((flags & message_flags[i].bsd_value) != 0)
			result |= message_flags[i].linux_value;
	return result;
}

/* Families that both sides have bear the same small numbers. */
static int
family_to_bsd(uint64_t family)
{
	return family <= AF_INET ? (int)family : 255;
}

static int
open_flags(uint64_t type)
{
	return ((type & LINUX_SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0) |
	    ((type & LINUX_SOCK_CLOEXEC) != 0 ? O_CLOEXEC : 0);
}

/* ---- addresses -------------------------------------------------------------------- */

static int64_t
take_name(struct bsd_sockaddr *name, uint64_t address, uint64_t length)
{
	uint16_t family;

	memset(name, 0, sizeof(*name));
	if ((uint32_t)length < sizeof(family) ||
	    (uint32_t)length > sizeof(family) + sizeof(name->sa_data))
		return -LINUX_EINVAL;
	if (emul_copyin(&family, address, sizeof(family)) != 0 ||
	    emul_copyin(name->sa_data, address + 2, (uint32_t)length - 2) != 0)
		return -LINUX_EFAULT;
	name->sa_family = (uint8_t)family_to_bsd(family);
	name->sa_len = (uint8_t)length;
	return 0;
}

/* Store a name as far as it fits, and its whole length; 0 addresses: no. */
static int64_t
put_name(const struct bsd_sockaddr *name, uint64_t address, uint64_t length_at)
{
	char form[2 + sizeof(name->sa_data)];
	uint32_t room;
	uint32_t length = name->sa_len < 2 ? 0 : name->sa_len;

	if (address == 0)
		return 0;
	if (emul_copyin(&room, length_at, sizeof(room)) != 0)
		return -LINUX_EFAULT;
	if ((int32_t)room < 0)
		return -LINUX_EINVAL;
	form[0] = (char)name->sa_family;
	form[1] = 0;
	memcpy(form + 2, name->sa_data, sizeof(name->sa_data));
	if (length > 2 && length < sizeof(form)) {
		form[length] = '\0'; /* paths are handed out with their end */
		length++;
	}
	if (emul_copyout(address, form, room < length ? room : length) != 0 ||
	    emul_copyout(length_at, &length, sizeof(length)) != 0)
		return -LINUX_EFAULT;
	return 0;
}

/* ---- making and connecting -------------------------------------------------------------- */

int64_t
sys_socket(struct emul_frame *f)
{
	int fd;
	int64_t r = emul_result(bsd_socket(emul_process(), family_to_bsd(ARG1(f)),
	    (int)(ARG2(f) & 0xf), (int)ARG3(f), open_flags(ARG2(f)), &fd));

	return r != 0 ? r : fd;
}

int64_t
sys_socketpair(struct emul_frame *f)
{
	int fds[2];
	int64_t r = emul_result(bsd_socketpair(emul_process(), family_to_bsd(ARG1(f)),
	    (int)(ARG2(f) & 0xf), (int)ARG3(f), open_flags(ARG2(f)), &fds[0], &fds[1]));

	return r != 0 ? r : emul_copyout(ARG4(f), fds, sizeof(fds));
}

int64_t
sys_bind(struct emul_frame *f)
{
	struct bsd_sockaddr name;
	int64_t r = take_name(&name, ARG2(f), ARG3(f));

	return r != 0 ? r : emul_result(bsd_bind(emul_process(), (int)ARG1(f), name));
}

int64_t
sys_connect(struct emul_frame *f)
{
	struct bsd_sockaddr name;
	int64_t r = take_name(&name, ARG2(f), ARG3(f));

	return r != 0 ? r : emul_result(bsd_connect(emul_process(), (int)ARG1(f), name));
}

int64_t
sys_listen(struct emul_frame *f)
{
	return emul_result(bsd_listen(emul_process(), (int)ARG1(f), (int)ARG2(f)));
}

static int64_t
accept_one(struct emul_frame *f, uint64_t flags)
{
	struct bsd_sockaddr name;
	int fd;
	int64_t r =
	    emul_result(bsd_accept(emul_process(), (int)ARG1(f), open_flags(flags), &fd, &name));

	if (r == 0)
		r = put_name(&name, ARG2(f), ARG3(f));
	return r != 0 ? r : fd;
}

int64_t
sys_accept(struct emul_frame *f)
{
	return accept_one(f, 0);
}

int64_t
sys_accept4(struct emul_frame *f)
{
	if ((ARG4(f) & ~(uint64_t)(LINUX_SOCK_NONBLOCK | LINUX_SOCK_CLOEXEC)) != 0)
		return -LINUX_EINVAL;
	return accept_one(f, ARG4(f));
}

int64_t
sys_shutdown(struct emul_frame *f)
{
	return emul_result(bsd_shutdown(emul_process(), (int)ARG1(f), (int)ARG2(f)));
}

static int64_t
get_name(struct emul_frame *f, int peer)
{
	struct bsd_sockaddr name;
	int64_t r = emul_result(bsd_getsockname(emul_process(), (int)ARG1(f), peer, &name));

	return r != 0 ? r : put_name(&name, ARG2(f), ARG3(f));
}

int64_t
sys_getsockname(struct emul_frame *f)
{
	return get_name(f, 0);
}

int64_t
sys_getpeername(struct emul_frame *f)
{
	return get_name(f, 1);
}

/* ---- data ------------------------------------------------------------------------------------ */

static int64_t
send_bytes(int fd, const struct bsd_sockaddr *to, uint32_t flags, char *bytes, uint32_t length)
{
	int sent;
	int64_t r =
	    emul_result(bsd_sendto(emul_process(), fd, (int)flags, *to, bytes, length, &sent));

	return r != 0 ? r : sent;
}

/*
 * Longer than one request: a stream goes in pieces; of a datagram the first
 * piece would be another datagram, so that is refused.
 */
static int64_t
send_long(int fd, const struct bsd_sockaddr *to, uint32_t flags, uint64_t address, uint64_t length)
{
	char buffer[BSD_IO_MAX];
	int32_t type = 0;
	mach_msg_type_number_t count = sizeof(type);
	uint64_t done = 0;
	int64_t r = emul_result(
	    bsd_getsockopt(emul_process(), fd, SOL_SOCKET, SO_TYPE, (char *)&type, &count));

	if (r != 0)
		return r;
	if (type != SOCK_STREAM)
		return -LINUX_EMSGSIZE;
	while (done < length) {
		uint32_t size = length - done < BSD_IO_MAX ? (uint32_t)(length - done) : BSD_IO_MAX;

		if (emul_copyin(buffer, address + done, size) != 0)
			return done > 0 ? (int64_t)done : -LINUX_EFAULT;
		r = send_bytes(fd, to, flags, buffer, size);
		if (r < 0)
			return done > 0 ? (int64_t)done : r;
		done += (uint64_t)r;
		if (r < (int64_t)size)
			break;
	}
	return (int64_t)done;
}

int64_t
sys_sendto(struct emul_frame *f)
{
	struct bsd_sockaddr to = { .sa_family = AF_UNSPEC };
	char buffer[BSD_IO_MAX];
	uint32_t flags = flags_to_bsd((uint32_t)ARG4(f));
	int64_t r;

	if (ARG5(f) != 0) {
		r = take_name(&to, ARG5(f), ARG6(f));
		if (r != 0)
			return r;
	}
	if (ARG3(f) > BSD_IO_MAX)
		return send_long((int)ARG1(f), &to, flags, ARG2(f), ARG3(f));
	if (emul_copyin(buffer, ARG2(f), ARG3(f)) != 0)
		return -LINUX_EFAULT;
	return send_bytes((int)ARG1(f), &to, flags, buffer, (uint32_t)ARG3(f));
}

/* One receive into the emulator's buffer. */
static int64_t
receive_bytes(int fd, uint32_t flags, char *buffer, uint64_t want, uint32_t *gotp,
    uint32_t *outflagsp, struct bsd_sockaddr *from)
{
	mach_msg_type_number_t got = BSD_IO_MAX;
	int outflags;
	int length;
	int64_t r =
	    emul_result(bsd_recvfrom(emul_process(), fd, want < BSD_IO_MAX ? (int)want : BSD_IO_MAX,
		(int)flags, &outflags, &length, from, buffer, &got));

	if (r < 0)
		return r;
	*gotp = got;
	*outflagsp = (uint32_t)outflags;
	return length;
}

int64_t
sys_recvfrom(struct emul_frame *f)
{
	struct bsd_sockaddr from;
	char buffer[BSD_IO_MAX];
	uint32_t got;
	uint32_t outflags;
	int64_t r = receive_bytes(
	    (int)ARG1(f), flags_to_bsd((uint32_t)ARG4(f)), buffer, ARG3(f), &got, &outflags, &from);

	if (r < 0)
		return r;
	if (emul_copyout(ARG2(f), buffer, got) != 0)
		return -LINUX_EFAULT;
	if (ARG5(f) != 0 && put_name(&from, ARG5(f), ARG6(f)) != 0)
		return -LINUX_EFAULT;
	return r;
}

/* Copy between a vector of the program and the buffer; bytes or negative. */
static int64_t
copy_vector(const struct linux_msghdr *m, char *buffer, uint64_t limit, bool out)
{
	uint64_t done = 0;

	if (m->iov_count > LINUX_IOV_MAX)
		return -LINUX_EMSGSIZE;
	for (uint64_t i = 0; i < m->iov_count && (done < limit || !out); i++) {
		struct linux_iovec v;
		uint64_t size;

		if (emul_copyin(&v, m->iov + i * sizeof(v), sizeof(v)) != 0)
			return -LINUX_EFAULT;
		if (!out && v.length > limit - done)
			return -LINUX_EMSGSIZE;
		size = v.length < limit - done ? v.length : limit - done;
		if ((out ? emul_copyout(v.base, buffer + done, size)
			 : emul_copyin(buffer + done, v.base, size)) != 0)
			return -LINUX_EFAULT;
		done += size;
	}
	return (int64_t)done;
}

static int64_t
vector_length(const struct linux_msghdr *m)
{
	uint64_t length = 0;

	if (m->iov_count > LINUX_IOV_MAX)
		return -LINUX_EMSGSIZE;
	for (uint64_t i = 0; i < m->iov_count; i++) {
		struct linux_iovec v;

		if (emul_copyin(&v, m->iov + i * sizeof(v), sizeof(v)) != 0)
			return -LINUX_EFAULT;
		length += v.length < BSD_IO_MAX ? v.length : BSD_IO_MAX;
	}
	return length < BSD_IO_MAX ? (int64_t)length : BSD_IO_MAX;
}

int64_t
sys_sendmsg(struct emul_frame *f)
{
	struct bsd_sockaddr to = { .sa_family = AF_UNSPEC };
	struct linux_msghdr m;
	char buffer[BSD_IO_MAX];
	int64_t r;

	if (emul_copyin(&m, ARG2(f), sizeof(m)) != 0)
		return -LINUX_EFAULT;
	if (m.control_length != 0)
		return -LINUX_EOPNOTSUPP;
	if (m.name != 0 && m.name_length != 0) {
		r = take_name(&to, m.name, m.name_length);
		if (r != 0)
			return r;
	}
	r = copy_vector(&m, buffer, sizeof(buffer), false);
	if (r < 0)
		return r;
	return send_bytes((int)ARG1(f), &to, flags_to_bsd((uint32_t)ARG3(f)), buffer, (uint32_t)r);
}

int64_t
sys_recvmsg(struct emul_frame *f)
{
	struct bsd_sockaddr from;
	struct linux_msghdr m;
	char buffer[BSD_IO_MAX];
	uint32_t got;
	uint32_t outflags;
	int64_t want;
	int64_t r;

	if (emul_copyin(&m, ARG2(f), sizeof(m)) != 0)
		return -LINUX_EFAULT;
	want = vector_length(&m);
	if (want < 0)
		return want;
	r = receive_bytes((int)ARG1(f), flags_to_bsd((uint32_t)ARG3(f)), buffer, (uint64_t)want,
	    &got, &outflags, &from);
	if (r < 0)
		return r;
	if (copy_vector(&m, buffer, got, true) < 0)
		return -LINUX_EFAULT;
	if (m.name != 0 &&
	    put_name(&from, m.name, ARG2(f) + offsetof(struct linux_msghdr, name_length)) != 0)
		return -LINUX_EFAULT;
	m.control_length = 0;
	m.flags = flags_to_linux(outflags);
	if (emul_copyout(ARG2(f) + offsetof(struct linux_msghdr, control_length), &m.control_length,
		12) != 0)
		return -LINUX_EFAULT;
	return r;
}

/* ---- options --------------------------------------------------------------------------------- */

/* The server's number; 0: it has none. */
static int
option_to_bsd(uint64_t level, uint64_t option)
{
	if (level != LINUX_SOL_SOCKET)
		return 0;
	for (size_t i = 0; i < COUNT(socket_options); i++)
		if (socket_options[i].linux_value == option)
			return (int)socket_options[i].bsd_value;
	return 0;
}

int64_t
sys_getsockopt(struct emul_frame *f)
{
	char value[BSD_SOCKOPT_MAX];
	mach_msg_type_number_t got = sizeof(value);
	int option = option_to_bsd(ARG2(f), ARG3(f));
	uint32_t room;
	int64_t r;

	if (emul_copyin(&room, ARG5(f), sizeof(room)) != 0)
		return -LINUX_EFAULT;
	if ((int32_t)room < 0)
		return -LINUX_EINVAL;
	r = emul_result(
	    bsd_getsockopt(emul_process(), (int)ARG1(f), SOL_SOCKET, option, value, &got));
	if (r != 0)
		return r;
	if (got < room)
		room = got;
	if (emul_copyout(ARG4(f), value, room) != 0 ||
	    emul_copyout(ARG5(f), &room, sizeof(room)) != 0)
		return -LINUX_EFAULT;
	return 0;
}

int64_t
sys_setsockopt(struct emul_frame *f)
{
	char value[BSD_SOCKOPT_MAX];
	uint32_t length = (uint32_t)ARG5(f);

	if ((int32_t)length < 0)
		return -LINUX_EINVAL;
	if (length > sizeof(value))
		length = sizeof(value);
	if (emul_copyin(value, ARG4(f), length) != 0)
		return -LINUX_EFAULT;
	return emul_result(bsd_setsockopt(emul_process(), (int)ARG1(f), SOL_SOCKET,
	    option_to_bsd(ARG2(f), ARG3(f)), value, length));
}

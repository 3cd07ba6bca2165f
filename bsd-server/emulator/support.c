/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the stubs inside the emulator stand on: messages, the reply port,
 * strings, memory functions, and the result of a request.
 */
#include <mach/mig_support.h>

#include "emul.h"

/* ---- ports ------------------------------------------------------------------ */

mach_port_name_t
emul_process(void)
{
	return emul_self()->process;
}

mach_port_name_t
emul_task(void)
{
	return emul_self()->task;
}

mach_port_t
mig_get_reply_port(void)
{
	struct emul_thread *self = emul_self();

	if (self->reply_port == MACH_PORT_NULL)
		self->reply_port = (mach_port_name_t)emul_trap(0, 0, 0, 0, 0, 0, -26);
	return self->reply_port;
}

void
mig_put_reply_port(mach_port_t port)
{
}

/* A call failed half way: a late answer must not meet a later call. */
void
mig_dealloc_reply_port(mach_port_t port)
{
	struct emul_thread *self = emul_self();

	/* the receive right stays until the task ends: one per failed call */
	self->reply_port = MACH_PORT_NULL;
}

void
mig_reply_setup(const mach_msg_header_t *request, mach_msg_header_t *reply)
{
}

/* Requests carry no rights beyond the header's, so there is nothing to drop. */
void
mach_msg_destroy(mach_msg_header_t *msg)
{
}

vm_size_t
mig_strncpy(char *to, const char *from, vm_size_t size)
{
	vm_size_t i;

	if (size == 0)
		return 0;
	for (i = 0; i < size - 1 && from[i] != '\0'; i++)
		to[i] = from[i];
	to[i] = '\0';
	return i;
}

/*
 * The message call of all stubs. A signal mark of the server is taken out of
 * the reply and remembered. Only a wait in the kernel is ever interrupted.
 */
mach_msg_return_t
mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	struct emul_thread *self = emul_self();
	mach_msg_return_t mr;

	if (self->interruptible)
		mr = emul_msg_trap_interruptible(
		    msg, option, send_size, rcv_size, rcv_name, timeout, notify);
	else
		mr = emul_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
	if (mr == MACH_MSG_SUCCESS && (option & MACH_RCV_MSG) != 0 &&
	    (msg->msgh_id & BSD_REPLY_SIGNAL) != 0) {
		msg->msgh_id &= ~BSD_REPLY_SIGNAL;
		self->signal_pending = 1;
	}
	return mr;
}

/* ---- program's memory --------------------------------------------------------- */

int
emul_copyin(void *to, uint64_t from, size_t size)
{
	return emul_copy(to, (const void *)from, size) == 0 ? 0 : -LINUX_EFAULT;
}

int
emul_copyout(uint64_t to, const void *from, size_t size)
{
	return emul_copy((void *)to, from, size) == 0 ? 0 : -LINUX_EFAULT;
}

long
emul_path(char path[BSD_PATH_MAX], uint64_t from)
{
	long length = emul_copy_string(path, (const char *)from, BSD_PATH_MAX);

	if (length < 0)
		return -LINUX_EFAULT;
	if (length == BSD_PATH_MAX)
		return -LINUX_ENAMETOOLONG;
	return length;
}

/* ---- results --------------------------------------------------------------------- */

/* From 4.4BSD's numbers; those that are equal are left out. */
static const uint8_t errno_table[BSD_ERRNO_LAST + 1] = {
	[EDEADLK] = 35,
	[EAGAIN] = 11,
	[EINPROGRESS] = 115,
	[EALREADY] = 114,
	[ENOTSOCK] = 88,
	[EDESTADDRREQ] = 89,
	[EMSGSIZE] = 90,
	[EPROTOTYPE] = 91,
	[ENOPROTOOPT] = 92,
	[EPROTONOSUPPORT] = 93,
	[ESOCKTNOSUPPORT] = 94,
	[EOPNOTSUPP] = 95,
	[EPFNOSUPPORT] = 96,
	[EAFNOSUPPORT] = 97,
	[EADDRINUSE] = 98,
	[EADDRNOTAVAIL] = 99,
	[ENETDOWN] = 100,
	[ENETUNREACH] = 101,
	[ENETRESET] = 102,
	[ECONNABORTED] = 103,
	[ECONNRESET] = 104,
	[ENOBUFS] = 105,
	[EISCONN] = 106,
	[ENOTCONN] = 107,
	[ESHUTDOWN] = 108,
	[ETOOMANYREFS] = 109,
	[ETIMEDOUT] = 110,
	[ECONNREFUSED] = 111,
	[ELOOP] = 40,
	[ENAMETOOLONG] = 36,
	[EHOSTDOWN] = 112,
	[EHOSTUNREACH] = 113,
	[ENOTEMPTY] = 39,
	[EPROCLIM] = 11,
	[EUSERS] = 87,
	[EDQUOT] = 122,
	[ESTALE] = 116,
	[EREMOTE] = 66,
	[ENOLCK] = 37,
	[ENOSYS] = 38,
	[EFTYPE] = 22,
	[EIDRM] = 43,
	[ENOMSG] = 42,
	[EOVERFLOW] = 75,
	[EILSEQ] = 84,
	[ENOTSUP] = 95,
	[ECANCELED] = 125,
	[EBADMSG] = 74,
	[ENODATA] = 61,
	[ETIME] = 62,
	[EPROTO] = 71,
	[ELIBBAD] = 80,
};

int64_t
emul_result(kern_return_t code)
{
	if (code == 0)
		return 0;
	if (code == ERESTART)
		return EMUL_RESTART;
	if (code < 0 || code > BSD_ERRNO_LAST)
		return -LINUX_EIO; /* no answer, or a garbled one */
	return errno_table[code] != 0 ? -errno_table[code] : -code;
}

/* ---- what the compiler may call ---------------------------------------------------- */

void *
memcpy(void *restrict to, const void *restrict from, size_t size)
{
	void *start = to;
	size_t words = size / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
	size %= 8;
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
	return start;
}

void *
memset(void *to, int byte, size_t size)
{
	void *start = to;
	size_t words = size / 8;
	uint64_t pattern = (uint8_t)byte * 0x0101010101010101UL;

	__asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
	size %= 8;
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(byte) : "memory");
	return start;
}

void *
memmove(void *to, const void *from, size_t size)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	if (d <= s)
		return memcpy(to, from, size);
	while (size-- > 0)
		d[size] = s[size];
	return to;
}

int
memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a;
	const unsigned char *y = b;

	for (size_t i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

size_t
strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

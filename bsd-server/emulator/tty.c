/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ioctl: terminals and the few requests that concern any descriptor.
 */
#include "bsd_file_user.h"
#include "calls.h"
#include "emul.h"

struct flag_pair {
	uint32_t linux_flag;
	uint32_t bsd_flag;
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- termios ------------------------------------------------------------------------- */

static const struct flag_pair input_flags[] = {
	{ 0x0001, IGNBRK },
	{ 0x0002, BRKINT },
	{ 0x0004, IGNPAR },
	{ 0x0008, PARMRK },
	{ 0x0010, INPCK },
	{ 0x0020, ISTRIP },
	{ 0x0040, INLCR },
	{ 0x0080, IGNCR },
	{ 0x0100, ICRNL },
	{ 0x0400, IXON },
	{ 0x0800, IXANY },
	{ 0x1000, IXOFF },
	{ 0x2000, IMAXBEL },
	{ 0x4000, IUTF8 },
};

static const struct flag_pair output_flags[] = {
	{ 0x01, OPOST },
	{ 0x04, ONLCR },
	{ 0x08, OCRNL },
	{ 0x10, ONOCR },
	{ 0x20, ONLRET },
	{ 0x1800, OXTABS },
};

static const struct flag_pair control_flags[] = {
	{ 0x40, CSTOPB },
	{ 0x80, CREAD },
	{ 0x100, PARENB },
	{ 0x200, PARODD },
	{ 0x400, HUPCL },
	{ 0x800, CLOCAL },
	{ 0x80000000, CRTSCTS },
};

static const struct flag_pair local_flags[] = {
	{ 0x0001, ISIG },
	{ 0x0002, ICANON },
	{ 0x0008, ECHO },
	{ 0x0010, ECHOE },
	{ 0x0020, ECHOK },
	{ 0x0040, ECHONL },
	{ 0x0080, NOFLSH },
	{ 0x0100, TOSTOP },
	{ 0x0200, ECHOCTL },
	{ 0x0400, ECHOPRT },
	{ 0x0800, ECHOKE },
	{ 0x1000, FLUSHO },
	{ 0x4000, PENDIN },
	{ 0x8000, IEXTEN },
};

static uint32_t
to_bsd(uint32_t flags, const struct flag_pair *table, size_t count)
{
	uint32_t result = 0;

	for (size_t i = 0; i < count; i++)
		if ((flags & table[i].linux_flag) == table[i].linux_flag)
			result |= table[i].bsd_flag;
	return result;
}

static uint32_t
to_linux(uint32_t flags, const struct flag_pair *table, size_t count)
{
	uint32_t result = 0;

	for (size_t i = 0; i < count; i++)
		if ((flags & table[i].bsd_flag) != 0)
			result |= table[i].linux_flag;
	return result;
}

/* Place of each control character: Linux' index to the server's. */
static const uint8_t cc_index[LINUX_NCCS] = {
	VINTR,
	VQUIT,
	VERASE,
	VKILL,
	VEOF,
	VTIME,
	VMIN,
	0xff,
	VSTART,
	VSTOP,
	VSUSP,
	VEOL,
	VREPRINT,
	VDISCARD,
	VWERASE,
	VLNEXT,
	VEOL2,
	0xff,
	0xff,
};

/* Speed codes 0..15 and 0x1001.. of Linux. */
static const uint32_t speeds_low[16] = {
	0,
	50,
	75,
	110,
	134,
	150,
	200,
	300,
	600,
	1200,
	1800,
	2400,
	4800,
	9600,
	19200,
	38400,
};
static const uint32_t speeds_high[] = {
	0,
	57600,
	115200,
	230400,
	460800,
	500000,
	576000,
	921600,
	1000000,
};
#define SPEED_MASK 0x100f
#define SPEED_HIGH 0x1000
#define CSIZE_MASK 0x30

static uint32_t
speed_from_linux(uint32_t cflag)
{
	uint32_t low = cflag & 0xf;

	if ((cflag & SPEED_HIGH) == 0)
		return speeds_low[low];
	return low < COUNT(speeds_high) ? speeds_high[low] : 38400;
}

static uint32_t
speed_to_linux(uint32_t speed)
{
	for (uint32_t i = 0; i < COUNT(speeds_low); i++)
		if (speeds_low[i] == speed)
			return i;
	for (uint32_t i = 1; i < COUNT(speeds_high); i++)
		if (speeds_high[i] == speed)
			return SPEED_HIGH | i;
	return 15;
}

static void
termios_from_linux(struct bsd_termios *to, const struct linux_termios *from)
{
	memset(to, 0, sizeof(*to));
	to->c_iflag = to_bsd(from->c_iflag, input_flags, COUNT(input_flags));
	to->c_oflag = to_bsd(from->c_oflag, output_flags, COUNT(output_flags));
	to->c_cflag = to_bsd(from->c_cflag, control_flags, COUNT(control_flags)) |
	    (from->c_cflag & CSIZE_MASK) << 4;
	to->c_lflag = to_bsd(from->c_lflag, local_flags, COUNT(local_flags));
	to->c_ispeed = speed_from_linux(from->c_cflag);
	to->c_ospeed = to->c_ispeed;
	memset(to->c_cc, BSD_VDISABLE, sizeof(to->c_cc));
	for (int i = 0; i < LINUX_NCCS; i++) {
		uint8_t index = cc_index[i];
		bool number = index == VMIN || index == VTIME;

		/* a disabled character is 0 there */
		if (index != 0xff)
			to->c_cc[index] =
			    from->c_cc[i] == 0 && !number ? BSD_VDISABLE : from->c_cc[i];
	}
}

static void
termios_to_linux(struct linux_termios *to, const struct bsd_termios *from)
{
	memset(to, 0, sizeof(*to));
	to->c_iflag = to_linux(from->c_iflag, input_flags, COUNT(input_flags));
	to->c_oflag = to_linux(from->c_oflag, output_flags, COUNT(output_flags));
	to->c_cflag = to_linux(from->c_cflag, control_flags, COUNT(control_flags)) |
	    (from->c_cflag & CSIZE) >> 4 | speed_to_linux(from->c_ospeed);
	to->c_lflag = to_linux(from->c_lflag, local_flags, COUNT(local_flags));
	for (int i = 0; i < LINUX_NCCS; i++) {
		uint8_t index = cc_index[i];
		bool number = index == VMIN || index == VTIME;

		if (index != 0xff)
			to->c_cc[i] =
			    from->c_cc[index] == BSD_VDISABLE && !number ? 0 : from->c_cc[index];
	}
}

/* ---- requests --------------------------------------------------------------------------- */

/* The request with `in`; what it answers goes to `out`, of the size it has. */
static int64_t
request(struct emul_frame *f, uint32_t number, void *in, void *out)
{
	char answer[BSD_IOCTL_MAX];
	mach_msg_type_number_t got = sizeof(answer);
	uint32_t size = IOC_LEN(number);
	int64_t r;

	r = emul_result(bsd_ioctl(emul_process(), (int)ARG1(f), (int)number,
	    (number & IOC_IN) != 0 ? in : answer, (number & IOC_IN) != 0 ? size : 0, answer, &got));
	if (r != 0 || (number & IOC_OUT) == 0)
		return r;
	if (got < size)
		return -LINUX_EIO;
	memcpy(out, answer, size);
	return 0;
}

static int64_t
get_termios(struct emul_frame *f)
{
	struct bsd_termios t;
	struct linux_termios linux_t;
	int64_t r = request(f, TIOCGETA, NULL, &t);

	if (r != 0)
		return r;
	termios_to_linux(&linux_t, &t);
	return emul_copyout(ARG3(f), &linux_t, sizeof(linux_t));
}

static int64_t
set_termios(struct emul_frame *f, uint32_t number)
{
	struct bsd_termios t;
	struct linux_termios linux_t;

	if (emul_copyin(&linux_t, ARG3(f), sizeof(linux_t)) != 0)
		return -LINUX_EFAULT;
	termios_from_linux(&t, &linux_t);
	return request(f, number, &t, NULL);
}

/* Requests whose argument is the same bytes on both sides. */
struct same_request {
	uint32_t linux_number;
	uint32_t bsd_number;
};

static const struct same_request same_requests[] = {
	{ LINUX_TIOCEXCL, TIOCEXCL },
	{ LINUX_TIOCNXCL, TIOCNXCL },
	{ LINUX_TIOCSCTTY, TIOCSCTTY },
	{ LINUX_TIOCGPGRP, TIOCGPGRP },
	{ LINUX_TIOCSPGRP, TIOCSPGRP },
	{ LINUX_TIOCOUTQ, TIOCOUTQ },
	{ LINUX_TIOCSTI, TIOCSTI },
	{ LINUX_TIOCGWINSZ, TIOCGWINSZ },
	{ LINUX_TIOCSWINSZ, TIOCSWINSZ },
	{ LINUX_FIONREAD, FIONREAD },
	{ LINUX_FIONBIO, FIONBIO },
	{ LINUX_TIOCNOTTY, TIOCNOTTY },
	{ LINUX_TIOCSETD, TIOCSETD },
	{ LINUX_TIOCGETD, TIOCGETD },
	{ LINUX_TIOCGSID, TIOCGSID },
	{ LINUX_FIONCLEX, FIONCLEX },
	{ LINUX_FIOCLEX, FIOCLEX },
	{ LINUX_FIOASYNC, FIOASYNC },
	{ 0x80045430, TIOCGPTN },
	{ 0x40045431, TIOCSPTLCK },
};

static int64_t
same_request(struct emul_frame *f, uint32_t number)
{
	char data[BSD_IOCTL_MAX];
	uint32_t size = IOC_LEN(number);
	int64_t r;

	if ((number & IOC_IN) != 0 && emul_copyin(data, ARG3(f), size) != 0)
		return -LINUX_EFAULT;
	r = request(f, number, data, data);
	if (r == 0 && (number & IOC_OUT) != 0)
		r = emul_copyout(ARG3(f), data, size);
	return r;
}

static int64_t
flush_queues(struct emul_frame *f)
{
	static int32_t which[] = { BSD_FREAD, BSD_FWRITE, BSD_FREAD | BSD_FWRITE };

	if (ARG3(f) > 2)
		return -LINUX_EINVAL;
	return request(f, TIOCFLUSH, &which[ARG3(f)], NULL);
}

/* Output off and on; input flow control is the line's affair. */
static int64_t
flow(struct emul_frame *f)
{
	if (ARG3(f) > 3)
		return -LINUX_EINVAL;
	if (ARG3(f) > 1)
		return 0;
	return request(f, ARG3(f) == 0 ? TIOCSTOP : TIOCSTART, NULL, NULL);
}

int64_t
sys_ioctl(struct emul_frame *f)
{
	uint32_t number = (uint32_t)ARG2(f);

	switch (number) {
	case LINUX_TCGETS:
		return get_termios(f);
	case LINUX_TCSETS:
		return set_termios(f, TIOCSETA);
	case LINUX_TCSETSW:
		return set_termios(f, TIOCSETAW);
	case LINUX_TCSETSF:
		return set_termios(f, TIOCSETAF);
	case LINUX_TCSBRK:
	case LINUX_TCSBRKP:
		/* a break cannot be sent; both wait for the output first */
		return request(f, TIOCDRAIN, NULL, NULL);
	case LINUX_TCXONC:
		return flow(f);
	case LINUX_TCFLSH:
		return flush_queues(f);
	default:
		break;
	}
	for (size_t i = 0; i < COUNT(same_requests); i++)
		if (same_requests[i].linux_number == number)
			return same_request(f, same_requests[i].bsd_number);
	return -LINUX_ENOTTY;
}

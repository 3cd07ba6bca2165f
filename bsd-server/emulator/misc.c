/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System information, limits, priorities and the like.
 */
#include "bsd_user.h"
#include "calls.h"
#include "emul.h"

/* ---- names -------------------------------------------------------------------------- */

static void
put(char field[65], const char *text)
{
	size_t n = strlen(text);

	memcpy(field, text, n < 64 ? n : 64);
}

static void
put_name(char field[65], int domain)
{
	char name[BSD_PATH_MAX];
	mach_msg_type_number_t length = sizeof(name);

	if (bsd_gethostname(emul_process(), domain, name, &length) == 0)
		memcpy(field, name, length < 64 ? length : 64);
}

int64_t
sys_uname(struct emul_frame *f)
{
	struct linux_utsname u;

	memset(&u, 0, sizeof(u));
	put(u.field[0], "Linux");
	put_name(u.field[1], 0);
	put(u.field[2], "6.1.0-portolan");
	put(u.field[3], "#1 Portolan BSD server");
	put(u.field[4], "x86_64");
	put_name(u.field[5], 1);
	return emul_copyout(ARG1(f), &u, sizeof(u));
}

static int64_t
set_name(struct emul_frame *f, int domain)
{
	bsd_path_t name;

	if (ARG2(f) > 64)
		return -LINUX_EINVAL;
	if (emul_copyin(name, ARG1(f), ARG2(f)) != 0)
		return -LINUX_EFAULT;
	name[ARG2(f)] = '\0';
	return emul_result(bsd_sethostname(emul_process(), domain, name));
}

int64_t
sys_sethostname(struct emul_frame *f)
{
	return set_name(f, 0);
}

int64_t
sys_setdomainname(struct emul_frame *f)
{
	return set_name(f, 1);
}

/* ---- the system ------------------------------------------------------------------------- */

int64_t
sys_sysinfo(struct emul_frame *f)
{
	struct bsd_sysinfo info;
	struct linux_sysinfo s;
	int64_t r = emul_result(bsd_sysinfo(emul_process(), &info));

	if (r != 0)
		return r;
	memset(&s, 0, sizeof(s));
	s.uptime = info.si_uptime / 1000000000;
	memcpy(s.loads, info.si_loads, sizeof(s.loads));
	s.totalram = info.si_totalram;
	s.freeram = info.si_freeram;
	s.procs = (uint16_t)info.si_procs;
	s.mem_unit = 1;
	return emul_copyout(ARG1(f), &s, sizeof(s));
}

int64_t
sys_reboot(struct emul_frame *f)
{
	uint32_t command = (uint32_t)ARG3(f);
	int how;

	if ((uint32_t)ARG1(f) != LINUX_REBOOT_MAGIC1 || (uint32_t)ARG2(f) != LINUX_REBOOT_MAGIC2)
		return -LINUX_EINVAL;
	if (command == LINUX_REBOOT_CAD_ON || command == LINUX_REBOOT_CAD_OFF)
		return 0; /* there is no such key */
	if (command == LINUX_REBOOT_POWER_OFF)
		how = BSD_REBOOT_POWEROFF;
	else if (command == LINUX_REBOOT_RESTART)
		how = BSD_REBOOT_RESTART;
	else if (command == LINUX_REBOOT_HALT)
		how = BSD_REBOOT_HALT;
	else
		return -LINUX_EINVAL;
	return emul_result(bsd_reboot(emul_process(), how, 0));
}

#define RANDOM_PIECE 4096

int64_t
sys_getrandom(struct emul_frame *f)
{
	char data[RANDOM_PIECE];
	uint64_t done = 0;

	if ((ARG3(f) & ~7UL) != 0)
		return -LINUX_EINVAL;
	while (done < ARG2(f) && emul_self()->signal_pending == 0) {
		uint64_t want = ARG2(f) - done < RANDOM_PIECE ? ARG2(f) - done : RANDOM_PIECE;
		mach_msg_type_number_t got = RANDOM_PIECE;
		int64_t r = emul_result(bsd_random(emul_process(), (int)want, data, &got));

		if (r != 0)
			return done > 0 ? (int64_t)done : r;
		if (got == 0 || emul_copyout(ARG1(f) + done, data, got) != 0)
			return done > 0 ? (int64_t)done : -LINUX_EFAULT;
		done += got;
	}
	return (int64_t)done;
}

/* ---- limits, priorities ------------------------------------------------------------------- */

/* Linux' numbers 6 to 9 stand for others on the server's side. */
static int
limit_from_linux(uint64_t which)
{
	static const uint8_t middle[] = { RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS };

	if (which >= BSD_RLIM_COUNT)
		return -1;
	return which >= 6 && which <= 9 ? middle[which - 6] : (int)which;
}

static int64_t
limit(int pid, uint64_t which, uint64_t new_address, uint64_t old_address)
{
	struct bsd_rlimit value = { 0, 0 };
	struct bsd_rlimit old;
	int number = limit_from_linux((uint32_t)which);
	int64_t r;

	if (number < 0)
		return -LINUX_EINVAL;
	if (new_address != 0 && emul_copyin(&value, new_address, sizeof(value)) != 0)
		return -LINUX_EFAULT;
	r = emul_result(bsd_rlimit(emul_process(), pid, number, new_address != 0, value, &old));
	if (r == 0 && old_address != 0)
		r = emul_copyout(old_address, &old, sizeof(old));
	return r;
}

int64_t
sys_prlimit64(struct emul_frame *f)
{
	return limit((int)ARG1(f), ARG2(f), ARG3(f), ARG4(f));
}

int64_t
sys_getrlimit(struct emul_frame *f)
{
	return limit(0, ARG1(f), 0, ARG2(f));
}

int64_t
sys_setrlimit(struct emul_frame *f)
{
	return limit(0, ARG1(f), ARG2(f), 0);
}

/* The result is 20 - nice, so that it is never negative. */
int64_t
sys_getpriority(struct emul_frame *f)
{
	int priority;
	int64_t r =
	    emul_result(bsd_getpriority(emul_process(), (int)ARG1(f), (int)ARG2(f), &priority));

	return r != 0 ? r : 20 - priority;
}

int64_t
sys_setpriority(struct emul_frame *f)
{
	return emul_result(
	    bsd_setpriority(emul_process(), (int)ARG1(f), (int)ARG2(f), (int)ARG3(f)));
}

int64_t
sys_sched_getaffinity(struct emul_frame *f)
{
	struct bsd_sysinfo info;
	uint64_t mask;
	int64_t r;

	if (ARG2(f) < sizeof(mask) || ARG2(f) % 8 != 0)
		return -LINUX_EINVAL;
	r = emul_result(bsd_sysinfo(emul_process(), &info));
	if (r != 0)
		return r;
	mask = info.si_cpus >= 64 ? ~0UL : ((uint64_t)1 << info.si_cpus) - 1;
	if (emul_copyout(ARG3(f), &mask, sizeof(mask)) != 0)
		return -LINUX_EFAULT;
	return sizeof(mask);
}

/* ---- prctl --------------------------------------------------------------------------------- */

#define NAME_SIZE 16

static int64_t
set_thread_name(uint64_t address)
{
	bsd_path_t name;
	long n = emul_copy_string(name, (const char *)address, NAME_SIZE);

	if (n < 0)
		return -LINUX_EFAULT;
	name[n < NAME_SIZE - 1 ? n : NAME_SIZE - 1] = '\0';
	return emul_result(bsd_setname(emul_process(), name));
}

static int64_t
get_thread_name(uint64_t address)
{
	char name[BSD_PATH_MAX];
	char out[NAME_SIZE] = "";
	mach_msg_type_number_t length = sizeof(name);
	int64_t r = emul_result(bsd_getname(emul_process(), name, &length));

	if (r != 0)
		return r;
	memcpy(out, name, length < NAME_SIZE - 1 ? length : NAME_SIZE - 1);
	return emul_copyout(address, out, sizeof(out));
}

int64_t
sys_prctl(struct emul_frame *f)
{
	switch (ARG1(f)) {
	case LINUX_PR_SET_NAME:
		return set_thread_name(ARG2(f));
	case LINUX_PR_GET_NAME:
		return get_thread_name(ARG2(f));
	case LINUX_PR_GET_DUMPABLE:
		return 0; /* no core is ever written */
	default:
		return -LINUX_EINVAL;
	}
}

/* An ABI call that only the kernel of Linux makes: it resumes an interrupted one. */
int64_t
sys_restart_syscall(struct emul_frame *f)
{
	return -LINUX_EINTR;
}

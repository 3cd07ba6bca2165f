/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks, sleeping, interval timers, resource use.
 */
#include "bsd_user.h"
#include "calls.h"
#include "emul.h"

#define NS      1000000000LL
#define FOREVER (INT64_MAX / 4)

/* Seconds and parts (of `scale` ns) as ns, cut at a far future. */
int64_t
emul_time_to_ns(int64_t seconds, int64_t parts, int64_t scale, int64_t *ns)
{
	if (seconds < 0 || parts < 0 || parts >= NS / scale)
		return -LINUX_EINVAL;
	*ns = seconds >= FOREVER / NS ? FOREVER : seconds * NS + parts * scale;
	return 0;
}

static bool
clock_from_linux(int linux_clock, int *clock)
{
	switch (linux_clock) {
	case 0: /* REALTIME */
	case 5: /* REALTIME_COARSE */
		*clock = BSD_CLOCK_REALTIME;
		return true;
	case 1: /* MONOTONIC */
	case 4: /* MONOTONIC_RAW */
	case 6: /* MONOTONIC_COARSE */
	case 7: /* BOOTTIME */
		*clock = BSD_CLOCK_MONOTONIC;
		return true;
	case 2:
		*clock = BSD_CLOCK_PROCESS_CPU;
		return true;
	case 3:
		*clock = BSD_CLOCK_THREAD_CPU;
		return true;
	default:
		return false;
	}
}

int64_t
emul_clock_now(int clock)
{
	int64_t now;

	if (bsd_clock_get(emul_process(), clock, &now) != 0)
		return 0;
	return now;
}

static int64_t
out_time(uint64_t address, int64_t ns, int64_t scale)
{
	int64_t t[2] = { ns / NS, ns % NS / scale };

	return emul_copyout(address, t, sizeof(t));
}

int64_t
sys_clock_gettime(struct emul_frame *f)
{
	int clock;

	if (!clock_from_linux((int)ARG1(f), &clock))
		return -LINUX_EINVAL;
	return out_time(ARG2(f), emul_clock_now(clock), 1);
}

int64_t
sys_clock_settime(struct emul_frame *f)
{
	int64_t t[2];
	int64_t ns;

	if ((int)ARG1(f) != 0)
		return -LINUX_EINVAL;
	if (emul_copyin(t, ARG2(f), sizeof(t)) != 0)
		return -LINUX_EFAULT;
	if (emul_time_to_ns(t[0], t[1], 1, &ns) != 0)
		return -LINUX_EINVAL;
	return emul_result(bsd_clock_set(emul_process(), ns));
}

int64_t
sys_clock_getres(struct emul_frame *f)
{
	int clock;

	if (!clock_from_linux((int)ARG1(f), &clock))
		return -LINUX_EINVAL;
	return ARG2(f) != 0 ? out_time(ARG2(f), 1, 1) : 0;
}

int64_t
sys_gettimeofday(struct emul_frame *f)
{
	static const int32_t zone[2];
	int64_t r = 0;

	if (ARG1(f) != 0)
		r = out_time(ARG1(f), emul_clock_now(BSD_CLOCK_REALTIME), 1000);
	if (r == 0 && ARG2(f) != 0)
		r = emul_copyout(ARG2(f), zone, sizeof(zone));
	return r;
}

int64_t
sys_settimeofday(struct emul_frame *f)
{
	int64_t t[2];
	int64_t ns;

	if (ARG1(f) == 0)
		return 0; /* a time zone alone: none is kept */
	if (emul_copyin(t, ARG1(f), sizeof(t)) != 0)
		return -LINUX_EFAULT;
	if (emul_time_to_ns(t[0], t[1], 1000, &ns) != 0)
		return -LINUX_EINVAL;
	return emul_result(bsd_clock_set(emul_process(), ns));
}

int64_t
sys_time(struct emul_frame *f)
{
	int64_t now = emul_clock_now(BSD_CLOCK_REALTIME) / NS;

	if (ARG1(f) != 0 && emul_copyout(ARG1(f), &now, sizeof(now)) != 0)
		return -LINUX_EFAULT;
	return now;
}

/* ---- sleeping --------------------------------------------------------------------- */

static int64_t
do_sleep(int clock, bool absolute, uint64_t request, uint64_t remain)
{
	int64_t t[2];
	int64_t ns;
	int64_t left = 0;
	int result = 0;
	int64_t r;

	if (emul_copyin(t, request, sizeof(t)) != 0)
		return -LINUX_EFAULT;
	if (emul_time_to_ns(t[0], t[1], 1, &ns) != 0)
		return -LINUX_EINVAL;
	r = emul_result(bsd_sleep_for(emul_process(), clock, absolute, ns, &result, &left));
	if (r == 0)
		r = emul_result(result);
	if (r == EMUL_RESTART)
		r = -LINUX_EINTR;
	if (r == -LINUX_EINTR && !absolute && remain != 0 && out_time(remain, left, 1) != 0)
		return -LINUX_EFAULT;
	return r;
}

int64_t
sys_nanosleep(struct emul_frame *f)
{
	return do_sleep(BSD_CLOCK_MONOTONIC, false, ARG1(f), ARG2(f));
}

int64_t
sys_clock_nanosleep(struct emul_frame *f)
{
	int clock;

	if (!clock_from_linux((int)ARG1(f), &clock) || clock == BSD_CLOCK_THREAD_CPU)
		return -LINUX_EINVAL;
	if (clock == BSD_CLOCK_PROCESS_CPU)
		return -LINUX_EOPNOTSUPP;
	return do_sleep(clock, (ARG2(f) & 1) != 0, ARG3(f), ARG4(f));
}

/* ---- timers --------------------------------------------------------------------------- */

static int64_t
change_timer(int which, bool change, int64_t interval, int64_t value, struct bsd_itimer *old)
{
	struct bsd_itimer t = { interval, value };

	return emul_result(bsd_setitimer(emul_process(), which, change, t, old));
}

static int64_t
out_itimer(uint64_t address, const struct bsd_itimer *t)
{
	int64_t out[4] = { t->it_interval / NS, t->it_interval % NS / 1000, t->it_value / NS,
		t->it_value % NS / 1000 };

	return emul_copyout(address, out, sizeof(out));
}

int64_t
sys_getitimer(struct emul_frame *f)
{
	struct bsd_itimer old;
	int64_t r = change_timer((int)ARG1(f), false, 0, 0, &old);

	return r != 0 ? r : out_itimer(ARG2(f), &old);
}

int64_t
sys_setitimer(struct emul_frame *f)
{
	struct bsd_itimer old;
	int64_t t[4] = { 0 };
	int64_t interval, value;
	int64_t r;

	if (ARG2(f) != 0 && emul_copyin(t, ARG2(f), sizeof(t)) != 0)
		return -LINUX_EFAULT;
	if (emul_time_to_ns(t[0], t[1], 1000, &interval) != 0 ||
	    emul_time_to_ns(t[2], t[3], 1000, &value) != 0)
		return -LINUX_EINVAL;
	r = change_timer((int)ARG1(f), true, interval, value, &old);
	return r != 0 || ARG3(f) == 0 ? r : out_itimer(ARG3(f), &old);
}

int64_t
sys_alarm(struct emul_frame *f)
{
	struct bsd_itimer old;
	int64_t r = change_timer(ITIMER_REAL, true, 0, (int64_t)(uint32_t)ARG1(f) * NS, &old);

	return r != 0 ? r : (old.it_value + NS - 1) / NS;
}

/* ---- resource use ---------------------------------------------------------------------- */

int64_t
sys_getrusage(struct emul_frame *f)
{
	struct bsd_rusage usage;
	struct linux_rusage linux_usage;
	int64_t r = emul_result(bsd_getrusage(emul_process(), (int)ARG1(f), &usage));

	if (r != 0)
		return r;
	emul_rusage_to_linux(&linux_usage, &usage);
	return emul_copyout(ARG2(f), &linux_usage, sizeof(linux_usage));
}

#define TICK (NS / 100)

int64_t
sys_times(struct emul_frame *f)
{
	struct bsd_rusage self, children;
	int64_t out[4];
	int64_t r = emul_result(bsd_getrusage(emul_process(), BSD_RUSAGE_SELF, &self));

	if (r == 0)
		r = emul_result(bsd_getrusage(emul_process(), BSD_RUSAGE_CHILDREN, &children));
	if (r != 0)
		return r;
	out[0] = self.ru_utime / TICK;
	out[1] = self.ru_stime / TICK;
	out[2] = children.ru_utime / TICK;
	out[3] = children.ru_stime / TICK;
	if (ARG1(f) != 0 && emul_copyout(ARG1(f), out, sizeof(out)) != 0)
		return -LINUX_EFAULT;
	return emul_clock_now(BSD_CLOCK_MONOTONIC) / TICK;
}

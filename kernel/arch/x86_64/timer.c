/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timer -- arch/timer.h: the time-stamp counter for time, the local APIC's
 * timer for ticks, both measured at boot against the interval timer (or, on
 * machines without one, the ACPI timer); the CMOS clock for the date.
 */
#include <arch/context.h>
#include <arch/startup.h>
#include <arch/timer.h>
#include <arch/trap.h>
#include <kern/assert.h>
#include <kern/clock.h>

#include "machine.h"

#define PIT_HZ        1193182u
#define PIT_CHANNEL2  0x42
#define PIT_COMMAND   0x43
#define PIT_GATE      0x61
#define PM_TIMER_HZ   3579545u
#define PM_TIMER_MASK 0xffffffu

#define LAPIC_LVT_TIMER     0x320
#define LAPIC_TIMER_INITIAL 0x380
#define LAPIC_TIMER_CURRENT 0x390
#define LAPIC_TIMER_DIVIDE  0x3e0
#define LAPIC_PERIODIC      0x20000
#define LAPIC_MASKED        0x10000
#define LAPIC_DIVIDE_BY_16  3

#define CALIBRATE_MS        5
#define CALIBRATE_TIMES     20
#define CALIBRATE_TOLERANCE 500 /* one part in so many */
#define CALIBRATE_PATIENCE  20000000ul
#define TSC_HZ_DEFAULT      1000000000ul

#define NS_PER_SECOND 1000000000ul

static uint64_t tsc_boot;
static uint64_t tsc_hz = TSC_HZ_DEFAULT;
static uint64_t tsc_to_ns = 1ul << 32; /* nanoseconds per count, 32.32 */
static uint64_t tick_base_ns;          /* when the boot CPU's ticks began */
static uint32_t lapic_ticks;           /* timer counts per clock tick */

/* Wait CALIBRATE_MS by channel 2 of the interval timer; false: it stands. */
static bool
wait_by_pit(void)
{
	uint16_t count = PIT_HZ * CALIBRATE_MS / 1000;

	x86_out8(PIT_GATE, (x86_in8(PIT_GATE) & ~0x02) | 0x01);
	x86_out8(PIT_COMMAND, 0xb0);
	x86_out8(PIT_CHANNEL2, (uint8_t)count);
	x86_out8(PIT_CHANNEL2, (uint8_t)(count >> 8));
	for (uint64_t i = 0; i < CALIBRATE_PATIENCE; i++)
		if ((x86_in8(PIT_GATE) & 0x20) != 0)
			return i > 0;
	return false;
}

static uint32_t
pm_timer_read(void)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(acpi_info.pm_timer));
	return value & PM_TIMER_MASK;
}

static bool
wait_by_pm_timer(void)
{
	uint32_t start, count = PM_TIMER_HZ * CALIBRATE_MS / 1000;

	if (acpi_info.pm_timer == 0)
		return false;
	start = pm_timer_read();
	for (uint64_t i = 0; i < CALIBRATE_PATIENCE; i++)
		if (((pm_timer_read() - start) & PM_TIMER_MASK) >= count)
			return true;
	return false;
}

static bool
wait_known_time(void)
{
	return wait_by_pit() || wait_by_pm_timer();
}

/* Counts of both clocks in CALIBRATE_MS; false: nothing to measure by. */
static bool
measure(uint64_t *tscp, uint32_t *lapicp)
{
	uint64_t start;

	lapic_register_write(LAPIC_TIMER_INITIAL, UINT32_MAX);
	start = cpu_tsc();
	if (!wait_known_time())
		return false;
	*tscp = cpu_tsc() - start;
	*lapicp = UINT32_MAX - lapic_register_read(LAPIC_TIMER_CURRENT);
	return true;
}

static bool
is_close(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= b / CALIBRATE_TOLERANCE;
}

/* A host that takes its CPU away makes a measure too long, never too short:
 * the shortest counts, once two agree on it. */
static void
calibrate(void)
{
	uint64_t tsc, tsc_least = UINT64_MAX;
	uint32_t lapic, lapic_least = UINT32_MAX;
	bool confirmed = false;

	for (int i = 0; i < CALIBRATE_TIMES && !confirmed; i++) {
		if (!measure(&tsc, &lapic))
			panic("no timer to measure the clock with");
		confirmed = i > 0 && is_close(tsc, tsc_least);
		tsc_least = tsc < tsc_least ? tsc : tsc_least;
		lapic_least = lapic < lapic_least ? lapic : lapic_least;
	}
	tsc_hz = tsc_least * 1000 / CALIBRATE_MS;
	lapic_ticks = (uint32_t)((uint64_t)lapic_least * 1000 / CALIBRATE_MS / CLOCK_HZ);
}

void
timer_init(void)
{
	tsc_boot = cpu_tsc();
	lapic_register_write(LAPIC_TIMER_DIVIDE, LAPIC_DIVIDE_BY_16);
	lapic_register_write(LAPIC_LVT_TIMER, LAPIC_MASKED);
	calibrate();
	lapic_register_write(LAPIC_TIMER_INITIAL, 0);
	if (lapic_ticks == 0)
		lapic_ticks = 1;
	if (tsc_hz < 1000000)
		tsc_hz = TSC_HZ_DEFAULT;
	tsc_to_ns = (uint64_t)(((unsigned __int128)NS_PER_SECOND << 32) / tsc_hz);
	kern_log("clock: time-stamp counter %lu MHz", (unsigned long)(tsc_hz / 1000000));
}

/*
 * The CPUs' ticks are spread evenly over the period, so that they do not
 * meet at locks; and so that virtual CPUs that take turns at ticks and pauses
 * (QEMU's icount) get turns of equal length.
 */
static void
wait_for_phase(void)
{
	const uint64_t period = NS_PER_SECOND / CLOCK_HZ;
	uint64_t phase = period * cpu_id() / cpu_count_possible();
	uint64_t start = timer_uptime_ns();

	if (cpu_id() == 0) {
		tick_base_ns = start;
		return;
	}
	/* The next moment at that distance from a tick of the boot CPU. */
	start += period - (start - tick_base_ns) % period + phase;
	while (timer_uptime_ns() < start)
		cpu_pause();
}

void
arch_timer_start(void)
{
	wait_for_phase();
	lapic_register_write(LAPIC_TIMER_DIVIDE, LAPIC_DIVIDE_BY_16);
	lapic_register_write(LAPIC_LVT_TIMER, VECTOR_TIMER | LAPIC_PERIODIC);
	lapic_register_write(LAPIC_TIMER_INITIAL, lapic_ticks);
}

void
timer_interrupt(bool user)
{
	this_cpu()->ticks++;
	context_guard_check();
	/* Where virtual CPUs take turns (QEMU's icount), one that never pauses
	 * would starve the others. */
	cpu_pause();
	trap_tick(user);
}

uint64_t
timer_uptime_ns(void)
{
	return (uint64_t)((unsigned __int128)(cpu_tsc() - tsc_boot) * tsc_to_ns >> 32);
}

uint64_t
timer_tsc_hz(void)
{
	return tsc_hz;
}

void
timer_delay_us(uint64_t us)
{
	uint64_t end = cpu_tsc() + us * tsc_hz / 1000000;

	while (cpu_tsc() < end)
		cpu_pause();
}

/* -- time of day -------------------------------------------------------- */

#define CMOS_SECOND   0x00
#define CMOS_MINUTE   0x02
#define CMOS_HOUR     0x04
#define CMOS_DAY      0x07
#define CMOS_MONTH    0x08
#define CMOS_YEAR     0x09
#define CMOS_STATUS_A 0x0a
#define CMOS_STATUS_B 0x0b

struct date {
	unsigned second, minute, hour, day, month, year;
};

static unsigned
cmos_read(uint8_t reg)
{
	x86_out8(0x70, reg);
	return x86_in8(0x71);
}

static void
date_read(struct date *date)
{
	for (int i = 0; i < 1000000 && (cmos_read(CMOS_STATUS_A) & 0x80) != 0; i++)
		cpu_pause();
	date->second = cmos_read(CMOS_SECOND);
	date->minute = cmos_read(CMOS_MINUTE);
	date->hour = cmos_read(CMOS_HOUR);
	date->day = cmos_read(CMOS_DAY);
	date->month = cmos_read(CMOS_MONTH);
	date->year = cmos_read(CMOS_YEAR);
}

static bool
date_equal(const struct date *a, const struct date *b)
{
	return a->second == b->second && a->minute == b->minute && a->hour == b->hour &&
	    a->day == b->day && a->month == b->month && a->year == b->year;
}

static unsigned
from_bcd(unsigned value)
{
	return (value >> 4) * 10 + (value & 15);
}

static void
date_decode(struct date *date)
{
	unsigned status = cmos_read(CMOS_STATUS_B);
	bool afternoon = date->hour & 0x80;

	date->hour &= 0x7f;
	if ((status & 0x04) == 0) {
		date->second = from_bcd(date->second);
		date->minute = from_bcd(date->minute);
		date->hour = from_bcd(date->hour);
		date->day = from_bcd(date->day);
		date->month = from_bcd(date->month);
		date->year = from_bcd(date->year);
	}
	if ((status & 0x02) == 0)
		date->hour = date->hour % 12 + (afternoon ? 12 : 0);
	date->year += 2000;
}

/* Days since 1970-01-01, counting years from March so that the leap day is
 * the last of a year. */
static uint64_t
days_from_date(const struct date *date)
{
	unsigned year = date->month <= 2 ? date->year - 1 : date->year;
	unsigned month = (date->month + 9) % 12;

	return 365ul * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 +
	    date->day - 1 - 719468;
}

uint64_t
timer_read_rtc_ns(void)
{
	struct date first, date;
	uint64_t seconds;

	/* Twice the same, or an update came between. */
	date_read(&date);
	for (int i = 0; i < 10; i++) {
		first = date;
		date_read(&date);
		if (date_equal(&first, &date))
			break;
	}
	if (date.second == 0xff)
		return 0;
	date_decode(&date);
	if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31)
		return 0;
	seconds = ((days_from_date(&date) * 24 + date.hour) * 60 + date.minute) * 60 + date.second;
	return seconds * NS_PER_SECOND;
}

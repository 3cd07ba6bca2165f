/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * startup -- from the machine layer's call to the first user program; the
 * order is in arch/startup.h.
 */
#include <arch/boot_info.h>
#include <arch/cpu.h>
#include <arch/pmap.h>
#include <arch/startup.h>
#include <device/device.h>
#include <device/mapped_time.h>
#include <glue/glue.h>
#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/physmem.h>
#include <kern/waiter.h>
#include <vm/vm_init.h>
#include <vm/vm_pageout.h>

#include "account.h"
#include "boot_script.h"
#include "clock.h"
#include "event.h"
#include "host.h"
#include "host_counts.h"
#include "physmem.h"
#include "sched.h"
#include "task.h"
#include "thread.h"
#include "timer.h"
#include "zalloc.h"

/* The Unix system wants more, native programs run in this. */
#define MEMORY_MINIMUM_PAGES (4ul * 1024 * 1024 / PHYS_PAGE_SIZE)

static void
memory_start(void)
{
	phys_module_init(
	    boot_info.range, boot_info.range_count, boot_info.memory_end >> PHYS_PAGE_SHIFT);
	if (phys_pages_total() < MEMORY_MINIMUM_PAGES)
		panic("too little memory: %lu KiB free after loading, at least "
		      "%lu KiB are needed",
		    phys_pages_total() * 4, MEMORY_MINIMUM_PAGES * 4);
	zalloc_module_init();
	account_module_init();
}

static void
objects_start(void)
{
	timer_module_init();
	event_module_init();
	sched_module_init();
	vm_init(KERNEL_VM_START, KERNEL_VM_END);
	glue_init();
	thread_module_init();
	task_module_init();
	clock_module_init();
	mapped_time_init();
	host_counts_init();
}

/* The first thread: has a stack that may block. */
static void
startup_thread(void)
{
	host_module_init();
	device_module_init();
	boot_script_run();
	kern_log("%lu MiB of memory, %u CPUs; first programs started after "
		 "%lu ms",
	    boot_info.memory_total >> 20, cpu_count(), clock_uptime_ns() / 1000000);
}

/* Once a second: what nobody else would notice. */
static void
housekeeping_thread(void)
{
	for (;;) {
		struct waiter *self = waiter_current();

		waiter_prepare(self, false, 1000);
		(void)waiter_block(self);
		host_load_update();
	}
}

static void
pageout_thread(void)
{
	vm_pageout_daemon();
}

_Noreturn static void
cpu_go(void)
{
	sched_cpu_start(thread_create_idle(cpu_id()));
	arch_timer_start();
	sched_idle();
}

_Noreturn void
kernel_main(void)
{
	memory_start();
	arch_init();
	objects_start();
	cpu_start_others();
	thread_create_kernel("startup", PRIORITY_SYSTEM, startup_thread);
	thread_create_kernel("housekeeping", PRIORITY_SYSTEM, housekeeping_thread);
	thread_create_kernel("pageout", PRIORITY_SYSTEM, pageout_thread);
	cpu_go();
}

_Noreturn void
kernel_cpu_main(void)
{
	cpu_go();
}

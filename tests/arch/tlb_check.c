/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tlb_check -- does lowering rights reach every CPU before the call returns?
 *
 * A boot module: `tlb_check --host-port=${host-port} $(task-create)
 * $(task-resume)`, best with several CPUs. Threads count without pause in
 * words of a region. The main thread copies the region copy-on-write, which
 * takes the right to write away from all of them; from then on the copy must
 * stand still. A translation left in some CPU's TLB would let a count
 * through into the copy. Ends with `tlb: N passed, M failed`.
 */
#include <mach.h>
#include <mach/host_info.h>
#include <mach/mach_threads.h>

#define WRITERS 3
#define PAGES	6
#define ROUNDS	100
#define WATCHES 40

static volatile unsigned long *region;
static volatile unsigned int stop, ended;
static unsigned int passed, failed;

static unsigned long
words_per_page(void)
{
	return vm_page_size / sizeof(unsigned long);
}

static void
writer(void *argument)
{
	unsigned long slot = (unsigned long)argument;

	while (!stop)
		for (unsigned int page = 0; page < PAGES; page++)
			region[page * words_per_page() + slot]++;
	__atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
}

static unsigned long
sum(const volatile unsigned long *words)
{
	unsigned long total = 0;

	for (unsigned int page = 0; page < PAGES; page++)
		for (unsigned long slot = 0; slot < WRITERS; slot++)
			total += words[page * words_per_page() + slot];
	return total;
}

static void
one_round(unsigned int round)
{
	vm_size_t size = PAGES * vm_page_size;
	vm_address_t copy = 0;
	boolean_t moved = FALSE;
	unsigned long first;

	if (vm_allocate(mach_task_self(), &copy, size, TRUE) != KERN_SUCCESS ||
	    vm_copy(mach_task_self(), (vm_address_t)region, size, copy) != KERN_SUCCESS) {
		failed++;
		return;
	}
	first = sum((const volatile unsigned long *)copy);
	for (unsigned int i = 0; i < WATCHES; i++) {
		if (sum((const volatile unsigned long *)copy) != first) {
			mach_printf("FAIL round %u: the copy moved\n", round);
			moved = TRUE;
			break;
		}
		if (i == WATCHES / 2 && round % 8 == 0)
			(void)swtch();
	}
	failed += moved;
	passed += !moved;
	(void)vm_deallocate(mach_task_self(), copy, size);
}

static mach_port_t
host_port_of(int argc, char **argv)
{
	static const char option[] = "--host-port=";
	mach_port_t port = MACH_PORT_NULL;
	unsigned int i;

	for (int a = 1; a < argc; a++) {
		for (i = 0; option[i] != '\0' && argv[a][i] == option[i]; i++)
			;
		if (option[i] != '\0')
			continue;
		for (; argv[a][i] >= '0' && argv[a][i] <= '9'; i++)
			port = port * 10 + (mach_port_t)(argv[a][i] - '0');
	}
	return port;
}

int
main(int argc, char **argv)
{
	vm_address_t address = 0;
	unsigned long before;

	if (vm_allocate(mach_task_self(), &address, PAGES * vm_page_size, TRUE) != KERN_SUCCESS)
		return 1;
	region = (volatile unsigned long *)address;
	for (unsigned long i = 0; i < WRITERS; i++)
		if (mach_thread_start(writer, (void *)i, 0, NULL) != KERN_SUCCESS)
			failed++;
	for (before = sum(region); sum(region) == before;)
		(void)swtch();
	for (unsigned int round = 0; round < ROUNDS; round++)
		one_round(round);
	stop = 1;
	while (ended != WRITERS)
		(void)swtch();
	mach_printf("tlb: %u passed, %u failed\n", passed, failed);
	(void)host_reboot(host_port_of(argc, argv), RB_HALT);
	return 0;
}

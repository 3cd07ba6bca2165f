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
#define PAGES   6
#define ROUNDS  40
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

/* -- sparse mappings ----------------------------------------------------------- */

/*
 * Pages far apart and side by side (over several page tables and at the edges
 * of them), written, made read-only, given back and asked for again in
 * random order: what is there keeps its value, what is new is zero.
 */
#define SPARSE_BASE  0x10000000ul
#define SPARSE_SPAN  (6ul << 20)
#define SPARSE_PAGES 96
#define SPARSE_STEPS 6000

static struct {
	vm_address_t address;
	unsigned long value; /* 0: not there */
} sparse[SPARSE_PAGES];

static unsigned long
next_random(void)
{
	static unsigned long state = 88172645463325252ul;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void
sparse_place(void)
{
	static const unsigned long edge[] = { 0, 1, 7, 8, 9, 63, 64, 511, 512, 513, 519, 520, 1023,
		1024, 1535 };
	unsigned int i;

	for (i = 0; i < sizeof(edge) / sizeof(edge[0]); i++)
		sparse[i].address = SPARSE_BASE + edge[i] * vm_page_size;
	for (; i < SPARSE_PAGES; i++) {
		vm_address_t address =
		    SPARSE_BASE + next_random() % SPARSE_SPAN / vm_page_size * vm_page_size;
		unsigned int j = 0;

		while (j < i && sparse[j].address != address)
			j++;
		if (j == i)
			sparse[i].address = address;
		else
			i--;
	}
}

static boolean_t
sparse_come(unsigned int i)
{
	volatile unsigned long *word = (volatile unsigned long *)sparse[i].address;

	if (vm_allocate(mach_task_self(), &sparse[i].address, vm_page_size, FALSE) !=
		KERN_SUCCESS ||
	    *word != 0)
		return FALSE;
	sparse[i].value = next_random() | 1;
	*word = sparse[i].value;
	return TRUE;
}

/* Read-only and back, alone or with all its neighbourhood. */
static boolean_t
sparse_protect(unsigned int i)
{
	volatile unsigned long *word = (volatile unsigned long *)sparse[i].address;

	if (vm_protect(mach_task_self(), sparse[i].address, vm_page_size, FALSE, VM_PROT_READ) !=
		KERN_SUCCESS ||
	    *word != sparse[i].value)
		return FALSE;
	if (vm_protect(mach_task_self(), sparse[i].address, vm_page_size, FALSE, VM_PROT_DEFAULT) !=
	    KERN_SUCCESS)
		return FALSE;
	*word = ++sparse[i].value;
	return sparse[i].value != 0;
}

static boolean_t
sparse_step(unsigned int i)
{
	if (sparse[i].value == 0)
		return sparse_come(i);
	if (*(volatile unsigned long *)sparse[i].address != sparse[i].value)
		return FALSE;
	if (next_random() % 2 == 0)
		return sparse_protect(i);
	sparse[i].value = 0;
	return vm_deallocate(mach_task_self(), sparse[i].address, vm_page_size) == KERN_SUCCESS;
}

static void
sparse_check(void)
{
	boolean_t good = TRUE;

	sparse_place();
	for (unsigned int step = 0; good && step < SPARSE_STEPS; step++) {
		good = sparse_step((unsigned int)(next_random() % SPARSE_PAGES));
		/* Now and then everything at once: whole tables. */
		if (step % 1500 != 1499)
			continue;
		good = good &&
		    vm_deallocate(mach_task_self(), SPARSE_BASE, SPARSE_SPAN) == KERN_SUCCESS;
		for (unsigned int i = 0; i < SPARSE_PAGES; i++)
			sparse[i].value = 0;
	}
	if (!good)
		mach_printf("FAIL sparse mappings\n");
	passed += good;
	failed += !good;
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

	sparse_check();
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

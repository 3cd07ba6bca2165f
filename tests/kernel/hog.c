/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hog -- takes everything there is of one kind after the other: memory,
 * threads, tasks, ports, names, queued messages, map entries. Each ends with a
 * shortage, not with a panic, and all of it is given back.
 *
 * A boot module: `hog --host-port=${host-port} $(task-create)
 * $(task-resume)`, for a machine with little memory. Prints `hog: N passed, M
 * failed` and powers off.
 */
#include <mach.h>
#include <mach/mach_threads.h>
#include <mach/portolan.h>
#include <portolan/portolan.h>

static unsigned int passed, failed;
static mach_port_t host_priv;

static boolean_t
check_at(int line, const char *what, boolean_t good)
{
	if (good) {
		passed++;
		return TRUE;
	}
	failed++;
	mach_printf("FAIL line %d: %s\n", line, what);
	return FALSE;
}

#define CHECK(condition) check_at(__LINE__, #condition, (condition))

static boolean_t
shortage(kern_return_t kr)
{
	return kr == KERN_RESOURCE_SHORTAGE || kr == KERN_NO_SPACE || kr == MACH_SEND_NO_BUFFER ||
	    kr == MACH_SEND_TIMED_OUT;
}

static uint64_t
free_pages(void)
{
	portolan_counts_data_t counts;
	mach_msg_type_number_t count = PORTOLAN_COUNT_MAX;

	(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 100);
	(void)host_caches_empty(host_priv);
	if (host_kernel_counts(host_priv, counts, &count) != KERN_SUCCESS)
		return 0;
	return counts[PORTOLAN_COUNT_PAGES_FREE];
}

/* -- Memory: a child touches pages until it is stopped by an exception ------------ */

#define BITE (1024ul * 1024 * 1024)

static void
glutton(void *argument)
{
	for (;;) {
		vm_address_t memory = 0;

		if (syscall_vm_allocate(mach_task_self_, &memory, BITE, TRUE) != KERN_SUCCESS)
			continue;
		for (vm_size_t at = 0; at < BITE; at += 4096)
			*(volatile char *)(memory + at) = 1;
	}
}

/* In a child of this task, by its own names: the task port as name. */
static boolean_t
start_in(task_t task, void (*function)(void *))
{
	vm_address_t stack = 0;
	thread_t thread;

	if (thread_create(task, &thread) != KERN_SUCCESS)
		return FALSE;
	if (mach_port_insert_right(task, mach_task_self_, task, MACH_MSG_TYPE_COPY_SEND) !=
		KERN_SUCCESS ||
	    mach_setup_thread(task, thread, (void *)function, &stack, NULL) != KERN_SUCCESS)
		return FALSE;
	(void)thread_resume(thread);
	(void)mach_port_deallocate(mach_task_self(), thread);
	return TRUE;
}

/* A task nobody handles exceptions for is terminated by the first one. */
static void
hog_memory(void)
{
	mach_port_type_t type = MACH_PORT_TYPE_SEND;
	task_t task = MACH_PORT_NULL;

	CHECK(task_create(mach_task_self(), TRUE, &task) == KERN_SUCCESS);
	CHECK(start_in(task, glutton));
	for (int i = 0; i < 3000 && type == MACH_PORT_TYPE_SEND; i++) {
		(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 10);
		(void)mach_port_type(mach_task_self(), task, &type);
	}
	CHECK(type == MACH_PORT_TYPE_DEAD_NAME);
	(void)mach_port_deallocate(mach_task_self(), task);
}

/* -- Objects of the kernel ----------------------------------------------------------- */

#define MOST 200000u
#define KEPT 20000u

static mach_port_t kept[KEPT];

/* Make things in a task of its own until there is a shortage; the end of the
 * task gives all back. */
static void
hog_in_child(const char *what, kern_return_t (*make)(task_t task, unsigned i))
{
	kern_return_t kr = KERN_SUCCESS;
	task_t task = MACH_PORT_NULL;
	unsigned made = 0;

	CHECK(task_create(mach_task_self(), FALSE, &task) == KERN_SUCCESS);
	while (made < MOST && kr == KERN_SUCCESS) {
		kr = make(task, made);
		made++;
	}
	if (!CHECK(made == MOST || shortage(kr)))
		mach_printf("     %s: %s\n", what, mach_error_string(kr));
	mach_printf("     %s: %u\n", what, made - 1);
	CHECK(task_terminate(task) == KERN_SUCCESS);
	(void)mach_port_deallocate(mach_task_self(), task);
}

static kern_return_t
make_thread(task_t task, unsigned i)
{
	thread_t thread;
	kern_return_t kr = thread_create(task, &thread);

	if (kr == KERN_SUCCESS)
		(void)mach_port_deallocate(mach_task_self(), thread);
	return kr;
}

static kern_return_t
make_port(task_t task, unsigned i)
{
	mach_port_t port;

	return mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &port);
}

static kern_return_t
make_set(task_t task, unsigned i)
{
	mach_port_t set;

	return mach_port_allocate(task, MACH_PORT_RIGHT_PORT_SET, &set);
}

/* Every other page, so that entries cannot be joined. */
static kern_return_t
make_entry(task_t task, unsigned i)
{
	vm_address_t address = 0x100000000ul + i * 8192ul;

	return vm_allocate(task, &address, 4096, FALSE);
}

static void
hog_tasks(void)
{
	kern_return_t kr = KERN_SUCCESS;
	unsigned made = 0;

	while (made < KEPT && kr == KERN_SUCCESS) {
		kr = task_create(mach_task_self(), FALSE, &kept[made]);
		if (kr == KERN_SUCCESS)
			made++;
	}
	CHECK(made == KEPT || shortage(kr));
	mach_printf("     tasks: %u\n", made);
	for (unsigned i = 0; i < made; i++) {
		/* Without memory for a reply the call may have to be repeated. */
		while (task_terminate(kept[i]) == MIG_SERVER_DIED)
			(void)swtch();
		(void)mach_port_deallocate(mach_task_self(), kept[i]);
	}
}

/* Big messages to ports nobody receives from. */
static void
hog_messages(void)
{
	static struct {
		mach_msg_header_t head;
		char body[60000];
	} message;
	mach_msg_return_t mr = MACH_MSG_SUCCESS;
	unsigned ports = 0, sent = 0;

	while (ports < KEPT && !shortage(mr)) {
		if (mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &kept[ports]) !=
		    KERN_SUCCESS)
			break;
		for (mr = MACH_MSG_SUCCESS; mr == MACH_MSG_SUCCESS; sent++) {
			message.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0);
			message.head.msgh_size = sizeof(message);
			message.head.msgh_remote_port = kept[ports];
			mr = mach_msg(&message.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
			    sizeof(message), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
		}
		ports++;
		if (mr == MACH_SEND_TIMED_OUT)
			mr = MACH_MSG_SUCCESS; /* this queue is full */
	}
	CHECK(mr == MACH_SEND_NO_BUFFER);
	mach_printf("     messages: %u\n", sent);
	for (unsigned i = 0; i < ports; i++)
		(void)mach_port_destroy(mach_task_self(), kept[i]);
}

static void
hog_threads(void)
{
	hog_in_child("threads", make_thread);
}

static void
hog_ports(void)
{
	hog_in_child("ports", make_port);
}

static void
hog_sets(void)
{
	hog_in_child("sets", make_set);
}

static void
hog_entries(void)
{
	hog_in_child("entries", make_entry);
}

static const struct {
	const char *name;
	void (*run)(void);
} hogs[] = {
	{ "memory", hog_memory },
	{ "threads", hog_threads },
	{ "ports", hog_ports },
	{ "sets", hog_sets },
	{ "entries", hog_entries },
	{ "tasks", hog_tasks },
	{ "messages", hog_messages },
};

static unsigned long
argument(int argc, char **argv, const char *name)
{
	unsigned long value = 0;

	for (int i = 1; i < argc; i++) {
		const char *text = argv[i], *at = name;

		while (*at != '\0' && *text == *at)
			text++, at++;
		if (*at != '\0')
			continue;
		for (; *text >= '0' && *text <= '9'; text++)
			value = value * 10 + (unsigned long)(*text - '0');
	}
	return value;
}

/* What one part may leave allocated: the tables of names grew. */
#define SLACK_PAGES 256

int
main(int argc, char **argv)
{
	host_priv = (mach_port_t)argument(argc, argv, "--host-port=");
	for (unsigned int i = 0; i < sizeof(hogs) / sizeof(hogs[0]); i++) {
		uint64_t before = free_pages(), after;

		hogs[i].run();
		after = free_pages();
		if (!CHECK(after + SLACK_PAGES >= before))
			mach_printf("     %s: free pages %lu -> %lu\n", hogs[i].name,
			    (unsigned long)before, (unsigned long)after);
		mach_printf("done %s\n", hogs[i].name);
	}
	mach_printf("hog: %u passed, %u failed\n", passed, failed);
	(void)host_exit(host_priv, failed != 0);
	return 1;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libmach_check -- the library against the running kernel.
 *
 * A boot module: `libmach_check --host-port=${host-port} $(task-create)
 * $(task-resume)`. Prints a line for each check that fails, then
 * `libmach: N passed, M failed`, and halts the machine.
 */
#include <device/device.h>
#include <mach.h>
#include <mach/mach4.h>
#include <mach/mach_threads.h>
#include <mach/portolan.h>
#include <portolan/bootstrap.h>
#include <portolan/bootstrap_server.h>
#include <portolan/portolan.h>

#include "counts.h"

static unsigned int passed, failed;

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

#define CHECK(condition)       check_at(__LINE__, #condition, (condition))
#define CHECK_KR(call, wanted) check_kr(__LINE__, #call, (call), (wanted))

static void
check_kr(int line, const char *what, kern_return_t got, kern_return_t wanted)
{
	if (!check_at(line, what, got == wanted))
		mach_printf("     got %s (0x%x), wanted %s\n", mach_error_string(got),
		    (unsigned int)got, mach_error_string(wanted));
}

/* Names of rights to send and dead names; reply ports, which are kept for reuse, are neither. */
static natural_t
count_names(void)
{
	mach_msg_type_number_t names_count = 0, types_count = 0;
	mach_port_name_array_t names = NULL;
	mach_port_type_array_t types = NULL;
	natural_t counted = 0;

	if (mach_port_names(mach_task_self(), &names, &names_count, &types, &types_count) !=
	    KERN_SUCCESS)
		return 0;
	for (mach_msg_type_number_t i = 0; i < types_count; i++)
		counted +=
		    (types[i] & (MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_DEAD_NAME)) != 0;
	(void)vm_deallocate(mach_task_self(), (vm_address_t)names, names_count * sizeof(*names));
	(void)vm_deallocate(mach_task_self(), (vm_address_t)types, types_count * sizeof(*types));
	return counted;
}

/* ---- Printing --------------------------------------------------------------- */

static boolean_t
equal(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return *a == *b;
}

static void
test_print(void)
{
	char text[64];

	CHECK(mach_snprintf(text, sizeof(text), "%d|%5d|%-5d|%05d", -7, 42, 42, -42) == 20);
	CHECK(equal(text, "-7|   42|42   |-0042"));
	(void)mach_snprintf(text, sizeof(text), "%x %lu %s %c%%", 0xbeefu, 1UL << 40, "str", 'z');
	CHECK(equal(text, "beef 1099511627776 str z%"));
	CHECK(mach_snprintf(text, 4, "abcdef") == 6);
	CHECK(equal(text, "abc"));
	CHECK(equal(
	    mach_error_string(MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE), "MACH_RCV_BODY_ERROR"));
	CHECK(equal(mach_error_type(MIG_BAD_ID), "MIG"));
	CHECK(mig_strncpy(text, "hello", 4) == 3);
	CHECK(equal(text, "hel"));
}

/* ---- Threads ------------------------------------------------------------------ */

#define WORKERS 4
#define ROUNDS  1000

static struct mach_mutex lock;
static struct mach_condition change;
static unsigned int total, ended;

static void
worker(void *argument)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		mach_mutex_lock(&lock);
		total++;
		if (i % 100 == 0)
			(void)swtch();
		mach_mutex_unlock(&lock);
	}
	mach_mutex_lock(&lock);
	ended++;
	mach_condition_signal(&change);
	mach_mutex_unlock(&lock);
}

static void
test_threads(void)
{
	natural_t names = count_names();

	for (unsigned int i = 0; i < WORKERS; i++)
		CHECK_KR(mach_thread_start(worker, NULL, 0, NULL), KERN_SUCCESS);
	mach_mutex_lock(&lock);
	while (ended != WORKERS)
		mach_condition_wait(&change, &lock);
	CHECK(total == WORKERS * ROUNDS);
	CHECK(!mach_condition_timed_wait(&change, &lock, 30));
	mach_mutex_unlock(&lock);
	for (int i = 0; i < 100 && count_names() != names; i++)
		(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 10);
	CHECK(count_names() == names);
}

/* ---- A server and its clients: bootstrap.defs served here ---------------------- */

static mach_port_t registered;
static char registered_name[BOOTSTRAP_NAME_MAX];

kern_return_t
S_bootstrap_register(mach_port_t bootstrap, const char *name, mach_port_t service)
{
	if (name[0] == '\0')
		return KERN_INVALID_VALUE;
	(void)mig_strncpy(registered_name, name, sizeof(registered_name));
	registered = service;
	return KERN_SUCCESS;
}

kern_return_t
S_bootstrap_look_up(mach_port_t bootstrap, const char *name, mach_port_t *service)
{
	if (!equal(name, registered_name))
		return KERN_INVALID_NAME;
	*service = registered;
	return KERN_SUCCESS;
}

kern_return_t
S_bootstrap_check_in(mach_port_t bootstrap, const char *name, mach_port_t *service)
{
	return mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, service);
}

kern_return_t
S_bootstrap_privileged_ports(mach_port_t bootstrap, mach_port_t *host, mach_port_t *device)
{
	return KERN_NO_ACCESS;
}

kern_return_t
S_bootstrap_task_for_pid(mach_port_t bootstrap, int pid, mach_port_t *task)
{
	return MIG_NO_REPLY;
}

static mach_port_t service_port;
static mach_msg_return_t server_result;
static boolean_t server_ended;

static void
server(void *argument)
{
	server_result = mach_msg_server(bootstrap_server, 0, service_port);
	mach_mutex_lock(&lock);
	server_ended = TRUE;
	mach_condition_broadcast(&change);
	mach_mutex_unlock(&lock);
}

/* A request no routine knows, larger than the server's buffer. */
static void
send_oversized(mach_port_t to)
{
	vm_address_t buffer = 0;
	mach_msg_header_t *msg;

	CHECK_KR(vm_allocate(mach_task_self(), &buffer, 65536, TRUE), KERN_SUCCESS);
	msg = (mach_msg_header_t *)buffer;
	msg->msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	msg->msgh_size = 65536;
	msg->msgh_remote_port = to;
	msg->msgh_id = 999;
	CHECK_KR(mach_msg_send(msg), MACH_MSG_SUCCESS);
	CHECK_KR(vm_deallocate(mach_task_self(), buffer, 65536), KERN_SUCCESS);
}

/* A call that is never answered ends when the server's port dies, at the latest. */
static void
test_server(void)
{
	mach_port_t port = MACH_PORT_NULL, found = MACH_PORT_NULL;
	natural_t names;

	CHECK_KR(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &service_port),
	    KERN_SUCCESS);
	CHECK_KR(mach_port_insert_right(
		     mach_task_self(), service_port, service_port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_SUCCESS);
	CHECK_KR(
	    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port), KERN_SUCCESS);
	CHECK_KR(mach_thread_start(server, NULL, 0, NULL), KERN_SUCCESS);

	CHECK_KR(bootstrap_look_up(service_port, "x", &found), KERN_INVALID_NAME);
	names = count_names();
	CHECK_KR(bootstrap_register(service_port, "", port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_INVALID_VALUE);
	CHECK(count_names() == names);
	CHECK_KR(
	    bootstrap_register(service_port, "name", port, MACH_MSG_TYPE_MAKE_SEND), KERN_SUCCESS);
	CHECK_KR(bootstrap_look_up(service_port, "name", &found), KERN_SUCCESS);
	CHECK(found == port);
	send_oversized(service_port);
	CHECK_KR(bootstrap_look_up(service_port, "name", &found), KERN_SUCCESS);
	CHECK_KR(bootstrap_check_in(service_port, "other", &found), KERN_SUCCESS);
	CHECK_KR(
	    mach_port_mod_refs(mach_task_self(), found, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
	CHECK_KR(bootstrap_privileged_ports(service_port, &found, &port), KERN_NO_ACCESS);

	CHECK_KR(mach_port_mod_refs(mach_task_self(), service_port, MACH_PORT_RIGHT_RECEIVE, -1),
	    KERN_SUCCESS);
	mach_mutex_lock(&lock);
	while (!server_ended)
		mach_condition_wait(&change, &lock);
	mach_mutex_unlock(&lock);
	CHECK_KR(server_result, MACH_RCV_PORT_DIED);
	CHECK_KR(bootstrap_look_up(service_port, "name", &found), MACH_SEND_INVALID_DEST);
}

/* ---- Messages -------------------------------------------------------------------- */

static void
test_destroy(void)
{
	struct {
		mach_msg_header_t head;
		mach_msg_type_t right_type;
		mach_port_name_inlined_t right;
		mach_msg_type_t data_type;
		vm_address_t data;
		char room[64];
	} msg = { 0 };
	natural_t names = count_names();
	mach_port_t port, carried;
	vm_address_t region = 0;

	CHECK_KR(
	    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port), KERN_SUCCESS);
	CHECK_KR(
	    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &carried), KERN_SUCCESS);
	CHECK_KR(vm_allocate(mach_task_self(), &region, 8192, TRUE), KERN_SUCCESS);
	msg.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) |
	    MACH_MSGH_BITS_COMPLEX;
	msg.head.msgh_remote_port = port;
	msg.head.msgh_local_port = port;
	msg.right_type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_MOVE_RECEIVE,
		.msgt_size = 64,
		.msgt_inline = 1,
		.msgt_number = 1 };
	msg.right.name = carried;
	msg.data_type = (mach_msg_type_t) { .msgt_name = MACH_MSG_TYPE_BYTE,
		.msgt_size = 8,
		.msgt_longform = 1,
		.msgt_deallocate = 1,
		.msgt_number = 8192 };
	msg.data = region;
	CHECK_KR(mach_msg(&msg.head, MACH_SEND_MSG, 64, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL),
	    MACH_MSG_SUCCESS);
	CHECK_KR(mach_msg(&msg.head, MACH_RCV_MSG, 0, sizeof(msg), port, 0, MACH_PORT_NULL),
	    MACH_MSG_SUCCESS);
	region = msg.data;
	CHECK(region != 0);
	mach_msg_destroy(&msg.head);
	CHECK_KR(vm_protect(mach_task_self(), region, 4096, FALSE, VM_PROT_READ), KERN_SUCCESS);
	CHECK_KR(
	    mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1), KERN_SUCCESS);
	CHECK(count_names() == names);
}

/* ---- Portolan's own calls ----------------------------------------------------------- */

/* The childless task cannot create tasks; others can from it, on their count. */
static void
test_create_for(mach_port_t childless)
{
	mach_port_t made;

	CHECK_KR(task_create(childless, FALSE, &made), KERN_RESOURCE_SHORTAGE);
	CHECK_KR(task_create_rpc(childless, FALSE, &made), KERN_RESOURCE_SHORTAGE);
	CHECK_KR(task_create_with_limits(childless, 0, PORTOLAN_LIMIT_NONE, PORTOLAN_LIMIT_NONE,
		     PORTOLAN_LIMIT_NONE, &made),
	    KERN_RESOURCE_SHORTAGE);
	CHECK_KR(task_create_for(childless, childless, FALSE, &made), KERN_RESOURCE_SHORTAGE);
	CHECK_KR(
	    task_create_for(childless, mach_task_self(), FALSE, &made), KERN_RESOURCE_SHORTAGE);
	CHECK_KR(task_create_for(mach_host_self_, childless, FALSE, &made), KERN_INVALID_TASK);
	CHECK_KR(
	    task_create_for(mach_task_self(), MACH_PORT_NULL, FALSE, &made), KERN_INVALID_TASK);
	CHECK_KR(task_create_for(mach_task_self(), childless, TRUE, &made), KERN_SUCCESS);
	CHECK_KR(task_create(made, FALSE, &childless), KERN_RESOURCE_SHORTAGE);
	CHECK_KR(task_terminate(made), KERN_SUCCESS);
	CHECK_KR(mach_port_deallocate(mach_task_self(), made), KERN_SUCCESS);
}

static const struct counts_row counted[] = { COUNTS_IPC, COUNTS_VM,
	{ PORTOLAN_COUNT_OBJECTS, "objects", 0 },
	{ PORTOLAN_COUNT_MAP_ENTRIES, "map entries", 0 } };

#define COUNTED (sizeof(counted) / sizeof(counted[0]))

static boolean_t
nothing_left(const portolan_counts_t before)
{
	portolan_counts_data_t after;
	boolean_t good = counts_return(MACH_PORT_NULL, before, after, counted, COUNTED);

	counts_tell(before, after, counted, COUNTED);
	return good;
}

#define MORTALS 20

/* A memory object that was mapped, and whose manager's port dies. */
static void
map_and_die(vm_size_t size)
{
	mach_port_t manager;
	vm_address_t at = 0;

	CHECK_KR(
	    mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &manager), KERN_SUCCESS);
	CHECK_KR(
	    mach_port_insert_right(mach_task_self(), manager, manager, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_SUCCESS);
	CHECK_KR(vm_map(mach_task_self(), &at, size, 0, TRUE, manager, 0, FALSE, VM_PROT_READ,
		     VM_PROT_READ, VM_INHERIT_NONE),
	    KERN_SUCCESS);
	CHECK_KR(mach_port_destroy(mach_task_self(), manager), KERN_SUCCESS);
	CHECK_KR(vm_deallocate(mach_task_self(), at, size), KERN_SUCCESS);
}

/* Nothing is left of memory objects whose managers died. */
static void
test_dead_managers(void)
{
	portolan_counts_data_t before;

	map_and_die(vm_page_size);
	CHECK(counts_settle(MACH_PORT_NULL, before, counted, COUNTED));
	for (unsigned int i = 0; i < MORTALS; i++)
		map_and_die((i + 1) * vm_page_size);
	CHECK(nothing_left(before));
}

static void
test_portolan(mach_port_t host_priv)
{
	portolan_counts_data_t before, after;
	mach_msg_type_number_t count = PORTOLAN_COUNT_MAX;
	vm_address_t entry = 1, start = 1, end = 1;
	mach_port_t child;
	kern_return_t kr;

	CHECK_KR(host_kernel_counts(mach_host_self_, before, &count), KERN_SUCCESS);
	CHECK(count >= PORTOLAN_COUNT_USED);
	CHECK(counts_settle(MACH_PORT_NULL, before, counted, COUNTED));
	CHECK(before[PORTOLAN_COUNT_TASKS] >= 1 && before[PORTOLAN_COUNT_PAGES_FREE] > 0);
	CHECK_KR(task_get_emulation_entry(mach_task_self(), &entry, &start, &end), KERN_SUCCESS);
	CHECK(entry == 0);
	CHECK_KR(task_set_emulation_entry(mach_task_self(), VM_MAX_ADDRESS, 0, 0x3000),
	    KERN_INVALID_ARGUMENT);
	CHECK_KR(task_set_emulation_entry(mach_task_self(), 0x1000, 0x3000, 0x2000),
	    KERN_INVALID_ARGUMENT);
	CHECK_KR(thread_set_emulation_block((struct emulation_block *)8), KERN_INVALID_ARGUMENT);
	CHECK_KR(task_create_with_limits(
		     mach_task_self(), 0, 0, PORTOLAN_LIMIT_NONE, PORTOLAN_LIMIT_NONE, &child),
	    KERN_SUCCESS);
	count = PORTOLAN_COUNT_MAX;
	CHECK_KR(host_kernel_counts(mach_host_self_, after, &count), KERN_SUCCESS);
	CHECK(after[PORTOLAN_COUNT_TASKS] == before[PORTOLAN_COUNT_TASKS] + 1);
	test_create_for(child);
	CHECK_KR(task_terminate(child), KERN_SUCCESS);
	CHECK_KR(mach_port_deallocate(mach_task_self(), child), KERN_SUCCESS);
	CHECK(nothing_left(before));
	kr = host_ipc_mode_set(mach_host_self_, PORTOLAN_IPC_ALL);
	CHECK(kr == KERN_INVALID_HOST);
	if (host_priv != MACH_PORT_NULL)
		CHECK_KR(host_caches_empty(host_priv), KERN_SUCCESS);
}

/* portolan.defs 5012, 5013: memory whose end moves. */
static void
test_bounded_memory(void)
{
	mach_port_t owner = MACH_PORT_NULL, proxy = MACH_PORT_NULL;
	vm_size_t size = 4 * vm_page_size;
	vm_address_t at = 0;
	vm_offset_t start = 0;
	pointer_t data;
	mach_msg_type_number_t count;

	CHECK_KR(memory_object_create_bounded(mach_task_self(), 0, &owner), KERN_INVALID_ARGUMENT);
	CHECK_KR(memory_object_create_bounded(mach_task_self(), ~(vm_size_t)0, &owner),
	    KERN_INVALID_ARGUMENT);
	CHECK_KR(memory_object_create_bounded(mach_task_self(), size, &owner), KERN_SUCCESS);
	CHECK_KR(vm_map(mach_task_self(), &at, size, 0, TRUE, owner, 0, FALSE, VM_PROT_DEFAULT,
		     VM_PROT_ALL, VM_INHERIT_NONE),
	    KERN_SUCCESS);
	CHECK_KR(vm_read(mach_task_self(), at, vm_page_size, &data, &count), KERN_MEMORY_ERROR);
	CHECK_KR(memory_object_set_end(owner, vm_page_size + 1), KERN_SUCCESS);
	*(volatile int *)(at + vm_page_size) = 1;
	CHECK_KR(vm_read(mach_task_self(), at + 2 * vm_page_size, vm_page_size, &data, &count),
	    KERN_MEMORY_ERROR);
	CHECK_KR(memory_object_create_proxy(mach_task_self(), VM_PROT_ALL, &owner,
		     MACH_MSG_TYPE_COPY_SEND, 1, &start, 1, &start, 1, &size, 1, &proxy),
	    KERN_SUCCESS);
	CHECK_KR(memory_object_set_end(proxy, 0), KERN_NO_ACCESS);
	CHECK_KR(memory_object_set_end(owner, size + 1), KERN_INVALID_ARGUMENT);
	CHECK_KR(memory_object_set_end(mach_task_self(), 0), KERN_INVALID_ARGUMENT);
	CHECK(*(volatile int *)(at + vm_page_size) == 1);
	CHECK_KR(memory_object_set_end(owner, 0), KERN_SUCCESS);
	CHECK_KR(memory_object_set_end(owner, size), KERN_SUCCESS);
	CHECK(*(volatile int *)(at + vm_page_size) == 0);
	CHECK_KR(mach_port_deallocate(mach_task_self(), proxy), KERN_SUCCESS);
	CHECK_KR(mach_port_deallocate(mach_task_self(), owner), KERN_SUCCESS);
	CHECK_KR(vm_deallocate(mach_task_self(), at, size), KERN_SUCCESS);
}

static uint64_t
devices_open(void)
{
	portolan_counts_data_t counts;
	mach_msg_type_number_t count = PORTOLAN_COUNT_MAX;

	CHECK_KR(host_kernel_counts(mach_host_self_, counts, &count), KERN_SUCCESS);
	return counts[PORTOLAN_COUNT_DEVICES_OPEN];
}

static mach_port_t
open_time(mach_port_t master)
{
	mach_port_t device = MACH_PORT_NULL;

	CHECK_KR(device_open(master, D_READ, "time", &device), D_SUCCESS);
	return device;
}

/* Its opener gone, a device is closed. */
static void
test_device_opener_dies(mach_port_t master)
{
	uint64_t before = devices_open();
	mach_port_t device = open_time(master), child;

	CHECK(devices_open() == before + 1);
	CHECK_KR(task_create(mach_task_self(), FALSE, &child), KERN_SUCCESS);
	CHECK_KR(
	    mach_port_insert_right(child, 0x1234, device, MACH_MSG_TYPE_COPY_SEND), KERN_SUCCESS);
	CHECK_KR(mach_port_deallocate(mach_task_self(), device), KERN_SUCCESS);
	CHECK(devices_open() == before + 1);
	CHECK_KR(task_terminate(child), KERN_SUCCESS);
	CHECK_KR(mach_port_deallocate(mach_task_self(), child), KERN_SUCCESS);
	for (unsigned int turn = 0; devices_open() != before && turn < 100; turn++)
		(void)thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 10);
	CHECK(devices_open() == before);
}

/* Opened twice, closed once, dropped; opened again as if for the first time. */
static void
test_device_dropped(mach_port_t master)
{
	uint64_t before = devices_open();
	mach_port_t device = open_time(master), pager = MACH_PORT_NULL;

	CHECK(open_time(master) == device);
	CHECK_KR(device_close(device), D_SUCCESS);
	CHECK(devices_open() == before + 1);
	CHECK_KR(mach_port_deallocate(mach_task_self(), device), KERN_SUCCESS);
	CHECK(devices_open() == before + 1);
	CHECK_KR(mach_port_deallocate(mach_task_self(), device), KERN_SUCCESS);
	CHECK(devices_open() == before);
	device = open_time(master);
	CHECK_KR(device_map(device, VM_PROT_READ, 0, vm_page_size, &pager, 0), D_SUCCESS);
	CHECK_KR(device_close(device), D_SUCCESS);
	CHECK_KR(device_close(device), MACH_SEND_INVALID_DEST);
	CHECK(devices_open() == before);
	CHECK_KR(mach_port_deallocate(mach_task_self(), device), KERN_SUCCESS);
	CHECK_KR(mach_port_deallocate(mach_task_self(), pager), KERN_SUCCESS);
}

/* A user says that there are no senders, being one: nothing happens, and the
 * true notification still comes. */
static void
test_device_false_alarm(mach_port_t master)
{
	uint64_t before = devices_open();
	mach_port_t device = open_time(master);
	mach_no_senders_notification_t lie = {
		.not_header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		.not_header.msgh_size = sizeof(lie),
		.not_header.msgh_remote_port = device,
		.not_header.msgh_id = MACH_NOTIFY_NO_SENDERS,
		.not_type = { .msgt_name = MACH_MSG_TYPE_INTEGER_32,
		    .msgt_size = 32,
		    .msgt_number = 1,
		    .msgt_inline = 1 },
	};

	CHECK_KR(mach_msg(&lie.not_header, MACH_SEND_MSG, sizeof(lie), 0, MACH_PORT_NULL,
		     MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL),
	    MACH_MSG_SUCCESS);
	CHECK(devices_open() == before + 1);
	CHECK_KR(mach_port_deallocate(mach_task_self(), device), KERN_SUCCESS);
	CHECK(devices_open() == before);
}

static mach_port_t
argument_port(int argc, char **argv, const char *key)
{
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i], *k = key;
		mach_port_t port = 0;

		while (*k != '\0' && *a == *k)
			a++, k++;
		for (; *k == '\0' && *a >= '0' && *a <= '9'; a++)
			port = port * 10 + (mach_port_t)(*a - '0');
		if (port != 0)
			return port;
	}
	return MACH_PORT_NULL;
}

int
main(int argc, char **argv)
{
	mach_port_t host_priv = argument_port(argc, argv, "--host-port=");
	mach_port_t device_port = argument_port(argc, argv, "--device-port=");

	test_print();
	test_destroy();
	test_threads();
	test_server();
	test_portolan(host_priv);
	test_dead_managers();
	test_bounded_memory();
	test_device_opener_dies(device_port);
	test_device_dropped(device_port);
	test_device_false_alarm(device_port);
	mach_printf("libmach: %u passed, %u failed\n", passed, failed);
	(void)host_reboot(host_priv, RB_HALT);
	return failed != 0;
}

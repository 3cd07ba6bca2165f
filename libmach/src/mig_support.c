/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What MIG stubs call.
 *
 * Reply ports are kept in a small pool of slots. A thread takes whichever
 * port lies in the slot its stack address leads to, or the next ones, and
 * puts it back there; so a thread mostly meets its own port again, and the
 * code needs neither thread-local storage nor to know how threads are made.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>
#include <mach/mig_support.h>

#define REPLY_SLOTS 16

static mach_port_t reply_slots[REPLY_SLOTS];

/* Stacks are apart by more than the 64 KiB this looks at. */
static unsigned int
reply_slot_of_caller(void)
{
	vm_address_t stack = (vm_address_t)__builtin_frame_address(0) >> 16;

	return (unsigned int)(stack ^ (stack >> 4)) % REPLY_SLOTS;
}

/* Ports of a parent task mean nothing to a child with a copy of its memory. */
void
mig_init(void *initial)
{
	if (initial != NULL)
		return;
	for (unsigned int i = 0; i < REPLY_SLOTS; i++)
		reply_slots[i] = MACH_PORT_NULL;
}

mach_port_t
mig_get_reply_port(void)
{
	unsigned int first = reply_slot_of_caller();

	for (unsigned int i = 0; i < REPLY_SLOTS; i++) {
		mach_port_t *slot = &reply_slots[(first + i) % REPLY_SLOTS];
		mach_port_t port;

		if (__atomic_load_n(slot, __ATOMIC_RELAXED) == MACH_PORT_NULL)
			continue;
		port = __atomic_exchange_n(slot, MACH_PORT_NULL, __ATOMIC_ACQUIRE);
		if (port != MACH_PORT_NULL)
			return port;
	}
	return mach_reply_port();
}

void
mig_dealloc_reply_port(mach_port_t port)
{
	if (port != MACH_PORT_NULL)
		(void)mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
}

void
mig_put_reply_port(mach_port_t port)
{
	unsigned int first = reply_slot_of_caller();

	if (port == MACH_PORT_NULL)
		return;
	for (unsigned int i = 0; i < REPLY_SLOTS; i++) {
		mach_port_t *slot = &reply_slots[(first + i) % REPLY_SLOTS];
		mach_port_t empty = MACH_PORT_NULL;

		if (__atomic_load_n(slot, __ATOMIC_RELAXED) != MACH_PORT_NULL)
			continue;
		if (__atomic_compare_exchange_n(
			slot, &empty, port, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			return;
	}
	mig_dealloc_reply_port(port);
}

kern_return_t
mig_allocate(vm_address_t *addrp, vm_size_t size)
{
	*addrp = 0;
	return vm_allocate(mach_task_self(), addrp, size, TRUE);
}

kern_return_t
mig_deallocate(vm_address_t addr, vm_size_t size)
{
	return vm_deallocate(mach_task_self(), addr, size);
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

void
mig_reply_setup(const mach_msg_header_t *request, mach_msg_header_t *reply)
{
	static const mach_msg_type_t ret_code_type = {
		.msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_inline = 1,
		.msgt_number = 1,
	};
	mig_reply_header_t *out = (mig_reply_header_t *)reply;

	out->Head.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(request->msgh_bits), 0);
	out->Head.msgh_size = sizeof(*out);
	out->Head.msgh_remote_slot = request->msgh_remote_port;
	out->Head.msgh_protected_payload = MACH_PORT_NULL;
	out->Head.msgh_seqno = 0;
	out->Head.msgh_id = request->msgh_id + 100;
	out->RetCodeType = ret_code_type;
	out->RetCode = MIG_BAD_ID;
	out->RetCodePad = 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server's memory.
 */
#include <mach.h>
#include <mach/mach4.h>
#include <portolan/portolan.h>
#include <stdlib.h>
#include <string.h>

#include "main/service.h"
#include "vfs/services.h"

void *
bsd_alloc(size_t size)
{
	return calloc(1, size);
}

void
bsd_free(void *memory, size_t size)
{
	free(memory);
}

void *
bsd_alloc_pages(size_t size)
{
	vm_address_t address = 0;

	if (vm_allocate(mach_task_self(), &address, round_page(size), TRUE) != KERN_SUCCESS)
		return NULL;
	return (void *)address;
}

void
bsd_free_pages(void *memory, size_t size)
{
	if (memory != NULL)
		vm_deallocate(mach_task_self(), (vm_address_t)memory, round_page(size));
}

void *
bsd_file_memory_create(size_t size, unsigned *ownerp)
{
	vm_address_t address = 0;
	mach_port_t owner;

	if (memory_object_create_bounded(mach_task_self(), size, &owner) != KERN_SUCCESS)
		return NULL;
	if (vm_map(mach_task_self(), &address, size, 0, TRUE, owner, 0, FALSE,
		VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL, VM_INHERIT_NONE) != KERN_SUCCESS) {
		mach_port_deallocate(mach_task_self(), owner);
		return NULL;
	}
	*ownerp = owner;
	return (void *)address;
}

void
bsd_file_memory_end(unsigned owner, size_t end)
{
	kern_return_t kr = memory_object_set_end(owner, end);

	bsd_assert(kr == KERN_SUCCESS);
}

void
bsd_file_memory_destroy(void *memory, size_t size, unsigned owner)
{
	vm_deallocate(mach_task_self(), (vm_address_t)memory, size);
	mach_port_deallocate(mach_task_self(), owner);
}

unsigned
bsd_memory_object(const void *memory, size_t size, bool writable)
{
	vm_prot_t prot = VM_PROT_READ | VM_PROT_EXECUTE | (writable ? VM_PROT_WRITE : 0);
	mach_port_t object;

	if (vm_region_create_proxy(mach_task_self(), (vm_address_t)memory, prot, size, &object) !=
	    KERN_SUCCESS)
		return MACH_PORT_NULL;
	return object;
}

void
bsd_memory(uint64_t *freep, uint64_t *totalp)
{
	vm_statistics_data_t s;

	*freep = 0;
	*totalp = 0;
	if (vm_statistics(mach_task_self(), &s) != KERN_SUCCESS)
		return;
	*freep = (uint64_t)s.free_count * s.pagesize;
	*totalp = (uint64_t)(s.free_count + s.active_count + s.inactive_count + s.wire_count) *
	    s.pagesize;
}

_Noreturn void
bsd_assert_failed(const char *file, int line, const char *what)
{
	char text[32];

	mach_print("bsd-server: assertion failed: ");
	mach_print(what);
	mach_print(" in ");
	mach_print(file);
	text[0] = '\n';
	text[1] = '\0';
	mach_print(text);
	abort();
}

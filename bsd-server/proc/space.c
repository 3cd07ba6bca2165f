/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spaces: the Mach tasks of Unix processes, and the emulation slots in them.
 */
#include <portolan/portolan.h>
#include <stddef.h>

#include "bsd/emulator.h"
#include "main/service.h"
#include "proc/robust.h"
#include "proc/thread.h"
#include "server/proc.h"
#include "server/sync.h"

kern_return_t
space_task_create(mach_port_t source, mach_port_t *task)
{
	return task_create_for(mach_task_self(), source, TRUE, task);
}

static void
end_task(mach_port_t task)
{
	task_terminate(task);
	mach_port_deallocate(mach_task_self(), task);
}

struct space *
space_adopt(mach_port_t task)
{
	struct space *space = bsd_alloc(sizeof(*space));

	if (space == NULL) {
		end_task(task);
		return NULL;
	}
	space->refs = 1;
	space->task = task;
	list_init(&space->notes);
	return space;
}

struct space *
space_create(mach_port_t source)
{
	mach_port_t task;

	if (space_task_create(source, &task) != KERN_SUCCESS)
		return NULL;
	return space_adopt(task);
}

void
space_reference(struct space *space)
{
	space->refs++;
}

void
space_release(struct space *space)
{
	if (--space->refs > 0)
		return;
	if (!robust_bury(space->task, &space->notes))
		end_task(space->task);
	bsd_free(space, sizeof(*space));
}

void
space_slot_claim(struct space *space, uint32_t slot)
{
	space->slots[slot / 64] |= (uint64_t)1 << (slot % 64);
}

static bool
find_slot(const struct space *space, uint32_t *slotp)
{
	for (uint32_t i = 0; i < SPACE_SLOTS / 64; i++) {
		if (space->slots[i] == UINT64_MAX)
			continue;
		*slotp = i * 64 + (uint32_t)__builtin_ctzl(~space->slots[i]);
		return true;
	}
	return false;
}

void
space_slot_give(struct space *space, uint32_t slot)
{
	space->slots[slot / 64] &= ~((uint64_t)1 << (slot % 64));
}

/*
 * What an earlier thread left in the slot, or a forked parent's others, is
 * replaced by zeros.
 */
bool
space_slot_take(struct space *space, uint32_t *slotp)
{
	vm_size_t size = EMUL_SLOT_SIZE - EMUL_SLOT_GUARD;
	vm_address_t address;
	kern_return_t kr;
	bool alive;

	if (!find_slot(space, slotp))
		return false;
	space_slot_claim(space, *slotp);
	address = EMUL_SLOT_ADDRESS(*slotp) + EMUL_SLOT_GUARD;
	bsd_outside_begin();
	(void)vm_deallocate(space->task, address, size);
	kr = vm_allocate(space->task, &address, size, FALSE);
	alive = bsd_outside_end();
	if (kr != KERN_SUCCESS || !alive)
		space_slot_give(space, *slotp);
	return kr == KERN_SUCCESS && alive;
}

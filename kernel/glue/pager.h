/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pager -- memory objects as ports: external managers (vm_pager.h by messages
 * of memory_object.defs) and windows of device memory.
 *
 * External: a glue pager exists while vm uses its object or somebody looks it
 * up; found by the memory object's port; holds a send right for that, and the
 * control and name ports while the object lives.
 *
 * Locks: pager_lock (rank DEVICE) guards the table of pagers.
 */
#ifndef GLUE_PAGER_H
#define GLUE_PAGER_H

#include <stdbool.h>
#include <stdint.h>

#include <ipc/ipc_kobject.h>
#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_prot.h>

struct account;
struct ipc_port;
struct vm_object;

void pager_module_init(void);

/* The object behind a control (IKOT_PAGING_REQUEST) or name
 * (IKOT_PAGING_NAME) port, with a reference, or NULL. */
struct vm_object *pager_object_of(struct ipc_port *port, enum ipc_kobject_type type);

/* What vm_map asks of a memory object; a proxy narrows it. */
struct pager_mapping {
	vm_offset_t offset;
	vm_size_t size;
	bool copy;
	vm_prot_t cur_protection;
	vm_prot_t max_protection;
	struct vm_object *object; /* found: with a reference */
};

/*
 * Find the object to map for a memory object port (live, not NULL).
 *
 * Returns: KERN_INVALID_ARGUMENT (not a memory object, one that died just
 *          now or behind a proxy, outside the proxy's window), KERN_PROTECTION_FAILURE (copy of a proxy without READ),
 *          KERN_RESOURCE_SHORTAGE.
 */
kern_return_t
pager_find_object(struct ipc_port *port, struct account *account, struct pager_mapping *mapping);

/* A send right for an object's name port; NULL when it has none. */
struct ipc_port *pager_name_right(struct vm_object *object);

/* What a window shows: part of an object the kernel has itself, or of a
 * manager's memory object. */
struct pager_window {
	struct vm_object *object;       /* referenced, or NULL and */
	struct ipc_port *memory_object; /* a send right */
	vm_offset_t start;
	vm_size_t length;
	vm_prot_t max_protection;
	bool owns; /* may set the object's end; no window made of it may */
};

#define PAGER_WINDOW_WHOLE UINT64_MAX /* length: as long as it is */

/*
 * A port that maps as the window says; a send right. The port holds the
 * caller's reference or right, which goes with the last sender. NULL on
 * shortage: they stay the caller's.
 */
struct ipc_port *pager_window_create(const struct pager_window *shows);

/* Nobody has a right for this IKOT_PAGER port any more. */
void pager_window_no_senders(struct ipc_port *port);

/* A dead-name notification came to this control port: if its manager's port is
 * dead indeed, so is the object (ABI sheet 6.4). May block. */
void pager_dead_name(struct ipc_port *control);

#endif

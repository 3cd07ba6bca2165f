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

struct account;
struct ipc_port;
struct vm_object;

void pager_module_init(void);

/* The object behind a control (IKOT_PAGING_REQUEST) or name
 * (IKOT_PAGING_NAME) port, with a reference, or NULL. */
struct vm_object *pager_object_of(struct ipc_port *port,
    enum ipc_kobject_type type);

/*
 * The object to map for a memory object port (live, not NULL), with a
 * reference. *offsetp is moved when the port stands for a window of a larger
 * object. NULL: shortage, or the port cannot be mapped.
 */
struct vm_object *pager_object_for_mapping(struct ipc_port *port,
    struct account *account, vm_offset_t *offsetp);

/* A send right for an object's name port; NULL when it has none. */
struct ipc_port *pager_name_right(struct vm_object *object);

/*
 * A port that maps `object` from `offset` on; a send right. The port holds the
 * caller's reference on the object, which goes with the last sender. NULL on
 * shortage: the reference stays the caller's.
 */
struct ipc_port *pager_window_create(struct vm_object *object,
    vm_offset_t offset);

/* Nobody has a right for this IKOT_PAGER port any more. */
void pager_window_no_senders(struct ipc_port *port);

/* Look for managers that died; once a second, by a thread that may block. */
void pager_check_dead(void);

#endif

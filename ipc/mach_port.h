/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mach_port -- what a task can do with its names: the server side of
 * mach_port.defs (ABI sheet 3.8) as plain functions, shared by MIG stubs and
 * shortcut traps. A NULL or inactive space gives KERN_INVALID_TASK.
 *
 * Locks:   none held; these lock the space and ports themselves.
 * Arrays:  results come as regions of ipc_ool.h, in the pointer variable of
 *          the array (the form in which a held message carries them); an
 *          empty array is NULL with count 0.
 * Rights:  an `in` right is consumed on KERN_SUCCESS only.
 */
#ifndef IPC_MACH_PORT_H
#define IPC_MACH_PORT_H

#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

struct ipc_port;
struct ipc_space;

kern_return_t mach_port_names(struct ipc_space *space, mach_port_name_array_t *namesp,
    mach_msg_type_number_t *names_countp, mach_port_type_array_t *typesp,
    mach_msg_type_number_t *types_countp);
kern_return_t
mach_port_type(struct ipc_space *space, mach_port_name_t name, mach_port_type_t *typep);
kern_return_t
mach_port_rename(struct ipc_space *space, mach_port_name_t old_name, mach_port_name_t new_name);
kern_return_t
mach_port_allocate_name(struct ipc_space *space, mach_port_right_t right, mach_port_name_t name);
kern_return_t
mach_port_allocate(struct ipc_space *space, mach_port_right_t right, mach_port_name_t *namep);
kern_return_t mach_port_destroy(struct ipc_space *space, mach_port_name_t name);
kern_return_t mach_port_deallocate(struct ipc_space *space, mach_port_name_t name);
kern_return_t mach_port_get_refs(struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_urefs_t *urefsp);
kern_return_t mach_port_mod_refs(struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_delta_t delta);
kern_return_t
mach_port_set_qlimit(struct ipc_space *space, mach_port_name_t name, mach_port_msgcount_t qlimit);
kern_return_t
mach_port_set_mscount(struct ipc_space *space, mach_port_name_t name, mach_port_mscount_t mscount);
kern_return_t
mach_port_set_seqno(struct ipc_space *space, mach_port_name_t name, mach_port_seqno_t seqno);
kern_return_t mach_port_get_set_status(struct ipc_space *space, mach_port_name_t name,
    mach_port_name_array_t *membersp, mach_msg_type_number_t *countp);
kern_return_t
mach_port_move_member(struct ipc_space *space, mach_port_name_t member, mach_port_name_t after);
/* `notify` is a send-once right, NULL or IPC_PORT_DEAD. */
kern_return_t
mach_port_request_notification(struct ipc_space *space, mach_port_name_t name, mach_msg_id_t id,
    mach_port_mscount_t sync, struct ipc_port *notify, struct ipc_port **previousp);
kern_return_t mach_port_insert_right(struct ipc_space *space, mach_port_name_t name,
    struct ipc_port *poly, mach_msg_type_name_t poly_type);
kern_return_t mach_port_extract_right(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t msgt_name, struct ipc_port **polyp, mach_msg_type_name_t *poly_typep);
kern_return_t mach_port_get_receive_status(
    struct ipc_space *space, mach_port_name_t name, mach_port_status_t *statusp);
kern_return_t
mach_port_set_protected_payload(struct ipc_space *space, mach_port_name_t name, uint64_t payload);
kern_return_t mach_port_clear_protected_payload(struct ipc_space *space, mach_port_name_t name);
/* The host port is checked by the caller. */
kern_return_t ipc_port_set_ktype(struct ipc_space *space, mach_port_name_t name,
    mach_port_right_t right, mach_port_ktype_t ktype);

/* -- For traps and for kernel code that hands out names ------------------ */

/* Trap -26. MACH_PORT_NULL on shortage. */
mach_port_name_t ipc_reply_port_allocate(struct ipc_space *space);

/*
 * The name in `space` of a send right the caller holds, one user reference
 * more; consumes the right in every case. NULL gives MACH_PORT_NULL, dead
 * MACH_PORT_DEAD; MACH_PORT_NULL on shortage. (mach_task_self and friends)
 */
mach_port_name_t ipc_name_send_right(struct ipc_space *space, struct ipc_port *port);

/*
 * The right that `name` gives by a disposition 16..21, as a message would
 * carry it (KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_INVALID_VALUE).
 * MACH_PORT_NULL and _DEAD give NULL and IPC_PORT_DEAD.
 */
kern_return_t ipc_name_copyin(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_port **portp);

/*
 * The port for which `name` holds a live send right, referenced but without a
 * right, or NULL. For shortcut traps.
 */
struct ipc_port *ipc_name_lookup_send(struct ipc_space *space, mach_port_name_t name);

/* syscall_mach_port_insert_right's: `right` is a name in `from`. */
kern_return_t ipc_insert_right_from_name(struct ipc_space *from, struct ipc_space *space,
    mach_port_name_t name, mach_port_name_t right, mach_msg_type_name_t type);

#endif

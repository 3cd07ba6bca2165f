/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The traps as C functions (ABI sheet 1.3 to 1.5). The syscall_ ones answer
 * MACH_SEND_INTERRUPTED when their target is not a local object; the library
 * functions of the plain name then use the RPC.
 */
#ifndef MACH_MACH_TRAPS_H
#define MACH_MACH_TRAPS_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/std_types.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>

/* A new receive right, or MACH_PORT_NULL. */
mach_port_name_t mach_reply_port(void);

/*
 * Send rights for the caller's kernel special ports and the host name port.
 * Every call adds a user reference.
 */
mach_port_name_t mach_thread_self(void);
mach_port_name_t(mach_task_self)(void);
mach_port_name_t mach_host_self(void);

/* Print a string on the console; for debugging. */
void mach_print(const char *string);

kern_return_t evc_wait(natural_t event);
kern_return_t evc_wait_clear(natural_t event);

boolean_t swtch_pri(int pri);
boolean_t swtch(void);
kern_return_t thread_switch(mach_port_name_t thread, int option, mach_msg_timeout_t option_time);
kern_return_t thread_set_self_state(int flavor, natural_t *state, natural_t count);

kern_return_t syscall_vm_map(mach_port_name_t task, vm_address_t *address, vm_size_t size,
    vm_address_t mask, boolean_t anywhere, mach_port_name_t memory_object, vm_offset_t offset,
    boolean_t copy, vm_prot_t cur_protection, vm_prot_t max_protection, vm_inherit_t inheritance);
kern_return_t syscall_vm_allocate(
    mach_port_name_t task, vm_address_t *address, vm_size_t size, boolean_t anywhere);
kern_return_t syscall_vm_deallocate(mach_port_name_t task, vm_address_t start, vm_size_t size);
kern_return_t
syscall_task_create(mach_port_name_t parent, boolean_t inherit_memory, mach_port_name_t *child);
kern_return_t syscall_task_terminate(mach_port_name_t task);
kern_return_t syscall_task_suspend(mach_port_name_t task);
kern_return_t
syscall_task_set_special_port(mach_port_name_t task, int which, mach_port_name_t port);
kern_return_t
syscall_mach_port_allocate(mach_port_name_t task, mach_port_right_t right, mach_port_name_t *name);
kern_return_t syscall_mach_port_deallocate(mach_port_name_t task, mach_port_name_t name);
kern_return_t syscall_mach_port_insert_right(mach_port_name_t task, mach_port_name_t name,
    mach_port_name_t right, mach_msg_type_name_t type);
kern_return_t syscall_mach_port_allocate_name(
    mach_port_name_t task, mach_port_right_t right, mach_port_name_t name);
kern_return_t syscall_thread_depress_abort(mach_port_name_t thread);

#endif /* MACH_MACH_TRAPS_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* clang-format off */
/*
 * The trap table (ABI sheet 1.3), one kernel_trap(name, number, arguments)
 * each. An assembler source includes this to define all the stubs; another
 * source may define kernel_trap first and use the table as data.
 */
#ifndef kernel_trap
#include <mach/machine/syscall_sw.h>
#endif

kernel_trap(evc_wait, -17, 1)
kernel_trap(evc_wait_clear, -18, 1)
kernel_trap(mach_msg_trap, -25, 7)
kernel_trap(mach_reply_port, -26, 0)
kernel_trap(mach_thread_self, -27, 0)
kernel_trap(mach_task_self, -28, 0)
kernel_trap(mach_host_self, -29, 0)
kernel_trap(mach_print, -30, 1)
kernel_trap(syscall_device_writev_request, -39, 6)
kernel_trap(syscall_device_write_request, -40, 6)
kernel_trap(swtch_pri, -59, 1)
kernel_trap(swtch, -60, 0)
kernel_trap(thread_switch, -61, 3)
kernel_trap(syscall_vm_map, -64, 11)
kernel_trap(syscall_vm_allocate, -65, 4)
kernel_trap(syscall_vm_deallocate, -66, 3)
kernel_trap(syscall_task_create, -68, 3)
kernel_trap(syscall_task_terminate, -69, 1)
kernel_trap(syscall_task_suspend, -70, 1)
kernel_trap(syscall_task_set_special_port, -71, 3)
kernel_trap(syscall_mach_port_allocate, -72, 3)
kernel_trap(syscall_mach_port_deallocate, -73, 2)
kernel_trap(syscall_mach_port_insert_right, -74, 4)
kernel_trap(syscall_mach_port_allocate_name, -75, 3)
kernel_trap(syscall_thread_depress_abort, -76, 1)
kernel_trap(thread_set_self_state, -77, 3)

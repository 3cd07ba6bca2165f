/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names and values of the ABI sheet's section 16, checked by the compiler
 * against the headers. Compiling this file is the test.
 */
#include <device/bpf.h>
#include <device/device_types.h>
#include <device/irq_status.h>
#include <device/net_status.h>
#include <device/notify.h>
#include <device/tape_status.h>
#include <device/tty_status.h>
#include <mach/boolean.h>
#include <mach/default_pager_types.h>
#include <mach/error.h>
#include <mach/exception.h>
#include <mach/host_info.h>
#include <mach/kern_return.h>
#include <mach/mach_param.h>
#include <mach/mach_traps.h>
#include <mach/mach_types.h>
#include <mach/machine.h>
#include <mach/machine/boolean.h>
#include <mach/machine/exception.h>
#include <mach/machine/fp_reg.h>
#include <mach/machine/kern_return.h>
#include <mach/machine/mach_i386_types.h>
#include <mach/machine/thread_status.h>
#include <mach/machine/vm_param.h>
#include <mach/machine/vm_types.h>
#include <mach/memory_object.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>
#include <mach/notify.h>
#include <mach/pc_sample.h>
#include <mach/policy.h>
#include <mach/port.h>
#include <mach/processor_info.h>
#include <mach/std_types.h>
#include <mach/task_info.h>
#include <mach/task_special_ports.h>
#include <mach/thread_info.h>
#include <mach/thread_special_ports.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>
#include <mach/time_value.h>
#include <mach/vm_attributes.h>
#include <mach/vm_cache_statistics.h>
#include <mach/vm_inherit.h>
#include <mach/vm_param.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>
#include <mach/vm_sync.h>
#include <mach/vm_wire.h>
#include <mach_debug/hash_info.h>
#include <mach_debug/mach_debug_types.h>
#include <mach_debug/slab_info.h>
#include <mach_debug/vm_info.h>

#define VALUE(name, value)                                                                         \
	_Static_assert((long long)(name) == (long long)(value) ||                                  \
		(unsigned int)(name) == (unsigned int)(value),                                     \
	    #name)
#define TYPE(name) _Static_assert(sizeof(name) > 0, #name)

/* mach/boolean.h */
VALUE(TRUE, 1);
VALUE(FALSE, 0);

/* mach/error.h */
VALUE(err_none, 0);
VALUE(ERR_SUCCESS, 0);
VALUE(system_emask, 0xfc000000);
VALUE(sub_emask, 0x3ffc000);
VALUE(code_emask, 0x3fff);
VALUE(err_kern, 0);
VALUE(err_us, 0x4000000);
VALUE(err_server, 0x8000000);
VALUE(err_ipc, 0xc000000);
VALUE(err_mach_ipc, 0x10000000);
VALUE(err_bootstrap, 0x14000000);
VALUE(err_hurd, 0x40000000);
VALUE(err_local, 0xf8000000);
VALUE(err_ipc_compat, 0xfc000000);
VALUE(err_max_system, 0x3f);
VALUE(err_mig, -300);
VALUE(err_exec, 6000);
VALUE(err_unix, 0xc000);
VALUE(err_dos, 0x3414000);
VALUE(err_fluke, 0x80000000);
TYPE(mach_error_t);

/* mach/exception.h */
VALUE(EXC_BAD_ACCESS, 1);
VALUE(EXC_BAD_INSTRUCTION, 2);
VALUE(EXC_ARITHMETIC, 3);
VALUE(EXC_EMULATION, 4);
VALUE(EXC_SOFTWARE, 5);
VALUE(EXC_BREAKPOINT, 6);

/* mach/host_info.h */
VALUE(HOST_INFO_MAX, 1024);
VALUE(KERNEL_VERSION_MAX, 512);
VALUE(HOST_BASIC_INFO, 1);
VALUE(HOST_PROCESSOR_SLOTS, 2);
VALUE(HOST_SCHED_INFO, 3);
VALUE(HOST_LOAD_INFO, 4);
VALUE(HOST_BASIC_INFO_COUNT, 6);
VALUE(HOST_SCHED_INFO_COUNT, 2);
VALUE(HOST_LOAD_INFO_COUNT, 6);
TYPE(host_info_t);
TYPE(host_info_data_t);
TYPE(kernel_version_t);
TYPE(host_basic_info_data_t);
TYPE(host_basic_info_t);
TYPE(host_sched_info_data_t);
TYPE(host_sched_info_t);
TYPE(host_load_info_data_t);
TYPE(host_load_info_t);
TYPE(struct host_basic_info);
TYPE(struct host_sched_info);
TYPE(struct host_load_info);

/* mach/kern_return.h */
VALUE(KERN_SUCCESS, 0);
VALUE(KERN_INVALID_ADDRESS, 1);
VALUE(KERN_PROTECTION_FAILURE, 2);
VALUE(KERN_NO_SPACE, 3);
VALUE(KERN_INVALID_ARGUMENT, 4);
VALUE(KERN_FAILURE, 5);
VALUE(KERN_RESOURCE_SHORTAGE, 6);
VALUE(KERN_NOT_RECEIVER, 7);
VALUE(KERN_NO_ACCESS, 8);
VALUE(KERN_MEMORY_FAILURE, 9);
VALUE(KERN_MEMORY_ERROR, 10);
VALUE(KERN_NOT_IN_SET, 12);
VALUE(KERN_NAME_EXISTS, 13);
VALUE(KERN_ABORTED, 14);
VALUE(KERN_INVALID_NAME, 15);
VALUE(KERN_INVALID_TASK, 16);
VALUE(KERN_INVALID_RIGHT, 17);
VALUE(KERN_INVALID_VALUE, 18);
VALUE(KERN_UREFS_OVERFLOW, 19);
VALUE(KERN_INVALID_CAPABILITY, 20);
VALUE(KERN_RIGHT_EXISTS, 21);
VALUE(KERN_INVALID_HOST, 22);
VALUE(KERN_MEMORY_PRESENT, 23);
VALUE(KERN_WRITE_PROTECTION_FAILURE, 24);
VALUE(KERN_TERMINATED, 26);
VALUE(KERN_TIMEDOUT, 27);
VALUE(KERN_INTERRUPTED, 28);

/* mach/mach_param.h */
VALUE(TASK_PORT_REGISTER_MAX, 4);

/* mach/mach_traps.h */

/* mach/mach_types.h */
TYPE(task_t);
TYPE(thread_t);
TYPE(processor_t);
TYPE(processor_set_t);
TYPE(task_array_t);
TYPE(vm_task_t);
TYPE(ipc_space_t);
TYPE(thread_array_t);
TYPE(host_t);
TYPE(host_priv_t);
TYPE(processor_name_t);
TYPE(processor_array_t);
TYPE(processor_name_array_t);
TYPE(processor_set_name_t);
TYPE(processor_set_array_t);
TYPE(processor_set_name_array_t);
TYPE(emulation_vector_t);

/* mach/machine.h */
VALUE(CPU_STATE_MAX, 3);
VALUE(CPU_STATE_USER, 0);
VALUE(CPU_STATE_SYSTEM, 1);
VALUE(CPU_STATE_IDLE, 2);
VALUE(CPU_TYPE_I386, 7);
VALUE(CPU_TYPE_I486, 17);
VALUE(CPU_TYPE_PENTIUM, 18);
VALUE(CPU_TYPE_PENTIUMPRO, 19);
VALUE(CPU_TYPE_POWERPC, 20);
VALUE(CPU_TYPE_X86_64, 21);
VALUE(CPU_TYPE_ARM64, 22);
VALUE(CPU_SUBTYPE_AT386, 1);
TYPE(cpu_type_t);
TYPE(cpu_subtype_t);
TYPE(machine_slot_t);
TYPE(machine_slot_data_t);
TYPE(struct machine_info);
TYPE(struct machine_slot);

/* mach/memory_object.h */
VALUE(MEMORY_OBJECT_COPY_NONE, 0);
VALUE(MEMORY_OBJECT_COPY_CALL, 1);
VALUE(MEMORY_OBJECT_COPY_DELAY, 2);
VALUE(MEMORY_OBJECT_COPY_TEMPORARY, 3);
VALUE(MEMORY_OBJECT_RETURN_NONE, 0);
VALUE(MEMORY_OBJECT_RETURN_DIRTY, 1);
VALUE(MEMORY_OBJECT_RETURN_ALL, 2);
VALUE(MEMORY_OBJECT_NULL, 0);
TYPE(memory_object_t);
TYPE(memory_object_array_t);
TYPE(memory_object_control_t);
TYPE(memory_object_name_t);
TYPE(memory_object_copy_strategy_t);
TYPE(memory_object_return_t);

/* mach/message.h */
VALUE(MACH_MSG_TIMEOUT_NONE, 0);
VALUE(MACH_MSGH_BITS_ZERO, 0);
VALUE(MACH_MSGH_BITS_REMOTE_MASK, 0xff);
VALUE(MACH_MSGH_BITS_LOCAL_MASK, 0xff00);
VALUE(MACH_MSGH_BITS_COMPLEX, 0x80000000);
VALUE(MACH_MSGH_BITS_CIRCULAR, 0x40000000);
VALUE(MACH_MSGH_BITS_COMPLEX_PORTS, 0x20000000);
VALUE(MACH_MSGH_BITS_COMPLEX_DATA, 0x10000000);
VALUE(MACH_MSGH_BITS_MIGRATED, 0x8000000);
VALUE(MACH_MSGH_BITS_UNUSED, 0x7ff0000);
VALUE(MACH_MSGH_BITS_PORTS_MASK, 0xffff);
VALUE(MACH_MSG_SIZE_MAX, 0xffffffff);
VALUE(MACH_MSGH_KIND_NORMAL, 0);
VALUE(MACH_MSG_TYPE_UNSTRUCTURED, 0);
VALUE(MACH_MSG_TYPE_BIT, 0);
VALUE(MACH_MSG_TYPE_BOOLEAN, 0);
VALUE(MACH_MSG_TYPE_INTEGER_16, 1);
VALUE(MACH_MSG_TYPE_INTEGER_32, 2);
VALUE(MACH_MSG_TYPE_CHAR, 8);
VALUE(MACH_MSG_TYPE_BYTE, 9);
VALUE(MACH_MSG_TYPE_INTEGER_8, 9);
VALUE(MACH_MSG_TYPE_REAL, 10);
VALUE(MACH_MSG_TYPE_INTEGER_64, 11);
VALUE(MACH_MSG_TYPE_STRING, 12);
VALUE(MACH_MSG_TYPE_STRING_C, 12);
VALUE(MACH_MSG_TYPE_MOVE_RECEIVE, 16);
VALUE(MACH_MSG_TYPE_MOVE_SEND, 17);
VALUE(MACH_MSG_TYPE_MOVE_SEND_ONCE, 18);
VALUE(MACH_MSG_TYPE_COPY_SEND, 19);
VALUE(MACH_MSG_TYPE_MAKE_SEND, 20);
VALUE(MACH_MSG_TYPE_MAKE_SEND_ONCE, 21);
VALUE(MACH_MSG_TYPE_PORT_NAME, 15);
VALUE(MACH_MSG_TYPE_PORT_RECEIVE, 16);
VALUE(MACH_MSG_TYPE_PORT_SEND, 17);
VALUE(MACH_MSG_TYPE_PORT_SEND_ONCE, 18);
VALUE(MACH_MSG_TYPE_PROTECTED_PAYLOAD, 23);
VALUE(MACH_MSG_TYPE_LAST, 23);
VALUE(MACH_MSG_TYPE_POLYMORPHIC, 0xffffffff);
VALUE(MACH_MSG_OPTION_NONE, 0);
VALUE(MACH_SEND_MSG, 1);
VALUE(MACH_RCV_MSG, 2);
VALUE(MACH_SEND_TIMEOUT, 0x10);
VALUE(MACH_SEND_NOTIFY, 0x20);
VALUE(MACH_SEND_INTERRUPT, 0x40);
VALUE(MACH_SEND_CANCEL, 0x80);
VALUE(MACH_RCV_TIMEOUT, 0x100);
VALUE(MACH_RCV_NOTIFY, 0x200);
VALUE(MACH_RCV_INTERRUPT, 0x400);
VALUE(MACH_RCV_LARGE, 0x800);
VALUE(MACH_SEND_ALWAYS, 0x10000);
VALUE(MACH_MSG_USER_ALIGNMENT, 8);
VALUE(MACH_MSG_SUCCESS, 0);
VALUE(MACH_MSG_MASK, 0x3c00);
VALUE(MACH_MSG_IPC_SPACE, 0x2000);
VALUE(MACH_MSG_VM_SPACE, 0x1000);
VALUE(MACH_MSG_IPC_KERNEL, 0x800);
VALUE(MACH_MSG_VM_KERNEL, 0x400);
VALUE(MACH_SEND_IN_PROGRESS, 0x10000001);
VALUE(MACH_SEND_INVALID_DATA, 0x10000002);
VALUE(MACH_SEND_INVALID_DEST, 0x10000003);
VALUE(MACH_SEND_TIMED_OUT, 0x10000004);
VALUE(MACH_SEND_WILL_NOTIFY, 0x10000005);
VALUE(MACH_SEND_NOTIFY_IN_PROGRESS, 0x10000006);
VALUE(MACH_SEND_INTERRUPTED, 0x10000007);
VALUE(MACH_SEND_MSG_TOO_SMALL, 0x10000008);
VALUE(MACH_SEND_INVALID_REPLY, 0x10000009);
VALUE(MACH_SEND_INVALID_RIGHT, 0x1000000a);
VALUE(MACH_SEND_INVALID_NOTIFY, 0x1000000b);
VALUE(MACH_SEND_INVALID_MEMORY, 0x1000000c);
VALUE(MACH_SEND_NO_BUFFER, 0x1000000d);
VALUE(MACH_SEND_NO_NOTIFY, 0x1000000e);
VALUE(MACH_SEND_INVALID_TYPE, 0x1000000f);
VALUE(MACH_SEND_INVALID_HEADER, 0x10000010);
VALUE(MACH_RCV_IN_PROGRESS, 0x10004001);
VALUE(MACH_RCV_INVALID_NAME, 0x10004002);
VALUE(MACH_RCV_TIMED_OUT, 0x10004003);
VALUE(MACH_RCV_TOO_LARGE, 0x10004004);
VALUE(MACH_RCV_INTERRUPTED, 0x10004005);
VALUE(MACH_RCV_PORT_CHANGED, 0x10004006);
VALUE(MACH_RCV_INVALID_NOTIFY, 0x10004007);
VALUE(MACH_RCV_INVALID_DATA, 0x10004008);
VALUE(MACH_RCV_PORT_DIED, 0x10004009);
VALUE(MACH_RCV_IN_SET, 0x1000400a);
VALUE(MACH_RCV_HEADER_ERROR, 0x1000400b);
VALUE(MACH_RCV_BODY_ERROR, 0x1000400c);
TYPE(mach_msg_timeout_t);
TYPE(mach_msg_bits_t);
TYPE(mach_msg_size_t);
TYPE(mach_msg_seqno_t);
TYPE(mach_msg_id_t);
TYPE(mach_msg_type_name_t);
TYPE(mach_msg_type_size_t);
TYPE(mach_msg_type_number_t);
TYPE(mach_msg_type_t);
TYPE(mach_msg_option_t);
TYPE(mach_msg_return_t);
TYPE(mach_msg_header_t);
TYPE(mach_msg_type_long_t);
TYPE(mach_port_name_inlined_t);
TYPE(struct mach_msg_header);

/* mach/mig_errors.h */
VALUE(MIG_TYPE_ERROR, -300);
VALUE(MIG_REPLY_MISMATCH, -301);
VALUE(MIG_REMOTE_ERROR, -302);
VALUE(MIG_BAD_ID, -303);
VALUE(MIG_BAD_ARGUMENTS, -304);
VALUE(MIG_NO_REPLY, -305);
VALUE(MIG_EXCEPTION, -306);
VALUE(MIG_ARRAY_TOO_LARGE, -307);
VALUE(MIG_SERVER_DIED, -308);
VALUE(MIG_DESTROY_REQUEST, -309);
TYPE(mig_reply_header_t);
TYPE(mig_symtab_t);
TYPE(struct mig_symtab);

/* mach/mig_support.h */

/* mach/notify.h */
VALUE(MACH_NOTIFY_FIRST, 64);
VALUE(MACH_NOTIFY_PORT_DELETED, 65);
VALUE(MACH_NOTIFY_MSG_ACCEPTED, 66);
VALUE(MACH_NOTIFY_PORT_DESTROYED, 69);
VALUE(MACH_NOTIFY_NO_SENDERS, 70);
VALUE(MACH_NOTIFY_SEND_ONCE, 71);
VALUE(MACH_NOTIFY_DEAD_NAME, 72);
VALUE(MACH_NOTIFY_LAST, 77);
TYPE(mach_port_deleted_notification_t);
TYPE(mach_msg_accepted_notification_t);
TYPE(mach_port_destroyed_notification_t);
TYPE(mach_no_senders_notification_t);
TYPE(mach_send_once_notification_t);
TYPE(mach_dead_name_notification_t);

/* mach/pc_sample.h */
VALUE(SAMPLED_PC_PERIODIC, 1);
VALUE(SAMPLED_PC_VM_ZFILL_FAULTS, 0x10);
VALUE(SAMPLED_PC_VM_REACTIVATION_FAULTS, 0x20);
VALUE(SAMPLED_PC_VM_PAGEIN_FAULTS, 0x40);
VALUE(SAMPLED_PC_VM_COW_FAULTS, 0x80);
VALUE(SAMPLED_PC_VM_FAULTS_ANY, 0x100);
VALUE(SAMPLED_PC_VM_FAULTS, 0xf0);
TYPE(sampled_pc_flavor_t);
TYPE(sampled_pc_t);
TYPE(sampled_pc_array_t);
TYPE(sampled_pc_seqno_t);
TYPE(struct sampled_pc);

/* mach/policy.h */
VALUE(POLICY_TIMESHARE, 1);
VALUE(POLICY_FIXEDPRI, 2);
VALUE(POLICY_LAST, 2);

/* mach/port.h */
VALUE(MACH_PORT_NULL, 0);
VALUE(MACH_PORT_DEAD, 0xffffffff);
VALUE(MACH_PORT_NAME_NULL, 0);
VALUE(MACH_PORT_NAME_DEAD, 0xffffffff);
VALUE(MACH_PORT_RIGHT_SEND, 0);
VALUE(MACH_PORT_RIGHT_RECEIVE, 1);
VALUE(MACH_PORT_RIGHT_SEND_ONCE, 2);
VALUE(MACH_PORT_RIGHT_PORT_SET, 3);
VALUE(MACH_PORT_RIGHT_DEAD_NAME, 4);
VALUE(MACH_PORT_RIGHT_NUMBER, 5);
VALUE(MACH_PORT_TYPE_NONE, 0);
VALUE(MACH_PORT_TYPE_SEND, 0x10000);
VALUE(MACH_PORT_TYPE_RECEIVE, 0x20000);
VALUE(MACH_PORT_TYPE_SEND_ONCE, 0x40000);
VALUE(MACH_PORT_TYPE_PORT_SET, 0x80000);
VALUE(MACH_PORT_TYPE_DEAD_NAME, 0x100000);
VALUE(MACH_PORT_TYPE_SEND_RECEIVE, 0x30000);
VALUE(MACH_PORT_TYPE_SEND_RIGHTS, 0x50000);
VALUE(MACH_PORT_TYPE_PORT_RIGHTS, 0x70000);
VALUE(MACH_PORT_TYPE_PORT_OR_DEAD, 0x170000);
VALUE(MACH_PORT_TYPE_ALL_RIGHTS, 0x1f0000);
VALUE(MACH_PORT_TYPE_DNREQUEST, 0x80000000);
VALUE(MACH_PORT_TYPE_MAREQUEST, 0x40000000);
VALUE(MACH_PORT_TYPE_COMPAT, 0x20000000);
VALUE(MACH_PORT_QLIMIT_DEFAULT, 5);
VALUE(MACH_PORT_QLIMIT_MAX, 16);
VALUE(MACH_PORT_KTYPE_NONE, 0);
VALUE(MACH_PORT_KTYPE_USER_DEVICE, 28);
TYPE(mach_port_name_t);
TYPE(mach_port_name_array_t);
TYPE(const_mach_port_name_array_t);
TYPE(mach_port_t);
TYPE(mach_port_array_t);
TYPE(const_mach_port_array_t);
TYPE(rpc_signature_info_t);
TYPE(mach_port_right_t);
TYPE(mach_port_type_t);
TYPE(mach_port_type_array_t);
TYPE(mach_port_urefs_t);
TYPE(mach_port_delta_t);
TYPE(mach_port_seqno_t);
TYPE(mach_port_mscount_t);
TYPE(mach_port_msgcount_t);
TYPE(mach_port_rights_t);
TYPE(mach_port_status_t);
TYPE(mach_port_ktype_t);
TYPE(struct mach_port_status);

/* mach/processor_info.h */
VALUE(PROCESSOR_INFO_MAX, 1024);
VALUE(PROCESSOR_SET_INFO_MAX, 1024);
VALUE(PROCESSOR_BASIC_INFO, 1);
VALUE(PROCESSOR_BASIC_INFO_COUNT, 5);
VALUE(PROCESSOR_SET_BASIC_INFO, 1);
VALUE(LOAD_SCALE, 1000);
VALUE(PROCESSOR_SET_BASIC_INFO_COUNT, 5);
VALUE(PROCESSOR_SET_SCHED_INFO, 2);
VALUE(PROCESSOR_SET_SCHED_INFO_COUNT, 2);
TYPE(processor_info_t);
TYPE(processor_info_data_t);
TYPE(processor_set_info_t);
TYPE(processor_set_info_data_t);
TYPE(processor_basic_info_data_t);
TYPE(processor_basic_info_t);
TYPE(processor_set_basic_info_data_t);
TYPE(processor_set_basic_info_t);
TYPE(processor_set_sched_info_data_t);
TYPE(processor_set_sched_info_t);
TYPE(struct processor_basic_info);
TYPE(struct processor_set_basic_info);
TYPE(struct processor_set_sched_info);

/* mach/std_types.h */
TYPE(pointer_t);
TYPE(vm_address_t);

/* mach/task_info.h */
VALUE(TASK_INFO_MAX, 1024);
VALUE(TASK_BASIC_INFO, 1);
VALUE(TASK_BASIC_INFO_COUNT, 30);
VALUE(TASK_EVENTS_INFO, 2);
VALUE(TASK_EVENTS_INFO_COUNT, 14);
VALUE(TASK_THREAD_TIMES_INFO, 3);
VALUE(TASK_THREAD_TIMES_INFO_COUNT, 16);
VALUE(TASK_RAS_CONTROL_PURGE_ALL, 0);
VALUE(TASK_RAS_CONTROL_PURGE_ONE, 1);
VALUE(TASK_RAS_CONTROL_PURGE_ALL_AND_INSTALL_ONE, 2);
VALUE(TASK_RAS_CONTROL_INSTALL_ONE, 3);
TYPE(task_info_t);
TYPE(task_info_data_t);
TYPE(task_basic_info_data_t);
TYPE(task_basic_info_t);
TYPE(task_events_info_data_t);
TYPE(task_events_info_t);
TYPE(task_thread_times_info_data_t);
TYPE(task_thread_times_info_t);
TYPE(struct task_basic_info);
TYPE(struct task_events_info);
TYPE(struct task_thread_times_info);

/* mach/task_special_ports.h */
VALUE(TASK_KERNEL_PORT, 1);
VALUE(TASK_EXCEPTION_PORT, 3);
VALUE(TASK_BOOTSTRAP_PORT, 4);

/* mach/thread_info.h */
VALUE(THREAD_INFO_MAX, 1024);
VALUE(THREAD_BASIC_INFO, 1);
VALUE(THREAD_BASIC_INFO_COUNT, 32);
VALUE(TH_USAGE_SCALE, 1000);
VALUE(TH_STATE_RUNNING, 1);
VALUE(TH_STATE_STOPPED, 2);
VALUE(TH_STATE_WAITING, 3);
VALUE(TH_STATE_UNINTERRUPTIBLE, 4);
VALUE(TH_STATE_HALTED, 5);
VALUE(TH_FLAGS_SWAPPED, 1);
VALUE(TH_FLAGS_IDLE, 2);
VALUE(THREAD_SCHED_INFO, 2);
VALUE(THREAD_SCHED_INFO_COUNT, 8);
TYPE(thread_info_t);
TYPE(thread_info_data_t);
TYPE(thread_basic_info_data_t);
TYPE(thread_basic_info_t);
TYPE(thread_sched_info_data_t);
TYPE(thread_sched_info_t);
TYPE(struct thread_basic_info);
TYPE(struct thread_sched_info);

/* mach/thread_special_ports.h */
VALUE(THREAD_KERNEL_PORT, 1);
VALUE(THREAD_EXCEPTION_PORT, 3);

/* mach/thread_status.h */
VALUE(THREAD_STATE_MAX, 1024);
VALUE(THREAD_STATE_FLAVOR_LIST, 0);
TYPE(thread_state_t);
TYPE(thread_state_data_t);

/* mach/thread_switch.h */
VALUE(SWITCH_OPTION_NONE, 0);
VALUE(SWITCH_OPTION_DEPRESS, 1);
VALUE(SWITCH_OPTION_WAIT, 2);

/* mach/time_value.h */
VALUE(TIME_MICROS_MAX, 1000000);
VALUE(TIME_NANOS_MAX, 1000000000);
VALUE(MACH_ADJTIME_USECS_OMIT, 1000000);
VALUE(MACH_ADJTIME_NSECS_OMIT, 1000000000);
TYPE(time_value_t);
TYPE(rpc_time_value_t);
TYPE(time_value64_t);
TYPE(mapped_time_value_t);
TYPE(struct rpc_time_value);
TYPE(struct time_value);
TYPE(struct time_value64);
TYPE(struct mapped_time_value);

/* mach/vm_attributes.h */
VALUE(MATTR_CACHE, 1);
VALUE(MATTR_MIGRATE, 2);
VALUE(MATTR_REPLICATE, 4);
VALUE(MATTR_VAL_OFF, 0);
VALUE(MATTR_VAL_ON, 1);
VALUE(MATTR_VAL_GET, 2);
VALUE(MATTR_VAL_CACHE_FLUSH, 6);
VALUE(MATTR_VAL_DCACHE_FLUSH, 7);
VALUE(MATTR_VAL_ICACHE_FLUSH, 8);
TYPE(vm_machine_attribute_t);
TYPE(vm_machine_attribute_val_t);

/* mach/vm_cache_statistics.h */
TYPE(vm_cache_statistics_t);
TYPE(vm_cache_statistics_data_t);
TYPE(struct vm_cache_statistics);

/* mach/vm_inherit.h */
VALUE(VM_INHERIT_SHARE, 0);
VALUE(VM_INHERIT_COPY, 1);
VALUE(VM_INHERIT_NONE, 2);
VALUE(VM_INHERIT_DEFAULT, 1);
TYPE(vm_inherit_t);

/* mach/vm_param.h */
VALUE(PAGE_SIZE, 4096);
VALUE(PAGE_MASK, 0xfff);

/* mach/vm_prot.h */
VALUE(VM_PROT_NONE, 0);
VALUE(VM_PROT_READ, 1);
VALUE(VM_PROT_WRITE, 2);
VALUE(VM_PROT_EXECUTE, 4);
VALUE(VM_PROT_DEFAULT, 3);
VALUE(VM_PROT_ALL, 7);
VALUE(VM_PROT_NO_CHANGE, 8);
VALUE(VM_PROT_NOTIFY, 16);
TYPE(vm_prot_t);

/* mach/vm_statistics.h */
TYPE(vm_statistics_t);
TYPE(vm_statistics_data_t);
TYPE(pmap_statistics_t);
TYPE(struct vm_statistics);
TYPE(struct pmap_statistics);

/* mach/vm_sync.h */
VALUE(VM_SYNC_ASYNCHRONOUS, 1);
VALUE(VM_SYNC_SYNCHRONOUS, 2);
VALUE(VM_SYNC_INVALIDATE, 4);
TYPE(vm_sync_t);

/* mach/vm_wire.h */
VALUE(VM_WIRE_NONE, 0);
VALUE(VM_WIRE_CURRENT, 1);
VALUE(VM_WIRE_FUTURE, 2);
VALUE(VM_WIRE_ALL, 3);
TYPE(vm_wire_t);

/* mach/default_pager_types.h */
TYPE(default_pager_info_t);
TYPE(default_pager_object_t);
TYPE(default_pager_object_array_t);
TYPE(default_pager_page_t);
TYPE(default_pager_page_array_t);
TYPE(default_pager_filename_t);
TYPE(const_default_pager_filename_t);
TYPE(struct default_pager_info);
TYPE(struct default_pager_object);
TYPE(struct default_pager_page);

/* mach/machine/boolean.h */
TYPE(boolean_t);

/* mach/machine/exception.h */
VALUE(EXC_I386_INVOP, 1);
VALUE(EXC_I386_DIV, 1);
VALUE(EXC_I386_INTO, 2);
VALUE(EXC_I386_NOEXT, 3);
VALUE(EXC_I386_EXTOVR, 4);
VALUE(EXC_I386_EXTERR, 5);
VALUE(EXC_I386_EMERR, 6);
VALUE(EXC_I386_BOUND, 7);
VALUE(EXC_I386_SGL, 1);
VALUE(EXC_I386_BPT, 2);
VALUE(EXC_I386_DIVERR, 0);
VALUE(EXC_I386_SGLSTP, 1);
VALUE(EXC_I386_NMIFLT, 2);
VALUE(EXC_I386_BPTFLT, 3);
VALUE(EXC_I386_INTOFLT, 4);
VALUE(EXC_I386_BOUNDFLT, 5);
VALUE(EXC_I386_INVOPFLT, 6);
VALUE(EXC_I386_NOEXTFLT, 7);
VALUE(EXC_I386_DBLFLT, 8);
VALUE(EXC_I386_EXTOVRFLT, 9);
VALUE(EXC_I386_INVTSSFLT, 10);
VALUE(EXC_I386_SEGNPFLT, 11);
VALUE(EXC_I386_STKFLT, 12);
VALUE(EXC_I386_GPFLT, 13);
VALUE(EXC_I386_PGFLT, 14);
VALUE(EXC_I386_EXTERRFLT, 16);
VALUE(EXC_I386_ENDPERR, 33);
VALUE(EXC_I386_ENOEXTFLT, 32);

/* mach/machine/fp_reg.h */
VALUE(XSAVE_XCOMP_BV_COMPACT, 0x8000000000000000);
VALUE(FPC_IE, 1);
VALUE(FPC_DE, 2);
VALUE(FPC_ZE, 4);
VALUE(FPC_OE, 8);
VALUE(FPC_UE, 0x10);
VALUE(FPC_PE, 0x20);
VALUE(FPC_PC, 0x300);
VALUE(FPC_PC_24, 0);
VALUE(FPC_PC_53, 0x200);
VALUE(FPC_PC_64, 0x300);
VALUE(FPC_RC, 0xc00);
VALUE(FPC_RC_RN, 0);
VALUE(FPC_RC_RD, 0x400);
VALUE(FPC_RC_RU, 0x800);
VALUE(FPC_RC_CHOP, 0xc00);
VALUE(FPC_IC, 0x1000);
VALUE(FPC_IC_PROJ, 0);
VALUE(FPC_IC_AFF, 0x1000);
VALUE(FPS_IE, 1);
VALUE(FPS_DE, 2);
VALUE(FPS_ZE, 4);
VALUE(FPS_OE, 8);
VALUE(FPS_UE, 0x10);
VALUE(FPS_PE, 0x20);
VALUE(FPS_SF, 0x40);
VALUE(FPS_ES, 0x80);
VALUE(FPS_C0, 0x100);
VALUE(FPS_C1, 0x200);
VALUE(FPS_C2, 0x400);
VALUE(FPS_TOS, 0x3800);
VALUE(FPS_TOS_SHIFT, 0xb);
VALUE(FPS_C3, 0x4000);
VALUE(FPS_BUSY, 0x8000);
VALUE(FP_NO, 0);
VALUE(FP_SOFT, 1);
VALUE(FP_287, 2);
VALUE(FP_387, 3);
VALUE(FP_387FX, 4);
VALUE(FP_387X, 5);
TYPE(struct i386_fp_save);
TYPE(struct i386_fp_regs);
TYPE(struct i386_xfp_xstate_header);
TYPE(struct i386_xfp_save);

/* mach/machine/kern_return.h */
TYPE(kern_return_t);

/* mach/machine/mach_i386_types.h */
TYPE(descriptor_t);
TYPE(descriptor_list_t);
TYPE(const_descriptor_list_t);
TYPE(io_port_t);
TYPE(io_perm_t);
TYPE(struct descriptor);

/* mach/machine/thread_status.h */
VALUE(i386_THREAD_STATE, 1);
VALUE(i386_FLOAT_STATE, 2);
VALUE(i386_ISA_PORT_MAP_STATE, 3);
VALUE(i386_V86_ASSIST_STATE, 4);
VALUE(i386_REGS_SEGS_STATE, 5);
VALUE(i386_DEBUG_STATE, 6);
VALUE(i386_FSGS_BASE_STATE, 7);
VALUE(i386_XFLOAT_STATE, 8);
VALUE(i386_THREAD_STATE_COUNT, 42);
VALUE(FP_STATE_BYTES, 108);
VALUE(i386_FLOAT_STATE_COUNT, 30);
VALUE(PORT_MAP_BITS, 1024);
VALUE(i386_ISA_PORT_MAP_STATE_COUNT, 32);
VALUE(i386_V86_ASSIST_STATE_COUNT, 2);
VALUE(i386_DEBUG_STATE_COUNT, 8);
VALUE(i386_FSGS_BASE_STATE_COUNT, 4);
TYPE(struct i386_thread_state);
TYPE(struct i386_float_state);
TYPE(struct i386_xfloat_state);
TYPE(struct i386_isa_port_map_state);
TYPE(struct i386_v86_assist_state);
TYPE(struct v86_interrupt_table);
TYPE(struct i386_debug_state);
TYPE(struct i386_fsgs_base_state);

/* mach/machine/vm_param.h */
VALUE(BYTE_SIZE, 8);
VALUE(I386_PGBYTES, 4096);
VALUE(I386_PGSHIFT, 12);
VALUE(PAGE_SHIFT, 12);
VALUE(VM_MIN_ADDRESS, 0);
VALUE(VM_MAX_ADDRESS, 0x800000000000);

/* mach/machine/vm_types.h */
VALUE(MACH_MSG_TYPE_INTEGER_T, 2);
TYPE(natural_t);
TYPE(integer_t);
TYPE(long_natural_t);
TYPE(long_integer_t);
TYPE(vm_offset_t);
TYPE(vm_offset_array_t);
TYPE(phys_addr_t);
TYPE(rpc_phys_addr_t);
TYPE(rpc_phys_addr_array_t);
TYPE(vm_size_t);
TYPE(vm_size_array_t);
TYPE(rpc_uintptr_t);
TYPE(rpc_vm_address_t);
TYPE(rpc_vm_offset_t);
TYPE(rpc_vm_size_t);
TYPE(rpc_long_natural_t);
TYPE(rpc_long_integer_t);
TYPE(rpc_vm_size_array_t);
TYPE(rpc_vm_offset_array_t);

/* device/device_types.h */
VALUE(D_READ, 1);
VALUE(D_WRITE, 2);
VALUE(D_NODELAY, 4);
VALUE(D_NOWAIT, 8);
VALUE(IO_INBAND_MAX, 128);
VALUE(DEV_STATUS_MAX, 1024);
VALUE(DEV_GET_SIZE, 0);
VALUE(DEV_GET_SIZE_DEVICE_SIZE, 0);
VALUE(DEV_GET_SIZE_RECORD_SIZE, 1);
VALUE(DEV_GET_SIZE_COUNT, 2);
VALUE(DEV_GET_RECORDS, 1);
VALUE(DEV_GET_RECORDS_DEVICE_RECORDS, 0);
VALUE(DEV_GET_RECORDS_RECORD_SIZE, 1);
VALUE(DEV_GET_RECORDS_COUNT, 2);
VALUE(DEV_FLUSH_CACHE, 2);
VALUE(D_IO_QUEUED, -1);
VALUE(D_SUCCESS, 0);
VALUE(D_IO_ERROR, 2500);
VALUE(D_WOULD_BLOCK, 2501);
VALUE(D_NO_SUCH_DEVICE, 2502);
VALUE(D_ALREADY_OPEN, 2503);
VALUE(D_DEVICE_DOWN, 2504);
VALUE(D_INVALID_OPERATION, 2505);
VALUE(D_INVALID_RECNUM, 2506);
VALUE(D_INVALID_SIZE, 2507);
VALUE(D_NO_MEMORY, 2508);
VALUE(D_READ_ONLY, 2509);
TYPE(device_t);
TYPE(dev_name_t);
TYPE(const_dev_name_t);
TYPE(dev_mode_t);
TYPE(io_buf_ptr_t);
TYPE(const_io_buf_ptr_t);
TYPE(io_buf_ptr_inband_t);
TYPE(const_io_buf_ptr_inband_t);
TYPE(io_buf_vec_t);
TYPE(rpc_io_buf_vec_t);
TYPE(recnum_t);
TYPE(rpc_recnum_t);
TYPE(dev_flavor_t);
TYPE(dev_status_t);
TYPE(dev_status_data_t);
TYPE(io_return_t);

/* device/net_status.h */
VALUE(NET_STATUS_COUNT, 7);
VALUE(NET_STATUS, 0x6e0001);
VALUE(HDR_ETHERNET, 1);
VALUE(HDR_EXP_ETHERNET, 2);
VALUE(HDR_PRO_NET, 4);
VALUE(HDR_CHAOS, 5);
VALUE(HDR_802, 6);
VALUE(NET_ADDRESS, 0x6e0002);
VALUE(NET_DSTADDR, 0x6e0003);
VALUE(NET_FLAGS, 0x6e0004);
VALUE(NET_MAX_FILTER, 128);
VALUE(NET_FILTER_STACK_DEPTH, 32);
VALUE(NETF_NBPA, 0xa);
VALUE(NETF_NBPO, 6);
VALUE(NETF_TYPE_MASK, 0xfc00);
VALUE(NETF_BPF, 0x400);
VALUE(NETF_IN, 1);
VALUE(NETF_OUT, 2);
VALUE(NETF_NOP, 0);
VALUE(NETF_EQ, 0x400);
VALUE(NETF_LT, 0x800);
VALUE(NETF_LE, 0xc00);
VALUE(NETF_GT, 0x1000);
VALUE(NETF_GE, 0x1400);
VALUE(NETF_AND, 0x1800);
VALUE(NETF_OR, 0x1c00);
VALUE(NETF_XOR, 0x2000);
VALUE(NETF_COR, 0x2400);
VALUE(NETF_CAND, 0x2800);
VALUE(NETF_CNOR, 0x2c00);
VALUE(NETF_CNAND, 0x3000);
VALUE(NETF_NEQ, 0x3400);
VALUE(NETF_LSH, 0x3800);
VALUE(NETF_RSH, 0x3c00);
VALUE(NETF_ADD, 0x4000);
VALUE(NETF_SUB, 0x4400);
VALUE(NETF_NOPUSH, 0);
VALUE(NETF_PUSHLIT, 1);
VALUE(NETF_PUSHZERO, 2);
VALUE(NETF_PUSHIND, 0xe);
VALUE(NETF_PUSHHDRIND, 0xf);
VALUE(NETF_PUSHWORD, 0x10);
VALUE(NETF_PUSHHDR, 0x3c0);
VALUE(NETF_PUSHSTK, 0x3e0);
VALUE(NET_HI_PRI, 100);
VALUE(NET_PRI_MAX, 255);
VALUE(NET_RCV_MAX, 4095);
VALUE(NET_HDW_HDR_MAX, 64);
VALUE(NET_RCV_MSG_ID, 2999);
TYPE(filter_t);
TYPE(filter_array_t);
TYPE(net_rcv_msg_t);
TYPE(struct net_status);
TYPE(struct packet_header);
TYPE(struct net_rcv_msg);

/* device/notify.h */
VALUE(DEVICE_INTR_NOTIFY, 100);
TYPE(device_intr_notification_t);

/* device/tty_status.h */
VALUE(TTY_STATUS_COUNT, 4);
VALUE(TTY_STATUS, 0x740001);
VALUE(B0, 0);
VALUE(B50, 1);
VALUE(B75, 2);
VALUE(B110, 3);
VALUE(B134, 4);
VALUE(B150, 5);
VALUE(B200, 6);
VALUE(B300, 7);
VALUE(B600, 8);
VALUE(B1200, 9);
VALUE(B1800, 10);
VALUE(B2400, 11);
VALUE(B4800, 12);
VALUE(B9600, 13);
VALUE(EXTA, 14);
VALUE(EXTB, 15);
VALUE(B19200, 14);
VALUE(B38400, 15);
VALUE(B57600, 16);
VALUE(B115200, 17);
VALUE(NSPEEDS, 18);
VALUE(TF_TANDEM, 1);
VALUE(TF_ODDP, 2);
VALUE(TF_EVENP, 4);
VALUE(TF_ANYP, 6);
VALUE(TF_LITOUT, 8);
VALUE(TF_MDMBUF, 0x10);
VALUE(TF_NOHANG, 0x20);
VALUE(TF_HUPCLS, 0x40);
VALUE(TF_ECHO, 0x80);
VALUE(TF_CRMOD, 0x100);
VALUE(TF_XTABS, 0x200);
VALUE(TTY_MODEM_COUNT, 1);
VALUE(TTY_MODEM, 0x740002);
VALUE(TM_LE, 1);
VALUE(TM_DTR, 2);
VALUE(TM_RTS, 4);
VALUE(TM_ST, 8);
VALUE(TM_SR, 0x10);
VALUE(TM_CTS, 0x20);
VALUE(TM_CAR, 0x40);
VALUE(TM_RNG, 0x80);
VALUE(TM_DSR, 0x100);
VALUE(TM_BRK, 0x200);
VALUE(TM_HUP, 0);
VALUE(TTY_FLUSH_COUNT, 1);
VALUE(TTY_FLUSH, 0x740003);
VALUE(TTY_STOP, 0x740004);
VALUE(TTY_START, 0x740005);
VALUE(TTY_SET_BREAK, 0x740006);
VALUE(TTY_CLEAR_BREAK, 0x740007);
VALUE(TTY_SET_TRANSLATION, 0x740008);
TYPE(struct tty_status);

/* device/irq_status.h */
VALUE(IRQGETPICMODE, 0);
VALUE(ACPI_PICMODE_PIC, 0);
VALUE(ACPI_PICMODE_APIC, 1);
VALUE(ACPI_PICMODE_SAPIC, 2);

/* device/bpf.h */
VALUE(BPF_ALIGNMENT, 4);
VALUE(BPF_MAJOR_VERSION, 1);
VALUE(BPF_MINOR_VERSION, 1);
VALUE(DLT_NULL, 0);
VALUE(DLT_EN10MB, 1);
VALUE(DLT_EN3MB, 2);
VALUE(DLT_AX25, 3);
VALUE(DLT_PRONET, 4);
VALUE(DLT_CHAOS, 5);
VALUE(DLT_IEEE802, 6);
VALUE(DLT_ARCNET, 7);
VALUE(DLT_SLIP, 8);
VALUE(DLT_PPP, 9);
VALUE(DLT_FDDI, 10);
VALUE(BPF_BEGIN, 0x400);
VALUE(BPF_IN, 1);
VALUE(BPF_OUT, 2);
VALUE(BPF_LD, 0);
VALUE(BPF_LDX, 1);
VALUE(BPF_ST, 2);
VALUE(BPF_STX, 3);
VALUE(BPF_ALU, 4);
VALUE(BPF_JMP, 5);
VALUE(BPF_RET, 6);
VALUE(BPF_MISC, 7);
VALUE(BPF_W, 0);
VALUE(BPF_H, 8);
VALUE(BPF_B, 0x10);
VALUE(BPF_IMM, 0);
VALUE(BPF_ABS, 0x20);
VALUE(BPF_IND, 0x40);
VALUE(BPF_MEM, 0x60);
VALUE(BPF_LEN, 0x80);
VALUE(BPF_MSH, 0xa0);
VALUE(BPF_ADD, 0);
VALUE(BPF_SUB, 0x10);
VALUE(BPF_MUL, 0x20);
VALUE(BPF_DIV, 0x30);
VALUE(BPF_OR, 0x40);
VALUE(BPF_AND, 0x50);
VALUE(BPF_LSH, 0x60);
VALUE(BPF_RSH, 0x70);
VALUE(BPF_NEG, 0x80);
VALUE(BPF_JA, 0);
VALUE(BPF_JEQ, 0x10);
VALUE(BPF_JGT, 0x20);
VALUE(BPF_JGE, 0x30);
VALUE(BPF_JSET, 0x40);
VALUE(BPF_CKMATCH_IMM, 0x50);
VALUE(BPF_K, 0);
VALUE(BPF_X, 8);
VALUE(BPF_A, 0x10);
VALUE(BPF_MATCH_IMM, 0x18);
VALUE(BPF_MATCH_DATA, 0x20);
VALUE(BPF_TAX, 0);
VALUE(BPF_TXA, 0x80);
VALUE(BPF_KEY, 0x10);
VALUE(BPF_REG_DATA, 0x18);
VALUE(BPF_POSTPONE, 0x20);
VALUE(NET_MAX_BPF, 32);
VALUE(BPF_MEMWORDS, 0x10);
VALUE(BPF_DLBASE, 0x40000000);
TYPE(bpf_insn_t);
TYPE(struct bpf_version);
TYPE(struct bpf_insn);

/* device/tape_status.h */
VALUE(TAPE_FLG_REWIND, 1);
VALUE(TAPE_FLG_WP, 2);
VALUE(TAPE_STATUS_COUNT, 4);
VALUE(TAPE_STATUS, 0x6d0001);
TYPE(struct tape_status);

/* mach_debug/mach_debug_types.h */
VALUE(KERNEL_DEBUG_NAME_MAX, 64);
TYPE(symtab_name_t);
TYPE(const_symtab_name_t);
TYPE(kernel_debug_name_t);
TYPE(const_kernel_debug_name_t);

/* mach_debug/hash_info.h */
TYPE(hash_info_bucket_t);
TYPE(hash_info_bucket_array_t);
TYPE(struct hash_info_bucket);

/* mach_debug/slab_info.h */
VALUE(CACHE_NAME_MAX_LEN, 32);
TYPE(cache_info_t);
TYPE(cache_info_array_t);
TYPE(struct cache_info);

/* mach_debug/vm_info.h */
VALUE(VOI_STATE_PAGER_CREATED, 1);
VALUE(VOI_STATE_PAGER_INITIALIZED, 2);
VALUE(VOI_STATE_PAGER_READY, 4);
VALUE(VOI_STATE_CAN_PERSIST, 8);
VALUE(VOI_STATE_INTERNAL, 0x10);
VALUE(VOI_STATE_TEMPORARY, 0x20);
VALUE(VOI_STATE_ALIVE, 0x40);
VALUE(VOI_STATE_LOCK_IN_PROGRESS, 0x80);
VALUE(VOI_STATE_LOCK_RESTART, 0x100);
VALUE(VPI_STATE_BUSY, 1);
VALUE(VPI_STATE_WANTED, 2);
VALUE(VPI_STATE_TABLED, 4);
VALUE(VPI_STATE_FICTITIOUS, 8);
VALUE(VPI_STATE_PRIVATE, 0x10);
VALUE(VPI_STATE_ABSENT, 0x20);
VALUE(VPI_STATE_ERROR, 0x40);
VALUE(VPI_STATE_DIRTY, 0x80);
VALUE(VPI_STATE_PRECIOUS, 0x100);
VALUE(VPI_STATE_OVERWRITING, 0x200);
VALUE(VPI_STATE_INACTIVE, 0x400);
VALUE(VPI_STATE_ACTIVE, 0x800);
VALUE(VPI_STATE_LAUNDRY, 0x1000);
VALUE(VPI_STATE_FREE, 0x2000);
VALUE(VPI_STATE_REFERENCE, 0x4000);
VALUE(VPI_STATE_PAGER, 0x80000000);
TYPE(vm_region_info_t);
TYPE(vm_region_info_array_t);
TYPE(vm_object_info_state_t);
TYPE(vm_object_info_t);
TYPE(vm_object_info_array_t);
TYPE(vm_page_info_state_t);
TYPE(vm_page_info_t);
TYPE(vm_page_info_array_t);
TYPE(vm_page_phys_info_t);
TYPE(vm_page_phys_info_array_t);
TYPE(struct vm_region_info);
TYPE(struct vm_object_info);
TYPE(struct vm_page_info);
TYPE(struct vm_page_phys_info);

/* A translation unit has at least one declaration besides the assertions. */
extern int abi_values_checked;
int abi_values_checked = 1;

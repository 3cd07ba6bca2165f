/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User-level types of the kernel's objects: each is the name of a port.
 * The kernel uses none of them; its structures go by their own names.
 */
#ifndef MACH_MACH_TYPES_H
#define MACH_MACH_TYPES_H

#include <mach/host_info.h>
#include <mach/machine.h>
#include <mach/memory_object.h>
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
#include <mach/time_value.h>
#include <mach/vm_attributes.h>
#include <mach/vm_cache_statistics.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>
#include <mach/vm_sync.h>
#include <mach/vm_wire.h>

typedef mach_port_t task_t;
typedef task_t *task_array_t;
typedef const task_t *const_task_array_t;
typedef mach_port_t vm_task_t;
typedef mach_port_t ipc_space_t;
typedef mach_port_t thread_t;
typedef thread_t *thread_array_t;
typedef const thread_t *const_thread_array_t;
typedef mach_port_t host_t;
typedef mach_port_t host_priv_t;
typedef mach_port_t processor_t;
typedef processor_t *processor_array_t;
typedef const processor_t *const_processor_array_t;
typedef mach_port_t processor_name_t;
typedef processor_name_t *processor_name_array_t;
typedef const processor_name_t *const_processor_name_array_t;
typedef mach_port_t processor_set_t;
typedef processor_set_t *processor_set_array_t;
typedef const processor_set_t *const_processor_set_array_t;
typedef mach_port_t processor_set_name_t;
typedef processor_set_name_t *processor_set_name_array_t;
typedef const processor_set_name_t *const_processor_set_name_array_t;
typedef vm_offset_t *emulation_vector_t;
typedef const vm_offset_t *const_emulation_vector_t;

#define TASK_NULL          ((task_t)0)
#define THREAD_NULL        ((thread_t)0)
#define HOST_NULL          ((host_t)0)
#define HOST_PRIV_NULL     ((host_priv_t)0)
#define PROCESSOR_NULL     ((processor_t)0)
#define PROCESSOR_SET_NULL ((processor_set_t)0)

#endif /* MACH_MACH_TYPES_H */

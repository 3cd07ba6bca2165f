/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernel stubs need to compile, names only: the kernel has a real one. */
#pragma once
struct ipc_port;
struct task;
struct vm_map;
struct ipc_space;
struct thread;
struct host;
struct processor;
struct processor_set;
struct vm_object;
struct device;
struct io_perm;
struct vm_map_copy;
typedef struct ipc_port *ipc_port_t;
typedef struct task *kern_task_t;
typedef struct vm_map *kern_map_t;
typedef struct ipc_space *kern_space_t;
typedef struct thread *kern_thread_t;
typedef struct host *kern_host_t;
typedef struct processor *kern_processor_t;
typedef struct processor_set *kern_processor_set_t;
typedef struct vm_object *kern_memory_control_t, *kern_memory_name_t;
typedef struct device *kern_device_t;
typedef struct io_perm *kern_io_perm_t;
typedef struct vm_map_copy *kern_copy_t;
typedef struct ipc_port **kern_port_array_t;
#define IP_VALID(port) ((port) != (ipc_port_t)0 && (port) != (ipc_port_t)~0ul)
void ipc_port_release_send(ipc_port_t);
kern_task_t convert_port_to_task(ipc_port_t);
ipc_port_t convert_task_to_port(kern_task_t);
void task_deallocate(kern_task_t);
kern_map_t convert_port_to_map(ipc_port_t);
void vm_map_deallocate(kern_map_t);
kern_space_t convert_port_to_space(ipc_port_t);
void space_deallocate(kern_space_t);
kern_thread_t convert_port_to_thread(ipc_port_t);
ipc_port_t convert_thread_to_port(kern_thread_t);
void thread_deallocate(kern_thread_t);
kern_host_t convert_port_to_host(ipc_port_t);
kern_host_t convert_port_to_host_priv(ipc_port_t);
ipc_port_t convert_host_to_port(kern_host_t);
kern_processor_t convert_port_to_processor(ipc_port_t), convert_port_to_processor_name(ipc_port_t);
ipc_port_t convert_processor_to_port(kern_processor_t),
    convert_processor_name_to_port(kern_processor_t);
kern_processor_set_t convert_port_to_pset(ipc_port_t), convert_port_to_pset_name(ipc_port_t);
ipc_port_t convert_pset_to_port(kern_processor_set_t),
    convert_pset_name_to_port(kern_processor_set_t);
void pset_deallocate(kern_processor_set_t);
kern_memory_control_t convert_port_to_memory_control(ipc_port_t);
void memory_control_deallocate(kern_memory_control_t);
kern_memory_name_t convert_port_to_memory_name(ipc_port_t);
void memory_name_deallocate(kern_memory_name_t);
kern_device_t convert_port_to_device(ipc_port_t);
ipc_port_t convert_device_to_port(kern_device_t);
void device_deallocate(kern_device_t);
kern_io_perm_t convert_port_to_io_perm(ipc_port_t);
ipc_port_t convert_io_perm_to_port(kern_io_perm_t);
void io_perm_deallocate(kern_io_perm_t);

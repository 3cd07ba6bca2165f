/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mig_kernel -- what the stubs generated for the kernel need.
 *
 * Names for pointers to kernel objects, for stubs alone (kernel sources write
 * struct task *), and the functions that turn ports into objects and back.
 *
 * convert_port_to_X consumes nothing and answers NULL for a port that is
 * null, dead or of another kind; else a referenced object, to be dropped with
 * X_deallocate. convert_X_to_port consumes the reference and makes a send
 * right; NULL for NULL. Implemented by kernel/glue/convert.c.
 */
#ifndef KERN_MIG_KERNEL_H
#define KERN_MIG_KERNEL_H

struct device;
struct host;
struct io_perm;
struct ipc_port;
struct ipc_space;
struct processor;
struct processor_set;
struct task;
struct thread;
struct vm_map;
struct vm_map_copy;
struct vm_object;

typedef struct ipc_port *ipc_port_t;
typedef struct task *kern_task_t;
typedef struct vm_map *kern_map_t;
typedef struct ipc_space *kern_space_t;
typedef struct thread *kern_thread_t;
typedef struct host *kern_host_t;
typedef struct processor *kern_processor_t;
typedef struct processor_set *kern_processor_set_t;
typedef struct vm_object *kern_memory_control_t;
typedef struct vm_object *kern_memory_name_t;
typedef struct device *kern_device_t;
typedef struct io_perm *kern_io_perm_t;
typedef struct vm_map_copy *kern_copy_t;
typedef struct ipc_port **kern_port_array_t;

/* A right beside the request port, whose object alone the function sees, is
 * released by the stub: neither null nor dead, then by ipc's function. */
#define IP_VALID(port) ((port) != (ipc_port_t)0 && (port) != (ipc_port_t)~0ul)
void ipc_port_release_send(struct ipc_port *port);

struct task *convert_port_to_task(struct ipc_port *port);
struct ipc_port *convert_task_to_port(struct task *task);
void task_deallocate(struct task *task);

/* The map and the name space of a task port's task. */
struct vm_map *convert_port_to_map(struct ipc_port *port);
void vm_map_deallocate(struct vm_map *map);
struct ipc_space *convert_port_to_space(struct ipc_port *port);
void space_deallocate(struct ipc_space *space);

struct thread *convert_port_to_thread(struct ipc_port *port);
struct ipc_port *convert_thread_to_port(struct thread *thread);
void thread_deallocate(struct thread *thread);

/* Either host port; the control port alone. */
struct host *convert_port_to_host(struct ipc_port *port);
struct host *convert_port_to_host_priv(struct ipc_port *port);
struct ipc_port *convert_host_to_port(struct host *host);

struct processor *convert_port_to_processor(struct ipc_port *port);
struct processor *convert_port_to_processor_name(struct ipc_port *port);
struct ipc_port *convert_processor_to_port(struct processor *processor);
struct ipc_port *convert_processor_name_to_port(struct processor *processor);

struct processor_set *convert_port_to_pset(struct ipc_port *port);
struct processor_set *convert_port_to_pset_name(struct ipc_port *port);
struct ipc_port *convert_pset_to_port(struct processor_set *set);
struct ipc_port *convert_pset_name_to_port(struct processor_set *set);
void pset_deallocate(struct processor_set *set);

struct vm_object *convert_port_to_memory_control(struct ipc_port *port);
void memory_control_deallocate(struct vm_object *object);
struct vm_object *convert_port_to_memory_name(struct ipc_port *port);
void memory_name_deallocate(struct vm_object *object);

struct device *convert_port_to_device(struct ipc_port *port);
struct ipc_port *convert_device_to_port(struct device *device);
void device_deallocate(struct device *device);

struct io_perm *convert_port_to_io_perm(struct ipc_port *port);
struct ipc_port *convert_io_perm_to_port(struct io_perm *perm);
void io_perm_deallocate(struct io_perm *perm);

#endif

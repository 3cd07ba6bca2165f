/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * task -- an address space, a name space, and threads.
 *
 * Life:    task_create_child/task_create_boot (one reference, for the task
 *          port) -> dying: no new threads, the old ones end -> dead: the last
 *          thread (or the terminator, when there is none) has destroyed names
 *          and memory -> freed with the last reference (threads hold one).
 *
 * Locks:   k_lock (rank TASK, may block): (l) fields, and the (t) fields of
 *          its threads. (c) constant while the task lives. (a) atomic.
 */
#ifndef CORE_TASK_H
#define CORE_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <kern/list.h>
#include <kern/mutex.h>
#include <mach/kern_return.h>

struct account;
struct ipc_port;
struct ipc_space;
struct thread;
struct vm_map;

#define TASK_NAME_MAX         32
#define TASK_REGISTERED_PORTS 4

enum task_state {
	TASK_ALIVE,
	TASK_DYING,
	TASK_DEAD,
};

struct emulation_vector {
	_Atomic uint32_t references;
	uint32_t start;
	uint32_t count;
	uint64_t routine[];
};

struct task {
	struct mutex k_lock;
	_Atomic uint32_t k_references;
	_Atomic uint32_t k_state;  /* enum task_state; changes under (l) */
	struct vm_map *k_map;      /* (c) */
	struct ipc_space *k_space; /* (c) */
	struct account *k_account; /* (c) */
	struct account *k_charged; /* (c) whose limit it counts against */
	struct list k_link;        /* all tasks */

	struct list k_threads;    /* (l) t_task_link */
	uint32_t k_thread_count;  /* (l) */
	uint32_t k_suspend_count; /* (l) the user's */
	uint8_t k_priority;       /* (l) of threads to come */
	bool k_essential;         /* (l) */

	struct ipc_port *k_self;        /* (l) receive right, NULL: dying */
	struct ipc_port *k_kernel_port; /* (l) send right */
	struct ipc_port *k_exception_port;
	struct ipc_port *k_bootstrap_port;
	struct ipc_port *k_registered[TASK_REGISTERED_PORTS];

	/* Redirection of foreign system calls (D2). */
	uint64_t k_emulation_entry; /* (l) */
	uint64_t k_emulation_start;
	uint64_t k_emulation_end;
	struct emulation_vector *k_vector; /* (l) stored, nothing more */

	char k_name[TASK_NAME_MAX]; /* (l) */
	uint64_t k_created;         /* (c) wall clock, ns */
	uint64_t k_user_ns;         /* (l) of threads gone */
	uint64_t k_system_ns;
	_Atomic uint64_t k_faults; /* (a) */
	_Atomic uint64_t k_sent;
	_Atomic uint64_t k_received;
};

/* One page fault more. Not exact among several CPUs, but cheap. */
static inline void
task_count_fault(struct task *task)
{
	atomic_store_explicit(&task->k_faults,
	    atomic_load_explicit(&task->k_faults, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* The task of the kernel's own threads. */
extern struct task *kernel_task;

/* Zones, then the kernel task. vm and ipc are up. */
void task_module_init(void);

void task_reference(struct task *task);
/* Never blocks. NULL is fine. */
void task_release(struct task *task);
uint64_t task_count(void);

/* The map and name space of a task that is alive, each with a reference;
 * false: it is dying. */
bool task_reference_contents(struct task *task, struct vm_map **mapp, struct ipc_space **spacep);

struct task_limits {
	struct task *creator; /* counts the child; NULL: the parent does */
	bool carve;           /* a sub-account of its own, with: */
	uint64_t children;
	uint64_t pages;
	uint64_t ports;
};

/*
 * A task without threads, in TASK_ALIVE, with a reference for the caller
 * beside the one that the task port stands for. `parent` NULL: a boot task,
 * with an empty map and no ports.
 *
 * Returns: KERN_INVALID_TASK (parent dying), KERN_RESOURCE_SHORTAGE.
 */
kern_return_t task_create_child(struct task *parent, bool inherit_memory,
    const struct task_limits *limits, struct task **taskp);

/* Begin the end; threads of the task other than the running one are told.
 * KERN_FAILURE: begun before. Locks: none. */
kern_return_t task_terminate_start(struct task *task);

/* Wait until a dying task is dead; false when interrupted. Not for the
 * running thread's own task. */
bool task_wait_dead(struct task *task);

/* A thread of the task ends: the last one of a dying task destroys what the
 * task had. Called by thread_exit, in its context. */
void task_thread_gone(struct task *task, struct thread *thread);

void emulation_vector_release(struct emulation_vector *vector);

void task_set_name_string(struct task *task, const char *name);

/* The next task after `previous` (NULL: the first), with a reference. The
 * reference on `previous` is released. Boot and debug order. */
struct task *task_next(struct task *previous);

#endif

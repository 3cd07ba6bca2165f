/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vm_pager -- where the data of an object comes from when it is not resident.
 *
 * A pager is a set of requests the vm system makes (struct vm_pager_ops, the
 * kernel-to-manager half of the memory_object protocol, ABI sheet 6.2) and of
 * answers it takes (the functions below, sheet 6.3). kernel/glue implements
 * the operations by messages; a driver inside the kernel may implement them
 * directly, with a thread of its own.
 *
 * Life:    the implementer creates struct vm_pager (embedded in its own), vm
 *          makes the object on first mapping (init), requests flow, and ends
 *          with `terminate`, after which vm never touches the pager again. A
 *          later mapping starts anew.
 * Locks:   operations are called with no lock of vm held and must not wait
 *          for the manager: they queue a message. They may answer at once, but
 *          not by vm_pager_destroy, which waits for operations underway.
 *          Answers are called with no lock held.
 */
#ifndef VM_VM_PAGER_H
#define VM_VM_PAGER_H

#include <stdbool.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/memory_object.h>
#include <mach/vm_prot.h>

struct account;
struct vm_map_copy;
struct vm_object;
struct vm_pager;

struct vm_pager_ops {
	/* First mapping: memory_object_init. `object` stays valid until
	 * terminate; control and name ports stand for it. False: the manager
	 * cannot be reached, the object is dead from the start (and
	 * terminate is called). */
	bool (*init)(struct vm_pager *pager, struct vm_object *object);
	/* The last use is over, or vm_pager_destroy was called, and no
	 * operation is underway. Called exactly once for each init. A manager
	 * that died gets no message, of course. */
	void (*terminate)(struct vm_pager *pager, struct vm_object *object);
	/* False: the request cannot be sent (manager dead, no memory). */
	bool (*data_request)(
	    struct vm_pager *pager, vm_offset_t offset, vm_size_t length, vm_prot_t access);
	bool (*data_unlock)(
	    struct vm_pager *pager, vm_offset_t offset, vm_size_t length, vm_prot_t access);
	/* Consumes `data`. */
	void (*data_return)(struct vm_pager *pager, vm_offset_t offset, struct vm_map_copy *data,
	    bool dirty, bool kernel_copy);
	/* `reply` is the implementer's token given with the answer. */
	void (*lock_completed)(
	    struct vm_pager *pager, void *reply, vm_offset_t offset, vm_size_t length);
	void (*supply_completed)(struct vm_pager *pager, void *reply, vm_offset_t offset,
	    vm_size_t length, kern_return_t result, vm_offset_t error_offset);
	void (*change_completed)(struct vm_pager *pager, void *reply, bool may_cache,
	    memory_object_copy_strategy_t strategy);
};

struct vm_pager {
	const struct vm_pager_ops *ops;
	struct vm_object *object; /* vm's: NULL while not in use */
};

/*
 * The object of a pager, made on first use (then `init` is called), with a
 * reference for the caller. It may not be ready yet: faults wait, and so does
 * vm_object_wait_ready. Calls for one pager are serialized inside.
 *
 * Returns: NULL on shortage.
 */
struct vm_object *vm_pager_object(struct vm_pager *pager, struct account *account);

/* The pager's present object with a reference for the caller, or NULL: none,
 * or on its way out. How answers of a manager find their object. */
struct vm_object *vm_pager_object_lookup(struct vm_pager *pager);

/*
 * Keep the object's pager from ending, for a moment in which nothing waits for
 * a manager, a page or a user. NULL: it has none (any more), and there is
 * nothing to drop. The caller holds a reference on the object.
 */
struct vm_pager *vm_pager_hold(struct vm_object *object);
void vm_pager_drop(struct vm_object *object);

/*
 * An object that shows physical memory [pa, pa + size): devices, boot
 * modules, the mapped clock. Never paged, always shared.
 */
struct vm_object *vm_object_create_physical(
    uint64_t pa, vm_size_t size, vm_prot_t max_protection, struct account *account);

/*
 * Answers of the manager (ABI sheet 6.3). The caller holds a reference on the
 * object. `reply` NULL: no completion wanted; otherwise it is handed to the
 * pager's completion operation on KERN_SUCCESS and stays the caller's on any
 * other result. KERN_MEMORY_FAILURE: the object has no pager (any more).
 */
void
vm_pager_ready(struct vm_object *object, bool may_cache, memory_object_copy_strategy_t strategy);
kern_return_t vm_pager_change_attributes(
    struct vm_object *object, bool may_cache, memory_object_copy_strategy_t strategy, void *reply);
void vm_pager_get_attributes(struct vm_object *object, bool *readyp, bool *may_cachep,
    memory_object_copy_strategy_t *strategyp);
/* Consumes `data` on success. `lock` = accesses forbidden. */
kern_return_t vm_pager_data_supply(struct vm_object *object, vm_offset_t offset,
    struct vm_map_copy *data, vm_prot_t lock, bool precious, void *reply);
kern_return_t
vm_pager_data_unavailable(struct vm_object *object, vm_offset_t offset, vm_size_t size);
kern_return_t vm_pager_data_error(struct vm_object *object, vm_offset_t offset, vm_size_t size);
kern_return_t vm_pager_lock_request(struct vm_object *object, vm_offset_t offset, vm_size_t size,
    memory_object_return_t should_return, bool should_flush, vm_prot_t lock, void *reply);
/* memory_object_destroy, or the memory object port died: faults for pages that
 * are not resident fail with KERN_MEMORY_ERROR from now on, and so do those
 * that wait. Pages that are there stay. */
void vm_pager_destroy(struct vm_object *object);

/* vm_object_sync of the name port (ABI sheet 5.7): synchronous. */
kern_return_t vm_object_sync(struct vm_object *object, vm_offset_t offset, vm_size_t size,
    bool should_flush, bool should_return, bool should_iosync);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* pager -- see pager.h. */
#include <core/task.h>
#include <core/thread.h>
#include <glue/mach4_server.h>
#include <glue/mach_server.h>
#include <glue/memory_object_user.h>
#include <glue/portolan_server.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <kern/assert.h>
#include <kern/mutex.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/notify.h>
#include <mach/vm_param.h>
#include <vm/vm_map.h>
#include <vm/vm_map_copy.h>
#include <vm/vm_object.h>
#include <vm/vm_pager.h>

#include "pager.h"

#define PAGER_BUCKETS 64

struct glue_pager {
	struct vm_pager pager; /* first */
	_Atomic uint32_t references;
	struct list link;               /* in the table, by memory_object */
	struct ipc_port *memory_object; /* send right */
	struct ipc_port *control;       /* receive rights, while init'ed */
	struct ipc_port *name;
	struct ipc_request *watch; /* dead-name request for memory_object */
};

static struct mutex pager_lock;
static struct list pager_table[PAGER_BUCKETS];
static struct zone pager_zone;

static struct glue_pager *
glue_pager_of(struct vm_pager *pager)
{
	return (struct glue_pager *)(void *)pager;
}

static struct list *
pager_bucket(const struct ipc_port *port)
{
	return &pager_table[((uintptr_t)port >> 6) % PAGER_BUCKETS];
}

static void
pager_reference(void *object)
{
	struct glue_pager *pager = object;

	atomic_fetch_add(&pager->references, 1);
}

static void
pager_release(struct glue_pager *pager)
{
	if (atomic_fetch_sub(&pager->references, 1) != 1)
		return;
	ipc_port_release_send(pager->memory_object);
	zfree(&pager_zone, pager);
}

/* -- The manager's death: a dead-name notification to the control port ------------ */

/* Put the request on a live port. False: it is dead. */
static bool
watch_register(struct ipc_port *port, struct ipc_request *watch, struct ipc_kmsg *kmsg)
{
	bool active;

	ipc_port_lock(port);
	active = ipc_port_active(port);
	if (active) {
		watch->rq_dead_name = kmsg;
		watch->rq_registered = true;
		list_insert_tail(&port->ip_requests, &watch->rq_link);
	}
	ipc_port_unlock(port);
	return active;
}

/* False: the manager is dead already, or no memory. */
static bool
watch_start(struct glue_pager *pager)
{
	struct ipc_port *once = ipc_port_make_sonce(pager->control);
	struct ipc_kmsg *kmsg = ipc_notify_prepare(once, MACH_NOTIFY_DEAD_NAME);
	struct ipc_request *watch = kmsg == NULL ? NULL : ipc_request_alloc();

	if (watch != NULL && watch_register(pager->memory_object, watch, kmsg)) {
		pager->watch = watch;
		return true;
	}
	if (watch != NULL)
		ipc_request_free(watch);
	ipc_port_drop_sonce(kmsg != NULL ? ipc_notify_cancel(kmsg) : once);
	return false;
}

/* The port's death takes requests one by one, under its lock. */
static void
watch_stop(struct glue_pager *pager)
{
	struct ipc_port *port = pager->memory_object;
	struct ipc_request *watch = pager->watch;
	struct ipc_kmsg *kmsg;

	if (watch == NULL)
		return;
	pager->watch = NULL;
	ipc_port_lock(port);
	kmsg = watch->rq_dead_name;
	list_remove(&watch->rq_link);
	ipc_port_unlock(port);
	if (kmsg != NULL)
		ipc_port_drop_sonce(ipc_notify_cancel(kmsg));
	ipc_request_free(watch);
}

/* A user may send the notification too, but the port tells the truth. */
void
pager_dead_name(struct ipc_port *control)
{
	struct glue_pager *pager = ipc_kobject_get(control, IKOT_PAGING_REQUEST, pager_reference);
	struct vm_object *object = NULL;

	if (pager == NULL)
		return;
	if (!ipc_port_active(pager->memory_object))
		object = vm_pager_object_lookup(&pager->pager);
	if (object != NULL) {
		vm_pager_destroy(object);
		vm_object_release(object);
	}
	pager_release(pager);
}

/* -- What vm asks: messages to the manager -------------------------------------- */

static void
detach_and_destroy(struct ipc_port *port)
{
	if (port != NULL)
		ipc_port_destroy_kernel(port);
}

static bool
op_init(struct vm_pager *base, struct vm_object *object)
{
	struct glue_pager *pager = glue_pager_of(base);

	(void)object;
	pager_reference(pager);
	mutex_lock(&pager_lock);
	if (list_empty(&pager->link))
		list_insert_tail(pager_bucket(pager->memory_object), &pager->link);
	mutex_unlock(&pager_lock);
	pager->control = ipc_port_create_kernel(NULL);
	pager->name = ipc_port_create_kernel(NULL);
	if (pager->control == NULL || pager->name == NULL)
		return false;
	ipc_kobject_set(pager->control, pager, IKOT_PAGING_REQUEST);
	ipc_kobject_set(pager->name, pager, IKOT_PAGING_NAME);
	return watch_start(pager) &&
	    memory_object_init(pager->memory_object, pager->control, pager->name, PAGE_SIZE) ==
	    KERN_SUCCESS;
}

/* The receive rights go to the manager; messages that are still underway to
 * them find user ports. */
static void
op_terminate(struct vm_pager *base, struct vm_object *object)
{
	struct glue_pager *pager = glue_pager_of(base);
	struct ipc_port *control = pager->control, *name = pager->name;

	(void)object;
	watch_stop(pager);
	mutex_lock(&pager_lock);
	list_remove(&pager->link);
	mutex_unlock(&pager_lock);
	pager->control = NULL;
	pager->name = NULL;
	if (control != NULL)
		ipc_kobject_set(control, NULL, IKOT_NONE);
	if (name != NULL)
		ipc_kobject_set(name, NULL, IKOT_NONE);
	if (control == NULL || name == NULL ||
	    memory_object_terminate(pager->memory_object, control, name) != KERN_SUCCESS) {
		detach_and_destroy(control);
		detach_and_destroy(name);
	}
	pager_release(pager);
}

static bool
pager_alive(const struct glue_pager *pager)
{
	return ipc_port_active(pager->memory_object) && pager->control != NULL;
}

static bool
op_data_request(struct vm_pager *base, vm_offset_t offset, vm_offset_t length, vm_prot_t access)
{
	struct glue_pager *pager = glue_pager_of(base);

	return pager_alive(pager) &&
	    memory_object_data_request(
		pager->memory_object, pager->control, offset, length, access) == KERN_SUCCESS;
}

static bool
op_data_unlock(struct vm_pager *base, vm_offset_t offset, vm_offset_t length, vm_prot_t access)
{
	struct glue_pager *pager = glue_pager_of(base);

	return pager_alive(pager) &&
	    memory_object_data_unlock(
		pager->memory_object, pager->control, offset, length, access) == KERN_SUCCESS;
}

static void
op_data_return(struct vm_pager *base, vm_offset_t offset, struct vm_map_copy *data, bool dirty,
    bool kernel_copy)
{
	struct glue_pager *pager = glue_pager_of(base);
	mach_msg_type_number_t size = (mach_msg_type_number_t)data->vc_size;

	if (!pager_alive(pager) ||
	    memory_object_data_return(pager->memory_object, pager->control, offset, data, size,
		dirty, kernel_copy) != KERN_SUCCESS)
		vm_map_copy_discard(data);
}

/* Where a completion goes. vm hands it back as an opaque token. */
struct completion {
	struct ipc_port *port;
	mach_msg_type_name_t type;
};

static struct ipc_port *
completion_take(void *token, mach_msg_type_name_t *typep)
{
	struct completion *completion = token;
	struct ipc_port *port = completion->port;

	*typep = completion->type;
	kfree(completion, sizeof(*completion));
	return port;
}

static void
op_lock_completed(struct vm_pager *base, void *token, vm_offset_t offset, vm_size_t length)
{
	mach_msg_type_name_t type;
	struct ipc_port *port = completion_take(token, &type);

	if (memory_object_lock_completed(
		port, type, glue_pager_of(base)->control, offset, length) != KERN_SUCCESS)
		ipc_port_release_right(port, type);
}

static void
op_supply_completed(struct vm_pager *base, void *token, vm_offset_t offset, vm_size_t length,
    kern_return_t result, vm_offset_t error_offset)
{
	mach_msg_type_name_t type;
	struct ipc_port *port = completion_take(token, &type);

	if (memory_object_supply_completed(port, type, glue_pager_of(base)->control, offset, length,
		result, error_offset) != KERN_SUCCESS)
		ipc_port_release_right(port, type);
}

static void
op_change_completed(
    struct vm_pager *base, void *token, bool may_cache, memory_object_copy_strategy_t strategy)
{
	mach_msg_type_name_t type;
	struct ipc_port *port = completion_take(token, &type);

	(void)base;
	if (memory_object_change_completed(port, type, may_cache, strategy) != KERN_SUCCESS)
		ipc_port_release_right(port, type);
}

static const struct vm_pager_ops pager_ops = {
	.init = op_init,
	.terminate = op_terminate,
	.data_request = op_data_request,
	.data_unlock = op_data_unlock,
	.data_return = op_data_return,
	.lock_completed = op_lock_completed,
	.supply_completed = op_supply_completed,
	.change_completed = op_change_completed,
};

/* -- The table ------------------------------------------------------------------- */

static struct glue_pager *
pager_find(const struct ipc_port *port)
{
	struct list *node;

	list_for_each(pager_bucket(port), node) {
		struct glue_pager *pager = list_entry(node, struct glue_pager, link);

		if (pager->memory_object == port)
			return pager;
	}
	return NULL;
}

static struct glue_pager *
pager_create(struct ipc_port *port)
{
	struct glue_pager *pager;

	port = ipc_port_copy_send(port);
	if (!IPC_PORT_VALID(port))
		return NULL;
	pager = zalloc(&pager_zone);
	if (pager == NULL) {
		ipc_port_release_send(port);
		return NULL;
	}
	memset(pager, 0, sizeof(*pager));
	pager->pager.ops = &pager_ops;
	atomic_init(&pager->references, 0);
	pager->memory_object = port;
	list_insert_tail(pager_bucket(port), &pager->link);
	return pager;
}

/* The pager of a memory object port, with a reference; made when new. NULL:
 * shortage, or the port is dead. */
static struct glue_pager *
pager_lookup(struct ipc_port *port)
{
	struct glue_pager *pager;

	mutex_lock(&pager_lock);
	pager = pager_find(port);
	if (pager == NULL)
		pager = pager_create(port);
	if (pager != NULL)
		pager_reference(pager);
	mutex_unlock(&pager_lock);
	return pager;
}

/* A pager that vm did not take over (shortage) leaves the table again. */
static void
pager_forget_unused(struct glue_pager *pager)
{
	mutex_lock(&pager_lock);
	if (pager->pager.object == NULL)
		list_remove(&pager->link);
	mutex_unlock(&pager_lock);
}

struct vm_object *
pager_object_of(struct ipc_port *port, enum ipc_kobject_type type)
{
	struct glue_pager *pager = ipc_kobject_get(port, type, pager_reference);
	struct vm_object *object;

	if (pager == NULL)
		return NULL;
	object = vm_pager_object_lookup(&pager->pager);
	pager_release(pager);
	return object;
}

struct ipc_port *
pager_name_right(struct vm_object *object)
{
	struct vm_pager *pager = object == NULL ? NULL : vm_pager_hold(object);
	struct ipc_port *right = NULL;

	if (pager == NULL)
		return NULL;
	if (pager->ops == &pager_ops)
		right = ipc_port_make_send(glue_pager_of(pager)->name);
	vm_pager_drop(object);
	return right;
}

/* -- Windows of memory the kernel has itself ---------------------------------------- */

struct window {
	_Atomic uint32_t references;
	struct pager_window shows;
};

static void
window_reference(void *object)
{
	struct window *window = object;

	atomic_fetch_add(&window->references, 1);
}

static void
window_release(struct window *window)
{
	if (atomic_fetch_sub(&window->references, 1) != 1)
		return;
	vm_object_release(window->shows.object);
	ipc_port_release_send(window->shows.memory_object);
	kfree(window, sizeof(*window));
}

/* Have the port tell itself when its last sender is gone. */
static bool
window_watch_senders(struct ipc_port *port)
{
	struct ipc_port *once = ipc_port_make_sonce(port);
	struct ipc_kmsg *kmsg = ipc_notify_prepare(once, MACH_NOTIFY_NO_SENDERS);

	if (kmsg == NULL) {
		ipc_port_release_sonce(once);
		return false;
	}
	ipc_port_lock(port);
	port->ip_no_senders = kmsg;
	ipc_port_unlock(port);
	return true;
}

struct ipc_port *
pager_window_create(const struct pager_window *shows)
{
	struct window *window = kalloc(sizeof(*window));
	struct ipc_port *port;

	if (window == NULL)
		return NULL;
	port = ipc_port_create_kernel(NULL);
	if (port == NULL || !window_watch_senders(port)) {
		detach_and_destroy(port);
		kfree(window, sizeof(*window));
		return NULL;
	}
	atomic_init(&window->references, 1);
	window->shows = *shows;
	ipc_kobject_set(port, window, IKOT_PAGER);
	return ipc_port_make_send(port);
}

/* Take the window from a port that really has no sender (a user may send the
 * notification too, but holds a right while doing so). */
static struct window *
window_detach(struct ipc_port *port)
{
	struct window *window = NULL;

	ipc_port_lock(port);
	if (ipc_port_active(port) && ipc_kobject_type(port) == IKOT_PAGER &&
	    port->ip_srights == 0) {
		window = port->ip_kobject;
		port->ip_kobject = NULL;
		port->ip_object.o_kind = IKOT_NONE;
	}
	ipc_port_unlock(port);
	return window;
}

void
pager_window_no_senders(struct ipc_port *port)
{
	struct window *window = window_detach(port);

	if (window == NULL)
		return;
	ipc_port_destroy_kernel(port);
	window_release(window);
}

/* -- Mapping ------------------------------------------------------------------------- */

static kern_return_t
manager_object(struct ipc_port *port, struct account *account, struct vm_object **objectp)
{
	struct glue_pager *pager = pager_lookup(port);

	if (pager == NULL)
		return IPC_PORT_VALID(port) && ipc_port_active(port) ? KERN_RESOURCE_SHORTAGE
								     : KERN_INVALID_ARGUMENT;
	*objectp = vm_pager_object(&pager->pager, account);
	if (*objectp == NULL)
		pager_forget_unused(pager);
	pager_release(pager);
	return *objectp != NULL ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

/* Narrow the request to what the window allows. */
static kern_return_t
window_narrow(const struct pager_window *shows, struct pager_mapping *mapping)
{
	vm_size_t size = round_page(mapping->size);

	if (mapping->offset + size < mapping->offset || mapping->offset + size > shows->length)
		return KERN_INVALID_ARGUMENT;
	if (mapping->copy && (shows->max_protection & VM_PROT_READ) == 0)
		return KERN_PROTECTION_FAILURE;
	if (!mapping->copy) {
		mapping->cur_protection &= shows->max_protection;
		mapping->max_protection &= shows->max_protection;
	}
	mapping->offset += shows->start;
	return KERN_SUCCESS;
}

static kern_return_t
window_find_object(struct ipc_port *port, struct account *account, struct pager_mapping *mapping)
{
	struct window *window = ipc_kobject_get(port, IKOT_PAGER, window_reference);
	kern_return_t kr;

	if (window == NULL)
		return KERN_INVALID_ARGUMENT;
	kr = window_narrow(&window->shows, mapping);
	if (kr == KERN_SUCCESS && window->shows.object != NULL) {
		mapping->object = window->shows.object;
		vm_object_reference(mapping->object);
	} else if (kr == KERN_SUCCESS) {
		kr = manager_object(window->shows.memory_object, account, &mapping->object);
	}
	window_release(window);
	return kr;
}

kern_return_t
pager_find_object(struct ipc_port *port, struct account *account, struct pager_mapping *mapping)
{
	if (ipc_kobject_type(port) == IKOT_PAGER)
		return window_find_object(port, account, mapping);
	if (ipc_kobject_type(port) != IKOT_NONE)
		return KERN_INVALID_ARGUMENT;
	return manager_object(port, account, &mapping->object);
}

/* -- Proxies (mach4.defs, ABI sheet 6.8) ----------------------------------------------- */

/* A window into the window of `port`: its own reference on what that shows. */
static kern_return_t
window_combine(struct ipc_port *port, struct pager_window *inner)
{
	struct window *outer = ipc_kobject_get(port, IKOT_PAGER, window_reference);

	if (outer == NULL)
		return KERN_INVALID_ARGUMENT;
	if (inner->start + inner->length > outer->shows.length) {
		window_release(outer);
		return KERN_INVALID_ARGUMENT;
	}
	inner->start += outer->shows.start;
	inner->max_protection &= outer->shows.max_protection;
	inner->object = outer->shows.object;
	if (inner->object != NULL)
		vm_object_reference(inner->object);
	inner->memory_object = ipc_port_copy_send(outer->shows.memory_object);
	window_release(outer);
	return KERN_SUCCESS;
}

static kern_return_t
proxy_finish(struct pager_window *window, struct ipc_port **proxyp)
{
	*proxyp = pager_window_create(window);
	if (*proxyp != NULL)
		return KERN_SUCCESS;
	vm_object_release(window->object);
	ipc_port_release_send(window->memory_object);
	return KERN_RESOURCE_SHORTAGE;
}

static kern_return_t
proxy_of_object(struct ipc_port *object, struct pager_window *window)
{
	if (ipc_kobject_type(object) == IKOT_PAGER)
		return window_combine(object, window);
	if (ipc_kobject_type(object) != IKOT_NONE)
		return KERN_INVALID_ARGUMENT;
	window->memory_object = ipc_port_copy_send(object);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_create_proxy(struct ipc_space *space, vm_prot_t max_protection,
    const memory_object_array_t objects, mach_msg_type_number_t object_count,
    const rpc_vm_offset_array_t offsets, mach_msg_type_number_t offset_count,
    const rpc_vm_offset_array_t starts, mach_msg_type_number_t start_count,
    const rpc_vm_size_array_t lengths, mach_msg_type_number_t length_count,
    struct ipc_port **proxyp)
{
	struct ipc_port *object;
	struct pager_window window = { .max_protection = max_protection };
	kern_return_t kr;

	if (space == NULL)
		return KERN_INVALID_TASK;
	if (object_count != 1 || offset_count != 1 || start_count != 1 || length_count != 1 ||
	    offsets[0] != 0 || starts[0] + lengths[0] < starts[0] || starts[0] % PAGE_SIZE != 0)
		return KERN_INVALID_ARGUMENT;
	memcpy(&object, objects, sizeof(object));
	if (!IPC_PORT_VALID(object))
		return KERN_INVALID_NAME;
	window.start = starts[0];
	window.length = lengths[0];
	kr = proxy_of_object(object, &window);
	if (kr == KERN_SUCCESS)
		kr = proxy_finish(&window, proxyp);
	if (kr == KERN_SUCCESS)
		ipc_port_release_send(object);
	return kr;
}

/* The part of the region from `address` on, as a window. */
static kern_return_t
region_window(
    struct vm_map *map, vm_address_t address, vm_size_t length, struct pager_window *window)
{
	struct vm_map_region region;
	kern_return_t kr = vm_map_share_region(map, address, &region);
	vm_offset_t skip;

	if (kr != KERN_SUCCESS)
		return kr;
	skip = address > region.start ? trunc_page(address) - region.start : 0;
	if (length > region.size - skip) {
		vm_object_release(region.object);
		return KERN_INVALID_ARGUMENT;
	}
	window->object = region.object;
	window->start = region.offset + skip;
	window->length = length;
	window->max_protection &= region.max_protection;
	return KERN_SUCCESS;
}

kern_return_t
vm_region_create_proxy(struct task *task, vm_address_t address, vm_prot_t max_protection,
    vm_size_t length, struct ipc_port **proxyp)
{
	struct pager_window window = { .max_protection = max_protection };
	struct ipc_space *space;
	struct vm_map *map;
	kern_return_t kr;

	if (task == NULL || !task_reference_contents(task, &map, &space))
		return KERN_INVALID_ARGUMENT;
	ipc_space_release(space);
	kr = region_window(map, address, length, &window);
	vm_map_release(map);
	return kr == KERN_SUCCESS ? proxy_finish(&window, proxyp) : kr;
}

/* -- Memory with an end (portolan.defs) -------------------------------------------------- */

kern_return_t
memory_object_create_bounded(struct task *task, vm_size_t size, struct ipc_port **objectp)
{
	struct pager_window window = {
		.length = round_page(size),
		.max_protection = VM_PROT_ALL,
		.owns = true,
	};

	if (task == NULL || size == 0 || size > VM_MAX_ADDRESS)
		return KERN_INVALID_ARGUMENT;
	window.object = vm_object_create(window.length, task->k_account);
	if (window.object == NULL)
		return KERN_RESOURCE_SHORTAGE;
	vm_object_set_end(window.object, 0);
	return proxy_finish(&window, objectp);
}

kern_return_t
memory_object_set_end(struct ipc_port *object, vm_offset_t end)
{
	struct window *window = ipc_kobject_get(object, IKOT_PAGER, window_reference);
	kern_return_t kr = KERN_SUCCESS;

	if (window == NULL || end > window->shows.length)
		kr = KERN_INVALID_ARGUMENT;
	else if (!window->shows.owns)
		kr = KERN_NO_ACCESS;
	if (kr == KERN_SUCCESS)
		vm_object_set_end(window->shows.object, round_page(end));
	if (window != NULL)
		window_release(window);
	return kr;
}

void
pager_module_init(void)
{
	mutex_init(&pager_lock, LOCK_RANK_DEVICE);
	zone_init(&pager_zone, "pagers", sizeof(struct glue_pager));
	for (unsigned i = 0; i < PAGER_BUCKETS; i++)
		list_init(&pager_table[i]);
}

/* -- What managers answer (memory_object half of mach.defs, ABI sheet 6.3) ------------- */

/* A token for the completion, NULL when none is wanted. False: shortage. */
static bool
completion_create(struct ipc_port *port, mach_msg_type_name_t type, void **tokenp)
{
	struct completion *completion;

	*tokenp = NULL;
	if (!IPC_PORT_VALID(port))
		return true;
	completion = kalloc(sizeof(*completion));
	if (completion == NULL)
		return false;
	completion->port = port;
	completion->type = type;
	*tokenp = completion;
	return true;
}

/* vm took the token on success only. On failure the port goes with the
 * request, which is destroyed. */
static kern_return_t
completion_settle(void *token, kern_return_t kr)
{
	if (kr != KERN_SUCCESS && token != NULL)
		kfree(token, sizeof(struct completion));
	return kr;
}

kern_return_t
memory_object_ready(
    struct vm_object *object, boolean_t may_cache, memory_object_copy_strategy_t strategy)
{
	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	vm_pager_ready(object, may_cache != FALSE, strategy);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_change_attributes(struct vm_object *object, boolean_t may_cache,
    memory_object_copy_strategy_t strategy, struct ipc_port *reply_to,
    mach_msg_type_name_t reply_type)
{
	void *token;

	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	if (!completion_create(reply_to, reply_type, &token))
		return KERN_RESOURCE_SHORTAGE;
	return completion_settle(
	    token, vm_pager_change_attributes(object, may_cache != FALSE, strategy, token));
}

kern_return_t
memory_object_get_attributes(struct vm_object *object, boolean_t *readyp, boolean_t *may_cachep,
    memory_object_copy_strategy_t *strategyp)
{
	bool ready, may_cache;

	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	vm_pager_get_attributes(object, &ready, &may_cache, strategyp);
	*readyp = ready;
	*may_cachep = may_cache;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_supply(struct vm_object *object, vm_offset_t offset, struct vm_map_copy *data,
    mach_msg_type_number_t count, vm_prot_t lock_value, boolean_t precious,
    struct ipc_port *reply_to, mach_msg_type_name_t reply_type)
{
	void *token;

	(void)count;
	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	if (!completion_create(reply_to, reply_type, &token))
		return KERN_RESOURCE_SHORTAGE;
	return completion_settle(token,
	    vm_pager_data_supply(object, offset, data, lock_value, precious != FALSE, token));
}

kern_return_t
memory_object_data_unavailable(struct vm_object *object, vm_offset_t offset, vm_size_t size)
{
	return object == NULL ? KERN_INVALID_ARGUMENT
			      : vm_pager_data_unavailable(object, offset, size);
}

kern_return_t
memory_object_data_error(
    struct vm_object *object, vm_offset_t offset, vm_size_t size, kern_return_t error)
{
	(void)error;
	return object == NULL ? KERN_INVALID_ARGUMENT : vm_pager_data_error(object, offset, size);
}

kern_return_t
memory_object_lock_request(struct vm_object *object, vm_offset_t offset, vm_size_t size,
    memory_object_return_t should_return, boolean_t should_flush, vm_prot_t lock_value,
    struct ipc_port *reply_to, mach_msg_type_name_t reply_type)
{
	void *token;

	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	if (!completion_create(reply_to, reply_type, &token))
		return KERN_RESOURCE_SHORTAGE;
	return completion_settle(token,
	    vm_pager_lock_request(
		object, offset, size, should_return, should_flush != FALSE, lock_value, token));
}

kern_return_t
memory_object_destroy(struct vm_object *object, kern_return_t reason)
{
	(void)reason;
	if (object == NULL)
		return KERN_INVALID_ARGUMENT;
	vm_pager_destroy(object);
	return KERN_SUCCESS;
}

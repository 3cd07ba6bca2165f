/* SPDX-License-Identifier: BSD-2-Clause */
/* host -- the machine, its processors, time (ABI sheet 4.8 to 4.10). */
#include <arch/boot_info.h>
#include <arch/power.h>
#include <glue/mach_host_server.h>
#include <glue/task_notify_user.h>
#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <kern/assert.h>
#include <kern/clock.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/host_info.h>
#include <mach/machine.h>
#include <mach/policy.h>
#include <mach/processor_info.h>

#include "clock.h"
#include "host.h"
#include "sched.h"
#include "task.h"
#include "thread.h"
#include "thread_calls.h"
#include "times.h"
#include "version.h"

#define MS_PER_TICK    10
#define MIN_QUANTUM_MS 30

struct host the_host;
struct processor processors[MAX_CPUS];
struct processor_set default_set;

/* -- Ports ----------------------------------------------------------------------- */

static struct ipc_port *
host_port(void *object, enum ipc_kobject_type type)
{
	struct ipc_port *port = ipc_port_create_kernel(NULL);

	if (port == NULL)
		panic("too little memory for the ports of the host");
	ipc_kobject_set(port, object, type);
	return port;
}

void
host_module_init(void)
{
	mutex_init(&the_host.lock, LOCK_RANK_HOST);
	the_host.name_port = host_port(&the_host, IKOT_HOST);
	the_host.priv_port = host_port(&the_host, IKOT_HOST_PRIV);
	the_host.device_port = host_port(&the_host, IKOT_MASTER_DEVICE);
	default_set.port = host_port(&default_set, IKOT_PROCESSOR_SET);
	default_set.name_port = host_port(&default_set, IKOT_PROCESSOR_SET_NAME);
	default_set.policies = POLICY_TIMESHARE;
	default_set.max_priority = PRIORITY_USER;
	for (unsigned id = 0; id < cpu_count(); id++) {
		processors[id].id = id;
		processors[id].port = host_port(&processors[id], IKOT_PROCESSOR);
		processors[id].name_port = host_port(&processors[id], IKOT_PROCESSOR_NAME);
	}
}

/* `count` send rights in an array for a reply; made by right(i). */
static kern_return_t
port_array(unsigned count, struct ipc_port *(*right)(unsigned i), struct ipc_port ***arrayp,
    mach_msg_type_number_t *countp)
{
	struct ipc_port **array = kalloc(count * sizeof(*array));

	if (array == NULL)
		return KERN_RESOURCE_SHORTAGE;
	for (unsigned i = 0; i < count; i++)
		array[i] = right(i);
	*arrayp = array;
	*countp = count;
	return KERN_SUCCESS;
}

static struct ipc_port *
right_processor(unsigned id)
{
	return ipc_port_make_send(processors[id].port);
}

static struct ipc_port *
right_processor_name(unsigned id)
{
	return ipc_port_make_send(processors[id].name_port);
}

static struct ipc_port *
right_set_name(unsigned i)
{
	(void)i;
	return ipc_port_make_send(default_set.name_port);
}

kern_return_t
host_processors(struct host *host, struct ipc_port ***listp, mach_msg_type_number_t *countp)
{
	if (host == NULL)
		return KERN_INVALID_ARGUMENT;
	return port_array(cpu_count(), right_processor, listp, countp);
}

kern_return_t
host_processor_sets(struct host *host, struct ipc_port ***listp, mach_msg_type_number_t *countp)
{
	if (host == NULL)
		return KERN_INVALID_ARGUMENT;
	return port_array(1, right_set_name, listp, countp);
}

kern_return_t
processor_set_processors(
    struct processor_set *set, struct ipc_port ***listp, mach_msg_type_number_t *countp)
{
	if (set == NULL)
		return KERN_INVALID_ARGUMENT;
	return port_array(cpu_count(), right_processor_name, listp, countp);
}

kern_return_t
host_processor_set_priv(struct host *host, struct processor_set *name, struct processor_set **setp)
{
	if (host == NULL || name == NULL)
		return KERN_INVALID_ARGUMENT;
	*setp = name;
	return KERN_SUCCESS;
}

kern_return_t
processor_set_default(struct host *host, struct processor_set **setp)
{
	if (host == NULL)
		return KERN_INVALID_ARGUMENT;
	*setp = &default_set;
	return KERN_SUCCESS;
}

/* -- Processors: all run, none moves ------------------------------------------------- */

kern_return_t
processor_start(struct processor *processor)
{
	return processor == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
processor_exit(struct processor *processor)
{
	return processor == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
processor_control(
    struct processor *processor, const processor_info_t command, mach_msg_type_number_t count)
{
	(void)command;
	(void)count;
	return processor == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
processor_assign(struct processor *processor, struct processor_set *set, boolean_t wait)
{
	(void)wait;
	if (processor == NULL || set == NULL)
		return KERN_INVALID_ARGUMENT;
	return KERN_FAILURE;
}

kern_return_t
processor_get_assignment(struct processor *processor, struct processor_set **setp)
{
	if (processor == NULL)
		return KERN_INVALID_ARGUMENT;
	*setp = &default_set;
	return KERN_SUCCESS;
}

kern_return_t
processor_set_create(struct host *host, struct processor_set **setp, struct processor_set **namep)
{
	(void)setp;
	(void)namep;
	return host == NULL ? KERN_INVALID_ARGUMENT : KERN_FAILURE;
}

kern_return_t
processor_set_destroy(struct processor_set *set)
{
	(void)set;
	return KERN_INVALID_ARGUMENT; /* the default set cannot go */
}

kern_return_t
processor_info(struct processor *processor, int flavor, struct host **hostp, processor_info_t out,
    mach_msg_type_number_t *countp)
{
	struct processor_basic_info *info = (void *)out;

	if (processor == NULL)
		return KERN_INVALID_ARGUMENT;
	if (flavor != PROCESSOR_BASIC_INFO || *countp < PROCESSOR_BASIC_INFO_COUNT)
		return KERN_FAILURE;
	info->cpu_type = CPU_TYPE_X86_64;
	info->cpu_subtype = CPU_SUBTYPE_AT386;
	info->running = TRUE;
	info->slot_num = (integer_t)processor->id;
	info->is_master = processor->id == 0;
	*countp = PROCESSOR_BASIC_INFO_COUNT;
	*hostp = &the_host;
	return KERN_SUCCESS;
}

/* -- The set -------------------------------------------------------------------------- */

static integer_t load_average[3]; /* 5, 30 and 60 seconds, scaled */
static integer_t mach_factor[3];

/* Exponential decay over the period: load += (now - load) / seconds. */
void
host_load_update(void)
{
	static const integer_t seconds[3] = { 5, 30, 60 };
	unsigned load = sched_load();
	unsigned cpus = cpu_count();
	integer_t now = (integer_t)load * LOAD_SCALE;
	integer_t factor = load > cpus ? (integer_t)(cpus * LOAD_SCALE / (load + 1))
				       : (integer_t)(cpus - load) * LOAD_SCALE;

	for (unsigned i = 0; i < 3; i++) {
		load_average[i] += (now - load_average[i]) / seconds[i];
		mach_factor[i] += (factor - mach_factor[i]) / seconds[i];
	}
}

kern_return_t
processor_set_info(struct processor_set *set, int flavor, struct host **hostp,
    processor_set_info_t out, mach_msg_type_number_t *countp)
{
	struct processor_set_basic_info *basic = (void *)out;
	struct processor_set_sched_info *sched = (void *)out;

	if (set == NULL)
		return KERN_INVALID_ARGUMENT;
	if (flavor == PROCESSOR_SET_BASIC_INFO) {
		if (*countp < PROCESSOR_SET_BASIC_INFO_COUNT)
			return KERN_FAILURE;
		basic->processor_count = (integer_t)cpu_count();
		basic->task_count = (integer_t)task_count();
		basic->thread_count = (integer_t)thread_count();
		basic->load_average = load_average[0];
		basic->mach_factor = mach_factor[0];
		*countp = PROCESSOR_SET_BASIC_INFO_COUNT;
	} else if (flavor == PROCESSOR_SET_SCHED_INFO) {
		if (*countp < PROCESSOR_SET_SCHED_INFO_COUNT)
			return KERN_FAILURE;
		sched->policies = (integer_t)set->policies;
		sched->max_priority = set->max_priority;
		*countp = PROCESSOR_SET_SCHED_INFO_COUNT;
	} else {
		return KERN_INVALID_ARGUMENT;
	}
	*hostp = &the_host;
	return KERN_SUCCESS;
}

kern_return_t
processor_set_policy_enable(struct processor_set *set, int policy)
{
	if (set == NULL || invalid_policy(policy))
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&the_host.lock);
	set->policies |= (uint32_t)policy;
	mutex_unlock(&the_host.lock);
	return KERN_SUCCESS;
}

/* Call `visit` for every thread of every task. */
static void
all_threads(void (*visit)(struct thread *thread, void *arg), void *arg)
{
	struct task *task = NULL;
	struct list *node;

	while ((task = task_next(task)) != NULL) {
		mutex_lock(&task->k_lock);
		list_for_each(&task->k_threads, node)
			visit(list_entry(node, struct thread, t_task_link), arg);
		mutex_unlock(&task->k_lock);
	}
}

static void
visit_timeshare(struct thread *thread, void *arg)
{
	(void)arg;
	(void)thread_policy(thread, POLICY_TIMESHARE, 0);
}

kern_return_t
processor_set_policy_disable(struct processor_set *set, int policy, boolean_t change_threads)
{
	if (set == NULL || policy == POLICY_TIMESHARE || invalid_policy(policy))
		return KERN_INVALID_ARGUMENT;
	mutex_lock(&the_host.lock);
	set->policies &= ~(uint32_t)policy;
	mutex_unlock(&the_host.lock);
	if (change_threads)
		all_threads(visit_timeshare, NULL);
	return KERN_SUCCESS;
}

static void
visit_max_priority(struct thread *thread, void *arg)
{
	int max_priority = *(int *)arg;

	if (thread->t_max_priority < max_priority)
		(void)thread_max_priority(thread, &default_set, max_priority);
}

kern_return_t
processor_set_max_priority(struct processor_set *set, int max_priority, boolean_t change_threads)
{
	if (set == NULL || max_priority < 0 || max_priority >= PRIORITY_LOWEST)
		return KERN_INVALID_ARGUMENT;
	set->max_priority = max_priority;
	if (change_threads)
		all_threads(visit_max_priority, &max_priority);
	return KERN_SUCCESS;
}

/* Rights to tasks and threads that exist while the array is filled. */
struct port_list {
	struct ipc_port **ports;
	unsigned room;
	unsigned count;
};

static void
port_list_add(struct port_list *list, struct ipc_port *port)
{
	if (list->count < list->room && port != NULL)
		list->ports[list->count++] = ipc_port_make_send(port);
}

/* The array is as long as what was found, since replies free it by size. */
static kern_return_t
port_list_finish(struct port_list *list, struct ipc_port ***arrayp, mach_msg_type_number_t *countp)
{
	struct ipc_port **array = NULL;

	if (list->count > 0) {
		array = kalloc(list->count * sizeof(*array));
		if (array == NULL) {
			for (unsigned i = 0; i < list->count; i++)
				ipc_port_release_send(list->ports[i]);
			kfree(list->ports, list->room * sizeof(*array));
			return KERN_RESOURCE_SHORTAGE;
		}
		memcpy(array, list->ports, list->count * sizeof(*array));
	}
	kfree(list->ports, list->room * sizeof(*array));
	*arrayp = array;
	*countp = list->count;
	return KERN_SUCCESS;
}

static bool
port_list_init(struct port_list *list, uint64_t room)
{
	list->room = (unsigned)room + 1;
	list->count = 0;
	list->ports = kalloc(list->room * sizeof(struct ipc_port *));
	return list->ports != NULL;
}

kern_return_t
processor_set_tasks(
    struct processor_set *set, struct ipc_port ***listp, mach_msg_type_number_t *countp)
{
	struct task *task = NULL;
	struct port_list list;

	if (set == NULL)
		return KERN_INVALID_ARGUMENT;
	if (!port_list_init(&list, task_count()))
		return KERN_RESOURCE_SHORTAGE;
	while ((task = task_next(task)) != NULL) {
		mutex_lock(&task->k_lock);
		port_list_add(&list, task->k_self);
		mutex_unlock(&task->k_lock);
	}
	return port_list_finish(&list, listp, countp);
}

static void
visit_list_thread(struct thread *thread, void *arg)
{
	port_list_add(arg, thread->t_self);
}

kern_return_t
processor_set_threads(
    struct processor_set *set, struct ipc_port ***listp, mach_msg_type_number_t *countp)
{
	struct port_list list;

	if (set == NULL)
		return KERN_INVALID_ARGUMENT;
	if (!port_list_init(&list, thread_count()))
		return KERN_RESOURCE_SHORTAGE;
	all_threads(visit_list_thread, &list);
	return port_list_finish(&list, listp, countp);
}

/* -- Time ----------------------------------------------------------------------------- */

static bool
time_valid(int64_t seconds, int64_t part, int64_t limit)
{
	return seconds >= 0 && seconds < (1l << 33) && part >= 0 && part < limit;
}

kern_return_t
host_get_time64(struct host *host, time_value64_t *time)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	*time = time64_from_ns(clock_wall_ns());
	return KERN_SUCCESS;
}

kern_return_t
host_get_time(struct host *host, time_value_t *time)
{
	uint64_t now = clock_wall_ns();

	if (host == NULL)
		return KERN_INVALID_HOST;
	memset(time, 0, sizeof(*time));
	time->seconds = (long_integer_t)(now / NS_PER_SECOND);
	time->microseconds = (integer_t)(now % NS_PER_SECOND / 1000);
	return KERN_SUCCESS;
}

kern_return_t
host_get_uptime64(struct host *host, time_value64_t *time)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	*time = time64_from_ns(clock_uptime_ns());
	return KERN_SUCCESS;
}

kern_return_t
host_set_time64(struct host *host, time_value64_t time)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	if (!time_valid(time.seconds, time.nanoseconds, TIME_NANOS_MAX))
		return KERN_INVALID_ARGUMENT;
	clock_wall_set((uint64_t)time.seconds * NS_PER_SECOND + (uint64_t)time.nanoseconds);
	return KERN_SUCCESS;
}

kern_return_t
host_set_time(struct host *host, time_value_t time)
{
	time_value64_t time64 = { time.seconds, (int64_t)time.microseconds * 1000 };

	return host_set_time64(host, time64);
}

/* A day of slewing is enough for anybody. */
#define ADJUST_SECONDS_MAX 86400

kern_return_t
host_adjust_time64(struct host *host, time_value64_t adjustment, time_value64_t *old)
{
	int64_t left = clock_adjust_get();

	if (host == NULL)
		return KERN_INVALID_HOST;
	old->seconds = left / (int64_t)NS_PER_SECOND;
	old->nanoseconds = left % (int64_t)NS_PER_SECOND;
	if (adjustment.nanoseconds == MACH_ADJTIME_NSECS_OMIT)
		return KERN_SUCCESS;
	if (adjustment.seconds > ADJUST_SECONDS_MAX || adjustment.seconds < -ADJUST_SECONDS_MAX ||
	    adjustment.nanoseconds >= TIME_NANOS_MAX || adjustment.nanoseconds <= -TIME_NANOS_MAX)
		return KERN_INVALID_ARGUMENT;
	clock_adjust_set(adjustment.seconds * (int64_t)NS_PER_SECOND + adjustment.nanoseconds);
	return KERN_SUCCESS;
}

kern_return_t
host_adjust_time(struct host *host, time_value_t adjustment, time_value_t *old)
{
	time_value64_t wanted, old64 = { 0, 0 };
	kern_return_t kr;

	wanted.seconds = adjustment.seconds;
	wanted.nanoseconds = adjustment.microseconds == MACH_ADJTIME_USECS_OMIT
	    ? MACH_ADJTIME_NSECS_OMIT
	    : (int64_t)adjustment.microseconds * 1000;
	kr = host_adjust_time64(host, wanted, &old64);
	memset(old, 0, sizeof(*old));
	old->seconds = old64.seconds;
	old->microseconds = (integer_t)(old64.nanoseconds / 1000);
	return kr;
}

/* -- About the host -------------------------------------------------------------------- */

static void
info_basic(integer_t *out)
{
	struct host_basic_info *info = (void *)out;

	info->max_cpus = MAX_CPUS;
	info->avail_cpus = (integer_t)cpu_count();
	info->memory_size = boot_info.memory_total;
	info->cpu_type = CPU_TYPE_X86_64;
	info->cpu_subtype = CPU_SUBTYPE_AT386;
}

static void
info_sched(integer_t *out)
{
	out[0] = MS_PER_TICK;
	out[1] = MIN_QUANTUM_MS;
}

static void
info_load(integer_t *out)
{
	memcpy(out, load_average, sizeof(load_average));
	memcpy(out + 3, mach_factor, sizeof(mach_factor));
}

static kern_return_t
info_slots(integer_t *out, mach_msg_type_number_t *countp)
{
	if (*countp < cpu_count())
		return KERN_FAILURE;
	for (unsigned id = 0; id < cpu_count(); id++)
		out[id] = (integer_t)id;
	*countp = cpu_count();
	return KERN_SUCCESS;
}

kern_return_t
host_info(struct host *host, int flavor, host_info_t out, mach_msg_type_number_t *countp)
{
	static const struct {
		int flavor;
		mach_msg_type_number_t count;
		void (*fill)(integer_t *out);
	} rows[] = {
		{ HOST_BASIC_INFO, HOST_BASIC_INFO_COUNT, info_basic },
		{ HOST_SCHED_INFO, HOST_SCHED_INFO_COUNT, info_sched },
		{ HOST_LOAD_INFO, HOST_LOAD_INFO_COUNT, info_load },
	};

	if (host == NULL)
		return KERN_INVALID_ARGUMENT;
	if (flavor == HOST_PROCESSOR_SLOTS)
		return info_slots(out, countp);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].flavor != flavor)
			continue;
		if (*countp < rows[i].count)
			return KERN_FAILURE;
		rows[i].fill(out);
		*countp = rows[i].count;
		return KERN_SUCCESS;
	}
	return KERN_INVALID_ARGUMENT;
}

kern_return_t
host_get_kernel_version(struct host *host, char *version)
{
	if (host == NULL)
		return KERN_INVALID_ARGUMENT;
	snprintf(version, KERNEL_VERSION_MAX, "%s", KERNEL_VERSION);
	return KERN_SUCCESS;
}

kern_return_t
host_reboot(struct host *host, int options)
{
	if (host == NULL)
		return KERN_INVALID_HOST;
	if ((options & RB_DEBUGGER) != 0)
		return KERN_FAILURE; /* there is none */
	if ((options & RB_HALT) != 0)
		arch_power_off(0);
	arch_reboot();
}

/* -- Who wants to know of new tasks ------------------------------------------------------ */

kern_return_t
host_register_new_task(struct host *host, struct ipc_port *port)
{
	kern_return_t kr = KERN_NO_ACCESS;

	if (host == NULL)
		return KERN_INVALID_HOST;
	mutex_lock(&host->lock);
	if (!IPC_PORT_VALID(host->new_task_port)) {
		host->new_task_port = port;
		kr = KERN_SUCCESS;
	}
	mutex_unlock(&host->lock);
	return kr;
}

static struct ipc_port *
task_right(struct task *task)
{
	struct ipc_port *port;

	mutex_lock(&task->k_lock);
	port = task->k_self != NULL ? ipc_port_make_send(task->k_self) : NULL;
	mutex_unlock(&task->k_lock);
	return port;
}

void
host_notify_new_task(struct task *task, struct task *parent)
{
	struct ipc_port *notify, *task_port, *parent_port;

	if (the_host.new_task_port == NULL)
		return;
	mutex_lock(&the_host.lock);
	notify = ipc_port_copy_send(the_host.new_task_port);
	mutex_unlock(&the_host.lock);
	if (!IPC_PORT_VALID(notify))
		return;
	task_port = task_right(task);
	parent_port = task_right(parent);
	if (mach_notify_new_task(notify, task_port, parent_port) == KERN_SUCCESS)
		return;
	ipc_port_release_send(notify);
	ipc_port_release_send(task_port);
	ipc_port_release_send(parent_port);
}

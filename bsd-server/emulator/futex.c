/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * futex by the kernel's gsync. A private futex is known by its address in the
 * task; another by its memory object, if its memory is shared with other
 * tasks at all.
 */
#include "calls.h"
#include "emul.h"
#include "gnumach_user.h"
#include "mach_user.h"

#define MS_MAX 0x7fffffffLL

static bool
memory_shared(uint64_t address)
{
	vm_address_t at = address;
	vm_size_t size;
	vm_prot_t prot, max;
	vm_inherit_t inheritance;
	boolean_t shared;
	mach_port_t object = MACH_PORT_NULL;
	vm_offset_t offset;

	if (vm_region(emul_task(), &at, &size, &prot, &max, &inheritance, &shared, &object,
		&offset) != KERN_SUCCESS)
		return false;
	if (object != MACH_PORT_NULL)
		emul_trap(emul_task(), object, 0, 0, 0, 0, -73);
	return at <= address && inheritance == VM_INHERIT_SHARE;
}

/* The gsync flag for a futex operation on `address`. */
static int
share_flag(uint64_t operation, uint64_t address)
{
	if ((operation & LINUX_FUTEX_PRIVATE) != 0)
		return 0;
	return memory_shared(address) ? GSYNC_SHARED : 0;
}

/* ---- waiting ------------------------------------------------------------------------ */

struct futex_wait {
	uint64_t address;
	uint32_t value;
	int flags;
	int clock;
	int64_t deadline; /* ns of the clock; negative: none */
};

/* Milliseconds to wait at most, rounded up; false when the time has come. */
static bool
wait_ms(const struct futex_wait *w, int *ms)
{
	int64_t left;

	*ms = 0;
	if (w->deadline < 0)
		return true;
	left = w->deadline - emul_clock_now(w->clock);
	if (left <= 0)
		return false;
	left = (left + 999999) / 1000000;
	*ms = left > MS_MAX ? (int)MS_MAX : (int)left;
	return true;
}

static int64_t
wait_once(const struct futex_wait *w, int ms)
{
	struct emul_thread *self = emul_self();
	kern_return_t kr;

	self->interruptible = true;
	kr = gsync_wait(emul_task(), w->address, w->value, 0, ms,
	    w->flags | (w->deadline >= 0 ? GSYNC_TIMED : 0));
	self->interruptible = false;
	switch (kr) {
	case KERN_SUCCESS:
		return 0;
	case KERN_INVALID_ARGUMENT:
		return -LINUX_EAGAIN;
	case KERN_TIMEDOUT:
		return -LINUX_ETIMEDOUT;
	case KERN_INTERRUPTED:
	case MACH_SEND_INTERRUPTED:
	case MACH_RCV_INTERRUPTED:
		return EMUL_RESTART;
	case KERN_INVALID_ADDRESS:
		return w->address % 4 != 0 ? -LINUX_EINVAL : -LINUX_EFAULT;
	default:
		return -LINUX_ENOSYS;
	}
}

static int64_t
futex_wait(const struct futex_wait *w)
{
	int ms;
	int64_t r = -LINUX_ETIMEDOUT;

	while (wait_ms(w, &ms)) {
		r = wait_once(w, ms);
		if (r != -LINUX_ETIMEDOUT)
			break;
	}
	/* a relative timeout would begin anew */
	if (r == EMUL_RESTART && w->deadline >= 0)
		return -LINUX_EINTR;
	return r;
}

static int64_t
wait_call(struct emul_frame *f, bool absolute)
{
	uint64_t operation = ARG2(f);
	struct futex_wait w = {
		.address = ARG1(f),
		.value = (uint32_t)ARG3(f),
		.flags = share_flag(operation, ARG1(f)),
		.clock = absolute && (operation & LINUX_FUTEX_CLOCK_REALTIME) != 0
		    ? BSD_CLOCK_REALTIME
		    : BSD_CLOCK_MONOTONIC,
		.deadline = -1,
	};
	uint32_t word;
	int64_t t[2];

	/* the word must be readable; then gsync compares it once more */
	if (w.address % 4 != 0)
		return -LINUX_EINVAL;
	if (emul_copyin(&word, w.address, sizeof(word)) != 0)
		return -LINUX_EFAULT;
	if (word != w.value)
		return -LINUX_EAGAIN;
	if (ARG4(f) != 0) {
		if (emul_copyin(t, ARG4(f), sizeof(t)) != 0)
			return -LINUX_EFAULT;
		if (emul_time_to_ns(t[0], t[1], 1, &w.deadline) != 0)
			return -LINUX_EINVAL;
		if (!absolute)
			w.deadline += emul_clock_now(w.clock);
	}
	return futex_wait(&w);
}

/* ---- waking --------------------------------------------------------------------------- */

#define WAKE_SINGLY 8

/*
 * How many woke is not known: gsync_wake has no answer. The number asked for,
 * at most 1, is answered.
 */
static int64_t
wake(uint64_t address, uint32_t n, int flags)
{
	if (n > WAKE_SINGLY)
		gsync_wake(emul_task(), address, 0, flags | GSYNC_BROADCAST);
	else
		for (uint32_t i = 0; i < n; i++)
			gsync_wake(emul_task(), address, 0, flags);
	return n > 0 ? 1 : 0;
}

int64_t
emul_futex_wake(uint64_t address, uint32_t n, bool shared)
{
	if (shared && !memory_shared(address))
		return 0;
	return wake(address, n, shared ? GSYNC_SHARED : 0);
}

static int64_t
requeue(struct emul_frame *f, bool compare)
{
	int flags = share_flag(ARG2(f), ARG1(f));
	uint32_t wakes = (uint32_t)ARG3(f);
	uint32_t moves = (uint32_t)ARG4(f);
	uint32_t word;

	if (emul_copyin(&word, ARG1(f), sizeof(word)) != 0)
		return -LINUX_EFAULT;
	if (compare && word != (uint32_t)ARG6(f))
		return -LINUX_EAGAIN;
	if (wakes > 1)
		wake(ARG1(f), wakes - 1, flags);
	if (moves == 0)
		return wake(ARG1(f), wakes > 0, flags);
	gsync_requeue(
	    emul_task(), ARG1(f), ARG5(f), wakes > 0, flags | (moves > 1 ? GSYNC_BROADCAST : 0));
	return wakes > 0 ? 1 : 0;
}

int64_t
sys_futex(struct emul_frame *f)
{
	uint64_t operation = ARG2(f);

	switch (operation & ~(uint64_t)(LINUX_FUTEX_PRIVATE | LINUX_FUTEX_CLOCK_REALTIME)) {
	case LINUX_FUTEX_WAIT:
		return wait_call(f, false);
	case LINUX_FUTEX_WAIT_BITSET:
		if ((uint32_t)ARG6(f) == 0)
			return -LINUX_EINVAL;
		return wait_call(f, true);
	case LINUX_FUTEX_WAKE:
		return wake(ARG1(f), (uint32_t)ARG3(f), share_flag(operation, ARG1(f)));
	case LINUX_FUTEX_WAKE_BITSET:
		/* waiters are not told apart: all wake and look again */
		return wake(ARG1(f), UINT32_MAX, share_flag(operation, ARG1(f)));
	case LINUX_FUTEX_REQUEUE:
		return requeue(f, false);
	case LINUX_FUTEX_CMP_REQUEUE:
		return requeue(f, true);
	default:
		return -LINUX_ENOSYS;
	}
}

/* ---- robust lists ---------------------------------------------------------------------- */

struct robust_head {
	uint64_t next;   /* an entry, at last the head itself */
	int64_t offset;  /* from an entry to its futex word */
	uint64_t adding; /* an entry about to go in or out, or 0 */
};

#define ROBUST_MAX    2048
#define WORD_OWNER    0x3fffffffu
#define WORD_DEAD     0x40000000u
#define WORD_WAITERS  0x80000000u
#define ENTRY_FLAGS   1UL
#define ROBUST_LENGTH sizeof(struct robust_head)

int64_t
sys_set_robust_list(struct emul_frame *f)
{
	if (ARG2(f) != ROBUST_LENGTH)
		return -LINUX_EINVAL;
	emul_self()->robust_list = ARG1(f);
	return 0;
}

/* Lists of others are not ours to know. */
int64_t
sys_get_robust_list(struct emul_frame *f)
{
	struct emul_thread *self = emul_self();
	uint64_t length = ROBUST_LENGTH;
	int tid = (int)ARG1(f);

	if (tid != 0 && tid != self->tid)
		return -LINUX_EPERM;
	if (emul_copyout(ARG2(f), &self->robust_list, sizeof(self->robust_list)) != 0)
		return -LINUX_EFAULT;
	return emul_copyout(ARG3(f), &length, sizeof(length));
}

static void
robust_release(uint64_t at, uint32_t tid)
{
	uint32_t word;
	int r;

	if (at % sizeof(word) != 0)
		return;
	do {
		if (emul_copyin(&word, at, sizeof(word)) != 0 || (word & WORD_OWNER) != tid)
			return;
		r = emul_compare_exchange((uint32_t *)at, word, (word & WORD_WAITERS) | WORD_DEAD);
	} while (r > 0);
	if (r != 0 || (word & WORD_WAITERS) == 0)
		return;
	emul_futex_wake(at, 1, false);
	emul_futex_wake(at, 1, true);
}

void
emul_robust_exit(void)
{
	struct emul_thread *self = emul_self();
	uint64_t list = self->robust_list;
	uint64_t entry, next;
	struct robust_head head;

	self->robust_list = 0;
	if (list == 0 || emul_copyin(&head, list, sizeof(head)) != 0)
		return;
	entry = head.next;
	for (int i = 0; i < ROBUST_MAX && (entry & ~ENTRY_FLAGS) != list; i++) {
		entry &= ~ENTRY_FLAGS;
		/* whoever gets the mutex may change the entry */
		if (emul_copyin(&next, entry, sizeof(next)) != 0)
			break;
		if (entry != (head.adding & ~ENTRY_FLAGS))
			robust_release(entry + (uint64_t)head.offset, (uint32_t)self->tid);
		entry = next;
	}
	if ((head.adding & ~ENTRY_FLAGS) != 0)
		robust_release(
		    (head.adding & ~ENTRY_FLAGS) + (uint64_t)head.offset, (uint32_t)self->tid);
}

int64_t
sys_sched_yield(struct emul_frame *f)
{
	emul_trap(0, 0, 0, 0, 0, 0, -60);
	return 0;
}

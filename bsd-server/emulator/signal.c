/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals: numbers and sets of both sides, the calls about them, and their
 * delivery in a Linux frame on the program's stack.
 */
#include "bsd_user.h"
#include "calls.h"
#include "emul.h"

/* ---- numbers ------------------------------------------------------------------ */

/* Linux 1..31; STKFLT and PWR have no like and take EMT's and INFO's place. */
static const uint8_t from_linux[32] = {
	0,
	SIGHUP,
	SIGINT,
	SIGQUIT,
	SIGILL,
	SIGTRAP,
	SIGABRT,
	SIGBUS,
	SIGFPE,
	SIGKILL,
	SIGUSR1,
	SIGSEGV,
	SIGUSR2,
	SIGPIPE,
	SIGALRM,
	SIGTERM,
	SIGEMT,
	SIGCHLD,
	SIGCONT,
	SIGSTOP,
	SIGTSTP,
	SIGTTIN,
	SIGTTOU,
	SIGURG,
	SIGXCPU,
	SIGXFSZ,
	SIGVTALRM,
	SIGPROF,
	SIGWINCH,
	SIGIO,
	SIGINFO,
	SIGSYS,
};

static const uint8_t to_linux[32] = {
	0,
	1,
	2,
	3,
	4,
	5,
	6,
	16,
	8,
	9,
	7,
	11,
	31,
	13,
	14,
	15,
	23,
	19,
	20,
	18,
	17,
	21,
	22,
	29,
	24,
	25,
	26,
	27,
	28,
	30,
	10,
	12,
};

int
emul_signal_from_linux(int sig)
{
	if (sig <= 0 || sig >= BSD_NSIG)
		return 0;
	return sig < 32 ? from_linux[sig] : sig;
}

int
emul_signal_to_linux(int sig)
{
	if (sig <= 0 || sig >= BSD_NSIG)
		return 0;
	return sig < 32 ? to_linux[sig] : sig;
}

static uint64_t
map_set(uint64_t set, const uint8_t table[32])
{
	uint64_t low = set & 0x7fffffff;
	uint64_t result = set & ~0x7fffffffUL;

	while (low != 0) {
		int bit = __builtin_ctzl(low);

		low &= low - 1;
		result |= BSD_SIGMASK(table[bit + 1]);
	}
	return result;
}

bsd_sigset_t
emul_sigset_from_linux(uint64_t set)
{
	return map_set(set, from_linux);
}

uint64_t
emul_sigset_to_linux(bsd_sigset_t set)
{
	return map_set(set, to_linux);
}

int
emul_status_to_linux(int status)
{
	if (status == BSD_WSTATUS_CONTINUED)
		return 0xffff;
	if ((status & 0x7f) == 0x7f)
		return emul_signal_to_linux(status >> 8 & 0xff) << 8 | 0x7f;
	if ((status & 0x7f) != 0)
		return (status & BSD_WSTATUS_CORE) | emul_signal_to_linux(status & 0x7f);
	return status;
}

/* ---- details of a signal ---------------------------------------------------------- */

static void
child_to_linux(struct linux_siginfo *to, const struct bsd_siginfo *from)
{
	to->u.child.pid = from->si_pid;
	to->u.child.uid = (uint32_t)from->si_uid;
	to->u.child.status =
	    from->si_code == CLD_EXITED ? from->si_status : emul_signal_to_linux(from->si_status);
	to->u.child.utime = from->si_utime / 10000000;
	to->u.child.stime = from->si_stime / 10000000;
}

static bool
is_fault(const struct bsd_siginfo *info)
{
	return info->si_code > 0 && info->si_code != SI_KERNEL &&
	    (info->si_signo == SIGSEGV || info->si_signo == SIGBUS || info->si_signo == SIGFPE ||
		info->si_signo == SIGILL || info->si_signo == SIGTRAP);
}

void
emul_siginfo_to_linux(struct linux_siginfo *to, const struct bsd_siginfo *from)
{
	memset(to, 0, sizeof(*to));
	to->si_signo = emul_signal_to_linux(from->si_signo);
	to->si_code = from->si_code;
	if (from->si_signo == SIGCHLD && from->si_code > 0)
		child_to_linux(to, from);
	else if (is_fault(from))
		to->u.fault.addr = from->si_addr;
	else {
		to->u.queue.pid = from->si_pid;
		to->u.queue.uid = (uint32_t)from->si_uid;
		to->u.queue.value = from->si_value;
	}
}

/* ---- actions ------------------------------------------------------------------------ */

struct flag_pair {
	uint64_t linux_flag;
	uint64_t bsd_flag;
};

static const struct flag_pair action_flags[] = {
	{ LINUX_SA_NOCLDSTOP, SA_NOCLDSTOP },
	{ LINUX_SA_NOCLDWAIT, SA_NOCLDWAIT },
	{ LINUX_SA_SIGINFO, SA_SIGINFO },
	{ LINUX_SA_ONSTACK, SA_ONSTACK },
	{ LINUX_SA_RESTART, SA_RESTART },
	{ LINUX_SA_NODEFER, SA_NODEFER },
	{ LINUX_SA_RESETHAND, SA_RESETHAND },
};

/* Ours to keep in sa_flags: that a restorer was given. */
#define ACTION_RESTORER 0x100

static void
action_from_linux(struct bsd_sigaction *to, const struct linux_sigaction *from)
{
	to->sa_handler = from->handler;
	to->sa_mask = emul_sigset_from_linux(from->mask);
	to->sa_trampoline = from->restorer;
	to->sa_flags = (from->flags & LINUX_SA_RESTORER) != 0 ? ACTION_RESTORER : 0;
	for (size_t i = 0; i < sizeof(action_flags) / sizeof(action_flags[0]); i++)
		if ((from->flags & action_flags[i].linux_flag) != 0)
			to->sa_flags |= action_flags[i].bsd_flag;
}

static void
action_to_linux(struct linux_sigaction *to, const struct bsd_sigaction *from)
{
	to->handler = from->sa_handler;
	to->mask = emul_sigset_to_linux(from->sa_mask);
	to->restorer = from->sa_trampoline;
	to->flags = (from->sa_flags & ACTION_RESTORER) != 0 ? LINUX_SA_RESTORER : 0;
	for (size_t i = 0; i < sizeof(action_flags) / sizeof(action_flags[0]); i++)
		if ((from->sa_flags & action_flags[i].bsd_flag) != 0)
			to->flags |= action_flags[i].linux_flag;
}

int64_t
sys_rt_sigaction(struct emul_frame *f)
{
	struct linux_sigaction action;
	struct bsd_sigaction changed = { 0 };
	struct bsd_sigaction old;
	int sig = emul_signal_from_linux((int)ARG1(f));
	int64_t r;

	if (sig == 0 || ARG4(f) != 8)
		return -LINUX_EINVAL;
	if (ARG2(f) != 0) {
		if (emul_copyin(&action, ARG2(f), sizeof(action)) != 0)
			return -LINUX_EFAULT;
		action_from_linux(&changed, &action);
	}
	r = emul_result(bsd_sigaction(emul_process(), sig, ARG2(f) != 0, changed, &old));
	if (r == 0 && ARG3(f) != 0) {
		action_to_linux(&action, &old);
		r = emul_copyout(ARG3(f), &action, sizeof(action));
	}
	return r;
}

/* ---- masks ---------------------------------------------------------------------------- */

static const int how_table[] = {
	[LINUX_SIG_BLOCK] = SIG_BLOCK,
	[LINUX_SIG_UNBLOCK] = SIG_UNBLOCK,
	[LINUX_SIG_SETMASK] = SIG_SETMASK,
};

static bsd_sigset_t
mask_after(bsd_sigset_t mask, int how, bsd_sigset_t set)
{
	set &= ~(BSD_SIGMASK(SIGKILL) | BSD_SIGMASK(SIGSTOP));
	if (how == SIG_BLOCK)
		return mask | set;
	if (how == SIG_UNBLOCK)
		return mask & ~set;
	return set;
}

/* The server holds the mask; one that would not change is answered here. */
static int64_t
change_mask(int how, bsd_sigset_t set, bsd_sigset_t *old)
{
	struct emul_thread *self = emul_self();
	int64_t r;

	if (self->mask_known && (how == 0 || mask_after(self->mask, how, set) == self->mask)) {
		*old = self->mask;
		return 0;
	}
	r = emul_result(bsd_sigprocmask(self->process, how, set, old));
	if (r == 0) {
		self->mask = how == 0 ? *old : mask_after(*old, how, set);
		self->mask_known = true;
	}
	return r;
}

int64_t
sys_rt_sigprocmask(struct emul_frame *f)
{
	uint64_t set = 0;
	bsd_sigset_t old = 0;
	int how = 0;
	int64_t r;

	if (ARG4(f) != 8)
		return -LINUX_EINVAL;
	if (ARG2(f) != 0) {
		if (ARG1(f) > LINUX_SIG_SETMASK)
			return -LINUX_EINVAL;
		if (emul_copyin(&set, ARG2(f), sizeof(set)) != 0)
			return -LINUX_EFAULT;
		how = how_table[ARG1(f)];
	}
	r = change_mask(how, emul_sigset_from_linux(set), &old);
	if (r == 0 && ARG3(f) != 0) {
		set = emul_sigset_to_linux(old);
		r = emul_copyout(ARG3(f), &set, sizeof(set));
	}
	return r;
}

int64_t
sys_rt_sigpending(struct emul_frame *f)
{
	bsd_sigset_t set;
	uint64_t linux_set;
	int64_t r = emul_result(bsd_sigpending(emul_process(), &set));

	if (r != 0)
		return r;
	linux_set = emul_sigset_to_linux(set);
	return emul_copyout(ARG1(f), &linux_set, sizeof(linux_set));
}

int64_t
sys_rt_sigsuspend(struct emul_frame *f)
{
	uint64_t set;

	if (ARG2(f) != 8)
		return -LINUX_EINVAL;
	if (emul_copyin(&set, ARG1(f), sizeof(set)) != 0)
		return -LINUX_EFAULT;
	emul_self()->mask_known = false;
	return emul_result(bsd_sigsuspend(emul_process(), emul_sigset_from_linux(set)));
}

int64_t
sys_pause(struct emul_frame *f)
{
	bsd_sigset_t mask;
	int64_t r = change_mask(0, 0, &mask);

	if (r != 0)
		return r;
	return emul_result(bsd_sigsuspend(emul_process(), mask));
}

int64_t
sys_rt_sigtimedwait(struct emul_frame *f)
{
	struct bsd_siginfo info;
	struct linux_siginfo linux_info;
	uint64_t set;
	int64_t timeout[2];
	int64_t ns = -1;
	int64_t r;

	if (ARG4(f) != 8)
		return -LINUX_EINVAL;
	if (emul_copyin(&set, ARG1(f), sizeof(set)) != 0)
		return -LINUX_EFAULT;
	if (ARG3(f) != 0) {
		if (emul_copyin(timeout, ARG3(f), sizeof(timeout)) != 0)
			return -LINUX_EFAULT;
		if (timeout[0] < 0 || timeout[1] < 0 || timeout[1] >= 1000000000)
			return -LINUX_EINVAL;
		ns = timeout[0] * 1000000000 + timeout[1];
	}
	r = emul_result(bsd_sigtimedwait(emul_process(), emul_sigset_from_linux(set), ns, &info));
	if (r != 0)
		return r == EMUL_RESTART ? -LINUX_EINTR : r;
	if (ARG2(f) != 0) {
		emul_siginfo_to_linux(&linux_info, &info);
		if (emul_copyout(ARG2(f), &linux_info, sizeof(linux_info)) != 0)
			return -LINUX_EFAULT;
	}
	return emul_signal_to_linux(info.si_signo);
}

/* ---- sending ------------------------------------------------------------------------------ */

static bool
bad_signal(uint64_t sig)
{
	return (uint32_t)sig >= BSD_NSIG;
}

int64_t
sys_kill(struct emul_frame *f)
{
	if (bad_signal(ARG2(f)))
		return -LINUX_EINVAL;
	return emul_result(
	    bsd_kill(emul_process(), (int)ARG1(f), emul_signal_from_linux((int)ARG2(f))));
}

int64_t
sys_tkill(struct emul_frame *f)
{
	if (bad_signal(ARG2(f)) || (int)ARG1(f) <= 0)
		return -LINUX_EINVAL;
	return emul_result(
	    bsd_thread_kill(emul_process(), 0, (int)ARG1(f), emul_signal_from_linux((int)ARG2(f))));
}

int64_t
sys_tgkill(struct emul_frame *f)
{
	if (bad_signal(ARG3(f)) || (int)ARG1(f) <= 0 || (int)ARG2(f) <= 0)
		return -LINUX_EINVAL;
	return emul_result(bsd_thread_kill(
	    emul_process(), (int)ARG1(f), (int)ARG2(f), emul_signal_from_linux((int)ARG3(f))));
}

static int64_t
queue_signal(int pid, int tid, int sig, uint64_t info_address)
{
	struct linux_siginfo info;

	if (emul_copyin(&info, info_address, sizeof(info)) != 0)
		return -LINUX_EFAULT;
	if (sig < 0 || sig >= BSD_NSIG)
		return -LINUX_EINVAL;
	return emul_result(bsd_sigqueue(emul_process(), pid, tid, emul_signal_from_linux(sig),
	    info.si_code, info.u.queue.value));
}

int64_t
sys_rt_sigqueueinfo(struct emul_frame *f)
{
	return queue_signal((int)ARG1(f), 0, (int)ARG2(f), ARG3(f));
}

int64_t
sys_rt_tgsigqueueinfo(struct emul_frame *f)
{
	return queue_signal((int)ARG1(f), (int)ARG2(f), (int)ARG3(f), ARG4(f));
}

/* ---- the alternate stack --------------------------------------------------------------------- */

static bool
on_stack(const struct bsd_sigstack *stack, uint64_t sp)
{
	return (stack->ss_flags & SS_DISABLE) == 0 && sp > stack->ss_sp &&
	    sp - stack->ss_sp <= stack->ss_size;
}

static void
stack_to_linux(struct linux_stack *to, const struct bsd_sigstack *from, uint64_t sp)
{
	to->sp = from->ss_sp;
	to->size = from->ss_size;
	to->pad = 0;
	to->flags = (from->ss_flags & SS_DISABLE) != 0 ? LINUX_SS_DISABLE
	    : on_stack(from, sp)                       ? LINUX_SS_ONSTACK
						       : 0;
}

int64_t
sys_sigaltstack(struct emul_frame *f)
{
	struct linux_stack linux_stack;
	struct bsd_sigstack stack = { 0 };
	struct bsd_sigstack old;
	int64_t r;

	if (ARG1(f) != 0) {
		if (emul_copyin(&linux_stack, ARG1(f), sizeof(linux_stack)) != 0)
			return -LINUX_EFAULT;
		if ((linux_stack.flags & ~(LINUX_SS_DISABLE | LINUX_SS_ONSTACK)) != 0)
			return -LINUX_EINVAL;
		stack.ss_sp = linux_stack.sp;
		stack.ss_size = linux_stack.size;
		if ((linux_stack.flags & LINUX_SS_DISABLE) != 0)
			stack = (struct bsd_sigstack) { .ss_flags = SS_DISABLE };
		else if (stack.ss_size < LINUX_MINSIGSTKSZ)
			return -LINUX_ENOMEM;
	}
	r = emul_result(bsd_sigaltstack(emul_process(), ARG1(f) != 0, f->regs.rsp, stack, &old));
	if (r == 0 && ARG2(f) != 0) {
		stack_to_linux(&linux_stack, &old, f->regs.rsp);
		r = emul_copyout(ARG2(f), &linux_stack, sizeof(linux_stack));
	}
	return r;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls about processes and threads.
 */
#include "bsd_user.h"
#include "calls.h"
#include "emul.h"

/* ---- identity --------------------------------------------------------------------- */

int64_t
sys_getpid(struct emul_frame *f)
{
	return emul_self()->pid;
}

int64_t
sys_gettid(struct emul_frame *f)
{
	return emul_self()->tid;
}

int64_t
sys_set_tid_address(struct emul_frame *f)
{
	struct emul_thread *self = emul_self();

	self->clear_tid = ARG1(f);
	return self->tid;
}

static int64_t
get_ids(struct bsd_ids *ids)
{
	return emul_result(bsd_getids(emul_process(), ids));
}

#define ID_CALL(name, field)                                                                       \
	int64_t name(struct emul_frame *f)                                                         \
	{                                                                                          \
		struct bsd_ids ids;                                                                \
		int64_t r = get_ids(&ids);                                                         \
                                                                                                   \
		return r != 0 ? r : (int64_t)ids.field;                                            \
	}

ID_CALL(sys_getppid, ppid)
ID_CALL(sys_getuid, ruid)
ID_CALL(sys_geteuid, euid)
ID_CALL(sys_getgid, rgid)
ID_CALL(sys_getegid, egid)
ID_CALL(sys_getpgrp, pgrp)

static int64_t
out_three(struct emul_frame *f, const uint32_t id[3])
{
	if (emul_copyout(ARG1(f), &id[0], 4) != 0 || emul_copyout(ARG2(f), &id[1], 4) != 0 ||
	    emul_copyout(ARG3(f), &id[2], 4) != 0)
		return -LINUX_EFAULT;
	return 0;
}

int64_t
sys_getresuid(struct emul_frame *f)
{
	struct bsd_ids ids;
	int64_t r = get_ids(&ids);

	return r != 0 ? r : out_three(f, (uint32_t[]) { ids.ruid, ids.euid, ids.suid });
}

int64_t
sys_getresgid(struct emul_frame *f)
{
	struct bsd_ids ids;
	int64_t r = get_ids(&ids);

	return r != 0 ? r : out_three(f, (uint32_t[]) { ids.rgid, ids.egid, ids.sgid });
}

int64_t
sys_setuid(struct emul_frame *f)
{
	return emul_result(bsd_setuid(emul_process(), (int)ARG1(f)));
}

int64_t
sys_setgid(struct emul_frame *f)
{
	return emul_result(bsd_setgid(emul_process(), (int)ARG1(f)));
}

int64_t
sys_setresuid(struct emul_frame *f)
{
	return emul_result(bsd_setresuid(emul_process(), (int)ARG1(f), (int)ARG2(f), (int)ARG3(f)));
}

int64_t
sys_setresgid(struct emul_frame *f)
{
	return emul_result(bsd_setresgid(emul_process(), (int)ARG1(f), (int)ARG2(f), (int)ARG3(f)));
}

/* The saved id follows the effective one when the real one is set. */
int64_t
sys_setreuid(struct emul_frame *f)
{
	int saved = (int)ARG1(f) != -1 ? (int)ARG2(f) : -1;

	return emul_result(bsd_setresuid(emul_process(), (int)ARG1(f), (int)ARG2(f), saved));
}

int64_t
sys_setregid(struct emul_frame *f)
{
	int saved = (int)ARG1(f) != -1 ? (int)ARG2(f) : -1;

	return emul_result(bsd_setresgid(emul_process(), (int)ARG1(f), (int)ARG2(f), saved));
}

int64_t
sys_getgroups(struct emul_frame *f)
{
	int groups[BSD_GROUPS_MAX];
	mach_msg_type_number_t count = BSD_GROUPS_MAX;
	int64_t r = emul_result(bsd_getgroups(emul_process(), (void *)groups, &count));

	if (r != 0 || (int)ARG1(f) == 0)
		return r != 0 ? r : count;
	if ((int)ARG1(f) < (int)count)
		return -LINUX_EINVAL;
	if (emul_copyout(ARG2(f), groups, count * sizeof(int)) != 0)
		return -LINUX_EFAULT;
	return count;
}

int64_t
sys_setgroups(struct emul_frame *f)
{
	int groups[BSD_GROUPS_MAX];

	if (ARG1(f) > BSD_GROUPS_MAX)
		return -LINUX_EINVAL;
	if (emul_copyin(groups, ARG2(f), ARG1(f) * sizeof(int)) != 0)
		return -LINUX_EFAULT;
	return emul_result(
	    bsd_setgroups(emul_process(), (void *)groups, (mach_msg_type_number_t)ARG1(f)));
}

int64_t
sys_setpgid(struct emul_frame *f)
{
	return emul_result(bsd_setpgid(emul_process(), (int)ARG1(f), (int)ARG2(f)));
}

int64_t
sys_getpgid(struct emul_frame *f)
{
	int pgrp, session;
	int64_t r = emul_result(bsd_getpgid(emul_process(), (int)ARG1(f), &pgrp, &session));

	return r != 0 ? r : pgrp;
}

int64_t
sys_getsid(struct emul_frame *f)
{
	int pgrp, session;
	int64_t r = emul_result(bsd_getpgid(emul_process(), (int)ARG1(f), &pgrp, &session));

	return r != 0 ? r : session;
}

int64_t
sys_setsid(struct emul_frame *f)
{
	int session;
	int64_t r = emul_result(bsd_setsid(emul_process(), &session));

	return r != 0 ? r : session;
}

/* ---- fork, clone ---------------------------------------------------------------------- */

struct clone_args {
	uint64_t flags; /* the exit signal in the low byte */
	uint64_t stack; /* 0: the caller's */
	uint64_t parent_tid;
	uint64_t child_tid;
	uint64_t tls;
};

/*
 * The child finds in its registers what bsd_fork was given: RCX and R11 are
 * free after a system call and RAX will be 0, so they carry the flags,
 * child_tid and parent_tid.
 */
static void
child_regs(struct bsd_regs *regs, const struct emul_frame *f, const struct clone_args *a)
{
	*regs = f->regs;
	regs->rcx = a->flags;
	regs->r11 = a->child_tid;
	regs->rax = a->parent_tid;
	regs->fs_base = emul_self()->fs_base;
	regs->gs_base = emul_self()->gs_base;
	if (a->stack != 0)
		regs->rsp = a->stack;
	if ((a->flags & LINUX_CLONE_SETTLS) != 0)
		regs->fs_base = a->tls;
}

static int
fork_flags(uint64_t flags)
{
	int result = 0;

	if ((flags & LINUX_CLONE_VM) != 0)
		result |= BSD_FORK_SHARE_VM;
	if ((flags & LINUX_CLONE_VFORK) != 0)
		result |= BSD_FORK_WAIT;
	if ((flags & LINUX_CLONE_THREAD) != 0)
		result |= BSD_FORK_THREAD;
	if ((flags & LINUX_CLONE_FILES) != 0)
		result |= BSD_FORK_SHARE_FILES;
	if ((flags & LINUX_CLONE_FS) != 0)
		result |= BSD_FORK_SHARE_FS;
	if ((flags & LINUX_CLONE_PARENT) != 0)
		result |= BSD_FORK_KEEP_PARENT;
	if ((flags & LINUX_CLONE_CLEAR_SIGHAND) != 0)
		result |= BSD_FORK_NO_HANDLERS;
	return result;
}

static bool
clone_flags_ok(uint64_t flags)
{
	if ((flags & LINUX_CLONE_THREAD) != 0 && (flags & LINUX_CLONE_SIGHAND) == 0)
		return false;
	return (flags & LINUX_CLONE_SIGHAND) == 0 || (flags & LINUX_CLONE_VM) != 0;
}

static int64_t
do_clone(struct emul_frame *f, const struct clone_args *a)
{
	struct emul_thread *self = emul_self();
	struct bsd_regs regs;
	int signal = emul_signal_from_linux((int)(a->flags & 0xff));
	uint32_t fpu_size;
	int tid;
	int64_t r;

	if (!clone_flags_ok(a->flags))
		return -LINUX_EINVAL;
	child_regs(&regs, f, a);
	fpu_size = emul_fpu_save_local(self);
	if ((a->flags & LINUX_CLONE_VM) == 0)
		fpu_size = 0; /* the child has a copy where we have it */
	r = emul_result(bsd_fork(
	    emul_process(), fork_flags(a->flags), signal, regs, (char *)self->fpu, fpu_size, &tid));
	if (r == EMUL_RESTART)
		return -LINUX_EINTR;
	if (r != 0)
		return r;
	if ((a->flags & LINUX_CLONE_PARENT_SETTID) != 0)
		(void)emul_copyout(a->parent_tid, &tid, sizeof(tid));
	return tid;
}

void
emul_clone_child(struct emul_frame *f, const struct bsd_start *start)
{
	uint64_t flags = start->regs.rcx;
	uint64_t child_tid = start->regs.r11;
	uint64_t parent_tid = start->regs.rax;
	int tid = start->tid;

	if ((flags & LINUX_CLONE_CHILD_CLEARTID) != 0)
		emul_self()->clear_tid = child_tid;
	if ((flags & LINUX_CLONE_CHILD_SETTID) != 0)
		(void)emul_copyout(child_tid, &tid, sizeof(tid));
	/* with shared memory we may be running before our maker goes on */
	if ((flags & LINUX_CLONE_PARENT_SETTID) != 0 && (flags & LINUX_CLONE_VM) != 0)
		(void)emul_copyout(parent_tid, &tid, sizeof(tid));
	f->regs.rax = 0;
	f->regs.rcx = f->regs.rip;
	f->regs.r11 = f->regs.rflags;
}

int64_t
sys_fork(struct emul_frame *f)
{
	return do_clone(f, &(struct clone_args) { .flags = 17 }); /* SIGCHLD */
}

int64_t
sys_vfork(struct emul_frame *f)
{
	return do_clone(
	    f, &(struct clone_args) { .flags = LINUX_CLONE_VM | LINUX_CLONE_VFORK | 17 });
}

int64_t
sys_clone(struct emul_frame *f)
{
	return do_clone(f,
	    &(struct clone_args) { .flags = ARG1(f) & 0xffffffff,
		.stack = ARG2(f),
		.parent_tid = ARG3(f),
		.child_tid = ARG4(f),
		.tls = ARG5(f) });
}

/* The argument of clone3; programs may know a longer or a shorter one. */
struct clone3_args {
	uint64_t flags;
	uint64_t pidfd;
	uint64_t child_tid;
	uint64_t parent_tid;
	uint64_t exit_signal;
	uint64_t stack; /* its lowest byte, or 0 */
	uint64_t stack_size;
	uint64_t tls;
	uint64_t set_tid; /* from here on not always there */
	uint64_t set_tid_size;
	uint64_t cgroup;
};

#define CLONE3_SHORTEST 64

/* What we do not know of must be zero. */
static int64_t
clone3_get(struct clone3_args *a, uint64_t from, uint64_t size)
{
	uint64_t rest;

	if (size > PAGE_SIZE)
		return -LINUX_E2BIG;
	if (size < CLONE3_SHORTEST)
		return -LINUX_EINVAL;
	for (uint64_t at = sizeof(*a); at < size; at += sizeof(rest)) {
		rest = 0;
		if (emul_copyin(&rest, from + at, size - at < 8 ? size - at : 8) != 0)
			return -LINUX_EFAULT;
		if (rest != 0)
			return -LINUX_E2BIG;
	}
	*a = (struct clone3_args) { .flags = 0 };
	return emul_copyin(a, from, size < sizeof(*a) ? size : sizeof(*a));
}

static bool
clone3_ok(const struct clone3_args *a)
{
	if ((a->flags & ~(uint64_t)LINUX_CLONE3_FLAGS) != 0 || a->exit_signal > 64 ||
	    a->set_tid != 0 || a->set_tid_size != 0)
		return false;
	if ((a->flags & LINUX_CLONE_SIGHAND) != 0 && (a->flags & LINUX_CLONE_CLEAR_SIGHAND) != 0)
		return false;
	if ((a->flags & (LINUX_CLONE_THREAD | LINUX_CLONE_PARENT)) != 0 && a->exit_signal != 0)
		return false;
	return a->stack == 0 ? a->stack_size == 0
			     : a->stack_size != 0 && a->stack + a->stack_size >= a->stack;
}

int64_t
sys_clone3(struct emul_frame *f)
{
	struct clone3_args a;
	int64_t r = clone3_get(&a, ARG1(f), ARG2(f));

	if (r != 0)
		return r;
	if (!clone3_ok(&a))
		return -LINUX_EINVAL;
	return do_clone(f,
	    &(struct clone_args) { .flags = a.flags | a.exit_signal,
		.stack = a.stack != 0 ? a.stack + a.stack_size : 0,
		.parent_tid = a.parent_tid,
		.child_tid = a.child_tid,
		.tls = a.tls });
}

/* ---- exit, wait ------------------------------------------------------------------------- */

void
emul_clear_tid(void)
{
	struct emul_thread *self = emul_self();
	static const uint32_t zero;
	uint64_t at = self->clear_tid;

	emul_robust_exit();
	self->clear_tid = 0;
	if (at != 0 && emul_copyout(at, &zero, sizeof(zero)) == 0) {
		emul_futex_wake(at, 1, false);
		emul_futex_wake(at, 1, true);
	}
}

int64_t
sys_exit(struct emul_frame *f)
{
	emul_clear_tid();
	bsd_thread_exit(emul_process(), (int)ARG1(f) & 0xff);
	emul_sleep_forever();
	return 0;
}

int64_t
sys_exit_group(struct emul_frame *f)
{
	emul_clear_tid();
	bsd_exit(emul_process(), (int)ARG1(f) & 0xff);
	emul_sleep_forever();
	return 0;
}

void
emul_rusage_to_linux(struct linux_rusage *to, const struct bsd_rusage *from)
{
	memset(to, 0, sizeof(*to));
	to->utime[0] = from->ru_utime / 1000000000;
	to->utime[1] = from->ru_utime % 1000000000 / 1000;
	to->stime[0] = from->ru_stime / 1000000000;
	to->stime[1] = from->ru_stime % 1000000000 / 1000;
	to->maxrss = from->ru_maxrss;
	to->minflt = from->ru_minflt;
	to->majflt = from->ru_majflt;
	to->nvcsw = from->ru_nvcsw;
	to->nivcsw = from->ru_nivcsw;
}

static int64_t
out_rusage(uint64_t at, const struct bsd_rusage *usage)
{
	struct linux_rusage linux_usage;

	if (at == 0)
		return 0;
	emul_rusage_to_linux(&linux_usage, usage);
	return emul_copyout(at, &linux_usage, sizeof(linux_usage));
}

/* WNOTHREAD, WALL and WCLONE change nothing: there are no clone children apart. */
#define WAIT_KNOWN                                                                                 \
	(LINUX_WNOHANG | LINUX_WUNTRACED | LINUX_WCONTINUED | LINUX_WNOTHREAD | LINUX_WALL |       \
	    LINUX_WCLONE)

static int
wait_options(uint64_t options)
{
	int result = 0;

	if ((options & LINUX_WNOHANG) != 0)
		result |= WNOHANG;
	if ((options & LINUX_WUNTRACED) != 0)
		result |= WUNTRACED;
	if ((options & LINUX_WCONTINUED) != 0)
		result |= WCONTINUED;
	if ((options & LINUX_WEXITED) != 0)
		result |= BSD_WEXITED;
	if ((options & LINUX_WNOWAIT) != 0)
		result |= WNOWAIT;
	return result;
}

int64_t
sys_wait4(struct emul_frame *f)
{
	struct bsd_rusage usage;
	uint64_t options = (uint32_t)ARG3(f);
	int found, status, uid;
	int64_t r;

	if ((options & ~(uint64_t)WAIT_KNOWN) != 0)
		return -LINUX_EINVAL;
	r = emul_result(bsd_wait(emul_process(), (int)ARG1(f), wait_options(options) | BSD_WEXITED,
	    &found, &status, &uid, &usage));
	if (r != 0 || found == 0)
		return r;
	status = emul_status_to_linux(status);
	if (ARG2(f) != 0 && emul_copyout(ARG2(f), &status, sizeof(status)) != 0)
		return -LINUX_EFAULT;
	r = out_rusage(ARG4(f), &usage);
	return r != 0 ? r : found;
}

static void
wait_siginfo(struct linux_siginfo *info, int pid, int uid, int status)
{
	struct bsd_siginfo bsd = { .si_signo = SIGCHLD, .si_pid = pid, .si_uid = uid };

	if (status == BSD_WSTATUS_CONTINUED) {
		bsd.si_code = CLD_CONTINUED;
		bsd.si_status = SIGCONT;
	} else if ((status & 0x7f) == 0x7f) {
		bsd.si_code = CLD_STOPPED;
		bsd.si_status = status >> 8 & 0xff;
	} else if ((status & 0x7f) != 0) {
		bsd.si_code = (status & BSD_WSTATUS_CORE) != 0 ? CLD_DUMPED : CLD_KILLED;
		bsd.si_status = status & 0x7f;
	} else {
		bsd.si_code = CLD_EXITED;
		bsd.si_status = status >> 8 & 0xff;
	}
	emul_siginfo_to_linux(info, &bsd);
}

/* waitid's kind and id as wait's pid; 0 = bad. */
static bool
waitid_pid(uint64_t type, int id, int *pid)
{
	if (type == 0)
		*pid = -1;
	else if (type == 1 && id > 0)
		*pid = id;
	else if (type == 2 && id >= 0)
		*pid = id == 0 ? 0 : -id;
	else
		return false;
	return true;
}

int64_t
sys_waitid(struct emul_frame *f)
{
	struct linux_siginfo info;
	struct bsd_rusage usage;
	uint64_t options = (uint32_t)ARG4(f);
	int pid, found, status, uid;
	int64_t r;

	if ((options & (LINUX_WEXITED | LINUX_WUNTRACED | LINUX_WCONTINUED)) == 0 ||
	    !waitid_pid(ARG1(f), (int)ARG2(f), &pid))
		return -LINUX_EINVAL;
	r = emul_result(
	    bsd_wait(emul_process(), pid, wait_options(options), &found, &status, &uid, &usage));
	if (r != 0)
		return r;
	memset(&info, 0, sizeof(info));
	if (found != 0)
		wait_siginfo(&info, found, uid, status);
	if (ARG3(f) != 0 && emul_copyout(ARG3(f), &info, sizeof(info)) != 0)
		return -LINUX_EFAULT;
	return found != 0 ? out_rusage(ARG5(f), &usage) : 0;
}

/* ---- execve ---------------------------------------------------------------------------------- */

/* Argument strings on their way to the server. */
struct packer {
	char data[BSD_ARGS_MAX];
	uint32_t used;
	bool sent; /* something went by bsd_exec_append */
};

#define ARGS_TOTAL_MAX (512u * 1024)

static int64_t
packer_flush(struct packer *p)
{
	int64_t r = emul_result(bsd_exec_append(emul_process(), !p->sent, p->data, p->used));

	p->sent = true;
	p->used = 0;
	return r;
}

/* One string, however long. */
static int64_t
pack_string(struct packer *p, uint64_t from, uint64_t *total)
{
	for (;;) {
		uint32_t room = BSD_ARGS_MAX - p->used;
		long n = emul_copy_string(p->data + p->used, (const char *)from, room);
		int64_t r;

		if (n < 0)
			return -LINUX_EFAULT;
		*total += (uint64_t)n + 1;
		if (*total > ARGS_TOTAL_MAX)
			return -LINUX_E2BIG;
		if (n < (long)room) {
			p->used += (uint32_t)n + 1;
			return 0;
		}
		p->used += (uint32_t)n;
		from += (uint64_t)n;
		r = packer_flush(p);
		if (r != 0)
			return r;
	}
}

/* All strings of a vector; their number or negative. */
static int64_t
pack_vector(struct packer *p, uint64_t vector, uint64_t *total)
{
	int64_t count = 0;
	uint64_t string;

	if (vector == 0)
		return 0;
	for (;; count++) {
		int64_t r;

		if (emul_copyin(&string, vector + (uint64_t)count * 8, sizeof(string)) != 0)
			return -LINUX_EFAULT;
		if (string == 0)
			return count;
		r = pack_string(p, string, total);
		if (r != 0)
			return r;
	}
}

static int64_t
do_exec(int dirfd, uint64_t path_address, uint64_t argv, uint64_t envp, int flags)
{
	bsd_path_t path;
	struct packer p = { .used = 0, .sent = false };
	uint64_t total = 0;
	int64_t argc, envc;
	long n = emul_path(path, path_address);

	if (n < 0)
		return n;
	if (n == 0 && (flags & AT_EMPTY_PATH) == 0)
		return -LINUX_ENOENT;
	argc = pack_vector(&p, argv, &total);
	if (argc < 0)
		return argc;
	envc = pack_vector(&p, envp, &total);
	if (envc < 0)
		return envc;
	if (!p.sent && p.used == 0) {
		int64_t r = packer_flush(&p); /* forget what an earlier try left */

		if (r != 0)
			return r;
	}
	return emul_result(bsd_exec(emul_process(), dirfd, path, flags | (p.sent ? 0x10000 : 0),
	    (int)argc, (int)envc, p.data, p.used));
}

int64_t
sys_execve(struct emul_frame *f)
{
	return do_exec(AT_FDCWD, ARG1(f), ARG2(f), ARG3(f), 0);
}

int64_t
sys_execveat(struct emul_frame *f)
{
	int flags = 0;

	if ((ARG5(f) & ~(uint64_t)(LINUX_AT_EMPTY_PATH | LINUX_AT_SYMLINK_NOFOLLOW)) != 0)
		return -LINUX_EINVAL;
	if ((ARG5(f) & LINUX_AT_EMPTY_PATH) != 0)
		flags |= AT_EMPTY_PATH;
	if ((ARG5(f) & LINUX_AT_SYMLINK_NOFOLLOW) != 0)
		flags |= AT_SYMLINK_NOFOLLOW;
	return do_exec((int)ARG1(f), ARG2(f), ARG3(f), ARG4(f), flags);
}

/* ---- machine state ------------------------------------------------------------------------- */

int64_t
sys_arch_prctl(struct emul_frame *f)
{
	struct emul_thread *self = emul_self();

	switch (ARG1(f)) {
	case LINUX_ARCH_SET_FS:
		if (ARG2(f) >> 47 != 0)
			return -LINUX_EPERM;
		emul_set_bases(ARG2(f), self->gs_base);
		return 0;
	case LINUX_ARCH_SET_GS:
		if (ARG2(f) >> 47 != 0)
			return -LINUX_EPERM;
		emul_set_bases(self->fs_base, ARG2(f));
		return 0;
	case LINUX_ARCH_GET_FS:
		return emul_copyout(ARG2(f), &self->fs_base, sizeof(self->fs_base));
	case LINUX_ARCH_GET_GS:
		return emul_copyout(ARG2(f), &self->gs_base, sizeof(self->gs_base));
	default:
		return -LINUX_EINVAL;
	}
}

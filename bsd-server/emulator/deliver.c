/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery of signals: the Linux frame on the program's stack, and the way
 * back (rt_sigreturn).
 */
#include "bsd_user.h"
#include "calls.h"
#include "emul.h"

#define RED_ZONE      128
#define FXSAVE_SIZE   512
#define XSAVE_HEADER  64
#define CPUID_OSXSAVE (1u << 27)

/* The floating-point area of a frame. */
struct fpu_layout {
	bool extended;
	uint32_t size; /* of the state itself */
	uint64_t features;
};

static void
cpuid(uint32_t leaf, uint32_t regs[4])
{
	__asm__("cpuid"
		: "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]), "=d"(regs[3])
		: "a"(leaf), "c"(0));
}

static struct fpu_layout
fpu_layout(void)
{
	struct fpu_layout layout = { false, FXSAVE_SIZE, 3 };
	uint32_t regs[4];
	uint32_t low, high;

	cpuid(1, regs);
	if ((regs[2] & CPUID_OSXSAVE) == 0)
		return layout;
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	cpuid(0xd, regs);
	layout.extended = true;
	layout.size = regs[1];
	layout.features = (uint64_t)high << 32 | low;
	return layout;
}

static int
save_extended(uint64_t fp, const struct fpu_layout *layout)
{
	static const uint64_t zero[XSAVE_HEADER / 8];
	uint32_t magic2 = LINUX_FP_XSTATE_MAGIC2;
	struct linux_fpx_sw_bytes sw = {
		.magic1 = LINUX_FP_XSTATE_MAGIC1,
		.extended_size = layout->size + sizeof(magic2),
		.features = layout->features,
		.xstate_size = layout->size,
	};

	if (emul_copyout(fp + FXSAVE_SIZE, zero, sizeof(zero)) != 0 ||
	    emul_xsave((void *)fp) != 0 || emul_copyout(fp + 464, &sw, sizeof(sw)) != 0)
		return -1;
	return emul_copyout(fp + layout->size, &magic2, sizeof(magic2));
}

static int
save_fpu(uint64_t fp, const struct fpu_layout *layout)
{
	if (layout->extended)
		return save_extended(fp, layout);
	return emul_fxsave((void *)fp);
}

static int
restore_fpu(uint64_t fp)
{
	struct linux_fpx_sw_bytes sw;

	if (fp == 0)
		return 0;
	if (emul_copyin(&sw, fp + 464, sizeof(sw)) != 0)
		return -1;
	if (fpu_layout().extended && sw.magic1 == LINUX_FP_XSTATE_MAGIC1)
		return emul_xrstor((const void *)fp);
	return emul_fxrstor((const void *)fp);
}

uint32_t
emul_fpu_save_local(struct emul_thread *self)
{
	struct fpu_layout layout = fpu_layout();

	memset(self->fpu + FXSAVE_SIZE, 0, XSAVE_HEADER);
	if (!layout.extended || layout.size > sizeof(self->fpu)) {
		emul_fxsave(self->fpu);
		return FXSAVE_SIZE;
	}
	emul_xsave(self->fpu);
	return layout.size;
}

void
emul_fpu_restore_local(struct emul_thread *self)
{
	struct fpu_layout layout = fpu_layout();

	if (layout.extended && layout.size <= sizeof(self->fpu))
		emul_xrstor(self->fpu);
	else
		emul_fxrstor(self->fpu);
}

/* ---- registers ------------------------------------------------------------------ */

static void
context_from_regs(struct linux_sigcontext *c, const struct bsd_regs *r)
{
	c->r8 = r->r8;
	c->r9 = r->r9;
	c->r10 = r->r10;
	c->r11 = r->r11;
	c->r12 = r->r12;
	c->r13 = r->r13;
	c->r14 = r->r14;
	c->r15 = r->r15;
	c->rdi = r->rdi;
	c->rsi = r->rsi;
	c->rbp = r->rbp;
	c->rbx = r->rbx;
	c->rdx = r->rdx;
	c->rax = r->rax;
	c->rcx = r->rcx;
	c->rsp = r->rsp;
	c->rip = r->rip;
	c->eflags = r->rflags;
	c->cs = 0x33; /* what a Linux program sees */
	c->ss = 0x2b;
}

static void
regs_from_context(struct bsd_regs *r, const struct linux_sigcontext *c)
{
	r->r8 = c->r8;
	r->r9 = c->r9;
	r->r10 = c->r10;
	r->r11 = c->r11;
	r->r12 = c->r12;
	r->r13 = c->r13;
	r->r14 = c->r14;
	r->r15 = c->r15;
	r->rdi = c->rdi;
	r->rsi = c->rsi;
	r->rbp = c->rbp;
	r->rbx = c->rbx;
	r->rdx = c->rdx;
	r->rax = c->rax;
	r->rcx = c->rcx;
	r->rsp = c->rsp;
	r->rip = c->rip;
	r->rflags = c->eflags & ~EMUL_RFLAGS_SIGNAL;
}

void
emul_set_full(struct emul_frame *f)
{
	const struct bsd_regs *r = &f->regs;

	f->state = (struct i386_thread_state) {
		.r8 = r->r8,
		.r9 = r->r9,
		.r10 = r->r10,
		.r11 = r->r11,
		.r12 = r->r12,
		.r13 = r->r13,
		.r14 = r->r14,
		.r15 = r->r15,
		.rdi = r->rdi,
		.rsi = r->rsi,
		.rbp = r->rbp,
		.rbx = r->rbx,
		.rdx = r->rdx,
		.rcx = r->rcx,
		.rax = r->rax,
		.rip = r->rip,
		.cs = I386_USER_CS,
		.rfl = r->rflags,
		.ursp = r->rsp,
		.ss = I386_USER_SS,
	};
}

/* ---- the frame -------------------------------------------------------------------- */

struct placement {
	uint64_t fp;
	uint64_t frame;
};

static bool
on_altstack(const struct bsd_sigstack *stack, uint64_t sp)
{
	return (stack->ss_flags & SS_DISABLE) == 0 && sp > stack->ss_sp &&
	    sp - stack->ss_sp <= stack->ss_size;
}

static struct placement
place_frame(const struct bsd_regs *regs, const struct bsd_sigdelivery *d, uint32_t fp_size)
{
	struct placement p;
	uint64_t sp = regs->rsp;
	bool alternate = (d->action.sa_flags & SA_ONSTACK) != 0 &&
	    (d->stack.ss_flags & SS_DISABLE) == 0 && d->stack.ss_size != 0;

	if (alternate && !on_altstack(&d->stack, sp))
		sp = d->stack.ss_sp + d->stack.ss_size;
	else
		sp -= RED_ZONE;
	p.fp = (sp - fp_size) & ~63UL;
	p.frame = ((p.fp - sizeof(struct linux_rt_sigframe)) & ~15UL) - 8;
	return p;
}

static void
fill_frame(struct linux_rt_sigframe *frame, const struct bsd_regs *regs,
    const struct bsd_sigdelivery *d, uint64_t fp, bool extended)
{
	memset(frame, 0, sizeof(*frame));
	frame->restorer = d->action.sa_trampoline;
	frame->uc.uc_flags = LINUX_UC_SIGCONTEXT_SS | LINUX_UC_STRICT_RESTORE_SS |
	    (extended ? LINUX_UC_FP_XSTATE : 0);
	frame->uc.uc_stack.sp = d->stack.ss_sp;
	frame->uc.uc_stack.size = d->stack.ss_size;
	frame->uc.uc_stack.flags = (d->stack.ss_flags & SS_DISABLE) != 0 ? LINUX_SS_DISABLE
	    : on_altstack(&d->stack, regs->rsp)                          ? LINUX_SS_ONSTACK
									 : 0;
	context_from_regs(&frame->uc.uc_mcontext, regs);
	frame->uc.uc_mcontext.trapno = (uint64_t)d->info.si_trap;
	frame->uc.uc_mcontext.cr2 = d->info.si_trap == 14 ? d->info.si_addr : 0;
	frame->uc.uc_mcontext.oldmask = emul_sigset_to_linux(d->oldmask);
	frame->uc.uc_mcontext.fpstate = fp;
	frame->uc.uc_sigmask = emul_sigset_to_linux(d->oldmask);
	emul_siginfo_to_linux(&frame->info, &d->info);
}

static void
enter_handler(struct bsd_regs *regs, const struct bsd_sigdelivery *d, uint64_t frame)
{
	regs->rdi = (uint64_t)emul_signal_to_linux(d->info.si_signo);
	regs->rsi = frame + offsetof(struct linux_rt_sigframe, info);
	regs->rdx = frame + offsetof(struct linux_rt_sigframe, uc);
	regs->rax = 0;
	regs->rip = d->action.sa_handler;
	regs->rsp = frame;
	regs->rflags = 0x202;
}

/* The stack cannot take the frame: the program ends, as by a bad access. */
static void
push_frame(struct emul_frame *f, const struct bsd_sigdelivery *d)
{
	struct fpu_layout layout = fpu_layout();
	struct linux_rt_sigframe frame;
	struct placement p = place_frame(&f->regs, d, layout.size + 4);

	fill_frame(&frame, &f->regs, d, p.fp, layout.extended);
	if (save_fpu(p.fp, &layout) != 0 || emul_copyout(p.frame, &frame, sizeof(frame)) != 0)
		emul_die(SIGSEGV);
	enter_handler(&f->regs, d, p.frame);
	f->full = 0;
}

static void
resolve_restart(struct emul_frame *f, bool again, uint64_t number)
{
	if (again) {
		f->regs.rip -= 2; /* back onto the syscall instruction */
		f->regs.rax = number;
	} else
		f->regs.rax = (uint64_t)-LINUX_EINTR;
}

void
emul_deliver(struct emul_frame *f, bool restart, uint64_t number)
{
	struct emul_thread *self = emul_self();
	struct bsd_sigdelivery d;

	for (;;) {
		self->signal_pending = 0;
		if (bsd_sigtake(self->process, &d) != 0)
			break;
		if ((d.what & BSD_SIGTAKE_ASYNC) != 0) {
			f->regs = d.regs;
			f->full = 1;
		}
		if ((d.what & BSD_SIGTAKE_DELIVER) == 0)
			break;
		self->mask_known = false;
		if (restart)
			resolve_restart(f, (d.action.sa_flags & SA_RESTART) != 0, number);
		restart = false;
		push_frame(f, &d);
	}
	if (restart)
		resolve_restart(f, true, number);
}

/* The handler returned to its restorer: the frame lies below the stack pointer. */
int64_t
sys_rt_sigreturn(struct emul_frame *f)
{
	struct emul_thread *self = emul_self();
	struct linux_ucontext uc;
	uint64_t at = f->regs.rsp - 8 + offsetof(struct linux_rt_sigframe, uc);

	if (emul_copyin(&uc, at, sizeof(uc)) != 0 || restore_fpu(uc.uc_mcontext.fpstate) != 0)
		emul_die(SIGSEGV);
	regs_from_context(&f->regs, &uc.uc_mcontext);
	f->full = 1;
	self->mask =
	    emul_sigset_from_linux(uc.uc_sigmask) & ~(BSD_SIGMASK(SIGKILL) | BSD_SIGMASK(SIGSTOP));
	self->mask_known = bsd_sigreturn(self->process, self->mask) == 0;
	return (int64_t)f->regs.rax;
}

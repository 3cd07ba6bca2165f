/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server as exception handler of all Unix tasks: faults become signals.
 * Whose exception it is says the kernel thread's port; one who forges such a
 * message can only name a thread whose port he has, and so could do as much
 * to it anyway.
 */
#include <mach.h>
#include <mach/exc_server.h>
#include <mach/machine/exception.h>
#include <mach/notify_server.h>

#include "proc/proc.h"
#include "server/sync.h"
#include "signal/deliver.h"

/* ---- what an exception means ------------------------------------------------------------ */

struct meaning {
	int exception;
	int code;
	int sig;
	int si_code;
	int trap;
};

#define ANY (-1)

static const struct meaning meanings[] = {
	{ EXC_BAD_ACCESS, KERN_INVALID_ADDRESS, SIGSEGV, SEGV_MAPERR, 14 },
	{ EXC_BAD_ACCESS, KERN_PROTECTION_FAILURE, SIGSEGV, SEGV_ACCERR, 14 },
	{ EXC_BAD_ACCESS, KERN_MEMORY_ERROR, SIGBUS, BUS_ADRERR, 14 },
	{ EXC_BAD_ACCESS, KERN_MEMORY_FAILURE, SIGBUS, BUS_ADRERR, 14 },
	{ EXC_BAD_ACCESS, ANY, SIGSEGV, SEGV_MAPERR, 14 },
	{ EXC_BAD_INSTRUCTION, EXC_I386_INVOP, SIGILL, ILL_ILLOPC, 6 },
	{ EXC_BAD_INSTRUCTION, EXC_I386_GPFLT, SIGSEGV, SI_KERNEL, 13 },
	{ EXC_BAD_INSTRUCTION, EXC_I386_STKFLT, SIGBUS, SI_KERNEL, 12 },
	{ EXC_BAD_INSTRUCTION, EXC_I386_SEGNPFLT, SIGBUS, SI_KERNEL, 11 },
	{ EXC_BAD_INSTRUCTION, ANY, SIGILL, ILL_ILLOPC, 6 },
	{ EXC_ARITHMETIC, EXC_I386_DIV, SIGFPE, FPE_INTDIV, 0 },
	{ EXC_ARITHMETIC, EXC_I386_INTO, SIGFPE, FPE_INTOVF, 4 },
	{ EXC_ARITHMETIC, ANY, SIGFPE, FPE_FLTINV, 16 },
	{ EXC_BREAKPOINT, EXC_I386_SGL, SIGTRAP, TRAP_TRACE, 1 },
	{ EXC_BREAKPOINT, ANY, SIGTRAP, SI_KERNEL, 3 },
	{ ANY, ANY, SIGSEGV, SI_KERNEL, 0 },
};

static const struct meaning *
meaning_of(int exception, int code)
{
	const struct meaning *m = meanings;

	while ((m->exception != ANY && m->exception != exception) ||
	    (m->code != ANY && m->code != code))
		m++;
	return m;
}

static void
fault(struct thread *t, int exception, int code, uint64_t address)
{
	const struct meaning *m = meaning_of(exception, code);
	struct bsd_siginfo info = {
		.si_signo = m->sig,
		.si_code = m->si_code,
		.si_trap = m->trap,
		.si_addr = exception == EXC_BAD_ACCESS ? address : 0,
	};

	signal_fault(t, &info);
}

/*
 * Inside the emulator only its accesses to the program's memory may fault;
 * anything else is its own fault, and the process's end.
 */
static void
handle(struct thread *t, int exception, int code, uint64_t address)
{
	struct proc *p = t->proc;

	if (deliver_in_emulator(t)) {
		if (!deliver_copy_fault(t)) {
			bsd_log(
			    "bsd-server: pid %d: exception %d code %d at %#lx in the emulator\n",
			    p->pid, exception, code, (unsigned long)address);
			proc_exit(p, BSD_WSTATUS_SIGNAL(SIGSEGV));
		}
		return;
	}
	fault(t, exception, code, address);
	if (!t->dead && signal_deliverable(t) && !t->signal_saved && !deliver_at_exception(t))
		proc_exit(p, BSD_WSTATUS_SIGNAL(SIGKILL));
}

kern_return_t
catch_exception_raise(mach_port_t port, mach_port_t thread, mach_port_t task, integer_t exception,
    integer_t code, rpc_long_integer_t subcode)
{
	struct thread *t = thread_by_port(thread);

	if (t == NULL)
		return KERN_FAILURE; /* the rights go with the request */
	if (!t->in_request && !t->in_exception) {
		thread_reference(t);
		t->in_exception = true;
		handle(t, exception, code, (uint64_t)subcode);
		t->in_exception = false;
		thread_release(t);
	}
	if (MACH_PORT_VALID(thread))
		mach_port_deallocate(mach_task_self(), thread);
	if (MACH_PORT_VALID(task))
		mach_port_deallocate(mach_task_self(), task);
	return KERN_SUCCESS;
}

/* ---- notifications --------------------------------------------------------------------------- */

/* A kernel thread ended without our doing: by its own program, or its task's. */
kern_return_t
do_mach_notify_dead_name(mach_port_t notify, mach_port_name_t name)
{
	mach_port_type_t type;
	struct thread *t;

	/* an old notification may name what is somebody else's by now */
	if (mach_port_type(mach_task_self(), name, &type) != KERN_SUCCESS ||
	    (type & MACH_PORT_TYPE_DEAD_NAME) == 0)
		return KERN_SUCCESS;
	t = thread_by_port(name);
	if (t != NULL)
		thread_exit(t, BSD_WSTATUS_SIGNAL(SIGKILL));
	else
		mach_port_deallocate(mach_task_self(), name);
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_port_deleted(mach_port_t notify, mach_port_name_t name)
{
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_msg_accepted(mach_port_t notify, mach_port_name_t name)
{
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_port_destroyed(mach_port_t notify, mach_port_t rights)
{
	if (MACH_PORT_VALID(rights))
		mach_port_destroy(mach_task_self(), rights);
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_no_senders(mach_port_t notify, mach_port_mscount_t mscount)
{
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_send_once(mach_port_t notify)
{
	return KERN_SUCCESS;
}

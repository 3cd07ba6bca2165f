/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * entry -- into the kernel and back to user mode.
 *
 * User registers are saved in the PCB of the running thread, whose end is in
 * TSS.rsp[0] of this CPU: the CPU itself pushes there at interrupts and
 * exceptions from user mode, the code below does at a syscall. The kernel
 * then runs on the stack that %gs:CPU_STACK names. Interrupts are off.
 *
 *   syscall_entry ---- trap_table ---> trap function
 *        |   \                             | returns RAX
 *        |    redirect (emulation)         v
 *        |                           syscall_exit -- sysret, short restore
 *        v                                 | (ast, strange RIP)
 *   exceptions, interrupts -> trap_from_user -> exception_return -- iretq
 *
 * trap_return leaves a trap from a continuation: full restore, sysret.
 */
#include "macros.h"

#define E(field) ((field) - PCB_END)
#define KERN_INVALID_ARGUMENT 4
#define MACH_MSG_TRAP -25
#define REGISTER_CALL_TRAP -1025
#define REGISTER_REPLY_WAIT_TRAP -1026

	.section .text.entry, "ax"

/* Store all registers but RIP, RFLAGS, RCX and R11 below the PCB end in
 * \base. The user's RSP waits in CPU_SCRATCH; R11 is used up. */
.macro SAVE_SYSCALL base
	movq %gs:CPU_SCRATCH, %r11
	movq %r11, E(PCB_RSP)(\base)
	movq %rbx, E(PCB_RBX)(\base)
	movq %rdx, E(PCB_RDX)(\base)
	movq %rsi, E(PCB_RSI)(\base)
	movq %rdi, E(PCB_RDI)(\base)
	movq %rbp, E(PCB_RBP)(\base)
	movq %r8, E(PCB_R8)(\base)
	movq %r9, E(PCB_R9)(\base)
	movq %r10, E(PCB_R10)(\base)
	movq %r12, E(PCB_R12)(\base)
	movq %r13, E(PCB_R13)(\base)
	movq %r14, E(PCB_R14)(\base)
	movq %r15, E(PCB_R15)(\base)
.endm

/* RIP and RFLAGS to the PCB, RSP its end. */
.macro ENTER_SYSCALL
	movq %rsp, %gs:CPU_SCRATCH
	movq %gs:CPU_RSP0, %rsp
	movq %rcx, E(PCB_RIP)(%rsp)
	movq %r11, E(PCB_RFLAGS)(%rsp)
.endm

/* Registers a C function may have changed, RCX and R11 apart. */
.macro RESTORE_ARGUMENTS base
	movq E(PCB_RDX)(\base), %rdx
	movq E(PCB_RSI)(\base), %rsi
	movq E(PCB_RDI)(\base), %rdi
	movq E(PCB_R8)(\base), %r8
	movq E(PCB_R9)(\base), %r9
	movq E(PCB_R10)(\base), %r10
.endm

/* Registers a C function keeps, but not one of the entry's own (kernel's
 * meson.build: entry objects). */
.macro RESTORE_KEPT base
	movq E(PCB_RBX)(\base), %rbx
	movq E(PCB_RBP)(\base), %rbp
	movq E(PCB_R12)(\base), %r12
	movq E(PCB_R13)(\base), %r13
	movq E(PCB_R14)(\base), %r14
	movq E(PCB_R15)(\base), %r15
.endm

.macro PUSH_ALL
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
.endm

.macro POP_ALL
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
.endm

/*
 * To user mode with RAX as it is, unless something waits to be done first or
 * RIP is none that sysret takes. `kept`: the callee-saved registers come from
 * the PCB, too.
 */
.macro SYSRET_FAST kept=0
	TRACE_RETURN
	cmpl $0, %gs:CPU_AST
	jne syscall_exit_slow
	movq %gs:CPU_RSP0, %rsp
	movq E(PCB_RIP)(%rsp), %rcx
	btq $47, %rcx
	jc syscall_exit_slow_rip
.if \kept
	RESTORE_KEPT %rsp
.endif
	RESTORE_ARGUMENTS %rsp
	movq E(PCB_RFLAGS)(%rsp), %r11
	movq E(PCB_RSP)(%rsp), %rsp
	swapgs
	sysretq
.endm

/*
 * TOUR: msg-1
 * The syscall instruction. RCX = user RIP, R11 = user RFLAGS, RSP the user's;
 * FMASK cleared TF, IF, DF, NT, AC.
 */
FUNCTION syscall_entry
	swapgs
	cmpl $MACH_MSG_TRAP, %eax
	je syscall_message
	cmpl $REGISTER_CALL_TRAP, %eax
	jbe syscall_other	/* all positive ones, too */
	ENTER_SYSCALL
syscall_save:
	SAVE_SYSCALL %rsp
	movslq %eax, %rax
	movq %rax, E(PCB_RAX)(%rsp)
	movq %gs:CPU_STACK, %rsp
	TRACE_TRAP
	negl %eax
	cmpl $130, %eax
	jae syscall_own
	shll $4, %eax
	movq trap_table + 8(%rax), %r11
	movq trap_table(%rax), %rax
	testq %rax, %rax
	jz syscall_unused
syscall_dispatch:
	cmpl $6, %r11d
	ja syscall_stack_arguments
	movq %r10, %rcx
	callq *%rax

/* RAX is the trap's result; callee-saved registers are the user's again. */
syscall_exit:
	SYSRET_FAST

syscall_exit_slow_rip:
	movq %gs:CPU_STACK, %rsp
syscall_exit_slow:
	movq %gs:CPU_RSP0, %rdx
	movq %rax, E(PCB_RAX)(%rdx)
	jmp exception_return

/*
 * mach_msg, which may end as another thread: mach_msg_fast and mach_msg_plain
 * return only if they did nothing at all, and then the call begins again, last
 * as any other. Its seventh argument is not fetched before.
 */
	.balign 16
syscall_message:
	ENTER_SYSCALL
	SAVE_SYSCALL %rsp
	movq $MACH_MSG_TRAP, E(PCB_RAX)(%rsp)
	movq %gs:CPU_STACK, %rsp
	TRACE_TRAP
	movq %r10, %rcx
	callq mach_msg_fast
	movq %gs:CPU_RSP0, %rcx
	RESTORE_ARGUMENTS %rcx
	movq %r10, %rcx
	callq mach_msg_plain
	movq %gs:CPU_RSP0, %rcx
	movq %gs:CPU_STACK, %rsp
	RESTORE_KEPT %rcx
	movq E(PCB_RSP)(%rcx), %rax	/* others may have come in since */
	movq %rax, %gs:CPU_SCRATCH
	RESTORE_ARGUMENTS %rcx
	movl $(-MACH_MSG_TRAP << 4), %eax
	movq trap_table + 8(%rax), %r11
	movq trap_table(%rax), %rax
	jmp syscall_dispatch

/* Register IPC, or no Mach trap; the flags are of the comparison with the
 * first of them. */
syscall_other:
	je register_call
	cmpl $REGISTER_REPLY_WAIT_TRAP, %eax
	je register_reply_wait
	ENTER_SYSCALL
	testl %eax, %eax
	js syscall_save
	jmp syscall_positive

/* Numbers -130 and below: our own table at -1024. */
syscall_own:
	subl $1024, %eax
	cmpl $64, %eax
	jae syscall_unknown
	shll $4, %eax
	movq trap_own_table + 8(%rax), %r11
	movq trap_own_table(%rax), %rax
	testq %rax, %rax
	jnz syscall_dispatch
	jmp syscall_unknown

/* A slot without a trap: a result, unless the task has an emulator. */
syscall_unused:
	movq %gs:CPU_RSP0, %rdi
	movl $KERN_INVALID_ARGUMENT, %eax
	cmpq $0, PCB_EM_ENTRY - PCB_END(%rdi)
	je syscall_exit

/*
 * No such trap. trap_unknown(pcb) answers with a result, raises the exception
 * (negative: the PCB says all), or wants the redirect (1 << 32).
 */
syscall_unknown:
	movq %gs:CPU_RSP0, %rdi
	subq $PCB_END, %rdi
	callq trap_unknown
	testq %rax, %rax
	js exception_return
	btq $32, %rax
	jnc syscall_exit
	movq %gs:CPU_RSP0, %rsp
	RESTORE_ARGUMENTS %rsp
	movq E(PCB_RAX)(%rsp), %rax
	movq E(PCB_RIP)(%rsp), %rcx
	movq PCB_EM_BLOCK - PCB_END(%rsp), %r11
	jmp redirect

/*
 * Arguments 7 and up lie on the user's stack, behind the return address of
 * the stub. One (mach_msg) is fetched in line. Near the end of user space, or
 * after a fault, trap_stack_slow looks closer.
 */
syscall_stack_arguments:
	movq %gs:CPU_SCRATCH, %rcx
	cmpq stack_arguments_limit, %rcx
	ja stack_arguments_slow
	cmpl $7, %r11d
	jne stack_arguments_many
	USER_OPEN
1:	movq 8(%rcx), %rcx
	USER_CLOSE
	FIXUP 1b, stack_arguments_slow, FIXUP_FAIL
	subq $8, %rsp
	pushq %rcx
	movq %r10, %rcx
	callq *%rax
	jmp syscall_exit

stack_arguments_many:
	subl $6, %r11d
	testb $1, %r11b
	jz 2f
	pushq $0
2:	USER_OPEN
3:	pushq (%rcx, %r11, 8)
	FIXUP 3b, stack_arguments_slow, FIXUP_FAIL
	decl %r11d
	jnz 3b
	USER_CLOSE
	movq %r10, %rcx
	callq *%rax
	jmp syscall_exit

stack_arguments_slow:
	USER_CLOSE
	movq %gs:CPU_STACK, %rsp
	movq %gs:CPU_RSP0, %rdi
	subq $PCB_END, %rdi
	callq trap_stack_slow
	jmp syscall_exit
END_FUNCTION syscall_entry

/*
 * Register IPC (docs/register-ipc.md). The C functions keep RBX, RBP and R12
 * to R15 as all functions do, and end with register_leave
 * (kern/fast/register.h), as the receiver, or with one of the functions below,
 * which stand in their place while registers are not allowed.
 */
	.macro REGISTER_ENTER
	movq %gs:CPU_CURRENT, %r8
	movq %rcx, THREAD_PCB + PCB_RIP(%r8)
	movq %r11, THREAD_PCB + PCB_RFLAGS(%r8)
	movq %rsp, THREAD_PCB + PCB_RSP(%r8)
	movq %gs:CPU_STACK, %rsp
	PUSH_WORDS
	.endm

/* A compiler that uses these registers restores them only where it returns:
 * they are kept at the end of the stack, too. */
#ifdef PORTOLAN_FIXED_REGISTERS
	.macro PUSH_WORDS
	.endm
	.macro RELOAD_WORDS
	.endm
#else
	.macro PUSH_WORDS
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	.endm
	.macro RELOAD_WORDS
	movq %gs:CPU_STACK, %rax
	movq -8(%rax), %rbx
	movq -16(%rax), %rbp
	movq -24(%rax), %r12
	movq -32(%rax), %r13
	movq -40(%rax), %r14
	movq -48(%rax), %r15
	.endm
#endif

/* Nothing happened: as any other trap. R8 and R9 are no arguments. */
	.macro REGISTER_AGAIN number
	RELOAD_WORDS
	movl $\number, %eax
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	movq %gs:CPU_RSP0, %rsp
	movq E(PCB_RSP)(%rsp), %rcx
	movq %rcx, %gs:CPU_SCRATCH
	jmp syscall_save
	.endm

	.balign 16
FUNCTION register_call
	REGISTER_ENTER
	callq *register_paths(%rip)
END_FUNCTION register_call

	.balign 16
FUNCTION register_reply_wait
	REGISTER_ENTER
	movq %r10, %rcx
	callq *register_paths + 8(%rip)
END_FUNCTION register_reply_wait

/* _Noreturn void register_call_again(uint64_t names, uint64_t label); */
FUNCTION register_call_again
	xorl %edx, %edx
	xorl %r10d, %r10d
	REGISTER_AGAIN REGISTER_CALL_TRAP
END_FUNCTION register_call_again

/* _Noreturn void register_reply_again(uint64_t names, uint64_t label,
 * uint64_t msg, uint64_t size); */
FUNCTION register_reply_again
	movq %rcx, %r10
	REGISTER_AGAIN REGISTER_REPLY_WAIT_TRAP
END_FUNCTION register_reply_again

/*
 * _Noreturn void register_leave_slow(uint64_t name, uint64_t label,
 * uint64_t payload, uint64_t told): if the receiver has something to attend to
 * first, or an address that sysret does not take, all its registers to its PCB.
 */
FUNCTION register_leave_slow
	RELOAD_WORDS
	movq %rcx, %r8
	movq %gs:CPU_RSP0, %r10
	xorl %eax, %eax
	xorl %r9d, %r9d
	movq E(PCB_RIP)(%r10), %rcx
	btq $47, %rcx
	jc 1f
	cmpl $0, %gs:CPU_AST
	jne 1f
	movq E(PCB_RFLAGS)(%r10), %r11
	movq E(PCB_RSP)(%r10), %rsp
	xorl %r10d, %r10d
	swapgs
	sysretq
1:	movq %rax, E(PCB_RAX)(%r10)
	movq %rdi, E(PCB_RDI)(%r10)
	movq %rsi, E(PCB_RSI)(%r10)
	movq %rdx, E(PCB_RDX)(%r10)
	movq %r8, E(PCB_R8)(%r10)
	movq %rax, E(PCB_R9)(%r10)
	movq %rax, E(PCB_R10)(%r10)
	movq %rbx, E(PCB_RBX)(%r10)
	movq %rbp, E(PCB_RBP)(%r10)
	movq %r12, E(PCB_R12)(%r10)
	movq %r13, E(PCB_R13)(%r10)
	movq %r14, E(PCB_R14)(%r10)
	movq %r15, E(PCB_R15)(%r10)
	jmp exception_return
END_FUNCTION register_leave_slow

/*
 * A number that no Mach trap has. When the task has an emulation entry, the
 * thread a block, and the call does not come from the emulator itself: store
 * RIP, RSP and RFLAGS in the block and go to the entry, RSP = block. Else an
 * ordinary (bad) trap. RSP = PCB end, RCX = user RIP.
 */
FUNCTION syscall_positive
	cmpq $0, PCB_EM_ENTRY - PCB_END(%rsp)
	je syscall_save
	movq PCB_EM_BLOCK - PCB_END(%rsp), %r11
	testq %r11, %r11
	jz syscall_save
	cmpq PCB_EM_START - PCB_END(%rsp), %rcx
	jbe redirect
	cmpq PCB_EM_END - PCB_END(%rsp), %rcx
	jbe syscall_save
redirect:
	movq %rsp, %rcx
	movq %gs:CPU_STACK, %rsp
	pushq %rdx
	USER_OPEN
	movq E(PCB_RIP)(%rcx), %rdx
1:	movq %rdx, 0(%r11)
	movq %gs:CPU_SCRATCH, %rdx
2:	movq %rdx, 8(%r11)
	movq E(PCB_RFLAGS)(%rcx), %rdx
3:	movq %rdx, 16(%r11)
	USER_CLOSE
	FIXUP 1b, redirect_fault, FIXUP_FAIL
	FIXUP 2b, redirect_fault, FIXUP_FAIL
	FIXUP 3b, redirect_fault, FIXUP_FAIL
	popq %rdx
	movq PCB_EM_ENTRY - PCB_END(%rcx), %rcx
	movq %r11, %rsp
	movl $0x202, %r11d
	swapgs
	sysretq

/* The block could not be written: the thread's own page fault, RIP back at
 * its syscall instruction. */
redirect_fault:
	USER_CLOSE
	popq %rdx
	subq $2, E(PCB_RIP)(%rcx)
	movq %rax, E(PCB_RAX)(%rcx)
	SAVE_SYSCALL %rcx
	movq %gs:CPU_STACK, %rsp
	leaq -PCB_END(%rcx), %rdi
	callq trap_redirect_fault
	jmp exception_return
END_FUNCTION syscall_positive

/*
 * _Noreturn void trap_return(uint64_t result): to user mode from a trap that
 * blocked with a continuation.
 */
FUNCTION trap_return
	movq %rdi, %rax
	jmp trap_return_rax
END_FUNCTION trap_return

/* _Noreturn void trap_return_success(void): the same with result 0. */
FUNCTION trap_return_success
	xorl %eax, %eax
trap_return_rax:
	SYSRET_FAST kept=1
END_FUNCTION trap_return_success

/*
 * _Noreturn void exception_return(void): to user mode exactly as the PCB
 * says, after trap_ast has had its way.
 */
FUNCTION exception_return
	movq %gs:CPU_STACK, %rsp
	xorl %ebp, %ebp
	cmpl $0, %gs:CPU_AST
	jne return_ast
	movq %gs:CPU_RSP0, %rdi
	subq $PCB_END, %rdi
	movq PCB_RIP(%rdi), %rax
	shlq $16, %rax
	sarq $16, %rax
	cmpq PCB_RIP(%rdi), %rax
	jne return_bad
	cmpl $USER_CS, PCB_CS(%rdi)
	jne return_bad
	cmpl $USER_SS, PCB_SS(%rdi)
	jne return_bad
	movq %rdi, %rsp
	POP_ALL
	addq $16, %rsp
	swapgs
	iretq

return_ast:
	callq trap_ast
	jmp exception_return

/* iretq would fault: the thread's fault, not ours. */
return_bad:
	callq trap_bad_return
	jmp exception_return
END_FUNCTION exception_return

/*
 * Exceptions and interrupts. On the stack (the PCB, if from user mode): vector
 * number, error code, and what the CPU pushed.
 */
FUNCTION interrupt_common
	testb $3, 24(%rsp)
	jz 1f
	swapgs
	PUSH_ALL
	movq %rsp, %rdi
	movq %gs:CPU_STACK, %rsp
	cld
	USER_CLOSE
	xorl %ebp, %ebp
	callq trap_from_user
	jmp exception_return

1:	PUSH_ALL
	movq %rsp, %rdi
	cld
	USER_CLOSE
	callq trap_from_kernel
	POP_ALL
	addq $16, %rsp
	iretq
END_FUNCTION interrupt_common

/*
 * Vectors with a stack of their own (IST): they may strike where GS is still
 * the user's, or already again, and a user may give GS any base. The word at
 * the end of the stack is this CPU's block.
 */
FUNCTION interrupt_paranoid
	PUSH_ALL
	cld
	USER_CLOSE
	cmpl $1, PCB_VECTOR(%rsp)
	jne 1f
	testb $3, PCB_CS(%rsp)
	jnz paranoid_user_debug
1:	movl $MSR_GS_BASE, %ecx
	rdmsr
	movl %eax, %r12d
	movl %edx, %r13d
	movl PCB_END(%rsp), %eax
	movl PCB_END + 4(%rsp), %edx
	wrmsr
	movq %rsp, %rdi
	callq trap_paranoid
	movl $MSR_GS_BASE, %ecx
	movl %r12d, %eax
	movl %r13d, %edx
	wrmsr
	POP_ALL
	addq $16, %rsp
	iretq

/* A debug exception of user mode is an ordinary one: move it to the PCB. */
paranoid_user_debug:
	swapgs
	movq %rsp, %rsi
	movq %gs:CPU_RSP0, %rdi
	subq $PCB_END, %rdi
	movl $(PCB_END / 8), %ecx
	rep movsq
	subq $PCB_END, %rdi
	movq %gs:CPU_STACK, %rsp
	xorl %ebp, %ebp
	callq trap_from_user
	jmp exception_return
END_FUNCTION interrupt_paranoid

/* 256 stubs of 16 bytes: error code (0 if the CPU pushes none), vector. */
	.balign 16
	.globl interrupt_stubs
interrupt_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if !((vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30))
	pushq $0
	.endif
	.if vector < 128
	pushq $vector
	.else
	.byte 0x68		/* push imm32: keeps the stubs of one size */
	.long vector
	.endif
	.if (vector == 1) || (vector == 2) || (vector == 8) || (vector == 18)
	jmp interrupt_paranoid
	.else
	jmp interrupt_common
	.endif
	.set vector, vector + 1
	.endr
	.balign 16

	.section .rodata
	.balign 8
stack_arguments_limit:
	.quad USER_END - 8 * 12

	.globl register_paths_short
register_paths_short:
	.quad ipc_register_call_fast, ipc_register_reply_fast
	.globl register_paths_general
register_paths_general:
	.quad register_call_again, register_reply_again

/* One of the two above (register_frame.c). */
	.data
	.balign 8
	.globl register_paths
register_paths:
	.quad ipc_register_call_fast, ipc_register_reply_fast

	.section .note.GNU-stack, "", @progbits

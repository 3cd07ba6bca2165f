/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways into and out of the emulator.
 *
 * The kernel enters at emul_entry with RSP at the thread's emulation block,
 * which holds the program's RIP, RSP and RFLAGS; RCX and R11 are free, all
 * else is the program's. The frame (struct emul_frame) is built right below
 * the block. No instruction on these paths touches vector registers.
 */
#define FRAME_SIZE	336
#define F_R8		0
#define F_R9		8
#define F_R10		16
#define F_R11		24
#define F_R12		32
#define F_R13		40
#define F_R14		48
#define F_R15		56
#define F_RDI		64
#define F_RSI		72
#define F_RBP		80
#define F_RBX		88
#define F_RDX		96
#define F_RCX		104
#define F_RAX		112
#define F_RIP		120
#define F_RSP		128
#define F_RFLAGS	136
#define F_STATE		160		/* struct i386_thread_state */

#define SIGNAL_FLAG	0x200000	/* EMUL_RFLAGS_SIGNAL */
#define STATE_WORDS	42

#define TRAP_MACH_MSG	-25
#define TRAP_SET_STATE	-77
#define TRAP_SET_BLOCK	-1024

#define FUNCTION(name)	.globl name; .hidden name; .type name, @function; name
#define PLACE(name)	.globl name; .hidden name; name

	.section .header, "a"
	.quad	0x4c554d4555534244
	.quad	emul_entry
	.quad	emul_start
	.quad	emul_signal
	.quad	emul_copy_start
	.quad	emul_copy_end
	.quad	emul_copy_fault
	.quad	emul_exit_start
	.quad	emul_exit_jump
	.quad	emul_full_start
	.quad	emul_full_syscall
	.quad	emul_wait_start
	.quad	emul_wait_syscall
	.quad	emul_wait_after

	.text

FUNCTION(emul_entry):
	cld
	movq	0(%rsp), %rcx			/* eb_rip */
	subq	$FRAME_SIZE, %rsp
	movq	%r8, F_R8(%rsp)
	movq	%r9, F_R9(%rsp)
	movq	%r10, F_R10(%rsp)
	movq	%r12, F_R12(%rsp)
	movq	%r13, F_R13(%rsp)
	movq	%r14, F_R14(%rsp)
	movq	%r15, F_R15(%rsp)
	movq	%rdi, F_RDI(%rsp)
	movq	%rsi, F_RSI(%rsp)
	movq	%rbp, F_RBP(%rsp)
	movq	%rbx, F_RBX(%rsp)
	movq	%rdx, F_RDX(%rsp)
	movq	%rax, F_RAX(%rsp)
	movq	%rcx, F_RIP(%rsp)
	movq	%rcx, F_RCX(%rsp)
	movq	FRAME_SIZE+8(%rsp), %rax	/* eb_rsp */
	movq	%rax, F_RSP(%rsp)
	movq	FRAME_SIZE+16(%rsp), %rax	/* eb_rflags */
	movq	%rax, F_R11(%rsp)
	andq	$~0x100, %rax			/* no single steps in here */
	movq	%rax, F_RFLAGS(%rsp)
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	call	emul_syscall
	testl	%eax, %eax
	jnz	emul_full

/*
 * Back to the program. The server sends a thread found between exit_start and
 * exit_jump to exit_start with RSP at the frame, so that a signal is never
 * seen too late.
 */
emul_exit:
PLACE(emul_exit_start):
	pushfq
	popq	%rax
	testl	$SIGNAL_FLAG, %eax
	jnz	emul_exit_signal
	movq	F_R8(%rsp), %r8
	movq	F_R9(%rsp), %r9
	movq	F_R10(%rsp), %r10
	movq	F_R12(%rsp), %r12
	movq	F_R13(%rsp), %r13
	movq	F_R14(%rsp), %r14
	movq	F_R15(%rsp), %r15
	movq	F_RDI(%rsp), %rdi
	movq	F_RSI(%rsp), %rsi
	movq	F_RBP(%rsp), %rbp
	movq	F_RBX(%rsp), %rbx
	movq	F_RDX(%rsp), %rdx
	movq	F_RAX(%rsp), %rax
	movq	%rsp, %r11
	leaq	F_RFLAGS(%rsp), %rsp
	popfq
	movq	F_RIP(%r11), %rcx
	movq	F_RSP(%r11), %rsp
PLACE(emul_exit_jump):
	jmp	*%rcx

emul_exit_signal:
	andl	$~SIGNAL_FLAG, %eax
	pushq	%rax
	popfq
	movq	%rsp, %rdi
	call	emul_pending
	testl	%eax, %eax
	jz	emul_exit

/* All registers at once, RCX and R11 too: the kernel loads them. */
emul_full:
PLACE(emul_full_start):
	pushfq
	popq	%rax
	testl	$SIGNAL_FLAG, %eax
	jnz	emul_exit_signal
	movl	$1, %edi			/* i386_THREAD_STATE */
	leaq	F_STATE(%rsp), %rsi
	movl	$STATE_WORDS, %edx
	movq	$TRAP_SET_STATE, %rax
PLACE(emul_full_syscall):
	syscall
	movq	%rsp, %rdi
	call	emul_bad_registers		/* does not return */
	ud2

/* A new thread. */
FUNCTION(emul_start):
	cld
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	movq	$TRAP_SET_BLOCK, %rax
	syscall
	subq	$FRAME_SIZE, %rsp
	movq	%rsp, %rdi
	call	emul_thread_start
	testl	%eax, %eax
	jnz	emul_full
	jmp	emul_exit

/* The server took this thread out of its program to handle a signal. */
FUNCTION(emul_signal):
	cld
	xorl	%ebp, %ebp
	subq	$FRAME_SIZE, %rsp
	movq	%rsp, %rdi
	call	emul_interrupted
	testl	%eax, %eax
	jnz	emul_full
	jmp	emul_exit

/*
 * Traps. mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout,
 * notify).
 */
FUNCTION(emul_msg_trap):
	movq	%rcx, %r10
	movq	$TRAP_MACH_MSG, %rax
	syscall
	ret

/*
 * The same for a wait inside the kernel that a signal may end; answers
 * MACH_SEND_INTERRUPTED when a signal is marked already.
 */
FUNCTION(emul_msg_trap_interruptible):
	movq	%rcx, %r10
	movq	%rsp, %r11
PLACE(emul_wait_start):
	movq	%r11, %rsp
	pushfq
	testl	$SIGNAL_FLAG, (%rsp)
	movq	%r11, %rsp
	jnz	1f
	movq	$TRAP_MACH_MSG, %rax
PLACE(emul_wait_syscall):
	syscall
PLACE(emul_wait_after):
	ret
1:	movl	$0x10000007, %eax
	ret

/* uint64_t emul_trap(a, b, c, d, e, f, number on the stack) */
FUNCTION(emul_trap):
	movq	8(%rsp), %rax
	movq	%rcx, %r10
	syscall
	ret

/*
 * vm_map's eleven arguments: the trap wants arguments 7.. at [RSP+8], just
 * where the caller put them.
 */
FUNCTION(emul_vm_map_trap):
	movq	$-64, %rax
	movq	%rcx, %r10
	syscall
	ret

FUNCTION(emul_flags_signal):
	pushfq
	popq	%rax
	andl	$SIGNAL_FLAG, %eax
	ret

/*
 * Accesses to the program's memory. A fault continues at emul_copy_fault,
 * so nothing here may move RSP.
 */
PLACE(emul_copy_start):

/* int emul_copy(void *to, const void *from, size_t size): 0 or -1 */
FUNCTION(emul_copy):
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep movsq
	movl	%edx, %ecx
	andl	$7, %ecx
	rep movsb
	xorl	%eax, %eax
	ret

/* long emul_copy_string(char *to, const char *from, size_t max):
 * length without NUL, max when there was none, -1 */
FUNCTION(emul_copy_string):
	xorl	%eax, %eax
1:	cmpq	%rdx, %rax
	jae	2f
	movb	(%rsi,%rax), %cl
	movb	%cl, (%rdi,%rax)
	testb	%cl, %cl
	jz	2f
	incq	%rax
	jmp	1b
2:	ret

/* int emul_compare_exchange(uint32_t *word, uint32_t old, uint32_t new):
 * 0 done, 1 it was another, -1 */
FUNCTION(emul_compare_exchange):
	movl	%esi, %eax
	lock cmpxchgl %edx, (%rdi)
	setne	%al
	movzbl	%al, %eax
	ret

/*
 * int emul_xsave(void *area), emul_xrstor; areas aligned to 64.
 * The kernel loads a thread's state at its first vector instruction after a
 * switch. QEMU does not count these two as such: so one that it does comes
 * before.
 */
FUNCTION(emul_xsave):
	movd	%xmm0, %eax
	movl	$-1, %eax
	movl	%eax, %edx
	xsave64	(%rdi)
	xorl	%eax, %eax
	ret
FUNCTION(emul_xrstor):
	movd	%xmm0, %eax
	movl	$-1, %eax
	movl	%eax, %edx
	xrstor64 (%rdi)
	xorl	%eax, %eax
	ret
FUNCTION(emul_fxsave):
	fxsave64 (%rdi)
	xorl	%eax, %eax
	ret
FUNCTION(emul_fxrstor):
	fxrstor64 (%rdi)
	xorl	%eax, %eax
	ret

PLACE(emul_copy_end):

PLACE(emul_copy_fault):
	movq	$-1, %rax
	ret

	.section .note.GNU-stack, "", @progbits

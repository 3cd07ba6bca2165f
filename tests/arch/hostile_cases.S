/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile_cases -- what a program may do to the kernel's entry and exit paths.
 * Each case runs in a thread of its own state and ends in an exception;
 * hostile_check.c says which. NAME_at labels the instruction (or the one
 * after it) that the exception must name.
 */
#define CASE(name) .globl hostile_##name; .balign 16; hostile_##name
#define AT(name) .globl hostile_##name##_at; hostile_##name##_at

	.text

/* A trap with nothing wrong: all registers but RAX, RCX, R11 survive. */
CASE(registers):
	movq $-1, %rax
	syscall
	int3
AT(registers):
	nop

/* TF set before a syscall: a single step after it, none in the kernel. */
CASE(trace):
	movq $-1, %rax
	pushfq
	orq $0x100, (%rsp)
	popfq
	syscall
AT(trace):
	nop
	int3

/* DF, AC, NT and RF set: kernel code runs without, the user's come back. */
CASE(flags):
	pushfq
	orq $0x44400, (%rsp)
	popfq
	movq $-1, %rax
	syscall
	int3
AT(flags):
	nop

/* NT at an exception: the way back is by iretq. */
CASE(nested):
	pushfq
	orq $0x4000, (%rsp)
	popfq
	ud2
AT(nested):
	nop

/* RSP that is no address at a syscall and at an exception. */
CASE(stack_syscall):
	movabsq $0xdead000000000000, %rsp
	movq $-1, %rax
	syscall
	int3
AT(stack_syscall):
	nop

CASE(stack_push):
	movabsq $0x8000000000000000, %rsp
AT(stack_push):
	pushq %rax

/* A kernel address as stack: stack arguments of mach_msg. */
CASE(stack_kernel):
	movabsq $0xffffffff80100000, %rsp
	movq $-25, %rax
	xorl %edi, %edi
	xorl %esi, %esi
	syscall
	int3
	nop

/* Stack arguments just across the end of user space. */
CASE(stack_end):
	movabsq $0x7ffffffffff8, %rsp
	movq $-25, %rax
	xorl %esi, %esi
	syscall
	int3
	nop

/* Base registers with kernel addresses (FSGSBASE only). */
CASE(gs_kernel):
	movabsq $0xffff800000000000, %rax
	wrgsbase %rax
	wrfsbase %rax
	movq $-1, %rax
	syscall
	ud2
	nop
AT(gs_kernel):
	nop

/* Selectors: null and the user's own in GS and FS, then in and out. */
CASE(gs_selector):
	xorl %eax, %eax
	movw %ax, %gs
	movw %ax, %fs
	movq $-1, %rax
	syscall
	movl $0x17, %eax
	movw %ax, %gs
	movw %ax, %fs
	movw %ax, %ds
	movw %ax, %es
	movq $-1, %rax
	syscall
	int3
AT(gs_selector):
	nop

CASE(selector_kernel):
	movl $0x10, %eax
AT(selector_kernel):
	movw %ax, %ds

CASE(selector_tss):
	movl $0x28, %eax
AT(selector_tss):
	movw %ax, %fs

/* Jumps and returns to where no user code is. */
CASE(far_kernel):
	pushq $0x08
	leaq hostile_far_kernel_at(%rip), %rax
	pushq %rax
AT(far_kernel):
	lretq

CASE(jump_hole):
	movabsq $0x800000000000, %rax
AT(jump_hole):
	jmpq *%rax

CASE(jump_kernel):
	movabsq $0xffffffff80100000, %rax
	jmpq *%rax

CASE(iret_kernel):
	pushq $0
	pushq %rsp
	pushq $0x3202
	pushq $0x08
	leaq hostile_iret_kernel_at(%rip), %rax
	pushq %rax
AT(iret_kernel):
	iretq

/* Instructions for the kernel alone. */
CASE(sysret):
	leaq hostile_sysret_at(%rip), %rcx
AT(sysret):
	sysretq

CASE(swapgs):
AT(swapgs):
	swapgs

CASE(halt):
AT(halt):
	hlt

CASE(disable):
AT(disable):
	cli

CASE(port):
	movl $0x3f8, %edx
AT(port):
	outb %al, %dx

CASE(control):
AT(control):
	movq %cr0, %rax

CASE(model):
	movl $0xc0000082, %ecx
AT(model):
	wrmsr

/* Software interrupts through gates that are the CPU's. */
CASE(int_14):
AT(int_14):
	int $14

CASE(int_2):
AT(int_2):
	int $2

CASE(int_8):
AT(int_8):
	int $8

CASE(int_128):
AT(int_128):
	int $0x80

CASE(int_timer):
AT(int_timer):
	int $0xef

CASE(icebp):
	.byte 0xf1
AT(icebp):
	nop

/* Trap numbers off every table. */
CASE(number_130):
	movq $-130, %rax
	syscall
AT(number_130):
	nop

CASE(number_1023):
	movq $-1023, %rax
	syscall
AT(number_1023):
	nop

CASE(number_1088):
	movq $-1088, %rax
	syscall
AT(number_1088):
	nop

CASE(number_min):
	movl $0x80000000, %eax
	syscall
AT(number_min):
	nop

CASE(number_max):
	movl $0x7fffffff, %eax
	syscall
AT(number_max):
	nop

/* Only the low half of RAX counts. */
CASE(number_high):
	movabsq $0x12345678ffffffff, %rax
	syscall
	int3
AT(number_high):
	nop

/* Plain faults. */
CASE(divide):
	xorl %ecx, %ecx
	xorl %edx, %edx
AT(divide):
	divl %ecx

CASE(null):
	xorl %eax, %eax
AT(null):
	movb $1, (%rax)

CASE(kernel_read):
	movabsq $0xffffffff80100000, %rax
AT(kernel_read):
	movb (%rax), %al

CASE(direct_write):
	movabsq $0xffff800000100000, %rax
AT(direct_write):
	movb %al, (%rax)

CASE(hole_read):
	movabsq $0x800000000000, %rax
AT(hole_read):
	movb (%rax), %al

/* x87 and SSE errors, unmasked. */
CASE(x87):
	fninit
	subq $16, %rsp
	movw $0x0340, (%rsp)
	fldcw (%rsp)
	fld1
	fldz
	fdivrp
AT(x87):
	fwait

CASE(sse):
	subq $16, %rsp
	movl $0x1d80, (%rsp)
	ldmxcsr (%rsp)
	xorps %xmm0, %xmm0
	xorps %xmm1, %xmm1
AT(sse):
	divss %xmm0, %xmm1

/* A data breakpoint on the word that loads SS strikes one instruction later:
 * inside the kernel, on its very first instruction. */
CASE(stack_segment_syscall):
	movq $-1, %rax
	movw hostile_selector(%rip), %ss
	syscall
	int3

CASE(stack_segment_int3):
	movw hostile_selector(%rip), %ss
	int3
	int3

	.data
	.balign 8
	.globl hostile_selector
hostile_selector:
	.quad 0x17
	.text

/* The state a thread gets from outside; it stops at once. */
CASE(stop):
AT(stop):
	int3
	nop

/* The last two bytes of user space; copied there by the program. */
CASE(last):
	movabsq $0x7ffffffffffe, %rcx
	movq $-1, %rax
	jmpq *%rcx

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * smp -- what another CPU runs first: real mode at AP_START (copied there),
 * then straight to long mode with the kernel's page tables.
 */
#include "macros.h"

#define AP_START	0x8000
#define AT(symbol)	(AP_START + (symbol) - ap_trampoline)

#define EFER		0xc0000080
#define EFER_LME_NXE	0x900
#define CR0_LONG	0x80000001
#define CR4_PAE		0x20

	.section .rodata
	.balign 16
	.globl ap_trampoline, ap_trampoline_end, ap_parameters
	.code16
ap_trampoline:
	cli
	cld
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl AT(ap_gdt_pointer)
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl AT(ap_parameters), %eax	/* page tables */
	movl %eax, %cr3
	movl $EFER, %ecx
	rdmsr
	orl AT(ap_parameters) + 24, %eax
	wrmsr
	movl $CR0_LONG, %eax
	movl %eax, %cr0
	ljmpl $0x08, $AT(ap_long)
	.code64
ap_long:
	movq AT(ap_parameters) + 8, %rsp
	movq AT(ap_parameters) + 16, %rdi
	movabsq $ap_entry, %rax
	xorl %ebp, %ebp
	jmpq *%rax
	.balign 8
ap_gdt:
	.quad 0
	.quad 0x00af9a000000ffff
	.quad 0x00cf92000000ffff
ap_gdt_pointer:
	.short ap_gdt_pointer - ap_gdt - 1
	.long AT(ap_gdt)
	.balign 8
ap_parameters:
	.quad 0			/* 0: CR3 */
	.quad 0			/* 8: stack */
	.quad 0			/* 16: struct cpu */
	.quad 0			/* 24: EFER bits */
ap_trampoline_end:

	.text
/* RDI = this CPU's block. */
FUNCTION ap_entry
	callq ap_main
	ud2
END_FUNCTION ap_entry

	.section .note.GNU-stack, "", @progbits

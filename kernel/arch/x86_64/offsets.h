/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * offsets -- layouts known to assembler; asserted in pcb.c.
 */
#ifndef X86_64_OFFSETS_H
#define X86_64_OFFSETS_H

/* struct cpu */
#define CPU_CURRENT 0
#define CPU_SCRATCH 8
#define CPU_RSP0    24
#define CPU_STACK   128
#define CPU_AST     136
#define CPU_SELF    144

/* struct pcb */
#define PCB_R15          0
#define PCB_R14          8
#define PCB_R13          16
#define PCB_R12          24
#define PCB_RBP          32
#define PCB_RBX          40
#define PCB_R11          48
#define PCB_R10          56
#define PCB_R9           64
#define PCB_R8           72
#define PCB_RAX          80
#define PCB_RCX          88
#define PCB_RDX          96
#define PCB_RSI          104
#define PCB_RDI          112
#define PCB_VECTOR       120
#define PCB_ERROR        128
#define PCB_RIP          136
#define PCB_CS           144
#define PCB_RFLAGS       152
#define PCB_RSP          160
#define PCB_SS           168
#define PCB_END          176 /* what TSS.rsp[0] points at */
#define PCB_EM_ENTRY     176
#define PCB_EM_START     184
#define PCB_EM_END       192
#define PCB_EM_BLOCK     200
#define PCB_KERNEL_RSP   208
#define PCB_KERNEL_STACK 216

/* struct thread (core/thread.h) */
#define THREAD_PCB 192

/* Selectors. The user's are in the LDT, as the ABI has them. */
#define KERNEL_CS    0x08
#define KERNEL_SS    0x10
#define LDT_SELECTOR 0x18
#define TSS_SELECTOR 0x28
#define USER_CS      0x1f
#define USER_SS      0x17

#define USER_END    0x800000000000
#define MSR_GS_BASE 0xc0000101

/* Fix-up kinds (fixup.h). */
#define FIXUP_FAIL  0
#define FIXUP_RETRY 1

#endif

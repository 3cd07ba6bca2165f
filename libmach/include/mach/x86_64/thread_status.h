/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread state flavours of x86-64 (ABI sheet 4.5). Counts are in 32-bit
 * words.
 */
#ifndef MACH_X86_64_THREAD_STATUS_H
#define MACH_X86_64_THREAD_STATUS_H

#include <mach/machine/fp_reg.h>
#include <stddef.h>
#include <stdint.h>

#define i386_THREAD_STATE       1 /* sets the flat user CS and SS */
#define i386_FLOAT_STATE        2
#define i386_ISA_PORT_MAP_STATE 3
#define i386_V86_ASSIST_STATE   4 /* refused in 64-bit mode */
#define i386_REGS_SEGS_STATE    5 /* CS and SS as given */
#define i386_DEBUG_STATE        6
#define i386_FSGS_BASE_STATE    7
#define i386_XFLOAT_STATE       8

struct i386_thread_state {
	uint64_t r8;
	uint64_t r9;
	uint64_t r10;
	uint64_t r11;
	uint64_t r12;
	uint64_t r13;
	uint64_t r14;
	uint64_t r15;
	uint64_t rdi;
	uint64_t rsi;
	uint64_t rbp;
	uint64_t rsp; /* unused, reads 0 */
	uint64_t rbx;
	uint64_t rdx;
	uint64_t rcx;
	uint64_t rax;
	uint64_t rip;
	uint32_t cs;
	uint32_t cs_pad;
	uint64_t rfl;
	uint64_t ursp; /* the user's stack pointer */
	uint32_t ss;
	uint32_t ss_pad;
};

#define i386_THREAD_STATE_COUNT (sizeof(struct i386_thread_state) / sizeof(unsigned int))

_Static_assert(i386_THREAD_STATE_COUNT == 42, "layout");
_Static_assert(offsetof(struct i386_thread_state, rdi) == 64, "layout");
_Static_assert(offsetof(struct i386_thread_state, rbx) == 96, "layout");
_Static_assert(offsetof(struct i386_thread_state, rax) == 120, "layout");
_Static_assert(offsetof(struct i386_thread_state, rip) == 128, "layout");
_Static_assert(offsetof(struct i386_thread_state, cs) == 136, "layout");
_Static_assert(offsetof(struct i386_thread_state, rfl) == 144, "layout");
_Static_assert(offsetof(struct i386_thread_state, ursp) == 152, "layout");
_Static_assert(offsetof(struct i386_thread_state, ss) == 160, "layout");

/* User selectors. */
#define I386_USER_CS 0x1f
#define I386_USER_SS 0x17

#define FP_STATE_BYTES (sizeof(struct i386_fp_save) + sizeof(struct i386_fp_regs))

struct i386_float_state {
	int fpkind;      /* FP_*, read only */
	int initialized; /* 0 on set discards the state */
	unsigned char hw_state[FP_STATE_BYTES];
	int exc_status;
};

#define i386_FLOAT_STATE_COUNT (sizeof(struct i386_float_state) / sizeof(unsigned int))

_Static_assert(FP_STATE_BYTES == 108, "layout");
_Static_assert(i386_FLOAT_STATE_COUNT == 30, "layout");
_Static_assert(offsetof(struct i386_float_state, exc_status) == 116, "layout");

/* Its size is known at run time: i386_get_xstate_size. */
struct i386_xfloat_state {
	int fpkind;
	int initialized;
	int exc_status;
	int fp_save_kind;
	unsigned char hw_state[];
};

_Static_assert(offsetof(struct i386_xfloat_state, hw_state) == 16, "layout");

#define PORT_MAP_BITS 0x400

struct i386_isa_port_map_state {
	unsigned char pm[PORT_MAP_BITS >> 3]; /* 1 = denied */
};

#define i386_ISA_PORT_MAP_STATE_COUNT                                                              \
	(sizeof(struct i386_isa_port_map_state) / sizeof(unsigned int))

_Static_assert(i386_ISA_PORT_MAP_STATE_COUNT == 32, "layout");

struct i386_v86_assist_state {
	unsigned int int_table;
	int int_count;
};

struct v86_interrupt_table {
	unsigned int count;
	unsigned short mask;
	unsigned short vec;
};

#define i386_V86_ASSIST_STATE_COUNT (sizeof(struct i386_v86_assist_state) / sizeof(unsigned int))

_Static_assert(i386_V86_ASSIST_STATE_COUNT == 2, "layout");

struct i386_debug_state {
	unsigned int dr[8];
};

#define i386_DEBUG_STATE_COUNT (sizeof(struct i386_debug_state) / sizeof(unsigned int))

_Static_assert(i386_DEBUG_STATE_COUNT == 8, "layout");

struct i386_fsgs_base_state {
	uint64_t fs_base;
	uint64_t gs_base;
};

#define i386_FSGS_BASE_STATE_COUNT (sizeof(struct i386_fsgs_base_state) / sizeof(unsigned int))

_Static_assert(i386_FSGS_BASE_STATE_COUNT == 4, "layout");

#endif /* MACH_X86_64_THREAD_STATUS_H */

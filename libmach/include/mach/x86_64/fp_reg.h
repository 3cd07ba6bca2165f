/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Floating point save areas (ABI sheet 16.1, 16.2).
 */
#ifndef MACH_X86_64_FP_REG_H
#define MACH_X86_64_FP_REG_H

#include <stddef.h>
#include <stdint.h>

/* The environment FNSAVE stores in 32-bit protected mode. */
struct i386_fp_save {
	unsigned short fp_control;
	unsigned short fp_unused_1;
	unsigned short fp_status;
	unsigned short fp_unused_2;
	unsigned short fp_tag;
	unsigned short fp_unused_3;
	unsigned int fp_eip;
	unsigned short fp_cs;
	unsigned short fp_opcode;
	unsigned int fp_dp;
	unsigned short fp_ds;
	unsigned short fp_unused_4;
};

/* Eight 10-byte registers from the top of the stack. */
struct i386_fp_regs {
	unsigned short fp_reg_word[8][5];
};

#define XSAVE_XCOMP_BV_COMPACT (((uint64_t)1) << 63)

struct i386_xfp_xstate_header {
	uint64_t xfp_features;
	uint64_t xcomp_bv;
	uint64_t reserved[6];
};

/* The FXSAVE area, the XSAVE header and what follows it. */
struct i386_xfp_save {
	unsigned short fp_control;
	unsigned short fp_status;
	unsigned short fp_tag;
	unsigned short fp_opcode;
	unsigned int fp_eip;
	unsigned short fp_cs;
	unsigned short fp_eip3;
	unsigned int fp_dp;
	unsigned short fp_ds;
	unsigned short fp_dp3;
	unsigned int fp_mxcsr;
	unsigned int fp_mxcsr_mask;
	unsigned char fp_reg_word[8][16];
	unsigned char fp_xreg_word[16][16];
	unsigned int padding[24];
	struct i386_xfp_xstate_header header;
	unsigned char extended[];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct i386_fp_save) == 28, "layout");
_Static_assert(offsetof(struct i386_fp_save, fp_eip) == 12, "layout");
_Static_assert(offsetof(struct i386_fp_save, fp_ds) == 24, "layout");
_Static_assert(sizeof(struct i386_fp_regs) == 80, "layout");
_Static_assert(sizeof(struct i386_xfp_save) == 576, "layout");
_Static_assert(offsetof(struct i386_xfp_save, fp_mxcsr) == 24, "layout");
_Static_assert(offsetof(struct i386_xfp_save, fp_reg_word) == 32, "layout");
_Static_assert(offsetof(struct i386_xfp_save, fp_xreg_word) == 160, "layout");
_Static_assert(offsetof(struct i386_xfp_save, header) == 512, "layout");

/* Control word. */
#define FPC_IE      0x0001
#define FPC_DE      0x0002
#define FPC_ZE      0x0004
#define FPC_OE      0x0008
#define FPC_UE      0x0010
#define FPC_PE      0x0020
#define FPC_PC      0x0300
#define FPC_PC_24   0x0000
#define FPC_PC_53   0x0200
#define FPC_PC_64   0x0300
#define FPC_RC      0x0c00
#define FPC_RC_RN   0x0000
#define FPC_RC_RD   0x0400
#define FPC_RC_RU   0x0800
#define FPC_RC_CHOP 0x0c00
#define FPC_IC      0x1000
#define FPC_IC_PROJ 0x0000
#define FPC_IC_AFF  0x1000

/* Status word. */
#define FPS_IE        0x0001
#define FPS_DE        0x0002
#define FPS_ZE        0x0004
#define FPS_OE        0x0008
#define FPS_UE        0x0010
#define FPS_PE        0x0020
#define FPS_SF        0x0040
#define FPS_ES        0x0080
#define FPS_C0        0x0100
#define FPS_C1        0x0200
#define FPS_C2        0x0400
#define FPS_TOS       0x3800
#define FPS_TOS_SHIFT 11
#define FPS_C3        0x4000
#define FPS_BUSY      0x8000

/* Kinds of floating point units (fpkind). */
#define FP_NO    0
#define FP_SOFT  1
#define FP_287   2
#define FP_387   3
#define FP_387FX 4
#define FP_387X  5

/* Ways of saving (fp_save_kind). */
#define FP_FNSAVE   0
#define FP_FXSAVE   1
#define FP_XSAVE    2
#define FP_XSAVEOPT 3
#define FP_XSAVEC   4
#define FP_XSAVES   5

#endif /* MACH_X86_64_FP_REG_H */

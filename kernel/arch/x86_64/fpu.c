/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fpu -- x87, SSE and AVX state.
 *
 * A thread starts a run with CR0.TS set; its first vector or FPU instruction
 * traps, and its state is loaded. At switch-out state is saved only if it was
 * loaded (this_cpu()->fpu_owner). So the area in the PCB is the truth for
 * every thread that does not run, whatever CPU it ran on.
 *
 * All components the CPU offers that we know are enabled in XCR0; the area is
 * in the standard (not compacted) form, which the ABI's XFLOAT state shows.
 */
#include <arch/context.h>
#include <kern/assert.h>
#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/kern_return.h>
#include <mach/thread_status.h>

#include "machine.h"
#include "offsets.h"

#define FXSAVE_SIZE   512u
#define XSAVE_HEADER  64u
#define MXCSR_DEFAULT 0x1f80u
#define FCW_DEFAULT   0x037f
#define FTW_EMPTY     0xffff

#define FP_SAVE_FXSAVE   1
#define FP_SAVE_XSAVE    2
#define FP_SAVE_XSAVEOPT 3

/* FXSAVE area in 64-bit form (AMD64 manual vol. 2, 11.4.4), XSAVE header. */
struct fpu_area {
	uint16_t fcw, fsw;
	uint8_t ftw, reserved0;
	uint16_t fop;
	uint64_t rip, rdp;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t st[8][16];
	uint8_t xmm[16][16];
	uint8_t reserved1[96];
	uint64_t xstate_bv;
	uint64_t xcomp_bv;
	uint64_t header_reserved[6];
	uint8_t extended[];
};

_Static_assert(offsetof(struct fpu_area, st) == 32, "FXSAVE");
_Static_assert(offsetof(struct fpu_area, xstate_bv) == FXSAVE_SIZE, "XSAVE");

static struct zone fpu_zone;
static uint32_t mxcsr_mask = 0xffbf;

/* What a thread starts with, in a form XRSTOR and FXRSTOR take. */
static struct fpu_area fpu_clean __attribute__((aligned(64))) = {
	.fcw = FCW_DEFAULT,
	.mxcsr = MXCSR_DEFAULT,
};

static uint32_t
area_size(void)
{
	return cpu_features.xsave ? cpu_features.xsave_size : FXSAVE_SIZE + XSAVE_HEADER;
}

static void
fpu_enable(void)
{
	__asm__ volatile("clts");
}

static void
fpu_disable(void)
{
	x86_write_cr0(x86_read_cr0() | CR0_TS);
}

static void
area_save(struct fpu_area *area)
{
	uint32_t low = (uint32_t)cpu_features.xcr0, high = (uint32_t)(cpu_features.xcr0 >> 32);

	if (cpu_features.xsaveopt)
		__asm__ volatile("xsaveopt64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
	else if (cpu_features.xsave)
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

static void
area_load(const struct fpu_area *area)
{
	uint32_t low = (uint32_t)cpu_features.xcr0, high = (uint32_t)(cpu_features.xcr0 >> 32);

	if (cpu_features.xsave)
		__asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

void
fpu_init_cpu(void)
{
	if (cpu_features.xsave) {
		__asm__ volatile("xsetbv"
				 :
				 : "c"(0), "a"((uint32_t)cpu_features.xcr0),
				 "d"((uint32_t)(cpu_features.xcr0 >> 32)));
		cpu_features.xsave_size = x86_cpuid(0xd, 0).b;
	}
	this_cpu()->fpu_owner = NULL;
	this_cpu()->fpu_live = false;
	fpu_disable();
}

void
fpu_init(void)
{
	static struct fpu_area probe __attribute__((aligned(64)));

	fpu_enable();
	__asm__ volatile("fninit; fxsave64 %0" : "=m"(probe));
	fpu_disable();
	if (probe.mxcsr_mask != 0)
		mxcsr_mask = probe.mxcsr_mask;
	zone_init(&fpu_zone, "fpu state", (area_size() + 63) & ~63ul);
}

static void
area_reset(struct fpu_area *area)
{
	memset(area, 0, area_size());
	area->fcw = FCW_DEFAULT;
	area->mxcsr = MXCSR_DEFAULT;
}

void *
fpu_area_create(void)
{
	struct fpu_area *area = zalloc(&fpu_zone);

	if (area != NULL)
		area_reset(area);
	return area;
}

void
fpu_area_destroy(void *area)
{
	zfree(&fpu_zone, area);
}

void
fpu_save_owner(void)
{
	area_save(this_cpu()->fpu_owner->fpu);
	this_cpu()->fpu_owner = NULL;
	this_cpu()->fpu_live = false;
	fpu_disable();
}

/* The running thread touches the FPU for the first time in this run. */
void
fpu_device_not_available(struct pcb *pcb)
{
	fpu_enable();
	area_load(pcb->fpu_initialized ? pcb->fpu : &fpu_clean);
	pcb->fpu_initialized = true;
	this_cpu()->fpu_owner = pcb;
	this_cpu()->fpu_live = true;
}

void
fpu_sync(struct pcb *pcb)
{
	if (this_cpu()->fpu_owner == pcb)
		fpu_save_owner();
}

/* -- i386_FLOAT_STATE: the x87 part in FNSAVE's form ------------------------- */

struct float_environment {
	uint32_t control, status, tag, eip, cs_opcode, dp, ds;
};

/* Two bits for a register that holds something: valid, zero, special. */
static unsigned
tag_of(const uint8_t *st)
{
	uint64_t mantissa;
	uint16_t exponent;

	memcpy(&mantissa, st, 8);
	memcpy(&exponent, st + 8, 2);
	exponent &= 0x7fff;
	if (exponent == 0 && mantissa == 0)
		return 1;
	return exponent == 0 || exponent == 0x7fff || (mantissa >> 63) == 0 ? 2 : 0;
}

static uint32_t
tags_expand(const struct fpu_area *area)
{
	unsigned top = area->fsw >> 11 & 7;
	uint32_t tags = 0;

	for (unsigned i = 0; i < 8; i++) {
		unsigned tag = (area->ftw >> i & 1) != 0 ? tag_of(area->st[(i - top) & 7]) : 3;

		tags |= tag << (2 * i);
	}
	return tags;
}

static uint8_t
tags_abridge(uint32_t tags)
{
	uint8_t ftw = 0;

	for (unsigned i = 0; i < 8; i++)
		if ((tags >> (2 * i) & 3) != 3)
			ftw |= (uint8_t)(1 << i);
	return ftw;
}

kern_return_t
fpu_float_get(struct pcb *pcb, void *state)
{
	struct i386_float_state *user = state;
	const struct fpu_area *area = pcb->fpu;
	struct float_environment env;

	memset(user, 0, sizeof(*user));
	user->fpkind = cpu_features.xsave ? FP_387X : FP_387FX;
	if (!pcb->fpu_initialized)
		return KERN_SUCCESS;
	user->initialized = 1;
	user->exc_status = area->fsw;
	env = (struct float_environment) { area->fcw, area->fsw, tags_expand(area),
		(uint32_t)area->rip, (uint32_t)area->fop << 16, (uint32_t)area->rdp, 0 };
	memcpy(user->hw_state, &env, sizeof(env));
	for (unsigned i = 0; i < 8; i++)
		memcpy(user->hw_state + sizeof(env) + 10 * i, area->st[i], 10);
	return KERN_SUCCESS;
}

/* The area becomes the truth; what the CPU holds is dropped. */
static void
area_take_over(struct pcb *pcb)
{
	fpu_sync(pcb);
	if (!pcb->fpu_initialized)
		area_reset(pcb->fpu);
}

kern_return_t
fpu_float_set(struct pcb *pcb, const void *state, uint32_t count)
{
	const struct i386_float_state *user = state;
	struct fpu_area *area = pcb->fpu;
	struct float_environment env;

	area_take_over(pcb);
	pcb->fpu_initialized = user->initialized != 0;
	if (!pcb->fpu_initialized)
		return KERN_SUCCESS;
	memcpy(&env, user->hw_state, sizeof(env));
	area->fcw = (uint16_t)env.control;
	area->fsw = (uint16_t)env.status;
	area->ftw = tags_abridge(env.tag);
	area->fop = (uint16_t)(env.cs_opcode >> 16) & 0x7ff;
	area->rip = env.eip;
	area->rdp = env.dp;
	for (unsigned i = 0; i < 8; i++)
		memcpy(area->st[i], user->hw_state + sizeof(env) + 10 * i, 10);
	area->xstate_bv |= 1;
	return KERN_SUCCESS;
}

/* -- i386_XFLOAT_STATE: the save area itself ----------------------------------- */

static int
save_kind(void)
{
	if (cpu_features.xsaveopt)
		return FP_SAVE_XSAVEOPT;
	return cpu_features.xsave ? FP_SAVE_XSAVE : FP_SAVE_FXSAVE;
}

uint32_t
pcb_xfloat_size(void)
{
	return (uint32_t)sizeof(struct i386_xfloat_state) + area_size();
}

kern_return_t
fpu_xfloat_get(struct pcb *pcb, void *state)
{
	struct i386_xfloat_state *user = state;

	memset(user, 0, pcb_xfloat_size());
	if (!pcb->fpu_initialized)
		return KERN_SUCCESS;
	user->fpkind = cpu_features.xsave ? FP_387X : FP_387FX;
	user->initialized = 1;
	user->exc_status = ((struct fpu_area *)pcb->fpu)->fsw;
	user->fp_save_kind = save_kind();
	memcpy(user->hw_state, pcb->fpu, area_size());
	return KERN_SUCCESS;
}

/* XRSTOR refuses reserved bits by a fault in the kernel: clear them. */
static void
area_sanitize(struct fpu_area *area)
{
	area->mxcsr &= mxcsr_mask;
	area->xstate_bv &= cpu_features.xcr0;
	area->xcomp_bv = 0;
	memset(area->header_reserved, 0, sizeof(area->header_reserved));
}

kern_return_t
fpu_xfloat_set(struct pcb *pcb, const void *state, uint32_t count)
{
	const struct i386_xfloat_state *user = state;

	if (user->initialized != 0 && user->fp_save_kind != save_kind())
		return KERN_INVALID_ARGUMENT;
	area_take_over(pcb);
	pcb->fpu_initialized = user->initialized != 0;
	if (!pcb->fpu_initialized)
		return KERN_SUCCESS;
	memcpy(pcb->fpu, user->hw_state, area_size());
	area_sanitize(pcb->fpu);
	return KERN_SUCCESS;
}

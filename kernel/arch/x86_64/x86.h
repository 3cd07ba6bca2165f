/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86 -- instructions that C lacks, and the bits they deal in (AMD64
 * Architecture Programmer's Manual, volume 2).
 */
#ifndef X86_64_X86_H
#define X86_64_X86_H

#include <stdint.h>

#define CR0_MP (1ul << 1)
#define CR0_EM (1ul << 2)
#define CR0_TS (1ul << 3)
#define CR0_NE (1ul << 5)
#define CR0_WP (1ul << 16)
#define CR0_AM (1ul << 18)
#define CR0_NW (1ul << 29)
#define CR0_CD (1ul << 30)

#define CR4_DE         (1ul << 3)
#define CR4_PGE        (1ul << 7)
#define CR4_OSFXSR     (1ul << 9)
#define CR4_OSXMMEXCPT (1ul << 10)
#define CR4_UMIP       (1ul << 11)
#define CR4_FSGSBASE   (1ul << 16)
#define CR4_OSXSAVE    (1ul << 18)
#define CR4_SMEP       (1ul << 20)
#define CR4_SMAP       (1ul << 21)

#define MSR_APIC_BASE 0x1b
#define MSR_PAT       0x277
#define MSR_EFER      0xc0000080
#define MSR_STAR      0xc0000081
#define MSR_LSTAR     0xc0000082
#define MSR_FMASK     0xc0000084
#define MSR_FS_BASE   0xc0000100
#define MSR_GSBASE    0xc0000101
#define MSR_KERNEL_GS 0xc0000102

#define EFER_SCE (1ul << 0)
#define EFER_NXE (1ul << 11)

#define RFLAGS_CF    (1ul << 0)
#define RFLAGS_FIXED (1ul << 1)
#define RFLAGS_TF    (1ul << 8)
#define RFLAGS_IF    (1ul << 9)
#define RFLAGS_DF    (1ul << 10)
#define RFLAGS_IOPL  (3ul << 12)
#define RFLAGS_NT    (1ul << 14)
#define RFLAGS_RF    (1ul << 16)
#define RFLAGS_AC    (1ul << 18)

/* Page-table entries. */
#define PTE_PRESENT  (1ul << 0)
#define PTE_WRITE    (1ul << 1)
#define PTE_USER     (1ul << 2)
#define PTE_PWT      (1ul << 3) /* write-combining: the PAT is set so */
#define PTE_PCD      (1ul << 4)
#define PTE_ACCESSED (1ul << 5)
#define PTE_DIRTY    (1ul << 6)
#define PTE_LARGE    (1ul << 7)
#define PTE_GLOBAL   (1ul << 8)
#define PTE_NX       (1ul << 63)
#define PTE_FRAME    0x000ffffffffff000ul

/* Page-fault error code. */
#define PF_PRESENT  (1u << 0)
#define PF_WRITE    (1u << 1)
#define PF_USER     (1u << 2)
#define PF_RESERVED (1u << 3)
#define PF_FETCH    (1u << 4)

#define PAGE_SIZE_4K 4096ul
#define PAGE_SIZE_2M (1ul << 21)
#define PAGE_SIZE_1G (1ul << 30)

#define KERNEL_BASE     0xffffffff80000000ul
#define DIRECT_MAP_BASE 0xffff800000000000ul
#define MMIO_BASE       0xffffff0000000000ul /* window of 1 GiB */
#define MMIO_SIZE       PAGE_SIZE_1G

struct cpuid {
	uint32_t a, b, c, d;
};

static inline struct cpuid
x86_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid id;

	__asm__ volatile("cpuid"
			 : "=a"(id.a), "=b"(id.b), "=c"(id.c), "=d"(id.d)
			 : "a"(leaf), "c"(subleaf));
	return id;
}

static inline uint64_t
x86_rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void
x86_wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static inline uint8_t
x86_in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void
x86_out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void
x86_out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void
x86_out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

/* x86_read_crN, x86_write_crN */
#define X86_CONTROL_REGISTER(name)                                                                 \
	static inline uint64_t x86_read_##name(void)                                               \
	{                                                                                          \
		uint64_t value;                                                                    \
                                                                                                   \
		__asm__ volatile("movq %%" #name ", %0" : "=r"(value));                            \
		return value;                                                                      \
	}                                                                                          \
                                                                                                   \
	static inline void x86_write_##name(uint64_t value)                                        \
	{                                                                                          \
		__asm__ volatile("movq %0, %%" #name : : "r"(value) : "memory");                   \
	}

X86_CONTROL_REGISTER(cr0)
X86_CONTROL_REGISTER(cr2)
X86_CONTROL_REGISTER(cr3)
X86_CONTROL_REGISTER(cr4)

static inline void
x86_invlpg(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void *
direct_map(uint64_t physical)
{
	return (void *)(physical + DIRECT_MAP_BASE);
}

#endif

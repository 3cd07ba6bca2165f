/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the server knows of an emulator: where things lie in the address space
 * of a Unix task, and the marked places in the emulator's code. The header
 * lies at the start of the image.
 *
 * Each thread of a task has a slot: guard page, stack, and in the last page
 * the emulation block. The names of the ports are fixed by the slot, too.
 */
#ifndef BSD_EMULATOR_H
#define BSD_EMULATOR_H

#include <stdint.h>

#define EMUL_IMAGE_BASE   0x7ffffe000000ULL
#define EMUL_IMAGE_LIMIT  0x7ffffe100000ULL
#define EMUL_TIME_PAGE    0x7ffffd000000ULL
#define EMUL_SLOT_BASE    0x7ffff0000000ULL
#define EMUL_SLOT_SIZE    0x10000ULL
#define EMUL_SLOT_COUNT   1024
#define EMUL_SLOT_GUARD   0x1000ULL
#define EMUL_BLOCK_OFFSET 0xf000ULL

/* The program's own part ends here; its stack lies at the top of it. */
#define EMUL_USER_LIMIT      0x7fffe0000000ULL
#define EMUL_USER_STACK_SIZE 0x800000ULL
#define EMUL_USER_STACK_TOP  EMUL_USER_LIMIT
/* Mappings without a fixed address are placed downward from here. */
#define EMUL_MMAP_TOP        0x7fff00000000ULL

#define EMUL_SLOT_ADDRESS(slot)  (EMUL_SLOT_BASE + (uint64_t)(slot)*EMUL_SLOT_SIZE)
#define EMUL_BLOCK_ADDRESS(slot) (EMUL_SLOT_ADDRESS(slot) + EMUL_BLOCK_OFFSET)

/* There, behind the block, the emulator keeps the thread's robust list (its
 * address, or 0), for the server to find when the thread is killed. */
#define EMUL_ROBUST_ADDRESS(slot) (EMUL_BLOCK_ADDRESS(slot) + sizeof(struct emulation_block))

/* Name of the process port of the thread in a slot. */
#define EMUL_PROCESS_PORT(slot) ((slot) == 0 ? 1u : 0x00010000u + (slot))

/* The frame of a redirected call lies right below the block. */
#define EMUL_FRAME_SIZE 336

/* Set in RFLAGS of a thread inside the emulator: look for signals on the way out. */
#define EMUL_RFLAGS_SIGNAL 0x200000ULL

#define EMUL_MAGIC 0x4c554d4555534244ULL

struct emul_header {
	uint64_t magic;
	uint64_t entry;  /* redirected system calls */
	uint64_t start;  /* new threads; RSP = block */
	uint64_t signal; /* take a signal; RSP = block */
	/* a fault in [copy_start, copy_end) continues at copy_fault */
	uint64_t copy_start;
	uint64_t copy_end;
	uint64_t copy_fault;
	/*
	 * In [exit_start, exit_jump) the way out begins again at exit_start
	 * with RSP at the frame; at exit_jump the registers are the program's
	 * and RCX is where it goes on.
	 */
	uint64_t exit_start;
	uint64_t exit_jump;
	/* In [full_start, full_syscall] likewise. */
	uint64_t full_start;
	uint64_t full_syscall;
	/*
	 * In [wait_start, wait_syscall] go back to wait_start; at wait_after
	 * the thread may be in a kernel wait, which thread_abort ends.
	 */
	uint64_t wait_start;
	uint64_t wait_syscall;
	uint64_t wait_after;
};

#endif

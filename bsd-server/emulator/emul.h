/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Linux emulator: code mapped into every Unix task, which answers Linux
 * x86-64 system calls from the task's own memory, by kernel calls, or by
 * requests to the BSD server. It belongs to the program: the server trusts
 * nothing of it.
 *
 * A call comes in through x86_64/entry.S with the program's registers in a
 * frame below the thread's block. Functions of the call table take the frame
 * and answer the result, or minus a Linux error number. Built without vector
 * registers, thread-local storage and stack protector. Memory of the program
 * is touched only by the emul_copy functions.
 *
 * Locks: emul_space has one; everything else belongs to the thread.
 */
#ifndef EMUL_H
#define EMUL_H

#include <mach/mach_types.h>
#include <mach/machine/thread_status.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/portolan.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bsd/bsd_types.h"
#include "bsd/emulator.h"
#include "linux.h"

#define PAGE_SIZE     4096UL
#define PAGE_ROUND(x) (((x) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))
#define PAGE_TRUNC(x) ((x) & ~(PAGE_SIZE - 1))

/* The registers of the program at its call, below the block. */
struct emul_frame {
	struct bsd_regs regs;
	struct i386_thread_state state; /* for the way out with all registers */
	uint64_t full;                  /* leave that way */
};
_Static_assert(sizeof(struct emul_frame) == EMUL_FRAME_SIZE, "entry.S knows it");
_Static_assert(offsetof(struct emul_frame, state) == 160, "entry.S knows it");

/* What the emulator knows of a thread, at its block's address. */
struct emul_thread {
	struct emulation_block block;
	uint64_t robust_list; /* here for the server: EMUL_ROBUST_ADDRESS */
	bool ready;           /* the fields below are set */
	bool interruptible;   /* the next mach_msg is a wait in the kernel */
	bool mask_known;
	uint8_t options;         /* BSD_OPTION_* */
	uint32_t signal_pending; /* a reply said so */
	mach_port_name_t task;
	mach_port_name_t reply_port;
	mach_port_name_t process;
	int32_t pid;
	int32_t tid;
	uint64_t clear_tid; /* program's address or 0 */
	uint64_t fs_base;
	uint64_t gs_base;
	bsd_sigset_t mask;            /* valid when mask_known */
	struct bsd_sigstack altstack; /* as the server last told */
	/* vector registers across fork */
	unsigned char fpu[BSD_FPU_MAX] __attribute__((aligned(64)));
};
_Static_assert(sizeof(struct emul_thread) <= 4096, "one page");
_Static_assert(offsetof(struct emul_thread, robust_list) == sizeof(struct emulation_block),
    "EMUL_ROBUST_ADDRESS");

/* What all threads of a task share. */
struct emul_space {
	uint32_t lock;
	uint64_t break_start;
	uint64_t break_now; /* as the program has it, any alignment */
	uint64_t mmap_low;  /* mappings are placed below */
};
extern struct emul_space emul_space;

static inline struct emul_thread *
emul_self(void)
{
	uint64_t rsp;

	__asm__("movq %%rsp, %0" : "=r"(rsp));
	return (
	    struct emul_thread *)((rsp - 1) / EMUL_SLOT_SIZE * EMUL_SLOT_SIZE + EMUL_BLOCK_OFFSET);
}

#define ARG1(f) ((f)->regs.rdi)
#define ARG2(f) ((f)->regs.rsi)
#define ARG3(f) ((f)->regs.rdx)
#define ARG4(f) ((f)->regs.r10)
#define ARG5(f) ((f)->regs.r8)
#define ARG6(f) ((f)->regs.r9)

typedef int64_t emul_call(struct emul_frame *f);

/* ---- entry.S ---------------------------------------------------------------*/
int emul_copy(void *to, const void *from, size_t size);
long emul_copy_string(char *to, const char *from, size_t max);
int emul_compare_exchange(uint32_t *word, uint32_t old, uint32_t new);
int emul_xsave(void *area);
int emul_xrstor(const void *area);
int emul_fxsave(void *area);
int emul_fxrstor(const void *area);
uint64_t emul_flags_signal(void);
uint64_t
emul_trap(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, int64_t number);
mach_msg_return_t emul_msg_trap(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);
mach_msg_return_t emul_msg_trap_interruptible(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);
kern_return_t emul_vm_map_trap(mach_port_name_t task, vm_address_t *address, vm_size_t size,
    vm_address_t mask, boolean_t anywhere, mach_port_name_t object, vm_offset_t offset,
    boolean_t copy, vm_prot_t protection, vm_prot_t maximum, vm_inherit_t inheritance);

/* ---- called from entry.S; not 0: leave with all registers ---------------------*/
int emul_syscall(struct emul_frame *f);
int emul_pending(struct emul_frame *f);
int emul_thread_start(struct emul_frame *f);
int emul_interrupted(struct emul_frame *f);
void emul_bad_registers(struct emul_frame *f);

/* ---- program's memory -----------------------------------------------------------*/

/* 0 or -LINUX_EFAULT. */
int emul_copyin(void *to, uint64_t from, size_t size);
int emul_copyout(uint64_t to, const void *from, size_t size);

/* A path: its length, -LINUX_EFAULT or -LINUX_ENAMETOOLONG. */
long emul_path(char path[BSD_PATH_MAX], uint64_t from);

/* ---- results ------------------------------------------------------------------*/

/*
 * The call was interrupted before it had an effect: it is made again unless
 * a handler without SA_RESTART runs. Never seen by a program.
 */
#define EMUL_RESTART (-512)

/* A request's return code as a result: 0 or negative. */
int64_t emul_result(kern_return_t code);

/* ---- ports (support.c) -----------------------------------------------------------*/

mach_port_name_t emul_process(void); /* where requests go */
mach_port_name_t emul_task(void);

/* ---- signals (signal.c) -------------------------------------------------------------*/

int emul_signal_from_linux(int sig); /* 0 for none */
int emul_signal_to_linux(int sig);
bsd_sigset_t emul_sigset_from_linux(uint64_t set);
uint64_t emul_sigset_to_linux(bsd_sigset_t set);
int emul_status_to_linux(int status);
void emul_siginfo_to_linux(struct linux_siginfo *to, const struct bsd_siginfo *from);

/*
 * Hand all waiting signals to the program by changing `f`; `restart` if the
 * call at hand (number) answered EMUL_RESTART.
 */
void emul_deliver(struct emul_frame *f, bool restart, uint64_t number);

/* ---- memory (memory.c) -----------------------------------------------------------------*/

/* At a fresh program. */
void emul_space_init(uint64_t break_start);
/* In a forked child: nobody else is in here. */
void emul_space_forked(void);

kern_return_t emul_vm_allocate(uint64_t *address, uint64_t size, bool anywhere);
kern_return_t emul_vm_deallocate(uint64_t address, uint64_t size);

/* ---- processes ----------------------------------------------------------------------*/

/* In the child: what the flags of its clone ask for. */
void emul_clone_child(struct emul_frame *f, const struct bsd_start *start);
/* The calling thread ends: store 0 at its clear_tid and wake a waiter. */
void emul_clear_tid(void);

/* ---- files -----------------------------------------------------------------------------*/

/* Fill memory from a file; the number of bytes or negative. */
int64_t emul_pread_into(int fd, uint64_t address, uint64_t count, uint64_t offset);

/* ---- time, futex --------------------------------------------------------------------*/

/* Wake up to n that wait at a word of the program. */
int64_t emul_futex_wake(uint64_t address, uint32_t n, bool shared);
/* The calling thread ends: its robust mutexes get the mark of a dead owner. */
void emul_robust_exit(void);
int64_t emul_clock_now(int clock); /* ns */

/* ---- libc's share ------------------------------------------------------------------*/

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);

#endif

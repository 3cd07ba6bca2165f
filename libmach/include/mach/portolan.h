/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Portolan's own additions to the Mach interface: the redirect of foreign
 * system calls into an emulator of the task's own, and register IPC.
 * Trap numbers are -1024 and below, message ids 5000 and up.
 */
#ifndef MACH_PORTOLAN_H
#define MACH_PORTOLAN_H

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/message.h>
#include <mach/port.h>
#include <stddef.h>
#include <stdint.h>

/* -- Traps -------------------------------------------------------------- */

/* (struct emulation_block *block): kern_return_t */
#define PORTOLAN_TRAP_SET_EMULATION_BLOCK (-1024)
/* Register IPC: mach/register_ipc.h. Answered KERN_FAILURE when forbidden. */
#define PORTOLAN_TRAP_CALL                (-1025)
#define PORTOLAN_TRAP_REPLY_WAIT          (-1026)
/* Numbers from FIRST down to LAST belong to this table. */
#define PORTOLAN_TRAP_FIRST               (-1024)
#define PORTOLAN_TRAP_LAST                (-1026)

/* -- Emulation ------------------------------------------------------------ */

/*
 * One per thread, in the task's own memory, aligned to 64 bytes. A redirected
 * system call stores the user's RIP, RSP and RFLAGS here, sets RSP to the
 * block's address, and continues at the task's emulation entry with all
 * other registers as they were (RCX and R11 apart). The emulator's stack
 * grows down from the block. The kernel reads nothing of it and writes only
 * the first three words.
 */
struct emulation_block {
	uint64_t eb_rip; /* just after the user's syscall */
	uint64_t eb_rsp;
	uint64_t eb_rflags;
	mach_port_name_t eb_process_port; /* who the thread is to its server */
	uint32_t eb_flags;                /* the emulator's */
	uint64_t eb_words[8];             /* the emulator's */
	uint64_t eb_pad[4];
} __attribute__((aligned(64)));

#define EMULATION_BLOCK_ALIGN 64

_Static_assert(sizeof(struct emulation_block) == 128, "layout");
_Static_assert(offsetof(struct emulation_block, eb_rip) == 0, "layout");
_Static_assert(offsetof(struct emulation_block, eb_rsp) == 8, "layout");
_Static_assert(offsetof(struct emulation_block, eb_rflags) == 16, "layout");
_Static_assert(offsetof(struct emulation_block, eb_process_port) == 24, "layout");
_Static_assert(offsetof(struct emulation_block, eb_flags) == 28, "layout");
_Static_assert(offsetof(struct emulation_block, eb_words) == 32, "layout");

/* The block as a thread state flavour: one 64-bit word, its address or 0. */
#define EMULATION_BLOCK_STATE 64

struct emulation_block_state {
	uint64_t block;
};

#define EMULATION_BLOCK_STATE_COUNT (sizeof(struct emulation_block_state) / sizeof(unsigned int))

_Static_assert(EMULATION_BLOCK_STATE_COUNT == 2, "layout");

/*
 * Set the calling thread's emulation block; null takes it away, and a
 * redirect without one raises EXC_BAD_INSTRUCTION as a bad trap number does.
 * KERN_INVALID_ARGUMENT: misaligned or outside the user's addresses.
 */
kern_return_t thread_set_emulation_block(struct emulation_block *block);

/* -- task_create_with_limits ---------------------------------------------- */

/* In a limit: as much as the parent's account allows. */
#define PORTOLAN_LIMIT_NONE 0xffffffffffffffffUL

#define PORTOLAN_CREATE_INHERIT_MEMORY 0x1

/* -- host_ipc_mode_get/set: transports in use (D6) ------------------------- */

#define PORTOLAN_IPC_BUFFERED 0x0 /* always there */
#define PORTOLAN_IPC_HANDOFF  0x1
#define PORTOLAN_IPC_REGISTER 0x2
#define PORTOLAN_IPC_ALL      0x3

/* -- host_kernel_counts: indexes of its array ------------------------------ */

#define PORTOLAN_COUNT_MAX 64

enum portolan_count {
	PORTOLAN_COUNT_TASKS,
	PORTOLAN_COUNT_THREADS,
	PORTOLAN_COUNT_SPACES,
	PORTOLAN_COUNT_PORTS,
	PORTOLAN_COUNT_PORT_SETS,
	PORTOLAN_COUNT_ENTRIES, /* names in all spaces */
	PORTOLAN_COUNT_KMSGS,
	PORTOLAN_COUNT_MAPS,
	PORTOLAN_COUNT_MAP_ENTRIES,
	PORTOLAN_COUNT_MAP_COPIES,
	PORTOLAN_COUNT_OBJECTS,
	PORTOLAN_COUNT_PAGES_MANAGED,
	PORTOLAN_COUNT_PAGES_FREE,
	PORTOLAN_COUNT_PAGES_RESIDENT, /* in objects */
	PORTOLAN_COUNT_PAGES_WIRED,
	PORTOLAN_COUNT_PAGES_KERNEL, /* zones, stacks, tables */
	PORTOLAN_COUNT_PMAPS,
	PORTOLAN_COUNT_ACCOUNTS,
	PORTOLAN_COUNT_DEVICES_OPEN,
	PORTOLAN_COUNT_KERNEL_STACKS,
	PORTOLAN_COUNT_USED /* how many there are */
};

_Static_assert(PORTOLAN_COUNT_USED <= PORTOLAN_COUNT_MAX, "room on the wire");

/* Arrays of 64-bit counters. */
typedef uint64_t *portolan_counts_t;
typedef const uint64_t *const_portolan_counts_t;
typedef uint64_t portolan_counts_data_t[PORTOLAN_COUNT_MAX];

/* -- thread_bind -------------------------------------------------------------- */

#define PORTOLAN_CPU_ANY (-1)

/* -- host_ipc_counter_text ---------------------------------------------------- */

#define PORTOLAN_TEXT_MAX 64

/* Ends in a zero byte. */
typedef char portolan_text_t[PORTOLAN_TEXT_MAX];
typedef const char *const_portolan_text_t;

/* -- gsync flags (ABI sheet 9.1) -------------------------------------------- */

#define GSYNC_SHARED    0x01
#define GSYNC_QUAD      0x02
#define GSYNC_TIMED     0x04
#define GSYNC_BROADCAST 0x08
#define GSYNC_MUTATE    0x10

/* -- Name service (bootstrap.defs) ------------------------------------------ */

#define BOOTSTRAP_NAME_MAX 128

typedef char bootstrap_name_t[BOOTSTRAP_NAME_MAX];
typedef const char *const_bootstrap_name_t;

#endif /* MACH_PORTOLAN_H */

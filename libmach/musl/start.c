/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start of a native program on musl: what the kernel leaves on the stack
 * becomes what libc expects, system calls are directed to the handler, and
 * libc's own start code takes over.
 */
#include <mach/mach_init.h>
#include <mach/mach_interface.h>
#include <mach/mach_traps.h>
#include <mach/vm_param.h>
#include <portolan/portolan.h>

#include "../src/start.h"
#include "handler.h"

#define MAIN_STACK_SIZE (8UL * 1024 * 1024)
#define CLOCK_TICKS     100
#define AUX_WORDS       32

/* The program's ELF header: where the program headers are. */
struct elf_header {
	unsigned char e_ident[16];
	uint16_t e_type;
	uint16_t e_machine;
	uint32_t e_version;
	uint64_t e_entry;
	uint64_t e_phoff;
	uint64_t e_shoff;
	uint32_t e_flags;
	uint16_t e_ehsize;
	uint16_t e_phentsize;
	uint16_t e_phnum;
};

extern const struct elf_header __ehdr_start __attribute__((visibility("hidden")));
extern char mach_handler_entry[], mach_handler_entry_end[];

uint64_t *mach_musl_prepare(uint64_t *stack);

static char main_handler_stack[HANDLER_STACK_SIZE] __attribute__((aligned(64)));
static uint64_t random_bytes[2];

static _Noreturn void
start_fail(const char *what)
{
	mach_print("libmach: cannot start: ");
	mach_print(what);
	mach_print("\n");
	for (;;)
		(void)task_terminate(mach_task_self());
}

/* From here on the system calls of this task arrive at the handler. */
static void
handler_install(void)
{
	struct emulation_block *block =
	    (struct emulation_block *)(main_handler_stack + sizeof(main_handler_stack)) - 1;

	handler_thread_init(block);
	if (thread_set_emulation_block(block) != KERN_SUCCESS)
		start_fail("no emulation block");
	if (task_set_emulation_entry(mach_task_self(), (vm_address_t)mach_handler_entry,
		(vm_address_t)mach_handler_entry,
		(vm_address_t)mach_handler_entry_end) != KERN_SUCCESS)
		start_fail("no emulation entry");
}

/* Words of argc, argv, the environment, and their two nulls. */
static uint64_t
stack_words(const uint64_t *stack)
{
	uint64_t words = 1 + stack[0] + 1;

	while (stack[words] != 0)
		words++;
	return words + 1;
}

static uint64_t *
aux_add(uint64_t *at, uint64_t type, uint64_t value)
{
	at[0] = type;
	at[1] = value;
	return at + 2;
}

static void
aux_fill(uint64_t *at, uint64_t argv0)
{
	const struct elf_header *ehdr = &__ehdr_start;

	at = aux_add(at, LINUX_AT_PHDR, (uint64_t)ehdr + ehdr->e_phoff);
	at = aux_add(at, LINUX_AT_PHENT, ehdr->e_phentsize);
	at = aux_add(at, LINUX_AT_PHNUM, ehdr->e_phnum);
	at = aux_add(at, LINUX_AT_PAGESZ, PAGE_SIZE);
	at = aux_add(at, LINUX_AT_BASE, 0);
	at = aux_add(at, LINUX_AT_FLAGS, 0);
	at = aux_add(at, LINUX_AT_UID, 0);
	at = aux_add(at, LINUX_AT_EUID, 0);
	at = aux_add(at, LINUX_AT_GID, 0);
	at = aux_add(at, LINUX_AT_EGID, 0);
	at = aux_add(at, LINUX_AT_CLKTCK, CLOCK_TICKS);
	at = aux_add(at, LINUX_AT_SECURE, 0);
	at = aux_add(at, LINUX_AT_RANDOM, (uint64_t)random_bytes);
	at = aux_add(at, LINUX_AT_EXECFN, argv0);
	(void)aux_add(at, LINUX_AT_NULL, 0);
}

/* A roomy stack with the same beginning and an auxiliary vector. */
static uint64_t *
stack_build(const uint64_t *old)
{
	uint64_t words = stack_words(old), room = (words + AUX_WORDS + 1) & ~1UL;
	vm_address_t region = 0;
	uint64_t *new;

	if (room * sizeof(uint64_t) > MAIN_STACK_SIZE / 2)
		start_fail("too many arguments");
	if (vm_map(mach_task_self(), &region, MAIN_STACK_SIZE, 0, TRUE, MACH_PORT_NULL, 0, FALSE,
		VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY) != KERN_SUCCESS ||
	    vm_protect(mach_task_self(), region, PAGE_SIZE, FALSE, VM_PROT_NONE) != KERN_SUCCESS)
		start_fail("no memory for a stack");
	new = (uint64_t *)(region + MAIN_STACK_SIZE) - room;
	for (uint64_t i = 0; i < words; i++)
		new[i] = old[i];
	aux_fill(new + words, old[0] != 0 ? old[1] : 0);
	return new;
}

/* Returns the stack pointer to enter libc with. */
uint64_t *
mach_musl_prepare(uint64_t *stack)
{
	mach_init();
	mach_reserve_null_page();
	random_bytes[0] = handler_random();
	random_bytes[1] = handler_random();
	handler_install();
	return stack_build(stack);
}

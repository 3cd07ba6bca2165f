/* SPDX-License-Identifier: BSD-2-Clause */
/* boot_load -- see boot_load.h. */
#include <stdbool.h>

#include <kern/string.h>
#include <kern/zalloc.h>
#include <mach/vm_param.h>
#include <mach/vm_prot.h>
#include <vm/vm_fault.h>
#include <vm/vm_map.h>

#include "boot_load.h"
#include "task.h"
#include "thread.h"

/* ELF64 (System V gABI, chapter 4 and 5), as much as is used here. */
struct elf_header {
	uint8_t ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t program_offset;
	uint64_t section_offset;
	uint32_t flags;
	uint16_t header_size;
	uint16_t program_size;
	uint16_t program_count;
	uint16_t section_size;
	uint16_t section_count;
	uint16_t names_index;
};

struct elf_program {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t address;
	uint64_t physical;
	uint64_t file_size;
	uint64_t memory_size;
	uint64_t align;
};

_Static_assert(sizeof(struct elf_header) == 64, "gABI");
_Static_assert(sizeof(struct elf_program) == 56, "gABI");

#define ELF_TYPE_REL  1
#define ELF_TYPE_EXEC 2
#define ELF_TYPE_DYN  3
#define ELF_X86_64    62
#define ELF_LOAD      1
#define ELF_GNU_STACK 0x6474e551
#define ELF_EXECUTE   1
#define ELF_WRITE     2
#define ELF_READ      4

#define LOAD_BASE_DYN 0x8000000ul
#define STACK_SIZE    (128ul * 1024)
#define STACK_BASE    (VM_MAX_ADDRESS - STACK_SIZE)

struct loader {
	struct vm_map *map;
	const char *image;
	uint64_t size;
	const struct elf_header *header;
	uint64_t base;
	uint64_t loaded_end;    /* end of the pages entered so far */
	uint64_t protected_end; /* the same for the second pass */
	vm_prot_t last_prot;    /* protection of the last of them */
	vm_prot_t stack_prot;
};

static const char *
load_check_header(struct loader *loader)
{
	static const uint8_t magic[6] = { 0x7f, 'E', 'L', 'F', 2, 1 };
	const struct elf_header *header = loader->header;

	if (loader->size < sizeof(*header) || memcmp(header->ident, magic, sizeof(magic)) != 0)
		return "not a 64-bit ELF file";
	if (header->machine != ELF_X86_64)
		return "not an x86-64 program";
	if (header->type < ELF_TYPE_REL || header->type > ELF_TYPE_DYN)
		return "not an executable ELF file";
	if (header->program_size != sizeof(struct elf_program) || header->program_count == 0)
		return "no program headers";
	if (header->program_offset > loader->size ||
	    (loader->size - header->program_offset) / sizeof(struct elf_program) <
		header->program_count)
		return "program headers lie outside the file";
	if (header->type != ELF_TYPE_EXEC)
		loader->base = LOAD_BASE_DYN;
	return NULL;
}

static vm_prot_t
load_protection(uint32_t flags)
{
	return ((flags & ELF_READ) != 0 ? VM_PROT_READ : 0) |
	    ((flags & ELF_WRITE) != 0 ? VM_PROT_WRITE : 0) |
	    ((flags & ELF_EXECUTE) != 0 ? VM_PROT_EXECUTE : 0);
}

static const char *
load_check_segment(const struct loader *loader, const struct elf_program *p)
{
	uint64_t start = loader->base + p->address;

	if (p->file_size > p->memory_size || p->offset > loader->size ||
	    p->file_size > loader->size - p->offset)
		return "a segment lies outside the file (truncated?)";
	if (start < p->address || start >= VM_MAX_ADDRESS - STACK_SIZE ||
	    p->memory_size > VM_MAX_ADDRESS - STACK_SIZE - start)
		return "a segment lies outside the user's addresses";
	return NULL;
}

/* Zeroed memory for [start, end), but for what an earlier segment covers. */
static kern_return_t
load_enter(struct loader *loader, uint64_t start, uint64_t end)
{
	vm_offset_t address = trunc_page(start);

	if (address < loader->loaded_end)
		address = loader->loaded_end;
	end = round_page(end);
	if (address >= end)
		return KERN_SUCCESS;
	loader->loaded_end = end;
	return vm_map_enter(loader->map, &address, end - address, 0, false, NULL, 0, false,
	    VM_PROT_READ | VM_PROT_WRITE, VM_PROT_ALL, VM_INHERIT_COPY);
}

/* First pass: memory and contents. */
static const char *
load_segment(struct loader *loader, const struct elf_program *p)
{
	uint64_t start = loader->base + p->address;
	const char *wrong = load_check_segment(loader, p);

	if (wrong != NULL || p->memory_size == 0)
		return wrong;
	if (trunc_page(start) + PAGE_SIZE < loader->loaded_end)
		return "segments overlap or are not in ascending order";
	if (load_enter(loader, start, start + p->memory_size) != KERN_SUCCESS)
		return "no room for a segment";
	if (vm_map_write_bytes(loader->map, start, loader->image + p->offset, p->file_size, NULL) !=
	    KERN_SUCCESS)
		return "not enough memory for a segment";
	return NULL;
}

/* Second pass: protection. A page that two segments share gets both's. */
static const char *
load_protect(struct loader *loader, const struct elf_program *p)
{
	uint64_t start = trunc_page(loader->base + p->address);
	uint64_t end = round_page(loader->base + p->address + p->memory_size);
	vm_prot_t prot = load_protection(p->flags);
	kern_return_t kr;

	if (p->memory_size == 0)
		return NULL;
	kr = vm_map_protect(loader->map, start, end, prot, false);
	if (kr == KERN_SUCCESS && start < loader->protected_end)
		kr = vm_map_protect(
		    loader->map, start, start + PAGE_SIZE, prot | loader->last_prot, false);
	loader->protected_end = end;
	loader->last_prot = prot;
	return kr == KERN_SUCCESS ? NULL : "cannot protect a segment";
}

typedef const char *load_step_t(struct loader *loader, const struct elf_program *p);

static const char *
load_each(struct loader *loader, load_step_t *step)
{
	const char *wrong = NULL;

	for (unsigned i = 0; i < loader->header->program_count && wrong == NULL; i++) {
		struct elf_program program;

		memcpy(&program,
		    loader->image + loader->header->program_offset + i * sizeof(program),
		    sizeof(program));
		if (program.type == ELF_GNU_STACK)
			loader->stack_prot = load_protection(program.flags);
		if (program.type == ELF_LOAD)
			wrong = step(loader, &program);
	}
	return wrong;
}

/* The argument area as the program will see it at `user`. */
static void
stack_image(uint64_t *area, uint64_t user, size_t words, const struct boot_strings *strings)
{
	const char *text = strings->text;
	uint64_t *slot = area;
	uint64_t user_text = user + words * sizeof(uint64_t);

	memcpy(area + words, text, strings->size);
	*slot++ = strings->argument_count;
	for (unsigned i = 0; i < strings->argument_count; i++) {
		*slot++ = user_text + (uint64_t)(text - strings->text);
		text += strlen(text) + 1;
	}
	*slot++ = 0;
	for (unsigned i = 0; i < strings->environment_count; i++) {
		*slot++ = user_text + (uint64_t)(text - strings->text);
		text += strlen(text) + 1;
	}
	*slot = 0;
}

/* Map the stack and fill it; *rspp is where the program starts. */
static const char *
load_stack(struct loader *loader, const struct boot_strings *strings, uint64_t *rspp)
{
	size_t words = 3 + strings->argument_count + strings->environment_count;
	size_t size = words * sizeof(uint64_t) + strings->size;
	vm_offset_t base = STACK_BASE;
	uint64_t user = (VM_MAX_ADDRESS - size) & ~15ul;
	uint64_t *area;
	kern_return_t kr;

	if (size > STACK_SIZE / 2)
		return "arguments too long";
	kr = vm_map_enter(loader->map, &base, STACK_SIZE, 0, false, NULL, 0, false,
	    loader->stack_prot, VM_PROT_ALL, VM_INHERIT_COPY);
	if (kr != KERN_SUCCESS)
		return "no room for the stack";
	area = kalloc(size);
	if (area == NULL)
		return "not enough memory for the arguments";
	stack_image(area, user, words, strings);
	kr = vm_map_write_bytes(loader->map, user, area, size, NULL);
	kfree(area, size);
	*rspp = user;
	return kr == KERN_SUCCESS ? NULL : "not enough memory for the stack";
}

const char *
boot_load(struct task *task, const void *image, uint64_t size, const struct boot_strings *strings)
{
	struct loader loader = {
		.map = task->k_map,
		.image = image,
		.size = size,
		.header = image,
		.stack_prot = VM_PROT_ALL,
	};
	struct thread *thread;
	const char *wrong;
	uint64_t rsp;

	wrong = load_check_header(&loader);
	if (wrong == NULL)
		wrong = load_each(&loader, load_segment);
	if (wrong == NULL)
		wrong = load_each(&loader, load_protect);
	if (wrong == NULL)
		wrong = load_stack(&loader, strings, &rsp);
	if (wrong != NULL)
		return wrong;
	if (thread_create_in(task, &thread) != KERN_SUCCESS)
		return "cannot make a thread";
	pcb_set_start(&thread->pcb, loader.base + loader.header->entry, rsp);
	thread_release(thread);
	return NULL;
}

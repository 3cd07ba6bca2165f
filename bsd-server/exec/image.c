/* SPDX-License-Identifier: BSD-2-Clause */
#include "exec/image.h"

#include <portolan/portolan.h>
#include <string.h>

#include "exec/elf.h"
#include "fs/page_pool.h"
#include "main/service.h"
#include "proc/thread.h"
#include "server/list.h"
#include "server/proc.h"
#include "server/sync.h"
#include "vfs/services.h"
#include "vfs/vnode.h"

#define IMAGES_MAX     24
#define PAGE           ELF_PAGE
#define PAGE_DOWN(x)   ((x) & ~(PAGE - 1))
#define PAGE_UP(x)     (((x) + PAGE - 1) & ~(PAGE - 1))
#define PIE_BASE       0x555555554000ULL
#define PROGRAM_LOWEST 0x1000ULL
#define PROGRAM_LIMIT  (EMUL_USER_STACK_TOP - EMUL_USER_STACK_SIZE)

/* Above what mmap places: nothing of the program's own comes here. */
#define INTERPRETER_BASE EMUL_MMAP_TOP

/* A file as it was when it was loaded. */
struct part {
	struct vnode *vp; /* referenced; NULL: there is none */
	struct vnode_attr attr;
	struct elf_image elf;
};

struct cached {
	struct list link; /* most recently used last */
	struct part program;
	struct part interpreter;
	struct image image;
};

extern const char emulator_blob_start[];
extern const char emulator_blob_end[];

static struct list cache = LIST_HEAD(cache);
static unsigned cached_count;
static mach_port_t base_task;
static struct emul_header emulator;
static uint32_t emulator_options;

const struct emul_header *
image_emulator(void)
{
	return &emulator;
}

uint32_t
image_options(void)
{
	return emulator_options;
}

/* ---- loading segments ------------------------------------------------------------------ */

/* Where the bytes of a file come from: memory, page-aligned, or a vnode. */
struct source {
	const char *base; /* null: read the vnode */
	size_t size;
	struct vnode *vp;
};

static int
source_read(const struct source *from, void *to, size_t size, uint64_t offset)
{
	size_t done;
	int error;

	if (from->base != NULL) {
		memcpy(to, from->base + offset, size);
		return 0;
	}
	error = vnode_read(from->vp, to, size, offset, &done);
	return error != 0 ? error : done == size ? 0 : EIO;
}

static int
from_kern(kern_return_t kr)
{
	return kr == KERN_SUCCESS ? 0 : ENOMEM;
}

/* Pages of the range that an earlier segment did not bring. */
static int
allocate_pages(mach_port_t task, uint64_t low, uint64_t high)
{
	vm_address_t address = low;
	kern_return_t kr;

	if (low == high)
		return 0;
	kr = vm_allocate(task, &address, high - low, FALSE);
	if (kr == KERN_NO_SPACE && high - low > PAGE) {
		/* the first page is shared with the segment before */
		address = low + PAGE;
		kr = vm_allocate(task, &address, high - low - PAGE, FALSE);
	} else if (kr == KERN_NO_SPACE)
		return 0;
	return from_kern(kr);
}

/* Whole pages straight from the file's own memory: copied on write. */
static int
copy_whole_pages(
    mach_port_t task, const struct source *from, uint64_t address, uint64_t offset, uint64_t size)
{
	if (size == 0)
		return 0;
	return from_kern(vm_write(
	    task, address, (pointer_t)(from->base + offset), (mach_msg_type_number_t)size));
}

/* A stretch of pages put together here: what is there, overlaid by file bytes. */
static int
compose(
    mach_port_t task, const struct source *from, uint64_t address, uint64_t offset, uint64_t size)
{
	uint64_t low = PAGE_DOWN(address);
	uint64_t span = PAGE_UP(address + size) - low;
	pointer_t old = 0;
	mach_msg_type_number_t old_size = 0;
	char *buffer;
	int error;

	if (size == 0)
		return 0;
	buffer = bsd_alloc_pages(span);
	if (buffer == NULL)
		return ENOMEM;
	error = from_kern(vm_read(task, low, PAGE, &old, &old_size));
	if (error == 0) {
		memcpy(buffer, (const void *)old, PAGE);
		vm_deallocate(mach_task_self(), old, old_size);
		error = source_read(from, buffer + (address - low), size, offset);
	}
	if (error == 0)
		error =
		    from_kern(vm_write(task, low, (pointer_t)buffer, (mach_msg_type_number_t)span));
	bsd_free_pages(buffer, span);
	return error;
}

static int
load_bytes(mach_port_t task, const struct source *from, const struct elf_segment *s)
{
	uint64_t end = s->address + s->file_size;
	uint64_t first = PAGE_UP(s->address);
	uint64_t last = PAGE_DOWN(end);
	int error;

	if (from->base == NULL || first >= last)
		return compose(task, from, s->address, s->offset, s->file_size);
	error = compose(task, from, s->address, s->offset, first - s->address);
	if (error == 0)
		error = copy_whole_pages(
		    task, from, first, s->offset + (first - s->address), last - first);
	if (error == 0)
		error = compose(task, from, last, s->offset + (last - s->address), end - last);
	return error;
}

static int
load_segment(mach_port_t task, const struct source *from, const struct elf_segment *s)
{
	int error =
	    allocate_pages(task, PAGE_DOWN(s->address), PAGE_UP(s->address + s->memory_size));

	return error != 0 ? error : load_bytes(task, from, s);
}

static vm_prot_t
segment_protection(const struct elf_segment *s)
{
	return (s->read || s->execute ? VM_PROT_READ : 0) |
	    (s->write ? VM_PROT_READ | VM_PROT_WRITE : 0) | (s->execute ? VM_PROT_EXECUTE : 0);
}

/* Protect last to first, so that a shared page has the later segment's rights. */
static int
load_segments(mach_port_t task, const struct source *from, const struct elf_image *elf)
{
	int error = 0;

	for (unsigned i = 0; i < elf->segment_count && error == 0; i++)
		error = load_segment(task, from, &elf->segments[i]);
	for (unsigned i = 0; i < elf->segment_count && error == 0; i++) {
		const struct elf_segment *s = &elf->segments[i];
		uint64_t low = PAGE_DOWN(s->address);

		error = from_kern(vm_protect(task, low, PAGE_UP(s->address + s->memory_size) - low,
		    FALSE, segment_protection(s)));
	}
	return error;
}

/* ---- the base template ------------------------------------------------------------------- */

/* Page 0 is nobody's, so that null pointers fault. */
static kern_return_t
reserve_null_page(mach_port_t task)
{
	vm_address_t null = 0;

	return vm_map(task, &null, PAGE, 0, FALSE, MACH_PORT_NULL, 0, FALSE, VM_PROT_NONE,
	    VM_PROT_NONE, VM_INHERIT_COPY);
}

static int
load_emulator(mach_port_t task)
{
	size_t size = (size_t)(emulator_blob_end - emulator_blob_start);
	struct source from = { .base = emulator_blob_start, .size = size };
	struct elf_image elf;
	int error;

	error =
	    elf_parse(emulator_blob_start, size, size, 0, EMUL_IMAGE_BASE, EMUL_IMAGE_LIMIT, &elf);
	if (error != 0)
		return error;
	memcpy(&emulator, emulator_blob_start + elf.segments[0].offset, sizeof(emulator));
	if (emulator.magic != EMUL_MAGIC)
		return ENOEXEC;
	return load_segments(task, &from, &elf);
}

static kern_return_t
make_fixed_parts(mach_port_t task)
{
	vm_address_t slot = EMUL_SLOT_ADDRESS(0) + EMUL_SLOT_GUARD;
	vm_address_t stack = EMUL_USER_STACK_TOP - EMUL_USER_STACK_SIZE;
	kern_return_t kr = reserve_null_page(task);

	if (kr == KERN_SUCCESS)
		kr = vm_allocate(task, &slot, EMUL_SLOT_SIZE - EMUL_SLOT_GUARD, FALSE);
	if (kr == KERN_SUCCESS)
		kr = vm_allocate(task, &stack, EMUL_USER_STACK_SIZE, FALSE);
	return kr;
}

kern_return_t
image_init(mach_port_t exception_port, uint32_t options)
{
	/*
	 * The programs have an account of their own beside the server's, and
	 * may create no tasks: only we do, by space_task_create.
	 */
	kern_return_t kr = task_create_with_limits(
	    mach_task_self(), 0, 0, PORTOLAN_LIMIT_NONE, PORTOLAN_LIMIT_NONE, &base_task);

	emulator_options = options;
	if (kr == KERN_SUCCESS)
		kr = make_fixed_parts(base_task);
	if (kr == KERN_SUCCESS && load_emulator(base_task) != 0)
		kr = KERN_FAILURE;
	if (kr == KERN_SUCCESS)
		kr = task_set_emulation_entry(
		    base_task, emulator.entry, EMUL_IMAGE_BASE, EMUL_IMAGE_LIMIT);
	if (kr == KERN_SUCCESS)
		kr = task_set_special_port(base_task, TASK_EXCEPTION_PORT, exception_port);
	return kr;
}

/* ---- the cache ---------------------------------------------------------------------------- */

static void
drop(struct cached *c)
{
	list_remove(&c->link);
	cached_count--;
	task_terminate(c->image.task);
	mach_port_deallocate(mach_task_self(), c->image.task);
	vnode_release(c->program.vp);
	vnode_release(c->interpreter.vp);
	bsd_free(c, sizeof(*c));
}

void
image_flush(void)
{
	struct list *first;

	while ((first = list_first(&cache)) != NULL)
		drop(list_entry(first, struct cached, link));
	page_pool_trim();
}

static bool
same_time(const struct vfs_time *a, const struct vfs_time *b)
{
	return a->sec == b->sec && a->nsec == b->nsec;
}

static bool
unchanged(const struct vnode_attr *a, const struct vnode_attr *b)
{
	return a->ino == b->ino && a->size == b->size && same_time(&a->mtime, &b->mtime) &&
	    same_time(&a->ctime, &b->ctime);
}

static bool
part_unchanged(const struct part *old, const struct part *now)
{
	return old->vp == now->vp && (now->vp == NULL || unchanged(&old->attr, &now->attr));
}

/* What is kept of this program, if it still is as it was. */
static struct cached *
find(const struct part *program, const struct part *interpreter)
{
	struct list *link;

	list_for_each(link, &cache) {
		struct cached *c = list_entry(link, struct cached, link);

		if (c->program.vp != program->vp)
			continue;
		if (part_unchanged(&c->program, program) &&
		    part_unchanged(&c->interpreter, interpreter))
			return c;
		drop(c);
		return NULL;
	}
	return NULL;
}

static int
load_part(mach_port_t task, const struct part *part)
{
	struct source from = { .vp = part->vp };
	const void *base = NULL;

	if (vnode_extent(part->vp, &base, &from.size) == 0)
		from.base = base;
	return load_segments(task, &from, &part->elf);
}

static int
load(struct cached *c)
{
	int error;

	if (space_task_create(base_task, &c->image.task) != KERN_SUCCESS)
		return ENOMEM;
	error = load_part(c->image.task, &c->program);
	if (error == 0 && c->interpreter.vp != NULL)
		error = load_part(c->image.task, &c->interpreter);
	return error;
}

static void
describe(struct image *image, const struct part *program, const struct part *interpreter)
{
	const struct elf_image *elf = &program->elf;

	image->entry = image->start = elf->entry;
	image->headers = elf->headers;
	image->header_count = elf->header_count;
	image->header_size = elf->header_size;
	image->break_start = elf->high;
	image->bytes = elf->high - elf->low;
	if (interpreter->vp == NULL)
		return;
	image->start = interpreter->elf.entry;
	image->base = interpreter->elf.low;
	image->bytes += interpreter->elf.high - interpreter->elf.low;
}

static void
part_keep(struct part *to, const struct part *from)
{
	*to = *from;
	if (to->vp != NULL)
		vnode_reference(to->vp);
}

static int
make(const struct part *program, const struct part *interpreter, struct cached **cp)
{
	struct cached *c = bsd_alloc(sizeof(*c));
	int error;

	if (c == NULL)
		return ENOMEM;
	part_keep(&c->program, program);
	part_keep(&c->interpreter, interpreter);
	list_append(&cache, &c->link);
	cached_count++;
	describe(&c->image, program, interpreter);
	error = load(c);
	if (error != 0) {
		drop(c);
		return error;
	}
	*cp = c;
	return 0;
}

static int
part_parse(const struct image_file *file, uint64_t base, struct part *part)
{
	int error = vnode_getattr(file->vp, &part->attr);

	if (error != 0)
		return error;
	part->vp = file->vp;
	return elf_parse(file->head, file->size, part->attr.size, base, PROGRAM_LOWEST,
	    PROGRAM_LIMIT, &part->elf);
}

int
image_interpreter(const struct image_file *file, char *name)
{
	struct part part;
	size_t done;
	int error = part_parse(file, PIE_BASE, &part);

	name[0] = '\0';
	if (error != 0 || part.elf.interpreter_size == 0)
		return error;
	error = vnode_read(file->vp, name, part.elf.interpreter_size, part.elf.interpreter, &done);
	if (error != 0)
		return error;
	return done == part.elf.interpreter_size && name[done - 1] == '\0' && name[0] != '\0'
	    ? 0
	    : ENOEXEC;
}

int
image_get(const struct image_file *file, const struct image_file *interpreter,
    const struct image **imagep)
{
	struct part program, linker = { .vp = NULL };
	struct cached *c;
	int error = part_parse(file, PIE_BASE, &program);

	if (error != 0)
		return error;
	if (interpreter->vp != NULL && part_parse(interpreter, INTERPRETER_BASE, &linker) != 0)
		return ELIBBAD;
	c = find(&program, &linker);
	if (c == NULL)
		error = make(&program, &linker, &c);
	if (error != 0)
		return error;
	list_remove(&c->link);
	list_append(&cache, &c->link);
	*imagep = &c->image;
	if (cached_count > IMAGES_MAX)
		drop(list_entry(list_first(&cache), struct cached, link));
	return 0;
}

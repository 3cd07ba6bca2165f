/* SPDX-License-Identifier: BSD-2-Clause */
#include "exec/elf.h"

#include <string.h>

#include "bsd/errno.h"

/* ELF64, System V ABI. */
struct header {
	uint8_t ident[16];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint32_t flags;
	uint16_t ehsize;
	uint16_t phentsize;
	uint16_t phnum;
	uint16_t shentsize;
	uint16_t shnum;
	uint16_t shstrndx;
};
_Static_assert(sizeof(struct header) == 64, "layout");

struct program_header {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};
_Static_assert(sizeof(struct program_header) == 56, "layout");

#define ET_EXEC   2
#define ET_DYN    3
#define EM_X86_64 62
#define PT_LOAD   1
#define PT_INTERP 3
#define PF_X      1
#define PF_W      2
#define PF_R      4

static bool
header_ok(const struct header *h)
{
	static const uint8_t magic[7] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	return memcmp(h->ident, magic, sizeof(magic)) == 0 &&
	    (h->type == ET_EXEC || h->type == ET_DYN) && h->machine == EM_X86_64 &&
	    h->phentsize == sizeof(struct program_header) && h->phnum > 0;
}

/* The program headers lie within the bytes we have. */
static bool
headers_inside(const struct header *h, size_t size)
{
	uint64_t bytes = (uint64_t)h->phnum * sizeof(struct program_header);

	return h->phoff <= size && bytes <= size - h->phoff;
}

static bool
segment_ok(const struct program_header *ph, uint64_t file_size, uint64_t base, uint64_t lowest,
    uint64_t limit)
{
	uint64_t start;

	if (ph->memsz < ph->filesz || ph->offset > file_size || ph->filesz > file_size - ph->offset)
		return false;
	if (ph->vaddr % ELF_PAGE != ph->offset % ELF_PAGE || ph->vaddr >= limit)
		return false;
	start = ph->vaddr + base;
	return start >= lowest && start < limit && ph->memsz <= limit - start;
}

static void
add_segment(struct elf_image *image, const struct program_header *ph, uint64_t base)
{
	struct elf_segment *s = &image->segments[image->segment_count++];
	uint64_t low, high;

	*s = (struct elf_segment) {
		.address = ph->vaddr + base,
		.offset = ph->offset,
		.file_size = ph->filesz,
		.memory_size = ph->memsz,
		.read = (ph->flags & PF_R) != 0,
		.write = (ph->flags & PF_W) != 0,
		.execute = (ph->flags & PF_X) != 0,
	};
	low = s->address & ~(ELF_PAGE - 1);
	high = (s->address + s->memory_size + ELF_PAGE - 1) & ~(ELF_PAGE - 1);
	if (low < image->low)
		image->low = low;
	if (high > image->high)
		image->high = high;
}

/* Where the headers lie in memory: in the segment that brings them. */
static uint64_t
headers_in_memory(const struct header *h, const struct elf_image *image)
{
	uint64_t size = (uint64_t)h->phnum * sizeof(struct program_header);

	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (h->phoff >= s->offset && h->phoff - s->offset <= s->file_size &&
		    size <= s->file_size - (h->phoff - s->offset))
			return s->address + (h->phoff - s->offset);
	}
	return 0;
}

static bool
entry_inside(const struct elf_image *image)
{
	return image->entry >= image->low && image->entry < image->high;
}

static void
get_header(const void *head, const struct header *h, unsigned i, struct program_header *ph)
{
	memcpy(ph, (const char *)head + h->phoff + i * sizeof(*ph), sizeof(*ph));
}

/* Where a position-independent file goes: as aligned as its segments ask for. */
static uint64_t
choose_base(const void *head, const struct header *h, uint64_t pie_base)
{
	struct program_header ph;
	uint64_t align = ELF_PAGE;

	if (h->type != ET_DYN)
		return 0;
	for (unsigned i = 0; i < h->phnum; i++) {
		get_header(head, h, i, &ph);
		if (ph.type == PT_LOAD && ph.align > align && (ph.align & (ph.align - 1)) == 0)
			align = ph.align;
	}
	return (pie_base & ~(align - 1)) != 0 ? pie_base & ~(align - 1) : pie_base;
}

/* The first name counts. */
static bool
take_interpreter(const struct program_header *ph, uint64_t file_size, struct elf_image *image)
{
	if (image->interpreter_size != 0)
		return true;
	if (ph->filesz < 2 || ph->filesz > ELF_INTERPRETER_MAX || ph->offset > file_size ||
	    ph->filesz > file_size - ph->offset)
		return false;
	image->interpreter = ph->offset;
	image->interpreter_size = ph->filesz;
	return true;
}

int
elf_parse(const void *head, size_t size, uint64_t file_size, uint64_t pie_base, uint64_t lowest,
    uint64_t limit, struct elf_image *image)
{
	struct program_header ph;
	struct header h;
	uint64_t base;

	if (size < sizeof(h))
		return ENOEXEC;
	memcpy(&h, head, sizeof(h));
	if (!header_ok(&h) || !headers_inside(&h, size))
		return ENOEXEC;
	base = choose_base(head, &h, pie_base);
	*image = (struct elf_image) {
		.low = UINT64_MAX, .header_count = h.phnum, .header_size = h.phentsize
	};
	for (unsigned i = 0; i < h.phnum; i++) {
		get_header(head, &h, i, &ph);
		if (ph.type == PT_INTERP && !take_interpreter(&ph, file_size, image))
			return ENOEXEC;
		if (ph.type != PT_LOAD || ph.memsz == 0)
			continue;
		if (image->segment_count == ELF_SEGMENTS_MAX ||
		    !segment_ok(&ph, file_size, base, lowest, limit))
			return ENOEXEC;
		add_segment(image, &ph, base);
	}
	image->entry = h.entry + base;
	image->headers = headers_in_memory(&h, image);
	return image->segment_count > 0 && entry_inside(image) ? 0 : ENOEXEC;
}

/* ---- scripts --------------------------------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t
skip_blanks(const char *line, size_t at, size_t end)
{
	while (at < end && is_blank(line[at]))
		at++;
	return at;
}

bool
script_parse(const void *head, size_t size, struct script *script)
{
	const char *line = head;
	size_t end = 2;
	size_t at;
	size_t word;

	if (size < 2 || line[0] != '#' || line[1] != '!')
		return false;
	while (end < size && end < SCRIPT_LINE_MAX && line[end] != '\n' && line[end] != '\0')
		end++;
	if (end == SCRIPT_LINE_MAX)
		return false; /* cut off: what it names is not known */
	while (end > 2 && (is_blank(line[end - 1]) || line[end - 1] == '\r'))
		end--;
	at = skip_blanks(line, 2, end);
	for (word = at; word < end && !is_blank(line[word]); word++)
		;
	if (word == at)
		return false;
	memset(script, 0, sizeof(*script));
	memcpy(script->interpreter, line + at, word - at);
	at = skip_blanks(line, word, end);
	memcpy(script->argument, line + at, end - at);
	return true;
}

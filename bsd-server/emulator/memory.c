/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory calls, answered by kernel calls on the program's own task. Mappings
 * without a fixed address are placed downward from EMUL_MMAP_TOP; a shared file
 * mapping is the server's own pages, a private one a copy-on-write copy of
 * them; what has no such pages is copied at once.
 *
 * Locks: emul_space.lock for placement and the break.
 */
#include "bsd_file_user.h"
#include "calls.h"
#include "emul.h"
#include "mach_user.h"

#define MAP_LOWEST  0x10000UL
#define PLACE_TRIES 64

struct emul_space emul_space;

static void
space_lock(void)
{
	while (__atomic_exchange_n(&emul_space.lock, 1, __ATOMIC_ACQUIRE) != 0)
		emul_trap(0, 0, 0, 0, 0, 0, -60); /* swtch */
}

static void
space_unlock(void)
{
	__atomic_store_n(&emul_space.lock, 0, __ATOMIC_RELEASE);
}

void
emul_space_init(uint64_t break_start)
{
	emul_space.lock = 0;
	emul_space.break_start = break_start;
	emul_space.break_now = break_start;
	emul_space.mmap_low = EMUL_MMAP_TOP;
}

/* Another thread may have held the lock when the memory was copied. */
void
emul_space_forked(void)
{
	emul_space.lock = 0;
}

/* ---- kernel calls ----------------------------------------------------------------- */

static vm_prot_t
protection(uint64_t prot)
{
	vm_prot_t p = VM_PROT_NONE;

	if ((prot & (LINUX_PROT_READ | LINUX_PROT_WRITE | LINUX_PROT_EXEC)) != 0)
		p = VM_PROT_READ;
	if ((prot & LINUX_PROT_WRITE) != 0)
		p |= VM_PROT_WRITE;
	if ((prot & LINUX_PROT_EXEC) != 0)
		p |= VM_PROT_EXECUTE;
	return p;
}

/* What is to be mapped. */
struct mapping {
	uint64_t address;
	uint64_t size;
	uint64_t flags;
	vm_prot_t prot;
	vm_prot_t prot_max;
	vm_inherit_t inheritance;
	mach_port_name_t object; /* or zero pages */
	boolean_t copy;          /* of the object */
};

static kern_return_t
map_at(const struct mapping *m, uint64_t address)
{
	vm_address_t at = address;

	return emul_vm_map_trap(emul_task(), &at, m->size, 0, FALSE, m->object, 0, m->copy, m->prot,
	    m->prot_max, m->inheritance);
}

static kern_return_t
map_zero(uint64_t address, uint64_t size, vm_prot_t prot, vm_inherit_t inheritance)
{
	struct mapping m = {
		.size = size, .prot = prot, .prot_max = VM_PROT_ALL, .inheritance = inheritance
	};

	return map_at(&m, address);
}

kern_return_t
emul_vm_deallocate(uint64_t address, uint64_t size)
{
	return (kern_return_t)emul_trap(emul_task(), address, size, 0, 0, 0, -66);
}

/* The range lies in the program's part of the address space. */
static bool
range_ok(uint64_t address, uint64_t size)
{
	return address % PAGE_SIZE == 0 && address < EMUL_USER_LIMIT &&
	    size <= EMUL_USER_LIMIT - address;
}

struct region {
	vm_address_t address;
	vm_size_t size;
	vm_prot_t prot;
	vm_inherit_t inheritance;
};

/* The entry that holds `address`, or the next above. */
static kern_return_t
region_at(uint64_t address, struct region *r)
{
	vm_prot_t max;
	boolean_t shared;
	mach_port_t object = MACH_PORT_NULL;
	vm_offset_t offset;
	kern_return_t kr;

	r->address = address;
	kr = vm_region(emul_task(), &r->address, &r->size, &r->prot, &max, &r->inheritance, &shared,
	    &object, &offset);
	if (kr == KERN_SUCCESS && object != MACH_PORT_NULL)
		emul_trap(emul_task(), object, 0, 0, 0, 0, -73); /* deallocate */
	return kr;
}

/* ---- placement ---------------------------------------------------------------------- */

/* Map at a place of our choice below `low`, which then is `low`. */
static kern_return_t
place_below(uint64_t *low, const struct mapping *m)
{
	struct region r;
	uint64_t at = *low;
	kern_return_t kr = KERN_NO_SPACE;

	for (int i = 0; i < PLACE_TRIES; i++) {
		if (at < m->size + MAP_LOWEST)
			return KERN_NO_SPACE;
		at -= m->size;
		kr = map_at(m, at);
		if (kr != KERN_NO_SPACE)
			break;
		/* something is in the way: go below it */
		if (region_at(at, &r) == KERN_SUCCESS && r.address < at)
			at = r.address;
	}
	if (kr == KERN_SUCCESS)
		*low = at;
	return kr;
}

static kern_return_t
place(struct mapping *m)
{
	kern_return_t kr;
	uint64_t low;

	space_lock();
	low = emul_space.mmap_low;
	kr = place_below(&low, m);
	if (kr == KERN_SUCCESS)
		emul_space.mmap_low = low;
	else if (kr == KERN_NO_SPACE) {
		low = EMUL_MMAP_TOP; /* holes may have come up above */
		kr = place_below(&low, m);
	}
	space_unlock();
	m->address = low;
	return kr;
}

/* Memory at the bottom of the placed mappings went away. */
static void
note_unmapped(uint64_t address, uint64_t size)
{
	space_lock();
	if (address == emul_space.mmap_low && address + size <= EMUL_MMAP_TOP)
		emul_space.mmap_low = address + size;
	space_unlock();
}

/* ---- mmap ------------------------------------------------------------------------------- */

static int64_t
map_fixed(struct mapping *m)
{
	kern_return_t kr;

	if (!range_ok(m->address, m->size))
		return -LINUX_ENOMEM;
	if (m->address < MAP_LOWEST)
		return -LINUX_EPERM;
	if ((m->flags & LINUX_MAP_FIXED_NOREPLACE) == 0)
		emul_vm_deallocate(m->address, m->size);
	kr = map_at(m, m->address);
	if (kr == KERN_NO_SPACE && (m->flags & LINUX_MAP_FIXED_NOREPLACE) != 0)
		return -LINUX_EEXIST;
	return kr == KERN_SUCCESS ? 0 : -LINUX_ENOMEM;
}

static int64_t
map_memory(struct mapping *m)
{
	kern_return_t kr;

	if ((m->flags & (LINUX_MAP_FIXED | LINUX_MAP_FIXED_NOREPLACE)) != 0)
		return map_fixed(m);
	m->address = PAGE_TRUNC(m->address);
	if (m->address >= MAP_LOWEST && range_ok(m->address, m->size) &&
	    map_at(m, m->address) == KERN_SUCCESS)
		return 0;
	kr = place(m);
	return kr == KERN_SUCCESS ? 0 : -LINUX_ENOMEM;
}

/* A copy of the file's bytes. */
static int64_t
map_copy(struct mapping *m, uint64_t length, int fd, uint64_t offset)
{
	vm_prot_t prot = m->prot;
	int64_t r;

	m->inheritance = VM_INHERIT_COPY;
	m->prot = VM_PROT_READ | VM_PROT_WRITE;
	r = map_memory(m);
	if (r != 0)
		return r;
	r = emul_pread_into(fd, m->address, length, offset);
	if (r < 0) {
		emul_vm_deallocate(m->address, m->size);
		return r == -LINUX_ESPIPE || r == -LINUX_EISDIR ? -LINUX_ENODEV : r;
	}
	if (prot != m->prot)
		vm_protect(emul_task(), m->address, m->size, FALSE, prot);
	return 0;
}

/* A copy of the file's pages, made page by page on writing. */
static int64_t
map_private(struct mapping *m, uint64_t length, int fd, uint64_t offset)
{
	int writable;
	int64_t r;

	r = emul_result(bsd_map(
	    emul_process(), fd, (int64_t)offset, (int64_t)m->size, false, &m->object, &writable));
	if (r == -LINUX_ENODEV || r == -LINUX_ENOMEM || r == -LINUX_ENOSPC)
		return map_copy(m, length, fd, offset);
	if (r != 0)
		return r;
	m->copy = TRUE;
	r = map_memory(m);
	emul_trap(emul_task(), m->object, 0, 0, 0, 0, -73); /* deallocate */
	return r;
}

/* The file's own pages. What has none to share can be read as a copy. */
static int64_t
map_shared(struct mapping *m, uint64_t length, int fd, uint64_t offset)
{
	bool write = (m->prot & VM_PROT_WRITE) != 0;
	int writable;
	int64_t r;

	r = emul_result(bsd_map(
	    emul_process(), fd, (int64_t)offset, (int64_t)m->size, write, &m->object, &writable));
	if (r == -LINUX_ENODEV && !write)
		return map_copy(m, length, fd, offset);
	if (r != 0)
		return r;
	if (!writable)
		m->prot_max = VM_PROT_READ | VM_PROT_EXECUTE;
	r = map_memory(m);
	emul_trap(emul_task(), m->object, 0, 0, 0, 0, -73); /* deallocate */
	return r;
}

int64_t
sys_mmap(struct emul_frame *f)
{
	uint64_t length = ARG2(f);
	struct mapping m = {
		.address = ARG1(f),
		.size = PAGE_ROUND(length),
		.flags = ARG4(f),
		.prot = protection(ARG3(f)),
		.prot_max = VM_PROT_ALL,
		.inheritance = VM_INHERIT_COPY,
	};
	uint64_t type = m.flags & LINUX_MAP_TYPE;
	int64_t r;

	if (length == 0 || ARG6(f) % PAGE_SIZE != 0 || type == 0 ||
	    type > LINUX_MAP_SHARED_VALIDATE)
		return -LINUX_EINVAL;
	if (length > EMUL_USER_LIMIT)
		return -LINUX_ENOMEM;
	if (type != LINUX_MAP_PRIVATE)
		m.inheritance = VM_INHERIT_SHARE;
	if ((m.flags & (LINUX_MAP_FIXED | LINUX_MAP_FIXED_NOREPLACE)) != 0 &&
	    m.address % PAGE_SIZE != 0)
		return -LINUX_EINVAL;
	if ((m.flags & LINUX_MAP_ANONYMOUS) != 0)
		r = map_memory(&m);
	else if (type == LINUX_MAP_PRIVATE)
		r = map_private(&m, length, (int)ARG5(f), ARG6(f));
	else
		r = map_shared(&m, length, (int)ARG5(f), ARG6(f));
	return r != 0 ? r : (int64_t)m.address;
}

int64_t
sys_munmap(struct emul_frame *f)
{
	uint64_t size = PAGE_ROUND(ARG2(f));

	if (ARG2(f) == 0 || ARG2(f) > EMUL_USER_LIMIT || !range_ok(ARG1(f), size))
		return -LINUX_EINVAL;
	if (emul_vm_deallocate(ARG1(f), size) != KERN_SUCCESS)
		return -LINUX_EINVAL;
	note_unmapped(ARG1(f), size);
	return 0;
}

int64_t
sys_mprotect(struct emul_frame *f)
{
	uint64_t size = PAGE_ROUND(ARG2(f));
	kern_return_t kr;

	if (ARG1(f) % PAGE_SIZE != 0)
		return -LINUX_EINVAL;
	if (size == 0)
		return 0;
	if (ARG2(f) > EMUL_USER_LIMIT || !range_ok(ARG1(f), size))
		return -LINUX_ENOMEM;
	kr = vm_protect(emul_task(), ARG1(f), size, FALSE, protection(ARG3(f)));
	if (kr == KERN_PROTECTION_FAILURE)
		return -LINUX_EACCES;
	return kr == KERN_SUCCESS ? 0 : -LINUX_ENOMEM;
}

/* ---- break -------------------------------------------------------------------------------- */

/* The break moves to `to`; false when it cannot. */
static bool
move_break(uint64_t to)
{
	uint64_t old_end = PAGE_ROUND(emul_space.break_now);
	uint64_t new_end = PAGE_ROUND(to);

	if (new_end > old_end)
		return map_zero(old_end, new_end - old_end, VM_PROT_READ | VM_PROT_WRITE,
			   VM_INHERIT_COPY) == KERN_SUCCESS;
	if (new_end < old_end)
		return emul_vm_deallocate(new_end, old_end - new_end) == KERN_SUCCESS;
	return true;
}

int64_t
sys_brk(struct emul_frame *f)
{
	uint64_t to = ARG1(f);
	int64_t result;

	space_lock();
	if (to >= emul_space.break_start && to < EMUL_MMAP_TOP && move_break(to))
		emul_space.break_now = to;
	result = (int64_t)emul_space.break_now;
	space_unlock();
	return result;
}

/* ---- mremap, madvise ----------------------------------------------------------------------- */

struct remap {
	uint64_t old;
	uint64_t old_size;
	uint64_t new_size;
	uint64_t flags;
	uint64_t target;
};

static int64_t
remap_move(const struct remap *m, const struct region *r)
{
	struct mapping to = {
		.address = m->target,
		.size = m->new_size,
		.flags = (m->flags & LINUX_MREMAP_FIXED) != 0 ? LINUX_MAP_FIXED : 0,
		.prot = VM_PROT_READ | VM_PROT_WRITE,
		.prot_max = VM_PROT_ALL,
		.inheritance = r->inheritance,
	};
	int64_t result;

	if ((m->flags & LINUX_MREMAP_FIXED) == 0)
		to.address = 0;
	result = map_memory(&to);
	if (result != 0)
		return result;
	if (vm_copy(emul_task(), m->old, m->old_size, to.address) != KERN_SUCCESS) {
		emul_vm_deallocate(to.address, to.size);
		return -LINUX_EFAULT;
	}
	if (r->prot != (VM_PROT_READ | VM_PROT_WRITE))
		vm_protect(emul_task(), to.address, to.size, FALSE, r->prot);
	emul_vm_deallocate(m->old, m->old_size);
	note_unmapped(m->old, m->old_size);
	return (int64_t)to.address;
}

int64_t
sys_mremap(struct emul_frame *f)
{
	struct remap m = {
		.old = ARG1(f),
		.old_size = PAGE_ROUND(ARG2(f)),
		.new_size = PAGE_ROUND(ARG3(f)),
		.flags = ARG4(f),
		.target = ARG5(f),
	};
	struct region r;

	if (ARG2(f) > EMUL_USER_LIMIT || ARG3(f) > EMUL_USER_LIMIT ||
	    !range_ok(m.old, m.old_size) || m.new_size == 0 || m.old_size == 0 ||
	    (m.flags & ~(uint64_t)(LINUX_MREMAP_MAYMOVE | LINUX_MREMAP_FIXED)) != 0 ||
	    ((m.flags & LINUX_MREMAP_FIXED) != 0 && (m.flags & LINUX_MREMAP_MAYMOVE) == 0))
		return -LINUX_EINVAL;
	if (region_at(m.old, &r) != KERN_SUCCESS || r.address > m.old)
		return -LINUX_EFAULT;
	if (r.inheritance == VM_INHERIT_SHARE &&
	    (m.new_size > m.old_size || (m.flags & LINUX_MREMAP_FIXED) != 0))
		return -LINUX_ENOMEM; /* a copy would share with nobody */
	if ((m.flags & LINUX_MREMAP_FIXED) == 0) {
		if (m.new_size <= m.old_size) {
			if (m.new_size < m.old_size)
				emul_vm_deallocate(m.old + m.new_size, m.old_size - m.new_size);
			return (int64_t)m.old;
		}
		if (range_ok(m.old, m.new_size) &&
		    map_zero(m.old + m.old_size, m.new_size - m.old_size, r.prot, r.inheritance) ==
			KERN_SUCCESS)
			return (int64_t)m.old;
	} else if (m.new_size < m.old_size)
		m.old_size = m.new_size;
	if ((m.flags & LINUX_MREMAP_MAYMOVE) == 0)
		return -LINUX_ENOMEM;
	return remap_move(&m, &r);
}

/* Fresh zero pages with the old protection. */
static int64_t
discard(uint64_t address, uint64_t size)
{
	uint64_t end = address + size;
	struct region r;

	while (address < end && region_at(address, &r) == KERN_SUCCESS && r.address < end) {
		uint64_t from = r.address > address ? r.address : address;
		uint64_t to = r.address + r.size < end ? r.address + r.size : end;

		if (r.inheritance != VM_INHERIT_SHARE) {
			emul_vm_deallocate(from, to - from);
			if (map_zero(from, to - from, r.prot, r.inheritance) != KERN_SUCCESS)
				return -LINUX_ENOMEM;
		}
		address = to;
	}
	return 0;
}

int64_t
sys_madvise(struct emul_frame *f)
{
	uint64_t size = PAGE_ROUND(ARG2(f));

	if (ARG2(f) > EMUL_USER_LIMIT || !range_ok(ARG1(f), size))
		return -LINUX_EINVAL;
	if (ARG3(f) == LINUX_MADV_DONTNEED)
		return discard(ARG1(f), size);
	return 0; /* advice that need not be taken */
}

/* Shared mappings of files are the files' own pages: nothing is to be written. */
int64_t
sys_msync(struct emul_frame *f)
{
	if (ARG1(f) % PAGE_SIZE != 0)
		return -LINUX_EINVAL;
	return 0;
}

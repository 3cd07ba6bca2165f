/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The devices without hardware.
 */
#include <string.h>

#include "bsd/abi.h"
#include "dev/dev.h"
#include "file/file.h"

enum {
	MEM_NULL = 3,
	MEM_ZERO = 5,
	MEM_FULL = 7,
	MEM_RANDOM = 8,
	MEM_URANDOM = 9,
};

static int
null_read(struct file *file, struct proc *proc, void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	*donep = 0;
	return 0;
}

static int
zero_read(struct file *file, struct proc *proc, void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	memset(buffer, 0, length);
	*donep = length;
	return 0;
}

static int
random_read(struct file *file, struct proc *proc, void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	random_bytes(buffer, length);
	*donep = length;
	return 0;
}

static int
null_write(struct file *file, struct proc *proc, const void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	*donep = length;
	return 0;
}

static int
full_write(struct file *file, struct proc *proc, const void *buffer, size_t length, uint64_t offset,
    size_t *donep)
{
	*donep = 0;
	return length == 0 ? 0 : ENOSPC;
}

static int
random_write(struct file *file, struct proc *proc, const void *buffer, size_t length,
    uint64_t offset, size_t *donep)
{
	random_stir(buffer, length);
	*donep = length;
	return 0;
}

/*
 * All of them can be sought in: the position means nothing.  The operations'
 * table is also how an open file knows its device.
 */
static const struct file_ops null_ops = {
	.read = null_read, .write = null_write, .seekable = true
};
static const struct file_ops zero_ops = {
	.read = zero_read, .write = null_write, .seekable = true
};
static const struct file_ops full_ops = {
	.read = zero_read, .write = full_write, .seekable = true
};
static const struct file_ops random_ops = {
	.read = random_read, .write = random_write, .seekable = true
};

static const struct file_ops *const mem_ops[] = {
	[MEM_NULL] = &null_ops,
	[MEM_ZERO] = &zero_ops,
	[MEM_FULL] = &full_ops,
	[MEM_RANDOM] = &random_ops,
	[MEM_URANDOM] = &random_ops,
};

int
mem_open(struct vnode *vp, unsigned flags, struct file **filep)
{
	unsigned minor = BSD_MINOR(vp->attr.rdev);

	if (minor >= sizeof(mem_ops) / sizeof(mem_ops[0]) || mem_ops[minor] == NULL)
		return ENXIO;
	return file_create(mem_ops[minor], flags, vp, filep);
}

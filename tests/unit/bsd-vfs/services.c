/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosted services for the file half of the BSD server.
 */
#include "services.h"

#include <stdio.h>
#include <stdlib.h>

#include "file/cred.h"
#include "file/fd_table.h"
#include "file/file.h"
#include "file/file_io.h"
#include "fs/page_pool.h"
#include "tty/console.h"
#include "vfs/fs_context.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

unsigned alloc_fail_at;
size_t alloc_bytes;
uint64_t memory_left = UINT64_MAX;
uint64_t machine_free = 64 << 20;
int (*on_sleep)(const void *channel);
unsigned sleeps;
const void *slept_on;
unsigned wakeups;
uint64_t test_uptime = 1000000000;
unsigned signals[64];
unsigned signal_count;
bool test_orphaned;
struct proc *root_proc;

static bool
alloc_refused(size_t size)
{
	if (alloc_fail_at > 0 && --alloc_fail_at == 0)
		return true;
	return size > memory_left;
}

void *
bsd_alloc(size_t size)
{
	if (alloc_refused(size))
		return NULL;
	alloc_bytes += size;
	if (memory_left != UINT64_MAX)
		memory_left -= size;
	return calloc(1, size > 0 ? size : 1);
}

void
bsd_free(void *memory, size_t size)
{
	if (memory == NULL)
		return;
	alloc_bytes -= size;
	if (memory_left != UINT64_MAX)
		memory_left += size;
	free(memory);
}

void *
bsd_alloc_pages(size_t size)
{
	void *memory;

	size = (size + 4095) & ~(size_t)4095;
	if (alloc_refused(size))
		return NULL;
	alloc_bytes += size;
	if (memory_left != UINT64_MAX)
		memory_left -= size;
	memory = aligned_alloc(4096, size);
	return memset(memory, 0, size);
}

void *
bsd_alloc_aligned(size_t size)
{
	if (alloc_refused(size))
		return NULL;
	alloc_bytes += size;
	if (memory_left != UINT64_MAX)
		memory_left -= size;
	return memset(aligned_alloc(size, size), 0, size);
}

void
bsd_free_pages(void *memory, size_t size)
{
	bsd_free(memory, (size + 4095) & ~(size_t)4095);
}

/* What is cut off is gone. */
static struct {
	uint8_t *base;
	size_t size;
} file_memories[64];
static unsigned file_memory_last;

void *
bsd_file_memory_create(size_t size, unsigned *ownerp)
{
	void *base = bsd_alloc_pages(size);

	if (base == NULL)
		return NULL;
	*ownerp = ++file_memory_last % 64;
	file_memories[*ownerp].base = base;
	file_memories[*ownerp].size = size;
	return base;
}

void
bsd_file_memory_end(unsigned owner, size_t end)
{
	assert_int_equal(end % 4096, 0);
	assert_true(end <= file_memories[owner].size);
	memset(file_memories[owner].base + end, 0, file_memories[owner].size - end);
}

void
bsd_file_memory_destroy(void *memory, size_t size, unsigned owner)
{
	assert_ptr_equal(memory, file_memories[owner].base);
	bsd_free_pages(memory, size);
}

unsigned
bsd_memory_object(const void *memory, size_t size, bool writable)
{
	return memory != NULL && size != 0 ? 1 + writable : 0;
}

void
bsd_memory(uint64_t *freep, uint64_t *totalp)
{
	*freep = machine_free;
	*totalp = 128 << 20;
}

int
bsd_sleep(const void *channel, unsigned flags, uint64_t deadline)
{
	if (++sleeps > 100000)
		fail_msg("a sleep that never ends");
	if (on_sleep != NULL)
		return on_sleep(channel);
	if (deadline == 0)
		fail_msg("a sleep that nobody ends");
	test_uptime = deadline;
	return ETIMEDOUT;
}

void
bsd_wakeup(const void *channel)
{
	wakeups += channel == slept_on;
}

uint64_t
bsd_uptime(void)
{
	return test_uptime;
}

void
bsd_now(struct vfs_time *time)
{
	time->sec = test_uptime / 1000000000;
	time->nsec = test_uptime % 1000000000;
}

const struct cred *
proc_cred(const struct proc *proc)
{
	return proc->cred;
}

struct fd_table *
proc_files(const struct proc *proc)
{
	return proc->files;
}

struct fs_context *
proc_fs(const struct proc *proc)
{
	return proc->fs;
}

int32_t
proc_pid(const struct proc *proc)
{
	return proc->pid;
}

int32_t
proc_pgrp(const struct proc *proc)
{
	return proc->pgrp;
}

int32_t
proc_session(const struct proc *proc)
{
	return proc->session;
}

bool
proc_session_leader(const struct proc *proc)
{
	return proc->leader;
}

static struct tty *session_tty;

struct tty *
proc_ctty(const struct proc *proc)
{
	return session_tty;
}

void
proc_set_ctty(struct proc *proc, struct tty *tty)
{
	session_tty = tty;
}

void
session_forget_tty(struct tty *tty)
{
	if (session_tty == tty)
		session_tty = NULL;
}

uint64_t
proc_limit_nofile(const struct proc *proc)
{
	return proc->limit_nofile;
}

uint64_t
proc_limit_fsize(const struct proc *proc)
{
	return proc->limit_fsize;
}

static void
record_signal(int32_t target, int sig)
{
	assert_true(signal_count < 64);
	signals[signal_count++] = (unsigned)sig | (unsigned)target << 8;
}

void
bsd_signal_proc(struct proc *proc, int sig)
{
	record_signal(proc->pid, sig);
}

void
bsd_signal_pgrp(int32_t pgrp, int sig)
{
	record_signal(pgrp, sig);
}

void
bsd_signal_session_leader(int32_t session, int sig)
{
	record_signal(session, sig);
}

bool
proc_signal_held(const struct proc *proc, int sig)
{
	return proc->held >> sig & 1;
}

bool
pgrp_orphaned(int32_t pgrp)
{
	return test_orphaned;
}

int32_t
pgrp_session(int32_t pgrp)
{
	return pgrp / 100 * 100;
}

static struct proc *processes;

struct proc *
proc_find(int32_t pid)
{
	struct proc *p;

	for (p = processes; p != NULL && p->pid != pid; p = p->next)
		;
	return p;
}

struct proc *
proc_next(int32_t after)
{
	struct proc *p;

	for (p = processes; p != NULL && p->pid <= after; p = p->next)
		;
	return p;
}

void
proc_info_get(struct proc *proc, struct proc_info *info)
{
	memset(info, 0, sizeof(*info));
	info->pid = proc->pid;
	info->ppid = 1;
	info->pgrp = proc->pgrp;
	info->session = proc->session;
	info->state = 'S';
	info->threads = 1;
	strcpy(info->comm, "test program");
	info->user_ns = 1230000000;
	info->vsize = 8192;
}

const char *
proc_arguments(const struct proc *proc, size_t *lengthp)
{
	*lengthp = 8;
	return "prog\0arg";
}

struct vnode *
proc_program(const struct proc *proc)
{
	return proc->program;
}

void
system_info_get(struct system_info *info)
{
	memset(info, 0, sizeof(*info));
	info->processes = info->running = 1;
	info->cpus = 2;
}

const char *
system_hostname(void)
{
	return "host";
}

void
bsd_assert_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
	abort();
}

struct tty *
console_tty(void)
{
	return NULL;
}

/* ---- fixtures ---------------------------------------------------------------- */

struct proc *
test_proc_create(int32_t pid, uint32_t uid)
{
	struct proc *proc = calloc(1, sizeof(*proc)), **link = &processes;

	while (*link != NULL && (*link)->pid < pid)
		link = &(*link)->next;
	proc->next = *link;
	*link = proc;
	proc->pid = pid;
	proc->pgrp = 100;
	proc->session = 100;
	proc->cred = cred_create();
	proc->cred->ruid = proc->cred->euid = proc->cred->suid = uid;
	proc->cred->rgid = proc->cred->egid = proc->cred->sgid = uid;
	proc->files = fd_table_create();
	proc->fs = fs_context_create(vfs_root());
	proc->limit_nofile = 1024;
	proc->limit_fsize = UINT64_MAX;
	return proc;
}

void
test_proc_destroy(struct proc *proc)
{
	struct proc **link = &processes;

	while (*link != proc)
		link = &(*link)->next;
	*link = proc->next;
	fd_table_release(proc->files);
	fs_context_release(proc->fs);
	cred_release(proc->cred);
	free(proc);
}

int
test_setup(void **state)
{
	alloc_fail_at = 0;
	memory_left = UINT64_MAX;
	on_sleep = NULL;
	sleeps = 0;
	signal_count = 0;
	test_orphaned = false;
	session_tty = NULL;
	assert_ok(vfs_init());
	root_proc = test_proc_create(1, 0);
	return 0;
}

int
test_teardown(void **state)
{
	alloc_fail_at = 0;
	memory_left = UINT64_MAX;
	on_sleep = NULL;
	test_proc_destroy(root_proc);
	assert_int_equal(file_count(), 0);
	vfs_shutdown();
	page_pool_trim();
	assert_int_equal(page_pool_used(), 0);
	assert_int_equal(alloc_bytes, 0);
	return 0;
}

int
t_open(const char *path, unsigned flags)
{
	int fd;

	assert_ok(vfs_open(root_proc, AT_FDCWD, path, flags, 0666, &fd));
	return fd;
}

void
t_close(int fd)
{
	assert_ok(file_close(root_proc, fd));
}

void
t_write_file(const char *path, const char *text)
{
	int fd = t_open(path, O_WRONLY | O_CREAT | O_TRUNC);
	size_t done;

	assert_ok(file_write(root_proc, fd, text, strlen(text), -1, &done));
	assert_int_equal(done, strlen(text));
	t_close(fd);
}

void
t_assert_file(const char *path, const char *text)
{
	char buffer[4096];
	int fd = t_open(path, O_RDONLY);
	size_t done;

	assert_ok(file_read(root_proc, fd, buffer, sizeof(buffer), -1, &done));
	assert_int_equal(done, strlen(text));
	assert_memory_equal(buffer, text, done);
	t_close(fd);
}

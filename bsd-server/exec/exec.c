/* SPDX-License-Identifier: BSD-2-Clause */
#include "exec/exec.h"

#include <mach/gnumach.h>
#include <stdio.h>
#include <string.h>

#include "bsd_server.h"
#include "dev/dev.h"
#include "exec/elf.h"
#include "exec/image.h"
#include "exec/stack.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "main/service.h"
#include "proc/proc.h"
#include "proc/thread.h"
#include "server/sync.h"
#include "vfs/services.h"
#include "vfs/vfs.h"

#define SCRIPT_DEPTH 4
#define STRINGS_MAX  (1024u * 1024)
#define APPENDED     0x10000 /* bsd_exec: use what bsd_exec_append brought */

/* An exec on its way. */
struct exec {
	struct proc *p;
	struct vnode *vp;     /* as running text */
	struct vnode *linker; /* its interpreter, as running text, or NULL */
	char *linker_head;
	size_t linker_head_size;
	char *strings; /* ours */
	size_t strings_size;
	unsigned argc;
	unsigned envc;
	char path[BSD_PATH_MAX]; /* what runs: the script's interpreter */
	char name[COMM_LENGTH];
	char head[ELF_HEAD_SIZE];
	size_t head_size;
	uint64_t break_start;
	uint64_t rsp;
	uint64_t entry;
	uint64_t bytes;
	uint32_t euid, egid;
	struct space *space;
};

/* ---- strings ----------------------------------------------------------------------------- */

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* As many strings as promised, the last one ended. */
static bool
strings_ok(const struct exec_request *r)
{
	uint64_t count = 0;

	if (r->strings == NULL || r->strings_size > STRINGS_MAX)
		return false;
	for (size_t i = 0; i < r->strings_size; i++)
		count += r->strings[i] == '\0';
	return count == (uint64_t)r->argc + r->envc &&
	    (r->strings_size == 0 || r->strings[r->strings_size - 1] == '\0');
}

/* The first argument is replaced by these; empty ones are left out. */
static int
replace_first(struct exec *e, const char *const words[], unsigned count)
{
	size_t skip = e->argc > 0 ? strlen(e->strings) + 1 : 0;
	size_t size = e->strings_size - skip;
	unsigned added = 0;
	char *strings;
	size_t at = 0;

	for (unsigned i = 0; i < count; i++)
		size += words[i][0] != '\0' ? strlen(words[i]) + 1 : 0;
	strings = bsd_alloc(size);
	if (strings == NULL)
		return ENOMEM;
	for (unsigned i = 0; i < count; i++) {
		size_t room = strlen(words[i]) + 1;

		if (room == 1)
			continue;
		memcpy(strings + at, words[i], room);
		at += room;
		added++;
	}
	memcpy(strings + at, e->strings + skip, e->strings_size - skip);
	bsd_free(e->strings, e->strings_size);
	e->strings = strings;
	e->strings_size = size;
	e->argc += added - (e->argc > 0 ? 1 : 0);
	return 0;
}

/* ---- finding the program ------------------------------------------------------------------- */

static int
open_file(struct exec *e, int dirfd, const char *path, unsigned flags)
{
	int error;

	vfs_text_release(e->vp);
	e->vp = NULL;
	error = vfs_open_exec(e->p, dirfd, path, flags, &e->vp);
	if (error != 0)
		return error;
	return vnode_read(e->vp, e->head, sizeof(e->head), 0, &e->head_size);
}

/* A script's path for its interpreter: as given, or by the descriptor. */
static void
script_path(char *to, size_t size, const struct exec_request *r)
{
	if (r->path[0] == '\0')
		snprintf(to, size, "/dev/fd/%d", r->dirfd);
	else
		snprintf(to, size, "%s", r->path);
}

/* Follow `#!` lines until there is a program. */
static int
find_program(struct exec *e, const struct exec_request *r)
{
	struct script script;
	int error = open_file(e, r->dirfd, r->path, r->flags);

	script_path(e->path, sizeof(e->path), r);
	snprintf(e->name, sizeof(e->name), "%.*s", COMM_LENGTH - 1, base_name(e->path));
	for (int depth = 0; error == 0 && script_parse(e->head, e->head_size, &script); depth++) {
		if (depth == SCRIPT_DEPTH)
			return ELOOP;
		error = replace_first(
		    e, (const char *const[]) { script.interpreter, script.argument, e->path }, 3);
		if (error != 0)
			return error;
		snprintf(e->path, sizeof(e->path), "%s", script.interpreter);
		error = open_file(e, AT_FDCWD, script.interpreter, 0);
	}
	return error;
}

/* ---- its interpreter --------------------------------------------------------------------------- */

static int
open_linker(struct exec *e, const char *name)
{
	int error = vfs_open_exec(e->p, AT_FDCWD, name, 0, &e->linker);

	if (error != 0)
		return error;
	e->linker_head = bsd_alloc(ELF_HEAD_SIZE);
	if (e->linker_head == NULL)
		return ENOMEM;
	error = vnode_read(e->linker, e->linker_head, ELF_HEAD_SIZE, 0, &e->linker_head_size);
	if (error == 0 && e->linker_head_size < ELF_HEADER_SIZE)
		error = EIO;
	return error;
}

static int
find_linker(struct exec *e)
{
	struct image_file program = { .vp = e->vp, .head = e->head, .size = e->head_size };
	char *name = bsd_alloc(ELF_INTERPRETER_MAX);
	int error;

	if (name == NULL)
		return ENOMEM;
	error = image_interpreter(&program, name);
	if (error == 0 && name[0] != '\0')
		error = open_linker(e, name);
	bsd_free(name, ELF_INTERPRETER_MAX);
	return error;
}

/* ---- the new task ------------------------------------------------------------------------------ */

static uint32_t
hardware_capabilities(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return edx;
}

/* AT_HWCAP2: programs may use RDFSBASE and its like. */
#define HARDWARE2_FSGSBASE 2

static uint32_t
hardware_capabilities_2(void)
{
	uint32_t eax = 7, ebx, ecx = 0, edx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return (ebx & 1) != 0 ? HARDWARE2_FSGSBASE : 0;
}

/* What a signal frame takes beside the vector registers, generously. */
#define SIGNAL_FRAME_BASE 1024

static uint32_t
signal_stack_size(void)
{
	uint32_t eax = 13, ebx, ecx = 0, edx;

	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return SIGNAL_FRAME_BASE + (ebx > 512 ? ebx : 512);
}

/* The ids the program gets by the file's set-id bits. */
static int
set_ids(struct exec *e)
{
	struct vnode_attr attr;
	int error = vnode_getattr(e->vp, &attr);

	if (error != 0)
		return error;
	e->euid = (attr.mode & S_ISUID) != 0 ? attr.uid : e->p->cred->euid;
	e->egid = (attr.mode & S_ISGID) != 0 ? attr.gid : e->p->cred->egid;
	return 0;
}

static int
write_stack(struct exec *e, const struct stack_input *in)
{
	size_t size = stack_size(in);
	void *buffer;
	int error = 0;

	if (size > EMUL_USER_STACK_SIZE / 4)
		return E2BIG;
	buffer = bsd_alloc_pages(size);
	if (buffer == NULL)
		return ENOMEM;
	e->rsp = stack_build(in, buffer, EMUL_USER_STACK_TOP);
	if (vm_write(e->space->task, EMUL_USER_STACK_TOP - size, (pointer_t)buffer,
		(mach_msg_type_number_t)size) != KERN_SUCCESS)
		error = ENOMEM;
	bsd_free_pages(buffer, size);
	return error;
}

static int
build_stack(struct exec *e, const struct image *image)
{
	const struct cred *cred = e->p->cred;
	struct stack_input in = {
		.strings = e->strings,
		.strings_size = e->strings_size,
		.argc = e->argc,
		.envc = e->envc,
		.file_name = e->path,
		.entry = image->entry,
		.base = image->base,
		.headers = image->headers,
		.header_count = image->header_count,
		.header_size = image->header_size,
		.ruid = cred->ruid,
		.euid = e->euid,
		.rgid = cred->rgid,
		.egid = e->egid,
		.hardware = hardware_capabilities(),
		.hardware2 = hardware_capabilities_2(),
		.signal_stack = signal_stack_size(),
		.secure = e->euid != cred->ruid || e->egid != cred->rgid,
	};

	random_bytes(in.random, sizeof(in.random));
	return write_stack(e, &in);
}

static int
make_space(struct exec *e)
{
	struct image_file program = { .vp = e->vp, .head = e->head, .size = e->head_size };
	struct image_file linker = {
		.vp = e->linker, .head = e->linker_head, .size = e->linker_head_size
	};
	const struct image *image;
	int error = image_get(&program, &linker, &image);

	if (error != 0)
		return error;
	e->space = space_create(image->task);
	if (e->space == NULL)
		return ENOMEM;
	/* For debuggers and the kernel's log; the task's own forks inherit it. */
	task_set_name(e->space->task, e->name);
	e->entry = image->start;
	e->break_start = image->break_start;
	e->bytes = image->bytes;
	return build_stack(e, image);
}

/* ---- the change ----------------------------------------------------------------------------------- */

static void
keep_arguments(struct exec *e)
{
	struct proc *p = e->p;
	size_t size = 0;

	bsd_free(p->arguments, p->arguments_length);
	p->arguments = NULL;
	p->arguments_length = 0;
	for (unsigned i = 0; i < e->argc; i++)
		size += strlen(e->strings + size) + 1;
	p->arguments = size > 0 ? bsd_alloc(size) : NULL;
	if (p->arguments != NULL) {
		memcpy(p->arguments, e->strings, size);
		p->arguments_length = (uint32_t)size;
	}
}

/* The program's absolute path; one by way of /proc keeps the old one. */
static void
keep_path(struct exec *e)
{
	struct proc *p = e->p;
	char absolute[BSD_PATH_MAX];
	size_t used = 0;

	if (e->vp == p->exe && p->exe_path != NULL)
		return;
	if (e->path[0] != '/' && vfs_getcwd(p, absolute, sizeof(absolute), &used) == 0)
		snprintf(absolute + used, sizeof(absolute) - used, "/%s", e->path);
	else
		snprintf(absolute, sizeof(absolute), "%s", e->path);
	bsd_free(p->exe_path, 0);
	used = strlen(absolute) + 1;
	p->exe_path = bsd_alloc(used);
	if (p->exe_path != NULL)
		memcpy(p->exe_path, absolute, used);
}

static void
change_identity(struct exec *e)
{
	struct proc *p = e->p;
	struct cred *cred;

	if (e->euid == p->cred->euid && e->egid == p->cred->egid && e->euid == p->cred->suid)
		return;
	cred = cred_copy(p->cred);
	if (cred == NULL)
		return;
	cred->euid = cred->suid = e->euid;
	cred->egid = cred->sgid = e->egid;
	cred_release(p->cred);
	p->cred = cred;
}

static void
change_process(struct exec *e)
{
	struct proc *p = e->p;

	keep_arguments(e);
	keep_path(e);
	proc_set_comm(p, e->name);
	vfs_text_release(p->exe);
	p->exe = e->vp;
	e->vp = NULL;
	p->image_bytes = e->bytes;
	p->executed = true;
	change_identity(e);
	fd_table_close_on_exec(p->files);
	sigactions_reset(p->actions);
}

static void
set_start(struct exec *e, struct thread *t)
{
	t->start = (struct bsd_start) {
		.how = BSD_START_EXEC,
		.break_start = e->break_start,
		.regs = { .rip = e->entry, .rsp = e->rsp, .rflags = 0x202 },
	};
	t->altstack = (struct bsd_sigstack) { .ss_flags = SS_DISABLE };
	bsd_free(t->exec_args, t->exec_args_length);
	t->exec_args = NULL;
	t->exec_args_length = 0;
}

/* The old program goes: other threads first, then the task. */
static int
replace_program(struct exec *e, struct thread *t)
{
	struct proc *p = e->p;
	bool shared = p->shares_parent;

	proc_end_threads(p, t);
	thread_become_leader(t);
	set_start(e, t);
	change_process(e);
	if (thread_move(t, e->space) != KERN_SUCCESS)
		proc_exit(p, BSD_WSTATUS_SIGNAL(SIGKILL));
	else if (shared)
		proc_vfork_done(p);
	return 0;
}

static int
first_program(struct exec *e)
{
	struct thread *t;

	space_slot_claim(e->space, 0);
	t = thread_create_in(e->p, e->space, 0, e->p->pid);
	if (t == NULL)
		return ENOMEM;
	set_start(e, t);
	change_process(e);
	e->p->state = PROC_RUNNING;
	return thread_start(t) == KERN_SUCCESS ? 0 : ENOMEM;
}

/* Descriptors shared with another process become the program's own. */
static int
own_files(struct proc *p)
{
	struct fd_table *files = p->files;

	if (files->refs == 1)
		return 0;
	p->files = fd_table_copy(files);
	if (p->files == NULL) {
		p->files = files;
		return ENOMEM;
	}
	fd_table_release(files);
	return 0;
}

static int
prepare(struct exec *e, const struct exec_request *r)
{
	int error;

	if (!strings_ok(r))
		return E2BIG;
	e->argc = r->argc;
	e->envc = r->envc;
	e->strings_size = r->strings_size;
	e->strings = bsd_alloc(r->strings_size + 1);
	if (e->strings == NULL)
		return ENOMEM;
	memcpy(e->strings, r->strings, r->strings_size);
	error = find_program(e, r);
	if (error == 0)
		error = find_linker(e);
	if (error == 0)
		error = set_ids(e);
	if (error == 0)
		error = make_space(e);
	if (error == 0)
		error = own_files(e->p);
	return error;
}

int
exec_program(struct proc *p, struct thread *t, const struct exec_request *r)
{
	struct exec *e = bsd_alloc(sizeof(*e));
	int error;

	if (e == NULL)
		return ENOMEM;
	e->p = p;
	error = prepare(e, r);
	if (error == 0)
		error = t != NULL ? replace_program(e, t) : first_program(e);
	if (e->space != NULL)
		space_release(e->space);
	vfs_text_release(e->vp);
	vfs_text_release(e->linker);
	bsd_free(e->linker_head, ELF_HEAD_SIZE);
	bsd_free(e->strings, 0);
	bsd_free(e, sizeof(*e));
	return error;
}

/* ---- the requests ----------------------------------------------------------------------------------- */

kern_return_t
serve_bsd_exec_append(
    mach_port_t port, int restart, const bsd_data_t args, mach_msg_type_number_t size)
{
	struct thread *t = bsd_current_thread();
	uint32_t old = restart != 0 ? 0 : t->exec_args_length;
	char *bigger;

	if (old + size > STRINGS_MAX)
		return E2BIG;
	bigger = bsd_alloc(old + size + 1);
	if (bigger == NULL)
		return ENOMEM;
	if (old > 0)
		memcpy(bigger, t->exec_args, old);
	memcpy(bigger + old, args, size);
	bsd_free(t->exec_args, t->exec_args_length);
	t->exec_args = bigger;
	t->exec_args_length = old + size;
	return 0;
}

kern_return_t
serve_bsd_exec(mach_port_t port, int dirfd, const char *path, int flags, int argc, int envc,
    const bsd_data_t args, mach_msg_type_number_t size)
{
	struct thread *t = bsd_current_thread();
	int error = 0;

	if (argc < 0 || envc < 0)
		return EINVAL;
	if ((flags & APPENDED) == 0 || t->exec_args == NULL)
		error = serve_bsd_exec_append(port, 1, args, size);
	else
		error = serve_bsd_exec_append(port, 0, args, size);
	if (error == 0)
		error = exec_program(t->proc, t,
		    &(struct exec_request) { .dirfd = dirfd,
			.path = path,
			.flags = (unsigned)flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW),
			.strings = t->exec_args,
			.strings_size = t->exec_args_length,
			.argc = (unsigned)argc,
			.envc = (unsigned)envc });
	return error != 0 ? error : MIG_NO_REPLY;
}

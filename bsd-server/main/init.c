/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The start of the system: file tree, first process, first program; and its
 * end. Process 1 is the server's own: it has no program, adopts orphans and
 * forgets them when they end. Its child, the shell, is what the system lives
 * for.
 */
#include "main/init.h"

#include <mach/host_info.h>
#include <portolan/portolan.h>
#include <stdio.h>
#include <string.h>

#include "dev/dev.h"
#include "exec/exec.h"
#include "file/cred.h"
#include "file/fd_table.h"
#include "fs/boot_archives.h"
#include "main/service.h"
#include "proc/pid.h"
#include "proc/proc.h"
#include "server/sync.h"
#include "tty/console.h"
#include "tty/console_mach.h"
#include "vfs/fs_context.h"
#include "vfs/mount.h"
#include "vfs/services.h"
#include "vfs/vfs.h"

#define COMMAND_FILE "/etc/portolan/command"
#define COMMAND_MAX  (256 * 1024)

static struct init_options options;
static struct proc *init;
static struct proc *shell;
static char message[256];

mach_port_t
init_host_port(void)
{
	return options.host_port;
}

mach_port_t
init_device_port(void)
{
	return options.device_port;
}

unsigned
bsd_cpu_count(void)
{
	struct host_basic_info info;
	mach_msg_type_number_t count = HOST_BASIC_INFO_COUNT;

	if (host_info(mach_host_self_, HOST_BASIC_INFO, (host_info_t)&info, &count) !=
		KERN_SUCCESS ||
	    info.avail_cpus < 1)
		return 1;
	return (unsigned)info.avail_cpus;
}

/* ---- the end ------------------------------------------------------------------------------- */

void
init_power_off(int status, bool restart)
{
	console_drain();
	if (restart)
		(void)host_reboot(options.host_port, 0);
	else
		(void)host_exit(options.host_port, status);
}

/* As a shell would say it: the code, or 128 and the signal's number. */
static int
shell_status(int status)
{
	if ((status & 0x7f) == 0)
		return status >> 8 & 0xff;
	return 128 + (status & 0x7f);
}

static int start_shell(void);

static void
shell_ended(int status)
{
	int error;

	if (options.script) {
		init_power_off(shell_status(status), false);
		return;
	}
	error = start_shell();
	if (error != 0) {
		bsd_log("bsd-server: the shell cannot be started again: error %d\n", error);
		init_power_off(1, false);
	}
}

/* What is to be done as soon as the present request is through. */
enum ending { END_SHELL, END_POWER_OFF, END_RESTART };

static struct timer end_timer;
static enum ending ending;
static int end_status;

static void
end_timer_fired(void *unused)
{
	if (ending == END_SHELL)
		shell_ended(end_status);
	else
		init_power_off(0, ending == END_RESTART);
}

void
init_signal(int sig)
{
	if (sig != SIGUSR1 && sig != SIGUSR2 && sig != SIGTERM)
		return;
	ending = sig == SIGTERM ? END_RESTART : END_POWER_OFF;
	timer_set(&end_timer, bsd_uptime());
}

/* The rest is done later: the process is still in the middle of its end. */
void
init_process_ended(struct proc *p)
{
	if (p != shell)
		return;
	shell = NULL;
	if (end_timer.deadline != 0)
		return; /* it ends anyway */
	ending = END_SHELL;
	end_status = p->status;
	timer_set(&end_timer, bsd_uptime());
}

/* ---- process 1 ---------------------------------------------------------------------------------- */

static int
make_init(void)
{
	init = proc_create();
	if (init == NULL)
		return ENOMEM;
	init->cred = cred_create();
	init->files = fd_table_create();
	init->fs = fs_context_create(vfs_root());
	init->actions = sigactions_create();
	if (init->cred == NULL || init->files == NULL || init->fs == NULL || init->actions == NULL)
		return ENOMEM;
	init->actions->action[SIGCHLD].sa_handler = BSD_SIG_IGN;
	init->state = PROC_RUNNING;
	proc_set_comm(init, "init");
	proc_limits_init(init);
	return session_create(init);
}

/* What the root image leaves to the server. */
static const char *
fill_tree(void)
{
	static char archive_message[BOOT_MESSAGE];

	if (boot_archives_unpack(options.device_port, init, archive_message) != 0)
		return archive_message;
	if (dev_populate(init) != 0 || vfs_populate(init) != 0)
		return "no room for the device files";
	return NULL;
}

/* ---- the shell -------------------------------------------------------------------------------------- */

static struct proc *
make_child(void)
{
	struct proc *p = proc_create();

	if (p == NULL)
		return NULL;
	p->parent = init;
	list_append(&init->children, &p->sibling);
	p->cred = cred_reference(init->cred);
	p->files = fd_table_create();
	p->fs = fs_context_create(vfs_root());
	p->actions = sigactions_create();
	memcpy(p->rlimit, init->rlimit, sizeof(p->rlimit));
	return p;
}

static void
discard_child(struct proc *p)
{
	proc_end_threads(p, NULL);
	if (p->files != NULL)
		fd_table_release(p->files);
	if (p->fs != NULL)
		fs_context_release(p->fs);
	sigactions_release(p->actions);
	if (p->pgrp != NULL)
		pgrp_leave(p);
	list_remove(&p->sibling);
	proc_remove(p);
}

static int
open_console(struct proc *p)
{
	int fd;
	int error = vfs_open(p, AT_FDCWD, "/dev/console", O_RDWR, 0, &fd);

	for (int i = 1; i < 3 && error == 0; i++) {
		struct file *file;

		error = fd_table_get(p->files, 0, &file);
		if (error == 0)
			error = fd_table_add(p->files, 0, FD_TABLE_MAX, file, false, &fd);
	}
	return error;
}

static const char environment[] =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\0"
    "HOME=/root\0"
    "TERM=vt100\0"
    "USER=root\0"
    "SHELL=/bin/sh\0";
#define ENVIRONMENT_COUNT 5

/* The text of the command file, without newlines at its end. */
static int
read_command(char **textp, size_t *lengthp)
{
	struct vnode *vp;
	size_t length = 0;
	char *text = bsd_alloc(COMMAND_MAX);
	int error;

	if (text == NULL)
		return ENOMEM;
	error = vfs_find(init, AT_FDCWD, COMMAND_FILE, 0, &vp);
	if (error == 0) {
		error = vnode_read(vp, text, COMMAND_MAX - 1, 0, &length);
		vnode_release(vp);
	}
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	*textp = text;
	*lengthp = strlen(text);
	if (error != 0)
		bsd_free(text, COMMAND_MAX);
	return error;
}

static int
run(struct proc *p, const char *args, size_t size, unsigned argc)
{
	char *strings = bsd_alloc(size + sizeof(environment));
	int error;

	if (strings == NULL)
		return ENOMEM;
	memcpy(strings, args, size);
	memcpy(strings + size, environment, sizeof(environment) - 1);
	error = exec_program(p, NULL,
	    &(struct exec_request) { .dirfd = AT_FDCWD,
		.path = "/bin/sh",
		.strings = strings,
		.strings_size = size + sizeof(environment) - 1,
		.argc = argc,
		.envc = ENVIRONMENT_COUNT });
	bsd_free(strings, 0);
	return error;
}

static int
run_script(struct proc *p)
{
	char *text;
	char *args;
	size_t length;
	int error = read_command(&text, &length);

	if (error != 0)
		return error;
	args = bsd_alloc(length + 16);
	if (args == NULL)
		return ENOMEM;
	memcpy(args, "sh\0-c", 6);
	memcpy(args + 6, text, length + 1);
	error = run(p, args, 6 + length + 1, 3);
	bsd_free(args, 0);
	bsd_free(text, 0);
	return error;
}

static int
start_in(struct proc *p)
{
	int error;

	if (p->files == NULL || p->fs == NULL || p->actions == NULL)
		return ENOMEM;
	error = session_create(p);
	if (error == 0)
		error = open_console(p);
	if (error == 0)
		error = options.script ? run_script(p) : run(p, "-sh", 4, 1);
	return error;
}

static int
start_shell(void)
{
	struct proc *p = make_child();
	int error;

	if (p == NULL)
		return ENOMEM;
	error = start_in(p);
	if (error != 0)
		discard_child(p);
	else
		shell = p;
	return error;
}

const char *
init_start(const struct init_options *given)
{
	const char *trouble;
	int error;

	options = *given;
	timer_init(&end_timer, end_timer_fired, NULL);
	if (vfs_init() != 0 || make_init() != 0)
		return "not enough memory for the first process";
	trouble = fill_tree();
	if (trouble != NULL)
		return trouble;
	error = console_mach_init(options.device_port, options.script);
	if (error != 0)
		return "the console cannot be opened";
	error = start_shell();
	if (error == 0)
		return NULL;
	snprintf(message, sizeof(message), "/bin/sh cannot be started: error %d", error);
	return message;
}

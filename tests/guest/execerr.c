/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * execerr -- for each argument, the error of executing it without arguments, or
 * the exit status when it runs.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int status = 0, ends[2], error = 0;
		pid_t pid;

		if (pipe(ends) != 0)
			return 1;
		pid = vfork();
		if (pid == 0) {
			execl(argv[i], argv[i], (char *)NULL);
			error = errno;
			write(ends[1], &error, sizeof(error));
			_exit(0);
		}
		close(ends[1]);
		if (waitpid(pid, &status, 0) != pid)
			return 1;
		if (read(ends[0], &error, sizeof(error)) == sizeof(error))
			printf("%s: error %d\n", argv[i], error);
		else
			printf("%s: status %#x\n", argv[i], (unsigned int)status);
		close(ends[0]);
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dynamic -- a dynamically linked program: what its libraries give it, and what
 * the kernel told its dynamic linker. LIBRARY names a library to load late.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

int library_bump(void);
extern int library_loaded;

extern char **environ;

static void *
in_thread(void *argument)
{
	*(int *)argument = library_bump();
	return NULL;
}

static void
check_auxiliary(void)
{
	uint64_t headers = getauxval(AT_PHDR), entry = getauxval(AT_ENTRY);
	uint64_t here = (uint64_t)(uintptr_t)check_auxiliary;
	uint64_t base = getauxval(AT_BASE);

	/* program and entry lie together, the linker elsewhere */
	printf("headers %d entry %d base %d\n", headers < here && here - headers < 0x10000,
	    entry < here + 0x10000 && here < entry + 0x10000,
	    base % 4096 == 0 && base > here + 0x100000);
	printf("page %lu name %s secure %lu\n", getauxval(AT_PAGESZ),
	    (const char *)getauxval(AT_EXECFN), getauxval(AT_SECURE));
}

static void
load_late(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	int (*function)(int);

	if (library == NULL) {
		printf("dlopen: %s\n", dlerror());
		return;
	}
	function = (int (*)(int))dlsym(library, "late_double");
	printf("late %d\n", function != NULL ? function(21) : -1);
	dlclose(library);
}

int
main(int argc, char **argv)
{
	pthread_t thread;
	int other = 0;

	printf("loaded %d\n", library_loaded);
	printf("bump %d", library_bump());
	printf(" %d", library_bump());
	pthread_create(&thread, NULL, in_thread, &other);
	pthread_join(thread, NULL);
	printf(" thread %d\n", other);
	check_auxiliary();
	load_late(LIBRARY);
	if (argc > 1) {
		fflush(stdout);
		execve(argv[1], argv + 1, environ);
		perror(argv[1]);
	}
	return 7;
}

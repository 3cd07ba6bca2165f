/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The initial stack of a program, as the System V ABI for x86-64 and Linux'
 * auxiliary vector have it. Pure: strings in, bytes out.
 */
#ifndef EXEC_STACK_H
#define EXEC_STACK_H

#include <stddef.h>
#include <stdint.h>

struct stack_input {
	const char *strings; /* arguments, then environment, each with NUL */
	size_t strings_size;
	unsigned argc;
	unsigned envc;
	const char *file_name;
	uint8_t random[16];
	uint64_t entry;
	uint64_t base; /* of the interpreter, or 0 */
	uint64_t headers;
	unsigned header_count;
	unsigned header_size;
	uint32_t ruid, euid, rgid, egid;
	uint32_t hardware;     /* cpuid leaf 1, EDX */
	uint32_t hardware2;    /* Linux' AT_HWCAP2 */
	uint32_t signal_stack; /* bytes the largest signal frame takes */
	int secure;
};

/* Bytes of whole pages that the stack's contents need. */
size_t stack_size(const struct stack_input *in);

/*
 * Build the contents in `buffer`, of stack_size() zeroed bytes, which will lie
 * right below `top`. Returns the stack pointer.
 */
uint64_t stack_build(const struct stack_input *in, void *buffer, uint64_t top);

#endif

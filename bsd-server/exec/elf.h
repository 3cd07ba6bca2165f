/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading of ELF executables and of `#!` lines. Pure: bytes in, a plan out;
 * nothing in the bytes is believed.
 */
#ifndef EXEC_ELF_H
#define EXEC_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_SEGMENTS_MAX 16
#define ELF_PAGE         4096ULL

/* Bytes of a file that are looked at for its kind; at least it has a header. */
#define ELF_HEAD_SIZE   4096
#define ELF_HEADER_SIZE 64

/* A piece of the file in memory; addresses are final. */
struct elf_segment {
	uint64_t address; /* as linked, any alignment */
	uint64_t offset;  /* of the bytes in the file */
	uint64_t file_size;
	uint64_t memory_size; /* >= file_size */
	bool read, write, execute;
};

struct elf_image {
	uint64_t entry;
	uint64_t headers; /* program headers in memory, or 0 */
	unsigned header_count;
	unsigned header_size;
	uint64_t interpreter; /* where the file has its name, or 0 */
	uint64_t interpreter_size;
	uint64_t low; /* page bounds of all segments */
	uint64_t high;
	unsigned segment_count;
	struct elf_segment segments[ELF_SEGMENTS_MAX];
};

/*
 * Plan the loading of a file of `file_size` bytes whose first `size` bytes are
 * at `head`. Position-independent programs go to `pie_base`, or lower if they
 * want to be aligned; everything must lie within [lowest, limit). 0, or
 * ENOEXEC: not an x86-64 executable we can load.
 */
int elf_parse(const void *head, size_t size, uint64_t file_size, uint64_t pie_base, uint64_t lowest,
    uint64_t limit, struct elf_image *image);

/* Longest name of an interpreter, its NUL included. */
#define ELF_INTERPRETER_MAX 1024

#define SCRIPT_LINE_MAX 256

struct script {
	char interpreter[SCRIPT_LINE_MAX];
	char argument[SCRIPT_LINE_MAX]; /* empty: none */
};

/* Whether the bytes begin with a usable `#!` line; then what it says. */
bool script_parse(const void *head, size_t size, struct script *script);

#endif

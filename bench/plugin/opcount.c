/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * opcount -- a QEMU plugin: which instructions the guest executes between two
 * addresses.
 *
 *	qemu ... -plugin file=libopcount.so,begin=ADDRESS,end=ADDRESS,out=FILE
 *	                 [,idle=ADDRESS-ADDRESS]...
 *
 * Executing `begin` opens a window, executing `end` closes it. For each window
 * FILE has a line
 *
 *	window TOTAL REP CR3 WRMSR IRETQ XSAVE INVLPG LOCKED SYSCALL SYSRET SWAPGS IDLE
 *
 * and a line `pc ADDRESS COUNT` for each instruction that was executed (one
 * may stand several times). TOTAL counts as icount does, each iteration of a
 * rep string instruction once; REP are those beyond the first, IDLE those in
 * the ranges that `idle` names. The whole machine is counted, whatever runs, on
 * all CPUs; under icount these take turns in one thread of QEMU's.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin_abi.h"

#define EXPORT __attribute__((visibility("default")))

/* The kinds that cost more than they count; in the order of the output. */
enum kind {
	KIND_CR3,
	KIND_WRMSR,
	KIND_IRETQ,
	KIND_XSAVE,
	KIND_INVLPG,
	KIND_LOCKED,
	KIND_SYSCALL,
	KIND_SYSRET,
	KIND_SWAPGS,
	KIND_COUNT,
	KIND_PLAIN = KIND_COUNT
};

/* One translated instruction; lives as long as QEMU may execute it: for ever. */
struct instruction {
	uint64_t address;
	enum kind kind;
	bool repeats, idle;
	uint64_t count;           /* in the open window */
	struct instruction *next; /* executed in the open window */
};

EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

#define CPUS_MAX   16
#define RANGES_MAX 4

static uint64_t begin_address, end_address;
static struct {
	uint64_t start, end; /* exclusive */
} idle_range[RANGES_MAX];
static unsigned idle_ranges;
static uint64_t last[CPUS_MAX]; /* address executed by each */
static FILE *out;

static struct {
	bool open;
	uint64_t total, rep, idle;
	uint64_t kinds[KIND_COUNT];
	struct instruction *executed;
} window;

/* -- Telling kinds apart (Intel SDM volume 2, opcode maps) ------------------- */

/* 0F 01 */
static enum kind
kind_of_group7(uint8_t modrm)
{
	if (modrm == 0xf8)
		return KIND_SWAPGS;
	return modrm < 0xc0 && (modrm >> 3 & 7) == 7 ? KIND_INVLPG : KIND_PLAIN;
}

/* 0F xx; FXSAVE, FXRSTOR, XSAVE and kin are memory forms of AE and C7. */
static enum kind
kind_of_two_byte(const uint8_t *at)
{
	bool memory = at[1] < 0xc0;
	unsigned reg = at[1] >> 3 & 7;

	switch (at[0]) {
	case 0x01:
		return kind_of_group7(at[1]);
	case 0x05:
		return KIND_SYSCALL;
	case 0x07:
		return KIND_SYSRET;
	case 0x22:
		return reg == 3 ? KIND_CR3 : KIND_PLAIN;
	case 0x30:
		return KIND_WRMSR;
	case 0xae:
		return memory && (reg < 2 || (reg > 3 && reg < 7)) ? KIND_XSAVE : KIND_PLAIN;
	case 0xc7:
		return memory && reg > 2 && reg < 6 ? KIND_XSAVE : KIND_PLAIN;
	default:
		return KIND_PLAIN;
	}
}

static bool
is_prefix(uint8_t byte)
{
	return byte == 0x66 || byte == 0x67 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e ||
	    byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 || byte == 0x65 ||
	    (byte & 0xf0) == 0x40;
}

/* MOVS, CMPS, STOS, LODS, SCAS */
static bool
is_string(uint8_t opcode)
{
	return (opcode >= 0xa4 && opcode <= 0xa7) || (opcode >= 0xaa && opcode <= 0xaf);
}

static enum kind
kind_of(const uint8_t *bytes, size_t size, bool *repeatsp)
{
	uint8_t padded[32] = { 0 };
	const uint8_t *at = padded;
	bool rep = false;

	memcpy(padded, bytes, size < 16 ? size : 16);
	for (; is_prefix(*at) && at < padded + 15; at++)
		rep |= *at == 0xf2 || *at == 0xf3;
	*repeatsp = rep && is_string(*at);
	if (*at == 0xf0)
		return KIND_LOCKED;
	if (*at == 0xcf)
		return KIND_IRETQ;
	/* XCHG with memory locks by itself. */
	if ((*at == 0x86 || *at == 0x87) && at[1] < 0xc0)
		return KIND_LOCKED;
	return *at == 0x0f ? kind_of_two_byte(at + 1) : KIND_PLAIN;
}

/* -- Windows -------------------------------------------------------------------- */

static void
window_open(void)
{
	memset(&window, 0, sizeof(window));
	memset(last, 0, sizeof(last));
	window.open = true;
}

static void
window_close(void)
{
	struct instruction *at = window.executed;

	fprintf(out, "window %" PRIu64 " %" PRIu64, window.total, window.rep);
	for (int kind = 0; kind < KIND_COUNT; kind++)
		fprintf(out, " %" PRIu64, window.kinds[kind]);
	fprintf(out, " %" PRIu64 "\n", window.idle);
	while (at != NULL) {
		struct instruction *next = at->next;

		fprintf(out, "pc %" PRIx64 " %" PRIu64 "\n", at->address, at->count);
		at->count = 0;
		at->next = NULL;
		at = next;
	}
	window.executed = NULL;
	window.open = false;
}

/* The instructions at both ends are not counted. */
static void
executed(unsigned cpu, void *cookie)
{
	struct instruction *this = cookie;

	if (this->address == begin_address) {
		window_open();
		return;
	}
	if (!window.open)
		return;
	if (this->address == end_address) {
		window_close();
		return;
	}
	if (this->count++ == 0) {
		this->next = window.executed;
		window.executed = this;
	}
	window.total++;
	if (this->repeats && last[cpu % CPUS_MAX] == this->address)
		window.rep++;
	last[cpu % CPUS_MAX] = this->address;
	window.idle += this->idle;
	if (this->kind != KIND_PLAIN)
		window.kinds[this->kind]++;
}

/* -- What QEMU calls --------------------------------------------------------------- */

static bool
is_idle(uint64_t address)
{
	for (unsigned i = 0; i < idle_ranges; i++) {
		if (address >= idle_range[i].start && address < idle_range[i].end)
			return true;
	}
	return false;
}

/* "ADDRESS-ADDRESS" */
static void
idle_add(const char *text)
{
	char *end;
	uint64_t start = strtoull(text, &end, 0);

	if (idle_ranges == RANGES_MAX || *end != '-')
		return;
	idle_range[idle_ranges].start = start;
	idle_range[idle_ranges++].end = strtoull(end + 1, NULL, 0);
}

static void
translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		struct instruction *new = calloc(1, sizeof(*new));

		if (new == NULL)
			abort();
		new->address = qemu_plugin_insn_vaddr(insn);
		new->idle = is_idle(new->address);
		new->kind = kind_of(
		    qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn), &new->repeats);
		qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, QEMU_PLUGIN_CB_NO_REGS, new);
	}
}

static void
leaving(uint64_t id, void *cookie)
{
	(void)id;
	(void)cookie;
	(void)fclose(out);
}

EXPORT int
qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	const char *file = NULL;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "begin=", 6) == 0)
			begin_address = strtoull(argv[i] + 6, NULL, 0);
		else if (strncmp(argv[i], "end=", 4) == 0)
			end_address = strtoull(argv[i] + 4, NULL, 0);
		else if (strncmp(argv[i], "idle=", 5) == 0)
			idle_add(argv[i] + 5);
		else if (strncmp(argv[i], "out=", 4) == 0)
			file = argv[i] + 4;
	}
	out = file == NULL ? NULL : fopen(file, "w");
	if (out == NULL || begin_address == 0 || end_address == 0) {
		fprintf(stderr, "opcount: begin=, end= and out= are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, leaving, NULL);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * qemu_plugin_abi -- the part of QEMU's plugin interface, version 1, that
 * opcount uses. QEMU's packages carry no header for it; names and types are
 * those of its developer documentation, "QEMU TCG Plugins".
 */
#ifndef QEMU_PLUGIN_ABI_H
#define QEMU_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#define QEMU_PLUGIN_VERSION 1

struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* What a callback does with registers; opcount's look at none. */
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

/* QEMU calls this; 0 accepts. argv are the words `name=value` after file=. */
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

void qemu_plugin_register_vcpu_tb_trans_cb(
    uint64_t id, void (*translated)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
    void (*executed)(unsigned cpu, void *cookie), enum qemu_plugin_cb_flags flags, void *cookie);
void qemu_plugin_register_atexit_cb(
    uint64_t id, void (*leaving)(uint64_t id, void *cookie), void *cookie);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);

/* Valid while the translation callback runs. */
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

#endif

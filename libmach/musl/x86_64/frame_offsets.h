/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offsets the assembler knows; frame.h checks them.
 */
#ifndef LIBMACH_MUSL_FRAME_OFFSETS_H
#define LIBMACH_MUSL_FRAME_OFFSETS_H

#define HANDLER_FRAME_SIZE 112
#define BLOCK_RIP          0
#define BLOCK_RSP          8
#define BLOCK_RFLAGS       16

#endif /* LIBMACH_MUSL_FRAME_OFFSETS_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * copy_message -- what kern/fast/copyio.h does, in line.
 *
 * Up to COPY_UNROLLED bytes of body are moved by a jump into a row of load and
 * store pairs, 8 bytes of code each, the last word first; more by a string
 * instruction.
 */
#ifndef ARCH_COPY_MESSAGE_H
#define ARCH_COPY_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#define COPY_HEADER   32
#define COPY_UNROLLED 96 /* a displacement of one byte reaches so far */

/* As USER_OPEN, USER_CLOSE and FIXUP of kernel/arch/x86_64/macros.h. */
#define COPY_OPEN                                                                                  \
	"771: stac\n\t"                                                                            \
	".pushsection .patch_table, \"a\"; .quad 771b; .popsection\n\t"
#define COPY_CLOSE                                                                                 \
	"772: clac\n\t"                                                                            \
	".pushsection .patch_table, \"a\"; .quad 772b; .popsection\n\t"
#define COPY_MAY_FAULT(at)                                                                         \
	".pushsection .fixup_table, \"a\"; .quad " at ", %l[fault], 0; .popsection\n\t"

/* One word of the body; `n` distinguishes the labels. */
#define COPY_WORD(n, offset)                                                                       \
	"6" #n ": movq " #offset "(%%rsi), %%rax\n\t"                                              \
	"7" #n ": movq %%rax, " #offset "(%%rdi)\n\t" COPY_MAY_FAULT("6" #n "b")                   \
	    COPY_MAY_FAULT("7" #n "b")

/* Words 11 to 0, then label 5. */
#define COPY_WORDS                                                                                 \
	COPY_WORD(11, 120)                                                                         \
	COPY_WORD(10, 112)                                                                         \
	COPY_WORD(9, 104)                                                                          \
	COPY_WORD(8, 96)                                                                           \
	COPY_WORD(7, 88)                                                                           \
	COPY_WORD(6, 80)                                                                           \
	COPY_WORD(5, 72)                                                                           \
	COPY_WORD(4, 64)                                                                           \
	COPY_WORD(3, 56)                                                                           \
	COPY_WORD(2, 48)                                                                           \
	COPY_WORD(1, 40)                                                                           \
	COPY_WORD(0, 32)                                                                           \
	"5:\n\t"

/* RSI source, RDI target, RCX bytes of message, EAX free; all used up. */
#define COPY_BODY                                                                                  \
	"cmpl $128, %%ecx\n\t"                                                                     \
	"ja 3f\n\t"                                                                                \
	"negq %%rcx\n\t"                                                                           \
	"leaq 5f+32(%%rcx), %%rax\n\t"                                                             \
	"jmp *%%rax\n"                                                                             \
	"3: subl $32, %%ecx\n\t"                                                                   \
	"shrl $3, %%ecx\n\t"                                                                       \
	"addq $32, %%rsi\n\t"                                                                      \
	"addq $32, %%rdi\n"                                                                        \
	"4: rep movsq\n\t" COPY_MAY_FAULT("4b") "jmp 5f\n\t" COPY_WORDS

static inline bool
arch_message_in_range(uint64_t user)
{
	return (int64_t)user >= 0;
}

static inline void
arch_message_close(void)
{
	__asm__ volatile(COPY_CLOSE : : : "memory");
}

static inline __attribute__((always_inline)) bool
arch_word_in(uint64_t user, uint32_t *word)
{
	uint32_t value;

	__asm__ volatile goto(COPY_OPEN "81: movl %a[user], %[value]\n\t" COPY_MAY_FAULT("81b")
			      : [value] "=r"(value)
			      : [user] "r"(user)
			      : "memory", "cc"
			      : fault);
	*word = value;
	return true;
fault:
	arch_message_close();
	return false;
}

static inline __attribute__((always_inline)) bool
arch_message_in(
    uint64_t user, uint32_t size, void *buffer, uint64_t *remote, uint64_t *local, uint64_t *last)
{
	uint64_t remote_word, local_word, last_word;
	uint64_t from = user, to = (uint64_t)buffer, count = size;

	__asm__ volatile goto(
	    "82: movq 8(%%rsi), %[remote]\n\t"
	    "83: movq 16(%%rsi), %[local]\n\t"
	    "84: movq 24(%%rsi), %[last]\n\t" COPY_MAY_FAULT("82b") COPY_MAY_FAULT("83b")
		COPY_MAY_FAULT("84b") COPY_BODY COPY_CLOSE
	    : [remote] "=&r"(remote_word), [local] "=&r"(local_word), [last] "=&r"(last_word),
	    "+S"(from), "+D"(to), "+c"(count)
	    :
	    : "rax", "memory", "cc"
	    : fault);
	*remote = remote_word;
	*local = local_word;
	*last = last_word;
	return true;
fault:
	arch_message_close();
	return false;
}

static inline __attribute__((always_inline)) bool
arch_message_out(uint64_t user, uint32_t size, const void *buffer, uint32_t bits, uint64_t remote,
    uint64_t local, uint64_t last, uint32_t seqno)
{
	uint64_t from = (uint64_t)buffer, to = user, count = size;

	__asm__ volatile goto(COPY_OPEN "81: movl %[bits], 0(%%rdi)\n\t"
					"82: movl %[size], 4(%%rdi)\n\t"
					"83: movq %[remote], 8(%%rdi)\n\t"
					"84: movq %[local], 16(%%rdi)\n\t"
					"85: movq %[last], 24(%%rdi)\n\t"
					"86: movl %[seqno], 24(%%rdi)\n\t" COPY_MAY_FAULT("81b")
					    COPY_MAY_FAULT("82b") COPY_MAY_FAULT("83b")
						COPY_MAY_FAULT("84b") COPY_MAY_FAULT("85b")
						    COPY_MAY_FAULT("86b") COPY_BODY COPY_CLOSE
			      : "+S"(from), "+D"(to), "+c"(count)
			      : [bits] "r"(bits), [size] "r"(size), [remote] "er"(remote),
			      [local] "r"(local), [last] "r"(last), [seqno] "r"(seqno)
			      : "rax", "memory", "cc"
			      : fault);
	return true;
fault:
	arch_message_close();
	return false;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Typed messages: one row of patterns for each operation.
 *
 * ${M} is the part of the message in which the field lies, ${f} its data,
 * ${D} its descriptor and the constant the descriptor is set from.
 */
#include "emit.h"

#define SET_DESCRIPTOR "${M}->${D} = ${D};\n"
#define CHECK_WORD                                                                                 \
	"!mask:if (mig_word(&${M}->${D}) != UINT64_C(${word}))\n"                                  \
	"?mask:if ((mig_word(&${M}->${D}) & (UINT64_C(0xffffffff00000000) | ${mask})) != "         \
	"UINT64_C(${word}))\n"                                                                     \
	"\t${reject}\n"
#define CHECK_LOW                                                                                  \
	"!mask:if ((uint32_t)mig_word(&${M}->${D}) != ${low})\n"                                   \
	"?mask:if (((uint32_t)mig_word(&${M}->${D}) & ${mask}) != ${low})\n"                       \
	"\t${reject}\n"
#define CHECK_POLY                                                                                 \
	"?maybe:if (MACH_MSG_TYPE_PORT_ANY(${M}->${D}.msgt_name) && !mig_complex)\n"               \
	"?maybe:\t${reject}\n"
#define NEXT_PART "?N:${N} = (${NT} *)(void *)((char *)${M} + ${off} + mig_used);\n"
#define SET_POLY                                                                                   \
	"?poly:${M}->${D}.msgt_name = ${poly} & 0xffu;\n"                                          \
	"?maybe:!complex:if (MACH_MSG_TYPE_PORT_ANY(${poly}))\n"                                   \
	"?maybe:!complex:\tmig_complex = MACH_MSGH_BITS_COMPLEX;\n"
#define SET_NUMBER                                                                                 \
	"!words:${M}->${D}.msgt_number = ${cnt};\n"                                                \
	"?words:${M}->${D}.msgt_number = ${cnt} * ${words};\n"
#define CHECK_NUMBER                                                                               \
	"mig_n_${f} = ${M}->${D}.msgt_number;\n"                                                   \
	"!words:if (mig_n_${f} > ${maxnum})\n"                                                     \
	"?words:if (mig_n_${f} > ${maxnum} || mig_n_${f} % ${words} != 0)\n"                       \
	"\t${reject}\n"                                                                            \
	"?words:mig_n_${f} /= ${words};\n" CHECK_SAME
#define CHECK_LEFT                                                                                 \
	"if (mig_used > mig_left)\n"                                                               \
	"\t${reject}\n"                                                                            \
	"mig_left -= mig_used;\n" NEXT_PART
#define PRE_COUNT                                                                                  \
	"?max:if (${cnt} > ${max})\n"                                                              \
	"?max:\t${reject}\n"                                                                       \
	"!max:?words:if (${cnt} > UINT32_MAX / ${words})\n"                                        \
	"!max:?words:\t${reject}\n"
#define TAKE_COUNT "?own:*${arg}Cnt = mig_n_${f};\n"
/* What fits the caller's buffer is copied, and the true count stored. */
#define TAKE_FITS(copy)                                                                            \
	"if (mig_n_${f} > mig_room_${leader}) {\n"                                                 \
	"\tmig_too_large = 1;\n"                                                                   \
	"\t" copy("mig_room_${leader}") ";\n"                                                      \
					"} else {\n"                                               \
					"\t" copy("mig_n_${f}") ";\n"                              \
								"}\n"
#define COPY_BLOCK(count) "mig_copy(${arg}, ${M}->${f}, (size_t)" count " * ${cb})"
#define COPY_SLOTS(count) "mig_slots_get(${arg}, ${M}->${f}, " count ")"
#define LOCAL_COUNT       "mach_msg_type_number_t mig_n_${f};\n"
#define LOCAL_ROOM        LOCAL_COUNT "?own:const mach_msg_type_number_t mig_room_${f} = *${arg}Cnt;\n"
#define REPLY_FITS                                                                                 \
	"if (${cnt} > ${max})\n"                                                                   \
	"\t${reject}\n"
#define REPLY_FITS_INLINE                                                                          \
	"if ((void *)mig_v_${f} == (void *)${O}->${f} && ${cnt} > ${max})\n"                       \
	"\t${reject}\n"
/* A fixed result behind a variable one comes down too. */
#define REPLY_DOWN                                                                                 \
	"?moved:!outtran:mig_move((char *)${M} + ${off}, (char *)${O} + ${off}, ${bytes});\n"
#define REPLY_MOVE "?moved:mig_move((char *)${M} + ${off}, (char *)${O} + ${off}, mig_used);\n"

#define CHECK_SAME                                                                                 \
	"?same:if (mig_n_${f} != mig_n_${leader})\n"                                               \
	"?same:\t${reject}\n"
/* Indefinite arrays, of data or of rights: inline, or out of line with what `ool` sets. */
#define GIVE_OUT_OF_LINE(ool, part, value)                                                         \
	"\t${M}->${D}.msgt_inline = 0;\n" ool "?dealloc_yes:\t${M}->${D}.msgt_deallocate = 1;\n"   \
	"?dealloc:\t${M}->${D}.msgt_deallocate = ${dealloc} != 0;\n"                               \
	"\tmig_copy(" part "->${f}, &" value ", 8);\n"                                             \
	"\tmig_used = 8;\n"                                                                        \
	"!complex:\tmig_complex = MACH_MSGH_BITS_COMPLEX;\n"
#define PACK_INDEFINITE(ool, copy)                                                                 \
	"if (${cnt} > ${max}) {\n" GIVE_OUT_OF_LINE(                                               \
	    ool, "${M}", "${arg}") "} else {\n" copy "}\n" NEXT_PART "mig_size += mig_used;\n"
#define CHECK_INDEFINITE                                                                           \
	"if (${M}->${D}.msgt_inline) {\n"                                                          \
	"!mask:\tif ((uint32_t)mig_word(&${M}->${D}) != ${low} || ${M}->${D}.msgt_number > "       \
	"${maxnum})\n"                                                                             \
	"?mask:\tif (((uint32_t)mig_word(&${M}->${D}) & ${mask}) != ${low} || "                    \
	"${M}->${D}.msgt_number > ${maxnum})\n"                                                    \
	"\t\t${reject}\n"                                                                          \
	"} else {\n"                                                                               \
	"!mask:\tif ((uint32_t)mig_word(&${M}->${D}) != ${ool_low} || !mig_complex)\n"             \
	"?mask:\tif (((uint32_t)mig_word(&${M}->${D}) & ${mask}) != ${ool_low} || "                \
	"!mig_complex)\n"                                                                          \
	"\t\t${reject}\n"                                                                          \
	"}\n"
#define TAKE_INDEFINITE(copy)                                                                      \
	"if (!${M}->${D}.msgt_inline) {\n"                                                         \
	"\tmig_copy(${arg}, ${M}->${f}, 8);\n"                                                     \
	"} else {\n"                                                                               \
	"\tif (mig_n_${f} > mig_room_${leader}) {\n"                                               \
	"\t\tvm_address_t mig_memory = 0;\n"                                                       \
	"\n"                                                                                       \
	"\t\t(void)mig_allocate(&mig_memory, (vm_size_t)mig_n_${f} * ${cb});\n"                    \
	"\t\tif (mig_memory == 0)\n"                                                               \
	"\t\t\tmig_no_memory = 1;\n"                                                               \
	"\t\telse\n"                                                                               \
	"\t\t\tmig_copy(${arg}, &mig_memory, 8);\n"                                                \
	"\t}\n"                                                                                    \
	"\tif (!mig_no_memory)\n" copy "}\n"
#define REPLY_INDEFINITE(ool, copy)                                                                \
	"if ((void *)mig_v_${f} != (void *)${O}->${f}) {\n" GIVE_OUT_OF_LINE(ool, "${O}",          \
	    "mig_v_${f}") "} else {\n" copy "}\n" REPLY_MOVE NEXT_PART "mig_size += mig_used;\n"

const char *const typed_rows[OP_KINDS][ROLE_COUNT] = {
	[OP_RETCODE] = {
		[ROLE_CHECK] = CHECK_WORD,
		[ROLE_REPLY] = "mig_zero((char *)Out0P + 44, 4);\n",
	},
	[OP_SCALAR] = {
		[ROLE_PACK] = SET_DESCRIPTOR
		    "${M}->${f} = ${in};\n"
		    "?padz:${padz}\n",
		[ROLE_CHECK] = CHECK_WORD,
		[ROLE_TAKE] = "*${arg} = ${M}->${f};\n",
		[ROLE_PREPARE] = "!outtran:mig_zero(&${O}->${f}, sizeof(${O}->${f}));\n",
		[ROLE_REPLY] = REPLY_DOWN SET_DESCRIPTOR
		    "?outtran:${M}->${f} = ${outtran};\n"
		    "?padz:${padz}\n",
	},
	[OP_PORT] = {
		[ROLE_PACK] = SET_DESCRIPTOR
		    SET_POLY
		    "${M}->${f} = ${in};\n"
		    "?padz:${padz}\n",
		[ROLE_CHECK] = CHECK_WORD CHECK_POLY,
		[ROLE_TAKE] = "*${arg} = ${M}->${f};\n"
		    "?poly_out:*${arg}Poly = ${M}->${D}.msgt_name;\n",
		[ROLE_PREPARE] = "!outtran:mig_zero(&${O}->${f}, sizeof(${O}->${f}));\n",
		[ROLE_REPLY] = REPLY_DOWN SET_DESCRIPTOR
		    SET_POLY
		    "?outtran:${M}->${f} = ${outtran};\n"
		    "?padz:${padz}\n",
	},
	[OP_BLOCK] = {
		[ROLE_PACK] = SET_DESCRIPTOR
		    "mig_copy(${M}->${f}, ${arg}, ${bytes});\n"
		    "?padz:${padz}\n",
		[ROLE_CHECK] = CHECK_WORD,
		[ROLE_TAKE] = "mig_copy(${arg}, ${M}->${f}, ${bytes});\n",
		[ROLE_PREPARE] = "mig_zero(${O}->${f}, ${bytes});\n",
		[ROLE_REPLY] = REPLY_DOWN SET_DESCRIPTOR
		    "?padz:${padz}\n",
	},
	[OP_PORTS] = {
		[ROLE_PACK] = SET_DESCRIPTOR
		    SET_POLY
		    "?kernel:mig_copy(${M}->${f}, ${arg}, ${bytes});\n"
		    "!kernel:mig_slots_put(${M}->${f}, ${arg}, ${number});\n",
		[ROLE_CHECK] = CHECK_WORD CHECK_POLY,
		[ROLE_TAKE] = "?kernel:mig_copy(${arg}, ${M}->${f}, ${bytes});\n"
		    "!kernel:mig_slots_get(${arg}, ${M}->${f}, ${number});\n"
		    "?poly_out:*${arg}Poly = ${M}->${D}.msgt_name;\n",
		[ROLE_PREPARE] = "mig_zero(${O}->${f}, ${bytes});\n",
		[ROLE_REPLY] = REPLY_DOWN SET_DESCRIPTOR
		    SET_POLY
		    "!kernel:mig_slots_spread(${M}->${f}, ${number});\n",
	},
	[OP_STRING] = {
		[ROLE_PACK] = SET_DESCRIPTOR
		    "mig_string_copy(${M}->${f}, ${arg}, ${bytes});\n"
		    "?padz:${padz}\n",
		[ROLE_CHECK] = CHECK_WORD,
		[ROLE_TAKE] = "mig_string_copy(${arg}, ${M}->${f}, ${bytes});\n",
		[ROLE_PREPARE] = "mig_zero(${O}->${f}, ${bytes});\n",
		[ROLE_REPLY] = REPLY_DOWN SET_DESCRIPTOR
		    "${M}->${f}[${bytes} - 1] = '\\0';\n"
		    "?padz:${padz}\n",
	},
	[OP_VSTRING] = {
		[ROLE_LOCAL] = LOCAL_COUNT,
		[ROLE_PRE] = "mig_n_${f} = mig_string_size(${arg}, ${bytes});\n"
		    "if (mig_n_${f} > ${bytes})\n"
		    "\t${reject}\n",
		[ROLE_PACK] = SET_DESCRIPTOR
		    "${M}->${D}.msgt_number = mig_n_${f};\n"
		    "mig_copy(${M}->${f}, ${arg}, mig_n_${f});\n"
		    "mig_used = mig_pad(${M}, ${off}, mig_n_${f});\n"
		    NEXT_PART
		    "mig_size += mig_used;\n",
		[ROLE_CHECK] = CHECK_LOW
		    "mig_n_${f} = ${M}->${D}.msgt_number;\n"
		    "if (mig_n_${f} > ${bytes})\n"
		    "\t${reject}\n"
		    "mig_used = mig_round(mig_n_${f});\n"
		    CHECK_LEFT
		    "if (mig_string_size(${M}->${f}, mig_n_${f}) > mig_n_${f})\n"
		    "\t${reject}\t/* no NUL */\n",
		[ROLE_TAKE] = "mig_copy(${arg}, ${M}->${f}, mig_n_${f});\n",
		[ROLE_PREPARE] = "${O}->${f}[0] = '\\0';\n",
		[ROLE_REPLY] = SET_DESCRIPTOR
		    "${O}->${f}[${bytes} - 1] = '\\0';\n"
		    "mig_n_${f} = mig_string_size(${O}->${f}, ${bytes});\n"
		    "${M}->${D}.msgt_number = mig_n_${f};\n"
		    "mig_used = mig_pad(${O}, ${off}, mig_n_${f});\n"
		    REPLY_MOVE
		    NEXT_PART
		    "mig_size += mig_used;\n",
	},
	[OP_BLOCK_VAR] = {
		[ROLE_LOCAL] = LOCAL_ROOM,
		[ROLE_PRE] = PRE_COUNT,
		[ROLE_PACK] = SET_DESCRIPTOR
		    SET_NUMBER
		    "mig_copy(${M}->${f}, ${arg}, (size_t)${cnt} * ${eb});\n"
		    "mig_used = mig_pad(${M}, ${off}, (size_t)${cnt} * ${eb});\n"
		    NEXT_PART
		    "mig_size += mig_used;\n",
		[ROLE_CHECK] = CHECK_LOW
		    CHECK_NUMBER
		    "mig_used = mig_round((size_t)mig_n_${f} * ${eb});\n"
		    CHECK_LEFT,
		[ROLE_TAKE_ARRAY] = TAKE_FITS(COPY_BLOCK) TAKE_COUNT,
		[ROLE_FITS] = REPLY_FITS,
		[ROLE_REPLY] = SET_DESCRIPTOR
		    SET_NUMBER
		    "mig_used = mig_pad(${O}, ${off}, (size_t)${cnt} * ${eb});\n"
		    REPLY_MOVE
		    NEXT_PART
		    "mig_size += mig_used;\n",
	},
	[OP_PORTS_VAR] = {
		[ROLE_LOCAL] = LOCAL_ROOM,
		[ROLE_PRE] = PRE_COUNT,
		[ROLE_PACK] = SET_DESCRIPTOR
		    SET_POLY
		    SET_NUMBER
		    "?kernel:mig_copy(${M}->${f}, ${arg}, (size_t)${cnt} * 8);\n"
		    "!kernel:mig_slots_put(${M}->${f}, ${arg}, ${cnt});\n"
		    "mig_used = ${cnt} * 8;\n"
		    NEXT_PART
		    "mig_size += mig_used;\n",
		[ROLE_CHECK] = CHECK_LOW
		    CHECK_POLY
		    CHECK_NUMBER
		    "mig_used = mig_n_${f} * 8;\n"
		    CHECK_LEFT,
		[ROLE_TAKE_ARRAY] = "?kernel:if (mig_n_${f} > mig_room_${leader})\n"
		    "?kernel:\tmig_too_large = 1;\n"
		    "?kernel:else\n"
		    "?kernel:\tmig_copy(${arg}, ${M}->${f}, (size_t)mig_n_${f} * 8);\n"
		    "!kernel:if (mig_n_${f} > mig_room_${leader})\n"
		    "!kernel:\tmig_too_large = 1;\n"
		    "!kernel:mig_slots_get(${arg}, ${M}->${f}, mig_n_${f} < mig_room_${leader} ?\n"
		    "!kernel:    mig_n_${f} : mig_room_${leader});\n"
		    TAKE_COUNT
		    "?poly_out:*${arg}Poly = ${M}->${D}.msgt_name;\n",
		[ROLE_FITS] = REPLY_FITS,
		[ROLE_REPLY] = SET_DESCRIPTOR
		    SET_POLY
		    SET_NUMBER
		    "!kernel:mig_slots_spread((char *)${O} + ${off}, ${cnt});\n"
		    "mig_used = ${cnt} * 8;\n"
		    REPLY_MOVE
		    NEXT_PART
		    "mig_size += mig_used;\n",
	},
	[OP_OUT_OF_LINE] = {
		[ROLE_LOCAL] = "?var:" LOCAL_COUNT,
		[ROLE_PRE] = "?var:" "?max:if (${cnt} > ${max})\n"
		    "?var:?max:\t${reject}\n"
		    "?var:!max:?words:if (${cnt} > UINT32_MAX / ${words})\n"
		    "?var:!max:?words:\t${reject}\n",
		[ROLE_PACK] = SET_DESCRIPTOR
		    SET_POLY
		    "?var:!words:${M}->${D}.msgt_number = ${cnt};\n"
		    "?var:?words:${M}->${D}.msgt_number = ${cnt} * ${words};\n"
		    "?dealloc:${M}->${D}.msgt_deallocate = ${dealloc} != 0;\n"
		    "${M}->${f} = ${in};\n",
		[ROLE_CHECK] = "!var:" "!mask:if (mig_word(&${M}->${D}) != UINT64_C(${word}))\n"
		    "!var:?mask:if ((mig_word(&${M}->${D}) & (UINT64_C(0xffffffff00000000) | ${mask})) != UINT64_C(${word}))\n"
		    "?var:!mask:if ((uint32_t)mig_word(&${M}->${D}) != ${low})\n"
		    "?var:?mask:if (((uint32_t)mig_word(&${M}->${D}) & ${mask}) != ${low})\n"
		    "\t${reject}\n"
		    "?var:mig_n_${f} = ${M}->${D}.msgt_number;\n"
		    "?var:?maxnum:if (mig_n_${f} > ${maxnum})\n"
		    "?var:?maxnum:\t${reject}\n"
		    "?var:?words:if (mig_n_${f} % ${words} != 0)\n"
		    "?var:?words:\t${reject}\n"
		    "?var:?words:mig_n_${f} /= ${words};\n"
		    "?var:?same:if (mig_n_${f} != mig_n_${leader})\n"
		    "?var:?same:\t${reject}\n",
		[ROLE_TAKE] = "*${arg} = ${M}->${f};\n"
		    "?var:?own:*${arg}Cnt = mig_n_${f};\n"
		    "?poly_out:*${arg}Poly = ${M}->${D}.msgt_name;\n",
		[ROLE_PREPARE] = "mig_zero(&${O}->${f}, sizeof(${O}->${f}));\n",
		[ROLE_FITS] = "?var:?max:if (${cnt} > ${max})\n"
		    "?var:?max:\t${reject}\n"
		    "?var:!max:?words:if (${cnt} > UINT32_MAX / ${words})\n"
		    "?var:!max:?words:\t${reject}\n",
		[ROLE_REPLY] = REPLY_DOWN SET_DESCRIPTOR
		    SET_POLY
		    "?var:!words:${M}->${D}.msgt_number = ${cnt};\n"
		    "?var:?words:${M}->${D}.msgt_number = ${cnt} * ${words};\n"
		    "?dealloc:${M}->${D}.msgt_deallocate = ${dealloc} != 0;\n",
	},
	[OP_INDEFINITE] = {
		[ROLE_LOCAL] = LOCAL_ROOM,
		[ROLE_PRE] = "?words:if (${cnt} > UINT32_MAX / ${words})\n"
		    "?words:\t${reject}\n",
		[ROLE_PACK] = SET_DESCRIPTOR
		    SET_NUMBER
		    PACK_INDEFINITE("",
			"\tmig_copy(${M}->${f}, (const void *)${arg}, (size_t)${cnt} * ${eb});\n"
			"\tmig_used = mig_pad(${M}, ${off}, (size_t)${cnt} * ${eb});\n"),
		[ROLE_CHECK] = CHECK_INDEFINITE
		    "mig_n_${f} = ${M}->${D}.msgt_number;\n"
		    "?words:if (mig_n_${f} % ${words} != 0)\n"
		    "?words:\t${reject}\n"
		    "?words:mig_n_${f} /= ${words};\n"
		    CHECK_SAME
		    "mig_used = ${M}->${D}.msgt_inline ? mig_round((size_t)mig_n_${f} * ${eb}) : 8;\n"
		    CHECK_LEFT,
		[ROLE_TAKE_MEMORY] = TAKE_INDEFINITE(
			"\t\tmig_copy((void *)*${arg}, ${M}->${f}, (size_t)mig_n_${f} * ${cb});\n")
		    TAKE_COUNT,
		[ROLE_FITS] = REPLY_FITS_INLINE
		    "?words:if (${cnt} > UINT32_MAX / ${words})\n"
		    "?words:\t${reject}\n",
		[ROLE_REPLY] = SET_DESCRIPTOR
		    SET_NUMBER
		    REPLY_INDEFINITE("",
			"\tmig_used = mig_pad(${O}, ${off}, (size_t)${cnt} * ${eb});\n"),
	},
	[OP_PORTS_INDEFINITE] = {
		[ROLE_LOCAL] = LOCAL_ROOM,
		[ROLE_PACK] = SET_DESCRIPTOR
		    SET_POLY
		    "${M}->${D}.msgt_number = ${cnt};\n"
		    PACK_INDEFINITE("\t${M}->${D}.msgt_size = 32;\n",
			"?kernel:\tmig_copy(${M}->${f}, (const void *)${arg}, (size_t)${cnt} * 8);\n"
			"!kernel:\tmig_slots_put(${M}->${f}, ${arg}, ${cnt});\n"
			"\tmig_used = ${cnt} * 8;\n"),
		[ROLE_CHECK] = CHECK_INDEFINITE
		    CHECK_POLY
		    "mig_n_${f} = ${M}->${D}.msgt_number;\n"
		    CHECK_SAME
		    "mig_used = ${M}->${D}.msgt_inline ? mig_n_${f} * 8 : 8;\n"
		    CHECK_LEFT,
		[ROLE_TAKE_MEMORY] = TAKE_INDEFINITE(
			"?kernel:\t\tmig_copy((void *)*${arg}, ${M}->${f}, (size_t)mig_n_${f} * 8);\n"
			"!kernel:\t\tmig_slots_get(*${arg}, ${M}->${f}, mig_n_${f});\n")
		    TAKE_COUNT
		    "?poly_out:*${arg}Poly = ${M}->${D}.msgt_name;\n",
		[ROLE_FITS] = REPLY_FITS_INLINE,
		[ROLE_REPLY] = SET_DESCRIPTOR
		    SET_POLY
		    "${M}->${D}.msgt_number = ${cnt};\n"
		    REPLY_INDEFINITE("\t${M}->${D}.msgt_size = 32;\n",
			"!kernel:\tmig_slots_spread(${O}->${f}, ${cnt});\n"
			"\tmig_used = ${cnt} * 8;\n"),
	},
	[OP_COUNT] = {
		[ROLE_PACK] = SET_DESCRIPTOR
		    "${M}->${f} = *${leader}Cnt < ${max} ? *${leader}Cnt : ${max};\n"
		    "?padz:${padz}\n",
		[ROLE_CHECK] = CHECK_WORD,
	},
};

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACH_MIG_H
#define MACH_MIG_H
#include <mach/message.h>
typedef void (*mig_routine_t)(mach_msg_header_t *request, mach_msg_header_t *reply);
typedef mig_routine_t mig_stub_routine_t;
typedef mig_routine_t (*mig_server_routine_t)(mach_msg_header_t *request);
struct routine_descriptor {
	void (*impl_routine)(void);
	mig_stub_routine_t stub_routine;
	unsigned int argc;
	unsigned int descr_count;
	void *arg_descr;
	unsigned int max_reply_msg;
};
#endif

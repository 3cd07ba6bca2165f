/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What MIG stubs call, and the server loops that call them (ABI sheet
 * section 14). The library supplies all of it.
 */
#ifndef MACH_MIG_SUPPORT_H
#define MACH_MIG_SUPPORT_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/std_types.h>

/*
 * Prepare the calling thread for stubs. With a null argument: first call of
 * a program; libraries with threads pass the stack of a new one.
 */
void mig_init(void *initial);

/* Get memory for data that did not fit the caller's buffer. */
kern_return_t mig_allocate(vm_address_t *addrp, vm_size_t size);

/* Give back memory that arrived in a message. */
kern_return_t mig_deallocate(vm_address_t addr, vm_size_t size);

/*
 * The reply port of the calling thread. Between get and put nobody else uses
 * it; dealloc destroys it after a failed RPC, so that a late reply cannot
 * meet a later call.
 */
mach_port_t mig_get_reply_port(void);
void mig_put_reply_port(mach_port_t port);
void mig_dealloc_reply_port(mach_port_t port);

/*
 * Copy a string of at most size - 1 characters and terminate it. Returns the
 * length copied; nothing is written when size is 0.
 */
vm_size_t mig_strncpy(char *to, const char *from, vm_size_t size);

/* Build in reply the header of the reply to request, with RetCode MIG_BAD_ID. */
void mig_reply_setup(const mach_msg_header_t *request, mach_msg_header_t *reply);

/* Send msg (sizes from its header) / receive on its local port into it. */
mach_msg_return_t mach_msg_send(mach_msg_header_t *msg);
mach_msg_return_t mach_msg_receive(mach_msg_header_t *msg);

/*
 * Release all rights and memory that a message carries, received or built
 * and not sent. The local port of the header is not a right and is left.
 */
void mach_msg_destroy(mach_msg_header_t *msg);

/*
 * Serve a port or port set with a MIG demultiplexer until a receive fails;
 * returns its code. max_size bounds requests and replies; 0 begins with two
 * pages and grows as larger requests come.
 */
mach_msg_return_t
mach_msg_server(boolean_t (*demux)(mach_msg_header_t *request, mach_msg_header_t *reply),
    mach_msg_size_t max_size, mach_port_t port);

/* The same with further receive options and a timeout. */
mach_msg_return_t
mach_msg_server_timeout(boolean_t (*demux)(mach_msg_header_t *request, mach_msg_header_t *reply),
    mach_msg_size_t max_size, mach_port_t port, mach_msg_option_t option,
    mach_msg_timeout_t timeout);

#endif /* MACH_MIG_SUPPORT_H */

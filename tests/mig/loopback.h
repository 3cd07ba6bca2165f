/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loopback -- the kernel's part of an RPC, inside one process.
 *
 * A message sent by a user stub is checked and translated as a kernel would
 * (dispositions become received forms, out-of-line memory is copied), given
 * to the server's demultiplexer in a buffer of exactly its size, and the
 * reply goes back the same way.  Delivered memory and rights are counted:
 * whoever receives them must free them exactly once.  Client and server are
 * two tasks: neither can send, give up or free memory of the other.
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>
#include <mach/port.h>
#include <mach/std_types.h>
#include <stddef.h>
#include <stdint.h>

enum lb_mode {
	LB_EXACT, /* nothing is disturbed; every value is compared */
	LB_ERROR, /* the server function fails */
	LB_MUTATE_REQUEST,
	LB_MUTATE_REPLY,
};

typedef boolean_t lb_demux(mach_msg_header_t *, mach_msg_header_t *);

struct lb_case {
	const char *name;
	lb_demux *demux;
	void (*call)(void);
};

extern enum lb_mode lb_mode;
extern lb_demux *lb_server;
/* Changes a message under way; a case may put its own in place of the random one. */
extern void (*lb_disturb)(char *message, size_t *sizep);

uint32_t lb_random(void);
uint32_t lb_below(uint32_t n);
/* A number of elements, up to max; often none at all. */
uint32_t lb_count(uint32_t max);
void lb_fill(void *data, size_t size);
mach_port_t lb_port(void);
/* Source memory: valid to be sent out of line; gone when the case ends. */
void *lb_alloc(size_t size);
void lb_same(const char *what, const void *got, const void *expected, size_t size);
void lb_touch(const void *data, size_t size);
void lb_check(const char *what, int ok);
/* Give up rights that were delivered (null names are none). */
void lb_consume(const mach_port_t *names, size_t count);
/* Free delivered memory. */
void lb_release(const void *address, size_t size);
/* What the server function shall answer this time. */
kern_return_t lb_code(void);
int lb_comparing(void);
/* Set by the error procedure of procedures and functions. */
extern int lb_failed;
void MsgError(kern_return_t code);

/* A table of cases for each demultiplexer, ended by a case without a name. */
extern const struct lb_case *const lb_tables[];
extern const size_t lb_table_count;

#endif

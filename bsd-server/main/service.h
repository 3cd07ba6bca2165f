/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The service loop: server threads receive requests on one port set, run them
 * under the master lock and answer. Ports carry a protected payload by which
 * the receiver knows what a message is for: a thread's handle (see thread.h)
 * or one of the few below.
 *
 * Life: service_init, then service_start; there is always one thread that
 * receives. Making one costs as much as ten requests, so idle ones stay as
 * long as they have work now and then: four times a second those that had
 * none, beyond SERVICE_IDLE_MAX, are sent home by a message.
 * Locks: the master lock.
 */
#ifndef MAIN_SERVICE_H
#define MAIN_SERVICE_H

#include <mach.h>
#include <stdbool.h>
#include <stdint.h>

/* Payloads of the server's own ports; thread handles are above. */
#define SERVICE_PAYLOAD_EXCEPTION 1
#define SERVICE_PAYLOAD_NOTIFY    2
#define SERVICE_PAYLOAD_RETIRE    3
#define SERVICE_PAYLOAD_THREADS   0x100000000ULL

#define SERVICE_IDLE_MAX 4

extern mach_port_t service_exception_port;
extern mach_port_t service_notify_port;

/* Make the port set and the server's own ports. */
kern_return_t service_init(void);

/*
 * A new receive right in the set, with its payload and a send right of the
 * server's under the same name.
 */
kern_return_t service_port_create(uint64_t payload, mach_port_t *portp);
void service_port_destroy(mach_port_t port);

/* Start the first receiving thread. */
bool service_start(void);

/* The calling thread is going to sleep: see that somebody receives. */
void service_blocking(void);

/* Print on the kernel's console; for messages of the server itself. */
void service_print(const char *line);

/*
 * The server goes before its clients. service_priority_init gets the right to
 * say so; service_priority_raise says it for the calling thread.
 */
void service_priority_init(mach_port_t host_priv);
void service_priority_raise(void);

/* sync.c */
void sync_init(void);

/* Memory (memory.c): zeroed, or null. */
void *bsd_alloc(size_t size);
void bsd_free(void *memory, size_t size);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* See loopback.h.  LOOPBACK_OSF chooses the untyped dialect. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loopback.h"

#define FAULT "\nloopback: "

enum lb_mode lb_mode;
lb_demux *lb_server;
int lb_failed;

static uint64_t random_state = 1;
static const char *current = "-";
static int serving;   /* the server runs: its memory is seen, not the client's */
static int disturbed; /* the message under way is not what its sender wrote */
static int send_refused;
static unsigned long rights_live;
static unsigned long cases_run;
static unsigned long messages;
static unsigned long rejected;
static unsigned long accepted;
static unsigned long reached; /* disturbed messages that the kernel let pass */

/* ---- memory ------------------------------------------------------------------ */

struct region {
	struct region *next;
	char *data;
	size_t size;
	int delivered;
	int serving; /* whose: each task sees its own memory alone */
};

static struct region *regions;

static void
die(const char *what)
{
	fprintf(stderr, FAULT "%s: %s (mode %d)\n", current, what, (int)lb_mode);
	abort();
}

uint32_t
lb_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 16);
}

uint32_t
lb_below(uint32_t n)
{
	return n == 0 ? 0 : lb_random() % n;
}

uint32_t
lb_count(uint32_t max)
{
	return lb_below(8) == 0 ? 0 : lb_below(max + 1);
}

void
lb_fill(void *data, size_t size)
{
	unsigned char *p = data;

	for (; size >= 4; p += 4, size -= 4) {
		uint32_t word = lb_random();

		__builtin_memcpy(p, &word, 4);
	}
	while (size-- != 0)
		*p++ = (unsigned char)lb_random();
}

mach_port_t
lb_port(void)
{
	return lb_below(8) == 0 ? 0 : 1 + lb_below(100000);
}

static char *
region_create(size_t size, int delivered)
{
	struct region *r = malloc(sizeof(*r));

	r->data = malloc(size != 0 ? size : 1);
	r->size = size;
	r->delivered = delivered;
	r->serving = serving;
	r->next = regions;
	regions = r;
	return r->data;
}

void *
lb_alloc(size_t size)
{
	return region_create(size, 0);
}

static struct region *
region_find(const void *address, size_t size)
{
	for (struct region *r = regions; r != NULL; r = r->next)
		if (r->serving == serving && (uintptr_t)address >= (uintptr_t)r->data &&
		    (uintptr_t)address - (uintptr_t)r->data <= r->size &&
		    size <= r->size - ((uintptr_t)address - (uintptr_t)r->data))
			return r;
	return NULL;
}

static void
region_free(struct region *region)
{
	struct region **link = &regions;

	while (*link != region)
		link = &(*link)->next;
	*link = region->next;
	free(region->data);
	free(region);
}

void
lb_release(const void *address, size_t size)
{
	struct region *r;

	if (size == 0 && address == NULL)
		return;
	r = region_find(address, size);
	if (r == NULL || (char *)(uintptr_t)address != r->data || r->size != size)
		die("memory freed that was not delivered, or twice");
	region_free(r);
}

void
mig_deallocate_bytes(uintptr_t address, size_t size)
{
	lb_release((const void *)address, size);
}

#ifdef LOOPBACK_OSF
void
mig_allocate(vm_address_t *addrp, vm_size_t size)
{
	/* A disturbed reply may leave what its server would have given up. */
	*addrp = (vm_address_t)(uintptr_t)region_create(size, !serving || lb_comparing());
}

void
mig_deallocate(vm_address_t addr, vm_size_t size)
{
	mig_deallocate_bytes(addr, size);
}

const unsigned header_bytes = 24;
NDR_record_t NDR_record = { .int_rep = 1 };
mach_port_t
mig_get_special_reply_port(void)
{
	return 98;
}
#else
kern_return_t
mig_allocate(vm_address_t *addrp, vm_size_t size)
{
	*addrp = (vm_address_t)(uintptr_t)region_create(size, 1);
	return KERN_SUCCESS;
}

kern_return_t
mig_deallocate(vm_address_t addr, vm_size_t size)
{
	mig_deallocate_bytes(addr, size);
	return KERN_SUCCESS;
}
#endif

mach_port_t
mig_get_reply_port(void)
{
	return 99;
}

void
mig_put_reply_port(mach_port_t port)
{
	(void)port;
}

void
mig_dealloc_reply_port(mach_port_t port)
{
	(void)port;
}

/* ---- comparing ------------------------------------------------------------------ */

void
MsgError(kern_return_t code)
{
	lb_failed = code != KERN_SUCCESS;
}

int
lb_comparing(void)
{
	return lb_mode == LB_EXACT || lb_mode == LB_ERROR;
}

void
lb_check(const char *what, int ok)
{
	if (lb_comparing() && !ok)
		die(what);
}

void
lb_touch(const void *data, size_t size)
{
	static volatile unsigned char sink __attribute__((unused));
	const unsigned char *p = data;
	unsigned char sum = 0;

	for (size_t i = 0; i < size; i++)
		sum ^= p[i];
	sink = sum;
}

void
lb_same(const char *what, const void *got, const void *expected, size_t size)
{
	lb_touch(got, size);
	if (lb_comparing() && size != 0 && memcmp(got, expected, size) != 0)
		die(what);
}

void
lb_consume(const mach_port_t *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (names[i] != 0) {
			if (rights_live == 0)
				die("a right is given up twice");
			rights_live--;
		}
}

kern_return_t
lb_code(void)
{
	if (lb_mode == LB_ERROR)
		return KERN_FAILURE;
	return lb_mode != LB_EXACT && lb_below(4) == 0 ? KERN_FAILURE : KERN_SUCCESS;
}

/* ---- translation ------------------------------------------------------------------ */

static unsigned
received_name(unsigned name)
{
	return name == 16 ? 16 : name == 18 || name == 21 ? 18 : 17;
}

static int
is_right(unsigned name)
{
	return name >= 16 && name <= 21;
}

static void
rights_deliver(const uint32_t *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rights_live += names[i] != 0;
}

/*
 * The sender gives memory up.  A disturbed message may name any memory of its
 * sender, which still uses it: that stays readable until the case ends.
 */
static void
region_give_up(struct region *region)
{
	if (disturbed)
		region->delivered = 0;
	else
		region_free(region);
}

/* Copy memory of the task that runs to the other one; 0 when it is not there. */
static int
memory_copy(uint64_t *addressp, size_t size, int dealloc)
{
	struct region *source;
	char *copy;

	if (size == 0) {
		*addressp = 0;
		return 1;
	}
	source = region_find((const void *)(uintptr_t)*addressp, size);
	if (source == NULL)
		return 0;
	serving = !serving;
	copy = region_create(size, 1);
	serving = !serving;
	memcpy(copy, (const void *)(uintptr_t)*addressp, size);
	if (dealloc && source->data == (char *)(uintptr_t)*addressp)
		region_give_up(source);
	*addressp = (uint64_t)(uintptr_t)copy;
	return 1;
}

static uint32_t
get32(const char *p)
{
	uint32_t value;

	memcpy(&value, p, 4);
	return value;
}

static void
put32(char *p, uint32_t value)
{
	memcpy(p, &value, 4);
}

static uint64_t
get64(const char *p)
{
	uint64_t value;

	memcpy(&value, p, 8);
	return value;
}

static void
put64(char *p, uint64_t value)
{
	memcpy(p, &value, 8);
}

enum walk { WALK_SEND, WALK_DESTROY };

static int walk_body(char *message, size_t size, enum walk walk);

/* What was translated before the send failed is the receiver's already. */
static void
walk_undo(char *message, size_t size)
{
	serving = !serving;
	walk_body(message, size, WALK_DESTROY);
	serving = !serving;
}

#ifdef LOOPBACK_OSF

static int
walk_memory(char *d, enum walk walk, size_t element, int is_ports)
{
	uint64_t address = get64(d);
	uint32_t count = get32(d + 12);
	unsigned dealloc = (unsigned char)d[8];
	unsigned name = (unsigned char)d[10];

	if (walk == WALK_DESTROY) {
		if (is_ports)
			lb_consume((const mach_port_t *)(uintptr_t)address, count);
		if (count != 0)
			lb_release((const void *)(uintptr_t)address, (size_t)count * element);
		return 1;
	}
	if (is_ports && !is_right(name))
		return 0;
	if (!memory_copy(&address, (size_t)count * element, dealloc != 0))
		return 0;
	if (is_ports) {
		rights_deliver((const uint32_t *)(uintptr_t)address, count);
		d[10] = (char)received_name(name);
	}
	d[8] = 1;
	put64(d, address);
	return 1;
}

static int
walk_body(char *message, size_t size, enum walk walk)
{
	size_t offset = 28;
	uint32_t count = get32(message + 24);
	uint32_t done;

	if (size < 28)
		return 0;
	for (done = 0; done < count; done++) {
		char *d = message + offset;
		unsigned type;

		if (offset + 12 > size)
			break;
		type = (unsigned char)d[11];
		if (type == 0) {
			unsigned name = (unsigned char)d[10];

			if (walk == WALK_DESTROY) {
				uint32_t port = get32(d);

				lb_consume(&port, 1);
			} else {
				uint32_t port = get32(d);

				if (!is_right(name))
					break;
				rights_deliver(&port, 1);
				d[10] = (char)received_name(name);
				put32(d + 4, 0);
			}
			offset += 12;
			continue;
		}
		if (type > 2 || offset + 16 > size ||
		    !walk_memory(d, walk, type == 2 ? 4 : 1, type == 2))
			break;
		offset += 16;
	}
	if (done == count)
		return 1;
	if (walk == WALK_SEND && done != 0) {
		put32(message + 24, done);
		walk_undo(message, size);
	}
	return 0;
}

#else

static const unsigned header_bytes = 32;

static int
walk_item(char *d, uint32_t low, uint32_t number, size_t bytes, enum walk walk)
{
	unsigned name = low & 0xff;
	int in_line = (low & 0x20000000u) != 0;
	uint64_t address;

	if (in_line) {
		for (uint32_t i = 0; is_right(name) && i < number; i++) {
			uint32_t port = get32(d + 8 + 8 * (size_t)i);

			if (walk == WALK_DESTROY)
				lb_consume(&port, 1);
			else
				rights_deliver(&port, 1);
			put32(d + 12 + 8 * (size_t)i, 0);
		}
		return 1;
	}
	address = get64(d + 8);
	if (walk == WALK_DESTROY) {
		if (is_right(name))
			lb_consume((const mach_port_t *)(uintptr_t)address, number);
		if (bytes != 0)
			lb_release((const void *)(uintptr_t)address, bytes);
		return 1;
	}
	if (!memory_copy(&address, bytes, (low & 0x80000000u) != 0))
		return 0;
	if (is_right(name))
		rights_deliver((const uint32_t *)(uintptr_t)address, number);
	put64(d + 8, address);
	return 1;
}

/* Sheet 2.6 and 2.7: descriptors front to back. */
static int
walk_body(char *message, size_t size, enum walk walk)
{
	size_t offset = 32;
	int complex = 0;

	while (offset < size) {
		char *d = message + offset;
		uint32_t low, number;
		size_t bytes, step;
		unsigned name;

		if (size - offset < 8)
			break;
		low = get32(d);
		number = get32(d + 4);
		name = low & 0xff;
		bytes = (size_t)(((uint64_t)number * ((low >> 8) & 0xffff) + 7) / 8);
		step = (low & 0x20000000u) != 0 ? (bytes + 7) & ~(size_t)7 : 8;
		if (step > size - offset - 8 || (low & 0x1f000000u) != 0)
			break;
		if ((low & 0x20000000u) != 0 && (low & 0x80000000u) != 0)
			break;
		if (is_right(name) && ((low >> 8) & 0xffff) != ((low & 0x20000000u) != 0 ? 64 : 32))
			break;
		if (!walk_item(d, low, number, bytes, walk))
			break;
		complex |= is_right(name) || (low & 0x20000000u) == 0;
		if (walk == WALK_SEND && is_right(name))
			low = (low & ~0xffu) | received_name(name);
		if (walk == WALK_SEND && (low & 0x20000000u) == 0)
			low |= 0x80000000u;
		put32(d, low);
		offset += 8 + step;
	}
	if (offset != size && walk == WALK_SEND) {
		walk_undo(message, offset);
		return 0;
	}
	if (walk == WALK_SEND && !complex)
		put32(message, get32(message) & 0x7fffffffu);
	return 1;
}

#endif

void
mach_msg_destroy(mach_msg_header_t *msg)
{
	char *message = (char *)msg;

	/* A stub gives up what was not sent: rights of the sender, not counted here. */
	if (send_refused) {
		send_refused = 0;
		return;
	}
	if ((get32(message) & MACH_MSGH_BITS_COMPLEX) != 0)
		walk_body(message, get32(message + 4), WALK_DESTROY);
}

/* ---- one call ------------------------------------------------------------------------ */

#define TRAILER 68
/* mutate() makes a message longer by three times 248 bytes at most. */
#define LONGER  1024

static void
mutate(char *message, size_t *sizep)
{
	size_t size = *sizep;
	unsigned changes = 1 + lb_below(3);

	while (changes-- != 0) {
		size_t at = lb_below(3) == 0
		    ? lb_below((uint32_t)size)
		    : header_bytes + lb_below((uint32_t)(size - header_bytes) + 1);

		switch (lb_below(8)) {
		case 0:
			size = header_bytes + (lb_below((uint32_t)(size - header_bytes) + 1) & ~7u);
			break;
		case 1:
			size = (size + 8 * lb_below(32)) & ~(size_t)7;
			break;
		case 2:
			put32(message, get32(message) ^ 0x80000000u);
			break;
		case 3:
			at &= ~(size_t)3;
			if (at + 4 <= size)
				put32(message + at, lb_below(2) ? lb_random() : 0xffffffffu);
			break;
		case 4:
			at &= ~(size_t)3;
			if (at + 4 <= size)
				put32(message + at, get32(message + at) + 1 - lb_below(3));
			break;
		case 5:
			at &= ~(size_t)3;
			if (at + 4 <= size)
				put32(message + at, get32(message + at) ^ (1u << lb_below(32)));
			break;
		default:
			if (at < size)
				message[at] = (char)lb_random();
		}
	}
	*sizep = size;
}

void (*lb_disturb)(char *message, size_t *sizep) = mutate;

static void
trailer_put(char *at, const char *message)
{
	memset(at, 0, TRAILER);
	put32(at + 4, TRAILER);
	put32(at + 8, 77);
	put32(at + 12, 1001);
	put32(at + 16, 1002);
	(void)message;
}

/* No byte behind the data of an item may come from somebody's stack. */
static void
check_padding(const char *message, size_t size)
{
#ifndef LOOPBACK_OSF
	for (size_t offset = 32; offset + 8 <= size;) {
		uint32_t low = get32(message + offset);
		size_t bytes =
		    (size_t)(((uint64_t)get32(message + offset + 4) * ((low >> 8) & 0xffff) + 7) /
			8);
		size_t end;

		if ((low & 0x20000000u) == 0)
			bytes = 8;
		end = (bytes + 7) & ~(size_t)7;
		for (size_t i = bytes; i < end; i++)
			lb_check("padding is not zero", message[offset + 8 + i] == 0);
		for (size_t i = 0; is_right(low & 0xff) && (low & 0x20000000u) != 0 && i < bytes;
		     i += 8)
			lb_check("half a slot is not zero", get32(message + offset + 12 + i) == 0);
		offset += 8 + end;
	}
	lb_check("halves of header slots are not zero",
	    get32(message + 12) == 0 && get32(message + 20) == 0 && get32(message + 24) == 0);
#else
	(void)message;
	(void)size;
#endif
}

static char *
deliver(const char *from, size_t size, int mutating)
{
	char *message = malloc(size + LONGER);
	char *exact;

	disturbed = mutating;
	if (lb_comparing())
		check_padding(from, size);
	memcpy(message, from, size);
	memset(message + size, 0, LONGER);
	if (mutating)
		lb_disturb(message, &size);
	put32(message + 4, (uint32_t)size);
	if ((get32(message) & MACH_MSGH_BITS_COMPLEX) != 0 &&
	    !walk_body(message, size, WALK_SEND)) {
		free(message);
		return NULL;
	}
	/* Behind the message nothing is readable: the sanitizer sees each step too far. */
#ifdef LOOPBACK_OSF
	exact = malloc(((size + 3) & ~(size_t)3) + TRAILER);
	trailer_put(exact + ((size + 3) & ~(size_t)3), message);
#else
	exact = malloc(size);
#endif
	memcpy(exact, message, size);
	free(message);
	(void)trailer_put;
	reached += (unsigned long)mutating;
	return exact;
}

static kern_return_t
reply_code(const char *reply)
{
#ifdef LOOPBACK_OSF
	return (get32(reply) & MACH_MSGH_BITS_COMPLEX) != 0 ? 0 : (kern_return_t)get32(reply + 32);
#else
	return (kern_return_t)get32(reply + 40);
#endif
}

/* Padding, unused halves of slots: whatever a server leaves must be its own. */
static char reply_buffer[1 << 16] __attribute__((aligned(16)));

static size_t
serve(const char *sent, size_t size)
{
	char *request = deliver(sent, size, lb_mode == LB_MUTATE_REQUEST);
	uint32_t bits;

	messages++;
	if (request == NULL) {
		lb_check("the kernel refuses the request", 0);
		return 0;
	}
	/* The receiver's view: remote is the reply port, local the request port. */
	bits = get32(request);
#ifdef LOOPBACK_OSF
	put32(request + 8, get32(sent + 12));
	put32(request + 12, get32(sent + 8));
#else
	put64(request + 8, get64(sent + 16));
	put64(request + 16, get64(sent + 8));
#endif
	put32(request, (bits & 0xffff0000u) | ((bits >> 8) & 0xff ? 18u : 0u) | 17u << 8);
	/* Only an undisturbed reply is searched for bytes that nobody wrote. */
	memset(reply_buffer, 0xa5, lb_comparing() ? 8192 : 64);
	serving = 1;
	if (!lb_server(
		(mach_msg_header_t *)(void *)request, (mach_msg_header_t *)(void *)reply_buffer))
		lb_check("the demultiplexer does not know the id", 0);
	if (reply_code(reply_buffer) != KERN_SUCCESS) {
		rejected++;
		mach_msg_destroy((mach_msg_header_t *)(void *)request);
	} else {
		accepted++;
	}
	serving = 0;
	free(request);
	return get32(reply_buffer + 4);
}

mach_msg_return_t
mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	size_t size;
	char *reply;

	(void)rcv_name;
	(void)timeout;
	(void)notify;
	if ((option & MACH_SEND_MSG) != 0) {
		lb_check("size in the header differs from the send size",
		    get32((char *)msg + 4) == send_size);
		size = serve((char *)msg, send_size);
		send_refused = size == 0;
		if (size == 0)
			return 0x10000002;
	} else {
		size = get32(reply_buffer + 4);
	}
	if ((option & MACH_RCV_MSG) == 0) {
		if (reply_code(reply_buffer) == KERN_SUCCESS)
			return MACH_MSG_SUCCESS;
		lb_check("a simpleroutine was refused", lb_mode == LB_ERROR);
		return MACH_MSG_SUCCESS;
	}
	serving = 1;
	reply = deliver(reply_buffer, size, lb_mode == LB_MUTATE_REPLY);
	serving = 0;
	if (reply == NULL) {
		lb_check("the kernel refuses the reply", 0);
		return 0x10004009;
	}
	size = get32(reply + 4);
	if (size > rcv_size) {
		lb_check("the reply does not fit the stub's buffer", 0);
		mach_msg_destroy((mach_msg_header_t *)(void *)reply);
		free(reply);
		return 0x10004004;
	}
	memcpy(msg, reply, size);
#ifdef LOOPBACK_OSF
	if (((size + 3) & ~(size_t)3) + TRAILER <= rcv_size)
		memcpy((char *)msg + ((size + 3) & ~(size_t)3), reply + ((size + 3) & ~(size_t)3),
		    TRAILER);
#endif
	free(reply);
	return MACH_MSG_SUCCESS;
}

static void
case_run(const struct lb_case *c)
{
	struct region *r, *next;

	current = c->name;
	send_refused = 0;
	lb_server = c->demux;
	c->call();
	cases_run++;
	if (rights_live != 0)
		die("rights are left over");
	for (r = regions; r != NULL; r = next) {
		next = r->next;
		if (r->delivered)
			die("delivered memory is left over");
		region_free(r);
	}
}

static void
case_rounds(const struct lb_case *c, unsigned long rounds, unsigned long mutations)
{
	for (unsigned long k = 0; k < rounds; k++) {
		lb_mode = k % 4 == 3 ? LB_ERROR : LB_EXACT;
		case_run(c);
	}
	for (unsigned long k = 0; k < mutations; k++) {
		lb_mode = k % 2 != 0 ? LB_MUTATE_REPLY : LB_MUTATE_REQUEST;
		case_run(c);
	}
}

/* Give up on a direction once so many turns reached nobody (one-way routines have no replies). */
#define IDLE_TURNS 1000

/* `each` disturbed messages that reach the demultiplexer, then the user stubs. */
static void
demux_disturb(const struct lb_case *cases, enum lb_mode mode, unsigned long each)
{
	unsigned long start = reached;
	unsigned idle = 0;

	lb_mode = mode;
	while (reached - start < each && idle < IDLE_TURNS) {
		unsigned long before = reached;

		for (const struct lb_case *c = cases; c->name != NULL; c++)
			case_run(c);
		idle = reached == before ? idle + 1 : 0;
	}
	if (mode == LB_MUTATE_REQUEST && reached - start < each)
		die("hardly any disturbed request reaches the demultiplexer");
}

static void
random_start(uint64_t seed)
{
	random_state = (seed + 1) * 0x9e3779b97f4a7c15u | 1;
}

/*
 * Each demultiplexer for itself, from a start of its own; this process takes
 * every `parts`th from `part` on.
 */
static void
demuxes_run(uint64_t seed, unsigned long each, unsigned long replies, size_t part, size_t parts)
{
	unsigned long requests = 0;
	size_t demuxes = 0;

	for (size_t i = part; i < lb_table_count; i += parts) {
		unsigned long start = reached;

		if (lb_tables[i]->name == NULL)
			continue;
		random_start(seed + i);
		demux_disturb(lb_tables[i], LB_MUTATE_REQUEST, each);
		requests += reached - start;
		demux_disturb(lb_tables[i], LB_MUTATE_REPLY, replies);
		demuxes++;
	}
	printf("%zu demultiplexers, at least %lu disturbed requests to each, %lu in all, "
	       "%lu disturbed replies; %lu accepted, %lu refused or failed\n",
	    demuxes, each, requests, reached - requests, accepted, rejected);
}

static void
routines_run(unsigned long rounds, unsigned long mutations)
{
	size_t routines = 0;

	for (size_t i = 0; i < lb_table_count; i++)
		for (const struct lb_case *c = lb_tables[i]; c->name != NULL; c++) {
			case_rounds(c, rounds, mutations);
			routines++;
		}
	printf("%zu routines, %lu calls, %lu messages, %lu accepted, %lu refused or failed\n",
	    routines, cases_run, messages, accepted, rejected);
}

/* ROUNDS MUTATIONS SEED: so many for each routine. With EACH REPLIES PART PARTS: demuxes_run. */
int
main(int argc, char **argv)
{
	unsigned long n[8] = { 0, 20, 200, 1, 0, 0, 0, 1 };

	for (int i = 1; i < argc && i < 8; i++)
		n[i] = strtoul(argv[i], NULL, 0);
	random_start(n[3]);
	if (argc > 4)
		demuxes_run(n[3], n[4], n[5], n[6], n[7] != 0 ? n[7] : 1);
	else
		routines_run(n[1], n[2]);
	return 0;
}

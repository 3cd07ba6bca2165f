/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every pair of (what a name holds, what is asked of it), against a model
 * written from the sheet (2.3, 3.2, 3.10), with the tables of ipc_right.c as
 * the list of what can be asked.
 */
#include "fixture.h"

/* What a name can hold. */
enum held {
	H_NONE,
	H_SEND,
	H_SEND2,
	H_RECEIVE,
	H_RECEIVE_SEND,
	H_RECEIVE_SEND2,
	H_SONCE,
	H_SET,
	H_DEAD,
	H_DEAD2,
	H_COUNT
};

struct situation {
	struct ipc_space *owner; /* of the receive right */
	mach_port_name_t port;   /* there */
	struct ipc_space *space; /* where the name is */
	mach_port_name_t name;
};

static void
situation_make(struct situation *s, enum held held)
{
	bool own = held == H_RECEIVE || held == H_RECEIVE_SEND || held == H_RECEIVE_SEND2;
	int i,
	    sends = held == H_SEND || held == H_RECEIVE_SEND ? 1
	    : held == H_SEND2 || held == H_RECEIVE_SEND2     ? 2
							     : 0;

	s->space = fix_space_create();
	s->owner = own ? s->space : fix_space_create();
	s->port = fix_receive(s->owner);
	s->name = own ? s->port : 77;
	for (i = 0; i < sends; i++)
		s->name = fix_give(s->owner, s->port, MACH_MSG_TYPE_MAKE_SEND, s->space);
	if (held == H_SONCE)
		s->name = fix_give(s->owner, s->port, MACH_MSG_TYPE_MAKE_SEND_ONCE, s->space);
	if (held == H_SET)
		s->name = fix_pset(s->space);
	if (held == H_DEAD || held == H_DEAD2) {
		assert_int_equal(
		    mach_port_allocate(s->space, MACH_PORT_RIGHT_DEAD_NAME, &s->name), 0);
		if (held == H_DEAD2)
			assert_int_equal(
			    mach_port_mod_refs(s->space, s->name, MACH_PORT_RIGHT_DEAD_NAME, 1), 0);
	}
}

static void
situation_end(struct situation *s)
{
	if (s->owner != s->space)
		fix_space_destroy(s->owner);
	fix_space_destroy(s->space);
}

/* Type and user references of a name, as one number. */
static uint32_t
holds(struct ipc_space *space, mach_port_name_t name)
{
	mach_port_type_t type = fix_type(space, name);
	mach_port_right_t counted =
	    type & MACH_PORT_TYPE_DEAD_NAME ? MACH_PORT_RIGHT_DEAD_NAME : MACH_PORT_RIGHT_SEND;

	return type | fix_refs(space, name, counted);
}

#define T(x) MACH_PORT_TYPE_##x

static const uint32_t held_value[H_COUNT] = {
	[H_NONE] = 0,
	[H_SEND] = T(SEND) | 1,
	[H_SEND2] = T(SEND) | 2,
	[H_RECEIVE] = T(RECEIVE),
	[H_RECEIVE_SEND] = T(SEND_RECEIVE) | 1,
	[H_RECEIVE_SEND2] = T(SEND_RECEIVE) | 2,
	[H_SONCE] = T(SEND_ONCE),
	[H_SET] = T(PORT_SET),
	[H_DEAD] = T(DEAD_NAME) | 1,
	[H_DEAD2] = T(DEAD_NAME) | 2,
};

#define BAD 0xffffffffu /* refused, nothing changes */

/* What the name holds after it gave a right by each disposition (16..21). */
static const uint32_t after_copyin[H_COUNT][6] = {
	/*                MOVE_RECV        MOVE_SEND            MOVE_SONCE COPY_SEND         MAKE_SEND        MAKE_SONCE */
	[H_NONE] = { BAD, BAD, BAD, BAD, BAD, BAD },
	[H_SEND] = { BAD, 0, BAD, T(SEND) | 1, BAD, BAD },
	[H_SEND2] = { BAD, T(SEND) | 1, BAD, T(SEND) | 2, BAD, BAD },
	[H_RECEIVE] = { 0, BAD, BAD, BAD, T(RECEIVE), T(RECEIVE) },
	[H_RECEIVE_SEND] = { T(SEND) | 1, T(RECEIVE), BAD, T(SEND_RECEIVE) | 1, T(SEND_RECEIVE) | 1,
	    T(SEND_RECEIVE) | 1 },
	[H_RECEIVE_SEND2] = { T(SEND) | 2, T(SEND_RECEIVE) | 1, BAD, T(SEND_RECEIVE) | 2,
	    T(SEND_RECEIVE) | 2, T(SEND_RECEIVE) | 2 },
	[H_SONCE] = { BAD, BAD, 0, BAD, BAD, BAD },
	[H_SET] = { BAD, BAD, BAD, BAD, BAD, BAD },
	[H_DEAD] = { BAD, 0, 0, T(DEAD_NAME) | 1, BAD, BAD },
	[H_DEAD2] = { BAD, T(DEAD_NAME) | 1, T(DEAD_NAME) | 1, T(DEAD_NAME) | 2, BAD, BAD },
};

/* One cell: the right goes in a message body from `space` to the test. */
static void
check_copyin(enum held held, const struct ipc_copyin_rule *rule)
{
	uint32_t expected = after_copyin[held][rule->disposition - MACH_MSG_TYPE_MOVE_RECEIVE];
	bool dead = held == H_DEAD || held == H_DEAD2;
	struct user_msg *msg = fix_msg();
	struct situation s;
	mach_port_name_t inbox = fix_receive(fix_space), to;
	uint32_t size;
	mach_msg_return_t mr;

	situation_make(&s, held);
	assert_int_equal(holds(s.space, s.name), held_value[held]);
	to = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, s.space);
	fix_header(
	    msg, MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), to, 0, 5);
	size = fix_add_ports(msg, 32, rule->disposition, &s.name, 1);
	mr = fix_mach_msg_as(s.space, msg, MACH_SEND_MSG, size, 0, 0, 0, 0);
	if (expected == BAD) {
		assert_int_equal(mr, MACH_SEND_INVALID_RIGHT);
		assert_int_equal(holds(s.space, s.name), held_value[held]);
	} else {
		assert_int_equal(mr, MACH_MSG_SUCCESS);
		assert_int_equal(holds(s.space, s.name), expected);
		assert_int_equal(fix_poll(fix_space, inbox, msg), 0);
		assert_int_equal(msg->bytes[32], rule->result);
		if (dead)
			assert_int_equal(msg->words[5], MACH_PORT_DEAD);
		else
			assert_int_equal(fix_type(fix_space, (mach_port_name_t)msg->words[5]),
			    MACH_PORT_TYPE(rule->result == 16 ? MACH_PORT_RIGHT_RECEIVE
				    : rule->result == 17      ? MACH_PORT_RIGHT_SEND
							      : MACH_PORT_RIGHT_SEND_ONCE));
	}
	situation_end(&s);
	assert_int_equal(mach_port_destroy(fix_space, inbox), 0);
	fix_user_free(msg);
}

static void
copyin_table(void **state)
{
	mach_msg_type_name_t disposition;
	enum held held;
	unsigned rules = 0;

	(void)state;
	for (disposition = 0; disposition < 256; disposition++) {
		if (ipc_copyin_rule(disposition) == NULL)
			continue;
		rules++;
		for (held = H_NONE; held < H_COUNT; held++)
			check_copyin(held, ipc_copyin_rule(disposition));
	}
	assert_int_equal(rules, 6);
}

/* The same dispositions as destination of a header. */
static void
header_table(void **state)
{
	mach_msg_type_name_t disposition;
	enum held held;

	(void)state;
	for (disposition = 0; disposition < 256; disposition++) {
		for (held = H_NONE; held < H_COUNT; held++) {
			bool valid = disposition >= 17 && disposition <= 21;
			bool dead = held == H_DEAD || held == H_DEAD2;
			uint32_t expected =
			    valid && !dead ? after_copyin[held][disposition - 16] : BAD;
			struct situation s;
			mach_msg_return_t mr;

			if (disposition > 24 && disposition % 37 != 0)
				continue;
			situation_make(&s, held);
			mr = fix_send_id(s.space, s.name, disposition, 1);
			if (expected != BAD)
				assert_int_equal(mr, MACH_MSG_SUCCESS);
			else
				assert_int_equal(
				    mr, valid ? MACH_SEND_INVALID_DEST : MACH_SEND_INVALID_HEADER);
			assert_int_equal(
			    holds(s.space, s.name), expected == BAD ? held_value[held] : expected);
			situation_end(&s);
		}
	}
}

/* And as reply port. */
static void
reply_table(void **state)
{
	mach_msg_type_name_t disposition;
	enum held held;

	(void)state;
	for (disposition = 16; disposition < 24; disposition++) {
		for (held = H_NONE; held < H_COUNT; held++) {
			bool valid = disposition >= 17 && disposition <= 21;
			uint32_t expected = valid ? after_copyin[held][disposition - 16] : BAD;
			struct user_msg *msg = fix_msg();
			mach_port_name_t inbox = fix_receive(fix_space), to;
			struct situation s;
			mach_msg_return_t mr;

			situation_make(&s, held);
			to = fix_give(fix_space, inbox, MACH_MSG_TYPE_MAKE_SEND, s.space);
			fix_header(msg, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, disposition), to,
			    s.name, 1);
			mr = fix_mach_msg_as(s.space, msg, MACH_SEND_MSG, 32, 0, 0, 0, 0);
			if (expected != BAD)
				assert_int_equal(mr, MACH_MSG_SUCCESS);
			else
				assert_int_equal(
				    mr, valid ? MACH_SEND_INVALID_REPLY : MACH_SEND_INVALID_HEADER);
			assert_int_equal(
			    holds(s.space, s.name), expected == BAD ? held_value[held] : expected);
			situation_end(&s);
			assert_int_equal(mach_port_destroy(fix_space, inbox), 0);
			fix_user_free(msg);
		}
	}
}

/* mach_port_deallocate: KERN code and what is left. */
static const struct {
	kern_return_t kr;
	uint32_t left;
} after_dealloc[H_COUNT] = {
	[H_NONE] = { KERN_INVALID_NAME, 0 },
	[H_SEND] = { 0, 0 },
	[H_SEND2] = { 0, T(SEND) | 1 },
	[H_RECEIVE] = { KERN_INVALID_RIGHT, T(RECEIVE) },
	[H_RECEIVE_SEND] = { 0, T(RECEIVE) },
	[H_RECEIVE_SEND2] = { 0, T(SEND_RECEIVE) | 1 },
	[H_SONCE] = { 0, 0 },
	[H_SET] = { KERN_INVALID_RIGHT, T(PORT_SET) },
	[H_DEAD] = { 0, 0 },
	[H_DEAD2] = { 0, T(DEAD_NAME) | 1 },
};

static void
dealloc_table(void **state)
{
	enum held held;

	(void)state;
	for (held = H_NONE; held < H_COUNT; held++) {
		struct situation s;

		situation_make(&s, held);
		assert_int_equal(mach_port_deallocate(s.space, s.name), after_dealloc[held].kr);
		assert_int_equal(holds(s.space, s.name), after_dealloc[held].left);
		situation_end(&s);
	}
}

/* mach_port_mod_refs for every right and delta: a model in four lines. */
static kern_return_t
model_mod_refs(uint32_t value, mach_port_right_t right, int delta, uint32_t *left)
{
	bool counted = right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME;
	int64_t refs = counted ? value & 0xffff : 1;

	*left = value;
	if (value == 0)
		return KERN_INVALID_NAME;
	if (!(value & MACH_PORT_TYPE(right)))
		return KERN_INVALID_RIGHT;
	refs += delta;
	if (refs < 0 || (!counted && refs > 1))
		return KERN_INVALID_VALUE;
	if (refs > (right == MACH_PORT_RIGHT_SEND ? 65534 : 65535))
		return KERN_UREFS_OVERFLOW;
	if (counted)
		*left = (value & ~0xffffu) | (uint32_t)refs;
	if (refs != 0)
		return KERN_SUCCESS;
	*left &= ~MACH_PORT_TYPE(right);
	if (right == MACH_PORT_RIGHT_RECEIVE && (value & T(SEND)))
		*left = T(DEAD_NAME) | (value & 0xffff);
	return KERN_SUCCESS;
}

static void
delta_table(void **state)
{
	static const int deltas[] = { 0, 1, -1, 2, -2, -3, 65532, 65533, 65534, 65535, INT32_MAX,
		INT32_MIN };
	mach_port_right_t right;
	enum held held;
	unsigned i;

	(void)state;
	for (held = H_NONE; held < H_COUNT; held++)
		for (right = 0; right < MACH_PORT_RIGHT_NUMBER; right++)
			for (i = 0; i < sizeof(deltas) / sizeof(*deltas); i++) {
				struct situation s;
				uint32_t left;
				kern_return_t kr;

				situation_make(&s, held);
				kr = model_mod_refs(held_value[held], right, deltas[i], &left);
				assert_int_equal(
				    mach_port_mod_refs(s.space, s.name, right, deltas[i]), kr);
				assert_int_equal(holds(s.space, s.name), left);
				situation_end(&s);
			}
	assert_int_equal(mach_port_mod_refs(fix_space, 1, 5, 0), KERN_INVALID_VALUE);
}

static void
destroy_and_get_refs(void **state)
{
	enum held held;

	(void)state;
	for (held = H_NONE; held < H_COUNT; held++) {
		struct situation s;
		mach_port_right_t right;
		mach_port_urefs_t refs;

		situation_make(&s, held);
		for (right = 0; right < MACH_PORT_RIGHT_NUMBER; right++) {
			bool has = held_value[held] & MACH_PORT_TYPE(right);
			bool counted =
			    right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME;

			refs = 99;
			assert_int_equal(mach_port_get_refs(s.space, s.name, right, &refs),
			    held == H_NONE ? KERN_INVALID_NAME : KERN_SUCCESS);
			if (held != H_NONE)
				assert_int_equal(refs,
				    !has           ? 0
					: !counted ? 1
						   : held_value[held] & 0xffff);
		}
		assert_int_equal(mach_port_get_refs(s.space, s.name, 5, &refs), KERN_INVALID_VALUE);
		assert_int_equal(mach_port_destroy(s.space, s.name),
		    held == H_NONE ? KERN_INVALID_NAME : KERN_SUCCESS);
		assert_int_equal(holds(s.space, s.name), 0);
		situation_end(&s);
	}
}

/* Port death seen from every kind of name that can see it. */
static void
death(void **state)
{
	static const uint32_t left[H_COUNT] = {
		[H_SEND] = T(DEAD_NAME) | 1,
		[H_SEND2] = T(DEAD_NAME) | 2,
		[H_SONCE] = T(DEAD_NAME) | 1,
	};
	enum held held;

	(void)state;
	for (held = H_NONE; held < H_COUNT; held++) {
		struct situation s;

		situation_make(&s, held);
		assert_int_equal(
		    mach_port_mod_refs(s.owner, s.port, MACH_PORT_RIGHT_RECEIVE, -1), 0);
		if (left[held] != 0)
			assert_int_equal(holds(s.space, s.name), left[held]);
		situation_end(&s);
	}
}

/* One name in both header fields (sheet 2.10). */
static void
same_name(void **state)
{
	/* held, remote, local -> result, what is left */
	static const struct {
		enum held held;
		unsigned remote, local;
		mach_msg_return_t mr;
		uint32_t left;
	} rows[] = {
		{ H_SEND, 17, 19, 0, 0 },
		{ H_SEND, 19, 17, 0, 0 },
		{ H_SEND, 19, 19, 0, T(SEND) | 1 },
		{ H_SEND, 17, 17, MACH_SEND_INVALID_DEST, T(SEND) | 1 },
		{ H_SEND2, 17, 17, 0, 0 },
		{ H_SEND2, 17, 19, 0, T(SEND) | 1 },
		{ H_RECEIVE, 20, 21, 0, T(RECEIVE) },
		{ H_RECEIVE, 21, 21, 0, T(RECEIVE) },
		{ H_RECEIVE_SEND, 17, 20, 0, T(RECEIVE) },
		{ H_RECEIVE_SEND, 20, 17, 0, T(RECEIVE) },
		{ H_RECEIVE_SEND, 17, 19, 0, T(RECEIVE) },
		{ H_RECEIVE_SEND2, 17, 17, 0, T(RECEIVE) },
		{ H_SONCE, 18, 18, MACH_SEND_INVALID_DEST, T(SEND_ONCE) },
		{ H_RECEIVE_SEND, 20, 18, MACH_SEND_INVALID_REPLY, T(SEND_RECEIVE) | 1 },
		{ H_DEAD, 17, 17, MACH_SEND_INVALID_DEST, T(DEAD_NAME) | 1 },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct user_msg *msg = fix_msg();
		struct situation s;

		situation_make(&s, rows[i].held);
		fix_header(msg, MACH_MSGH_BITS(rows[i].remote, rows[i].local), s.name, s.name, 9);
		assert_int_equal(
		    fix_mach_msg_as(s.space, msg, MACH_SEND_MSG, 32, 0, 0, 0, 0), rows[i].mr);
		assert_int_equal(holds(s.space, s.name), rows[i].left);
		situation_end(&s);
		fix_user_free(msg);
	}
}

/* A send right received again and again: pegged at 65534. */
static void
urefs_pegged(void **state)
{
	struct ipc_space *space = fix_space_create();
	mach_port_name_t port = fix_receive(fix_space), name;

	(void)state;
	name = fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space);
	assert_int_equal(mach_port_mod_refs(space, name, MACH_PORT_RIGHT_SEND, 65533), 0);
	assert_int_equal(fix_give(fix_space, port, MACH_MSG_TYPE_MAKE_SEND, space), name);
	assert_int_equal(fix_refs(space, name, MACH_PORT_RIGHT_SEND), 65534);
	assert_int_equal(
	    mach_port_mod_refs(space, name, MACH_PORT_RIGHT_SEND, 1), KERN_UREFS_OVERFLOW);
}

/* Names: fresh ones count up, stale ones are caught, freed slots are reused
 * oldest first (D7). */
static void
generations(void **state)
{
	mach_port_name_t first = fix_receive(fix_space), name = 0, i;

	(void)state;
	assert_int_equal(first, 1);
	assert_int_equal(mach_port_destroy(fix_space, first), 0);
	for (i = 2; i < IPC_ENTRY_CHUNK; i++)
		assert_int_equal(fix_receive(fix_space), i);
	name = fix_receive(fix_space);
	assert_int_equal(name, 1 + IPC_NAME_GENERATION);
	assert_int_equal(fix_type(fix_space, first), 0);
	assert_int_equal(mach_port_deallocate(fix_space, first), KERN_INVALID_NAME);
	assert_int_equal(fix_receive(fix_space), IPC_ENTRY_CHUNK);
}

/* A stale name is caught for as many reuses of its slot as there are
 * generations, and bit 31 is never set. */
static void
generations_wrap(void **state)
{
	uint32_t generations = (IPC_NAME_MASK + 1) / IPC_NAME_GENERATION;
	mach_port_name_t name, first = 0;
	uint32_t i;

	(void)state;
	for (i = 2; i < IPC_ENTRY_CHUNK; i++)
		(void)fix_receive(fix_space);
	for (i = 0; i <= generations; i++) {
		name = fix_receive(fix_space);
		assert_int_equal(name >> 31, 0);
		if (i == 0)
			first = name;
		else
			assert_int_equal(name == first, i == generations);
		assert_int_equal(mach_port_destroy(fix_space, name), 0);
	}
}

/* Names of a caller's choice. */
static void
chosen_names(void **state)
{
	static const mach_port_name_t names[] = { 5, 127, 128, 300, 0x400005, 0x7fffffff,
		0x80000000, 0xfffffffe, 0x400000 };
	mach_port_name_t fresh;
	unsigned i, j;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(
		    mach_port_allocate_name(fix_space, MACH_PORT_RIGHT_RECEIVE, names[i]), 0);
		assert_int_equal(
		    mach_port_allocate_name(fix_space, MACH_PORT_RIGHT_PORT_SET, names[i]),
		    KERN_NAME_EXISTS);
		assert_int_equal(fix_type(fix_space, names[i]), T(RECEIVE));
	}
	/* Fresh names go around them all. */
	for (i = 0; i < 600; i++) {
		fresh = fix_receive(fix_space);
		for (j = 0; j < sizeof(names) / sizeof(*names); j++)
			assert_int_not_equal(fresh, names[j]);
		if (i % 2)
			assert_int_equal(mach_port_destroy(fix_space, fresh), 0);
	}
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(mach_port_destroy(fix_space, names[i]), 0);
		assert_int_equal(fix_type(fix_space, names[i]), 0);
	}
	assert_int_equal(
	    mach_port_allocate_name(fix_space, MACH_PORT_RIGHT_RECEIVE, 0), KERN_INVALID_VALUE);
	assert_int_equal(
	    mach_port_allocate_name(fix_space, MACH_PORT_RIGHT_RECEIVE, ~0u), KERN_INVALID_VALUE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fix_setup, fix_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(copyin_table),
		TEST(header_table),
		TEST(reply_table),
		TEST(dealloc_table),
		TEST(delta_table),
		TEST(destroy_and_get_refs),
		TEST(death),
		TEST(same_name),
		TEST(urefs_pegged),
		TEST(generations),
		TEST(generations_wrap),
		TEST(chosen_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

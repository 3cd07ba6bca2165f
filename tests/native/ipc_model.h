/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipc_model -- what ports, rights, names and messages do, from the ABI sheet
 * (sections 2 and 3) and docs/register-ipc.md alone: the reference that the
 * kernel is compared with.
 *
 * A state is one flat structure that may be copied. Each move of a worker (a
 * thread of a task) changes it and says what the worker gets, at once or when
 * some later move lets it go on. Names that the kernel chooses are 0 until the
 * comparison finds out and binds them. Who moves when is the caller's choice.
 *
 * Knows nothing of the kernel's structures, paths or locks.
 */
#ifndef IPC_MODEL_H
#define IPC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/message.h>
#include <mach/port.h>

#define M_TASKS    3
#define M_PER_TASK 2
#define M_WORKERS  (M_TASKS * M_PER_TASK)
#define M_ENTRIES  48 /* names a task */
#define M_PORTS    64
#define M_SETS     16
#define M_MESSAGES 100
#define M_RIGHTS   2 /* in a body */

/* Instead of a region's size. */
#define M_NO_REGION UINT32_MAX

/* Instead of a port or an entry. */
#define M_NULL (-1)
#define M_DEAD (-2)

/* Who holds a receive right, if no task does. */
#define M_IN_MESSAGE (-3)
#define M_NOBODY     (-4)

struct m_right {
	uint8_t type; /* MACH_MSG_TYPE_PORT_*, 0: none */
	int16_t port;
};

struct m_entry {
	mach_port_name_t name; /* 0: not known yet */
	uint32_t type;         /* MACH_PORT_TYPE_*; 0: free */
	uint32_t urefs;
	int16_t port; /* or set */
	int16_t dead_name_to;
};

struct m_port {
	bool alive;
	int16_t holder;
	int16_t message; /* the one that carries it */
	int16_t set;
	uint8_t queued;
	uint8_t qlimit;
	uint32_t seqno, mscount;
	int16_t no_senders_to, destroyed_to;
};

struct m_set {
	bool alive;
	int16_t task;
};

enum m_state {
	M_FREE,
	M_TAKEN,   /* from the sender's memory, its rights with it */
	M_BLOCKED, /* its sender waits for room */
	M_QUEUED,
	M_DELIVERED, /* the receiver has yet to name its rights */
	M_NOTE,      /* a notification on its way */
};

struct m_message {
	uint8_t state;
	int16_t worker; /* of M_TAKEN, M_BLOCKED, M_DELIVERED */
	int16_t dest;
	uint8_t dest_type;
	uint8_t rights;
	struct m_right reply;
	struct m_right body[M_RIGHTS];
	uint8_t dispositions[M_RIGHTS];
	bool in_registers;    /* sent so */
	bool array;           /* the rights, out of line */
	bool odd;             /* an item that fits no register */
	uint32_t region;      /* out of line: size, or M_NO_REGION */
	uint32_t types;       /* of the words in the body (register-ipc.md 2) */
	int32_t id, other_id; /* either will do */
	uint32_t size;
	uint32_t word;  /* of notifications: name or count; 0: any */
	uint32_t stamp; /* order of arrival */
};

enum m_kind {
	M_RESULT_NONE,    /* not finished */
	M_RESULT_CODE,    /* a code alone */
	M_RESULT_NAME,    /* a code and a name */
	M_RESULT_MESSAGE, /* a received message */
	M_RESULT_HEADER,  /* its header alone */
	M_RESULT_SIZE,    /* its size alone */
	M_RESULT_RETURN,  /* one's own, given back */
	M_RESULT_WORDS,   /* in registers: label and words */
	M_RESULT_REQUEST, /* that, and what reply_wait tells besides */
};

/* What a worker gets. Names are entries of its task, M_NULL or M_DEAD. */
struct m_result {
	uint8_t kind;
	uint32_t code;
	int16_t name;
	struct m_message message; /* contents */
	uint32_t seqno;
	int16_t local;               /* an entry; of messages see below */
	mach_port_name_t local_name; /* of the receive right; 0: any */
	mach_port_name_t local_then; /* when the message was taken: will do */
	int16_t remote;
	uint8_t remote_type;
	int16_t body[M_RIGHTS];
};

/* A thread in the middle of a call. */
enum m_wait_kind {
	M_NO_WAIT,
	M_MUST_TAKE,  /* has taken a message's header, not all of its body */
	M_MUST_QUEUE, /* has taken a message in */
	M_MUST_ASK,   /* has taken a call in */
	M_MUST_GIVE,  /* has answered it, with a right */
	M_SENDS,      /* waits for room */
	M_RECEIVES,   /* waits for a message */
	M_MUST_NAME,  /* has a message */
};

/* What a receiver takes. */
enum m_form { M_BY_MESSAGE, M_BY_CALL, M_BY_REPLY_WAIT };

struct m_wait {
	uint8_t kind;
	uint8_t form;
	int16_t message;
	int16_t port, set; /* received from; M_NULL: the other */
	uint8_t named;     /* of M_MUST_NAME: header, rights of the body */
	bool large;
	uint32_t room;
	uint32_t stamp;
};

enum m_op {
	OP_ALLOCATE,
	OP_DEALLOCATE,
	OP_DESTROY,
	OP_MOD_REFS,
	OP_MOVE_MEMBER,
	OP_QLIMIT,
	OP_MAKE_SEND,
	OP_MAKE_SONCE,
	OP_NOTIFY,
	OP_SEND,
	OP_RECEIVE,
	OP_BOTH, /* OP_SEND, then OP_RECEIVE */
	/* register IPC: a send unless `name` is null, then a receive */
	OP_CALL,       /* to name, reply port local */
	OP_REPLY_WAIT, /* to name; on from, room */
	OP_COUNT,
};

static inline bool
m_has_two_halves(uint8_t op)
{
	return op >= OP_BOTH;
}

/* One call of a worker. */
struct m_order {
	uint8_t op;
	mach_port_name_t name, name2;
	uint32_t right; /* or notification id, queue limit */
	int32_t delta;  /* or sync */
	/* messages */
	int32_t id;
	uint8_t remote_type, local_type, rights;
	mach_port_name_t local;
	uint8_t body_type[M_RIGHTS];
	mach_port_name_t body[M_RIGHTS];
	uint32_t types;
	bool array, array_deallocate, odd;
	uint32_t region; /* or M_NO_REGION */
	bool region_deallocate, region_unmapped;
	bool send_timed, receive_timed, large;
	uint32_t timeout;
	mach_port_name_t from;
	uint32_t room;
};

struct model {
	bool lives[M_TASKS];
	struct m_entry entries[M_TASKS][M_ENTRIES];
	struct m_port ports[M_PORTS];
	struct m_set sets[M_SETS];
	struct m_message messages[M_MESSAGES];
	struct m_wait waits[M_WORKERS];
	struct m_result results[M_WORKERS];
	uint32_t stamp;
	bool registers; /* the traps are allowed */
	bool loose;     /* within a step: many things end at once, in any order */
	/* A table was full: what follows says nothing. */
	bool overflow;
};

void model_init(struct model *m);

/* A new task; a receive right for it; a send right to one for another. */
void model_task(struct model *m, int task);
int model_port(struct model *m, int task, mach_port_name_t name);
void model_send_right(struct model *m, int port, int task, mach_port_name_t name);

/*
 * What may happen next. A call is several moves, between which other workers
 * make theirs; so are the notifications it causes.
 *
 *   model_step    worker `w` begins the first (or, of OP_BOTH, `second`) half
 *   model_go_on   waits[w].kind is M_MUST_...: it does
 *   model_expire  waits[w].kind is M_SENDS or M_RECEIVES: its time is up
 *   model_note    the notification in messages[index], state M_NOTE, arrives
 *   model_abort   the worker's wait is interrupted
 *   model_kill    a task ends
 */
void model_step(struct model *m, int w, const struct m_order *order, bool second);
void model_go_on(struct model *m, int w, const struct m_order *order);
void model_expire(struct model *m, int w);
void model_note(struct model *m, int index);
void model_abort(struct model *m, int w);
void model_kill(struct model *m, int task);

/* The same number for states that differ in nothing but table places. */
uint64_t model_digest(const struct model *m);

struct m_entry *model_find(struct model *m, int task, mach_port_name_t name);
bool model_sends_exist(const struct model *m, int port);
unsigned model_sonce_count(const struct model *m, int port);

#endif

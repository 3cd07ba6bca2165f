/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mig -- the interface compiler: one structure per pass, in pass order.
 *
 *   source -> lexer/parser -> AST -> sema -> types and routines -> layout
 *          -> messages -> plan -> operations -> emit (stubs, headers, ...)
 *
 * Life:  everything is allocated from one arena and freed with it; no node
 *        is ever freed alone.
 * Rule:  only the passes up to sema report errors.  After sema no pass can
 *        fail on what the user wrote.
 */
#ifndef MIG_H
#define MIG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* ---- util.c: arena, strings, name table ------------------------------- */

void *mig_alloc(size_t size); /* zeroed; never fails */
char *mig_strndup(const char *text, size_t length);
char *mig_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mig_arena_destroy(void);
_Noreturn void mig_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A growing byte buffer: outputs are built in memory, then written whole. */
struct buffer {
	char *data;
	size_t length;
	size_t room;
};

void buffer_append(struct buffer *buffer, const char *text, size_t length);
void buffer_puts(struct buffer *buffer, const char *text);
void
buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_destroy(struct buffer *buffer);

/* Name -> object, by hash; names are kept by reference. */
struct table {
	struct table_slot {
		const char *name;
		void *object;
	} * slots;
	size_t room;
	size_t count;
};

void *table_find(const struct table *table, const char *name);
void table_put(struct table *table, const char *name, void *object);

/* The name in `names` nearest to `word`, NULL when none is near. */
const char *nearest_name(const char *word, const char *const *names, size_t count);

/* ---- source.c: the preprocessed text and its line map ----------------- */

/* A place is a byte range of the preprocessed text. */
struct place {
	uint32_t first;
	uint32_t last;
};

struct source_line {
	uint32_t start;  /* offset of its first byte */
	uint32_t number; /* line in `file` */
	const char *file;
};

struct source {
	char *text;
	size_t length;
	struct source_line *lines;
	size_t line_count;
	const char *name; /* of the main input */
};

struct position {
	const char *file;
	unsigned line;
	unsigned column;
};

/* Take over `text` (malloc'ed, two NUL bytes behind `length`); finds lines. */
void source_init(struct source *source, char *text, size_t length, const char *name);
void source_release(struct source *source);
struct position source_position(const struct source *source, struct place place);

/* ---- diag.c ------------------------------------------------------------ */

enum severity { SEV_NOTE, SEV_WARNING, SEV_ERROR };

struct diag {
	const struct source *source;
	FILE *out;
	unsigned errors;
	unsigned warnings;
	unsigned error_limit;
	unsigned warning_limit;
	bool quiet; /* -q: no warnings */
	bool warnings_are_errors;
	bool ownership; /* -Wownership */
	bool last_shown;
};

extern struct diag diag;

void diag_error(struct place at, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_warning(struct place at, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_note(struct place at, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Show what was said so far, in the order of the text. */
void diag_flush(void);
/* A line "help: ..." under the last message. */
void diag_help(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- options ----------------------------------------------------------- */

enum abi { ABI_AUTO, ABI_TYPED, ABI_OSF };

struct options {
	enum abi abi;
	bool compat25; /* accept MSG_TYPE_* names */
	bool verbose;
	bool rpc_separate;       /* -R: send and receive apart */
	bool symbol_table;       /* -s */
	bool no_default_outputs; /* -n */
	bool source_positions;   /* --source-positions */
	bool fastpath;           /* --fastpath: stubs for register IPC too */
	const char *prefix;      /* -prefix */
	const char *subrprefix;  /* -subrprefix */
	const char *user_file;
	const char *server_file;
	const char *header_file;
	const char *sheader_file;
	const char *iheader_file;
	const char *dheader_file;
	const char *list_file;
	const char *doc_file;
	const char *fuzz_file;
	const char *trace_file;
	const char *individual; /* -i prefix */
	const char *dump;
};

extern struct options options;

/* ---- AST: mirrors the text --------------------------------------------- */

struct name {
	const char *text;
	struct place place;
};

/* One name or number in a primitive type: MACH_MSG_TYPE_X, polymorphic, 12. */
struct ast_wire_name {
	struct place place;
	const char *text;
	bool is_number;
	uint32_t number;
};

enum ast_type_kind {
	AST_TYPE_NAME, /* an earlier type */
	AST_TYPE_WIRE, /* X, X|Y, (X, bits, flags) */
	AST_TYPE_ARRAY,
	AST_TYPE_STRUCT_ARRAY, /* struct[n] of T */
	AST_TYPE_STRUCT,       /* struct { ... } */
	AST_TYPE_POINTER,
	AST_TYPE_C_STRING,
	AST_TYPE_POINTER_TO, /* untyped dialect */
	AST_TYPE_POINTER_TO_IF_NOT,
	AST_TYPE_VALUE_OF,
};

enum flag {
	FLAG_ISLONG = 1 << 0,
	FLAG_ISNOTLONG = 1 << 1,
	FLAG_DEALLOC = 1 << 2,
	FLAG_NOTDEALLOC = 1 << 3,
	FLAG_DEALLOC_MAYBE = 1 << 4,
	FLAG_SERVERCOPY = 1 << 5,
	FLAG_COUNTINOUT = 1 << 6,
	FLAG_SAMECOUNT = 1 << 7,
	FLAG_PHYSICALCOPY = 1 << 8,
	FLAG_OVERWRITE = 1 << 9,
	FLAG_AUTO = 1 << 10,
	FLAG_CONST = 1 << 11,
	FLAG_RETCODE = 1 << 12,
};

struct ast_flag {
	struct ast_flag *next;
	enum flag flag;
	struct place place;
};

struct ast_member {
	struct ast_member *next;
	struct name name;
	struct ast_type *type;
};

enum attribute_kind {
	ATTR_CTYPE,
	ATTR_CUSERTYPE,
	ATTR_CSERVERTYPE,
	ATTR_INTRAN,
	ATTR_INTRANPAYLOAD,
	ATTR_OUTTRAN,
	ATTR_DESTRUCTOR,
};

struct ast_attribute {
	struct ast_attribute *next;
	enum attribute_kind kind;
	struct place place;
	const char *type; /* the C type the attribute makes or names */
	const char *function;
	const char *from; /* the C type it takes */
};

struct ast_type {
	enum ast_type_kind kind;
	struct place place;
	struct name name; /* old type; C type of PointerTo */
	struct ast_wire_name send;
	struct ast_wire_name receive;
	bool has_receive;
	bool has_size;
	uint32_t size;
	struct place size_place;
	struct ast_flag *flags;
	struct ast_type *element;
	bool variable; /* array[*...] or c_string[*:n] */
	bool has_count;
	uint32_t count;
	struct place count_place;
	struct ast_member *members;
	const char *bad_value; /* PointerToIfNot */
	struct ast_attribute *attributes;
};

enum direction {
	DIR_NONE,
	DIR_IN,
	DIR_OUT,
	DIR_INOUT,
	DIR_REQUEST_PORT,
	DIR_REPLY_PORT,
	DIR_UREPLY_PORT,
	DIR_SREPLY_PORT,
	DIR_WAIT_TIME,
	DIR_SEND_TIME,
	DIR_MSG_OPTION,
	DIR_MSG_TYPE,
	DIR_MSG_SEQNO,
	DIR_SEC_TOKEN,
	DIR_SERVER_SEC_TOKEN,
	DIR_USER_SEC_TOKEN,
	DIR_AUDIT_TOKEN,
	DIR_SERVER_AUDIT_TOKEN,
	DIR_USER_AUDIT_TOKEN,
	DIR_SERVER_CONTEXT_TOKEN,
	DIR_SERVER_IMPL,
	DIR_USER_IMPL,
};

struct ast_argument {
	struct ast_argument *next;
	enum direction direction;
	struct place place;
	struct name name;
	struct name type_name; /* of the table, or of an in-place type */
	struct ast_type *type; /* in place; NULL when by name */
	struct ast_flag *flags;
	bool broken; /* a syntax error; it has neither name nor type */
};

enum routine_kind {
	ROUTINE,
	SIMPLE_ROUTINE,
	PROCEDURE,
	SIMPLE_PROCEDURE,
	FUNCTION,
};

enum statement_kind {
	ST_SUBSYSTEM,
	ST_SKIP,
	ST_TYPE,
	ST_ROUTINE,
	ST_MSG_OPTION,
	ST_MSG_TYPE,
	ST_WAIT_TIME,
	ST_NO_WAIT_TIME,
	ST_SEND_TIME,
	ST_NO_SEND_TIME,
	ST_ERROR,
	ST_SERVER_PREFIX,
	ST_USER_PREFIX,
	ST_SERVER_DEMUX,
	ST_RCSID,
	ST_IMPORT,
	ST_UIMPORT,
	ST_SIMPORT,
	ST_IIMPORT,
	ST_DIMPORT,
	ST_SPECIAL_REPLY_PORT,
	ST_CONSUME_ON_SEND_ERROR,
	ST_USER_TYPE_LIMIT,
	ST_ON_STACK_LIMIT,
	ST_BROKEN, /* nobody knows what it was */
};

struct ast_statement {
	struct ast_statement *next;
	enum statement_kind kind;
	struct place place;
	struct name name; /* what is declared; text of the rest */
	uint32_t number;
	struct place number_place;
	bool kernel_user;
	bool kernel_server;
	struct place kernel_place; /* of the first of these words */
	bool has_number;
	bool broken; /* a syntax error in it; what could be read is there */
	enum routine_kind routine_kind;
	struct ast_argument *arguments;
	struct name result; /* function: type name */
	struct ast_type *type;
};

struct ast {
	struct ast_statement *first;
	struct ast_statement **last;
};

/* Parse `source`; errors are reported and counted in `diag`. */
void parse_source(struct source *source, struct ast *ast);

/* ---- sema: types and routines ------------------------------------------ */

#define WIRE_POLYMORPHIC UINT32_MAX

enum wire {
	WIRE_UNSTRUCTURED = 0,
	WIRE_INTEGER_16 = 1,
	WIRE_INTEGER_32 = 2,
	WIRE_CHAR = 8,
	WIRE_BYTE = 9,
	WIRE_REAL = 10,
	WIRE_INTEGER_64 = 11,
	WIRE_STRING = 12,
	WIRE_PORT_NAME = 15,
	WIRE_MOVE_RECEIVE = 16,
	WIRE_MOVE_SEND = 17,
	WIRE_MOVE_SEND_ONCE = 18,
	WIRE_COPY_SEND = 19,
	WIRE_MAKE_SEND = 20,
	WIRE_MAKE_SEND_ONCE = 21,
};

enum form {
	FORM_SCALAR,     /* one base element */
	FORM_STRUCT,     /* n elements, assigned as a whole */
	FORM_ARRAY,      /* n elements, passed by reference */
	FORM_VARRAY,     /* up to n, inline */
	FORM_INDEFINITE, /* array[]: inline or out of line */
	FORM_STRING,     /* fixed room, NUL inside */
	FORM_VSTRING,    /* only the used part travels */
	FORM_POINTER,    /* ^T */
	FORM_C_POINTER,  /* PointerTo(), PointerToIfNot() */
	FORM_C_VALUE,    /* ValueOf() */
};

enum dealloc { DEALLOC_NO, DEALLOC_YES, DEALLOC_MAYBE };

struct type {
	const char *name;
	struct place place;
	bool predefined;
	enum form form;
	uint32_t send_name; /* WIRE_POLYMORPHIC: chosen at run time */
	uint32_t receive_name;
	const char *send_text; /* symbolic names, for comments */
	const char *receive_text;
	uint32_t size;      /* bits of one base element on the wire */
	uint32_t number;    /* base elements; the maximum of a variable one */
	uint32_t alignment; /* bytes, as C would */
	bool bounded;       /* variable with a declared maximum */
	bool islong;
	bool isnotlong;
	enum dealloc dealloc;
	struct type *element; /* arrays and pointers */
	uint32_t count;       /* elements (maximum) of an array */
	struct ast_member *members;
	const char *bad_value;
	const char *user_type; /* C names */
	const char *server_type;
	const char *trans_type;
	const char *intran;
	const char *intran_payload;
	const char *outtran;
	const char *destructor;
};

bool type_is_port(const struct type *type);     /* rights, or chosen at run time */
bool type_is_variable(const struct type *type); /* has a Cnt argument */
bool type_is_out_of_line(const struct type *type);
const struct type *type_data(const struct type *type); /* looks through ^ */
uint32_t type_element_words(const struct type *type);  /* base elements per array element */
uint64_t type_wire_bytes(const struct type *type);     /* inline bytes (maximum) */
uint64_t type_c_bytes(const struct type *type);        /* bytes in a C array */

struct argument {
	struct argument *next;
	const char *name;
	struct place place;
	enum direction direction;
	struct type *type;
	unsigned flags;
	enum dealloc dealloc;
	bool islong;
	bool in_request; /* carried in the request body */
	bool in_reply;
	bool user_sees; /* a parameter of the user stub */
	bool server_sees;
	bool countinout;
	bool servercopy;
	bool is_const;
	struct argument *same_count; /* the argument whose count is shared */
	struct routine *routine;
};

struct import {
	struct import *next;
	enum statement_kind kind;
	const char *file;
};

struct routine {
	struct routine *next;
	const char *name;
	struct place place;
	enum routine_kind kind;
	bool oneway;
	uint32_t index;
	uint32_t id;
	uint32_t reply_id;
	struct argument *arguments;
	struct argument *request_port;
	struct argument *user_reply_port;
	struct argument *server_reply_port;
	struct argument *wait_time;
	struct argument *send_time;
	struct argument *msg_option;
	struct argument *msg_seqno;
	struct argument *result; /* function */
	const char *user_name;
	const char *server_name;
	const char *wait_time_text; /* of the statement, or NULL */
	const char *send_time_text;
	const char *option_text;
	const char *error_name;
	bool special_reply_port;
	const char *consume_on_send_error;
	struct message *request;
	struct message *reply;
};

struct subsystem {
	const char *name;
	struct place place;
	uint32_t base;
	uint32_t id_count; /* ids used or skipped */
	bool kernel_user;
	bool kernel_server;
	enum abi abi;
	const char *server_demux;
	const char *rcsid;
	struct import *imports;
	struct routine *routines;
	uint32_t routine_count;
	struct type **types; /* in order of declaration */
	size_t type_count;
	uint32_t reply_max;
};

/* Check the AST and build the subsystem; NULL when there were errors. */
struct subsystem *sema_check(const struct ast *ast);

/* ---- layout: what lies where -------------------------------------------- */

/*
 * A message is a header and parts.  Each part has fixed offsets inside; a
 * part ends behind a field whose size varies, and the next part begins
 * where that field ends.  Part 0 includes the header.
 */
enum field_kind {
	FIELD_RETCODE,
	FIELD_VALUE, /* inline, fixed: scalar, struct, array */
	FIELD_STRING,
	FIELD_VSTRING,
	FIELD_VARRAY,
	FIELD_INDEFINITE,
	FIELD_OUT_OF_LINE,
	FIELD_COUNT,     /* the CountInOut word of an argument */
	FIELD_NDR,       /* untyped: the NDR record */
	FIELD_OOL_COUNT, /* untyped: count of out-of-line data */
};

enum presence { NEVER, ALWAYS, MAYBE };

struct field {
	struct field *next;
	enum field_kind kind;
	struct argument *argument;
	struct type *type;
	const char *name; /* in the message structure */
	unsigned part;
	bool has_descriptor;        /* typed: 8-byte descriptor; untyped: in the descriptor block */
	uint32_t descriptor_offset; /* in the message with every earlier variable field empty */
	uint32_t data_offset;       /* same */
	uint32_t max_offset;        /* of the data, every earlier field full */
	uint32_t bytes;             /* data bytes, the maximum of a variable field */
	uint32_t room;              /* the same, rounded up to the alignment */
	uint32_t send_name;         /* what this direction's sender puts */
	uint32_t receive_name;      /* what its receiver finds */
	uint32_t bits;              /* msgt_size */
	uint32_t number;            /* msgt_number, maximum */
	bool is_port;
	bool variable; /* ends its part */
	bool is_inline;
	bool longform;
	enum dealloc dealloc;
};

struct part {
	uint32_t start;     /* offset with earlier variable fields empty */
	uint32_t max_start; /* offset with earlier variable fields full */
	uint32_t fixed;     /* bytes, without its variable field */
};

struct message {
	struct routine *routine;
	bool is_request;
	struct field *fields;
	unsigned part_count;
	struct part *parts;
	uint32_t id;
	uint32_t min_size;
	uint32_t max_size;
	uint32_t descriptor_count; /* untyped */
	enum presence complex;
};

void layout_subsystem(struct subsystem *subsystem);
/* The 64-bit word of a typed descriptor; variable fields have number 0. */
uint64_t field_descriptor(const struct field *field, bool received);

/* ---- plan: what must be done with each field ----------------------------- */

/*
 * One list for each message.  The sender walks it packing, the receiver
 * walks the same list checking and unpacking; emit has a row for each
 * (operation, role).  A transport that does not put its words into a
 * message buffer (register IPC) is one more set of rows.
 */
enum op_kind {
	OP_RETCODE,
	OP_SCALAR, /* assign */
	OP_BLOCK,  /* copy a fixed array */
	OP_STRING,
	OP_VSTRING,
	OP_BLOCK_VAR, /* copy count elements */
	OP_PORT,
	OP_PORTS, /* fixed array of rights */
	OP_PORTS_VAR,
	OP_OUT_OF_LINE,
	OP_INDEFINITE, /* data, inline or out of line */
	OP_PORTS_INDEFINITE,
	OP_COUNT,
	OP_NDR,
	OP_OOL_COUNT,
	OP_KINDS
};

enum transport { TRANSPORT_MESSAGE, TRANSPORT_REGISTERS };

struct op {
	struct op *next;
	enum op_kind kind;
	struct field *field;
	bool advances; /* the next operation is in the next part */
};

struct plan {
	enum transport transport;
	struct message *message;
	struct op *ops;
	bool needs_pre_check; /* a count can be too large before sending */
	bool fits_registers;  /* nothing but single words and rights */
	unsigned register_words;
};

/* No message, no steps. */
struct plan *plan_message(struct message *message);
const char *op_name(enum op_kind kind);
const char *const *op_holes(enum op_kind kind);

/* ---- emit and targets ------------------------------------------------------ */

void emit_user(struct subsystem *subsystem, struct buffer *out);
void emit_user_routine(struct subsystem *subsystem, struct routine *routine, struct buffer *out);
void emit_server(struct subsystem *subsystem, struct buffer *out);
void emit_user_header(struct subsystem *subsystem, struct buffer *out);
void emit_server_header(struct subsystem *subsystem, struct buffer *out);
void emit_internal_header(struct subsystem *subsystem, struct buffer *out);
void emit_defines_header(struct subsystem *subsystem, struct buffer *out);
void emit_list(struct subsystem *subsystem, struct buffer *out);
void emit_doc(struct subsystem *subsystem, struct buffer *out);
void emit_fuzz(struct subsystem *subsystem, struct buffer *out);
void emit_trace(struct subsystem *subsystem, struct buffer *out);
/* --fastpath, at the end of the four files. */
void emit_register_user(struct subsystem *subsystem, struct buffer *out);
void emit_register_user_header(struct subsystem *subsystem, struct buffer *out);
void emit_register_server(struct subsystem *subsystem, struct buffer *out);
void emit_register_server_header(struct subsystem *subsystem, struct buffer *out);
/* Expand every pattern with every hole set; false when one is unknown. */
bool emit_self_check(FILE *out);

/* ---- dumps and diff ---------------------------------------------------------- */

void dump_ast(const struct ast *ast, struct buffer *out);
void dump_types(const struct subsystem *subsystem, struct buffer *out);
void dump_layout(const struct subsystem *subsystem, struct buffer *out);
void dump_plan(const struct subsystem *subsystem, struct buffer *out);
void dump_json(const struct subsystem *subsystem, struct buffer *out);
/* Lists incompatible changes; returns their number. */
unsigned diff_subsystems(const struct subsystem *older, const struct subsystem *newer, FILE *out);

const char *direction_text(enum direction direction);
const char *form_text(enum form form);
const char *routine_kind_text(enum routine_kind kind);
const char *wire_text(uint32_t name);

#endif /* MIG_H */

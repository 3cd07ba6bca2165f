/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of the semantic pass, shared by its two files. */
#ifndef MIG_SEMA_H
#define MIG_SEMA_H

#include "mig.h"

struct sema {
	struct subsystem *subsystem;
	struct table types;
	struct table routines; /* by user name */
	struct table servers;  /* by server name */
	struct type **type_list;
	size_t type_room;
	struct routine **routine_end;
	struct import **import_end;
	struct place subsystem_place;
	bool has_subsystem;
	bool has_broken;           /* so far, a statement that could not be read */
	struct table broken_words; /* all words of such statements */
	const char *server_prefix;
	const char *user_prefix;
	const char *wait_time;
	const char *send_time;
	const char *option;
	const char *error;
	bool special_reply_port;
	const char *consume_on_send_error;
	uint32_t next_index;
	struct place osf_use; /* first construct only OSF has */
	const char *osf_what;
};

/* Enter char, short, int, int64, uintptr_t and intptr_t; a file may define them anew. */
void sema_types_predefine(struct sema *sema);
/* The type called `name`; NULL after a message, now or where it was to be defined. */
struct type *sema_type_lookup(struct sema *sema, const struct name *name);
/* Build the type called `name`, without entering it; NULL after a message. */
struct type *
sema_type_define(struct sema *sema, const struct ast_type *ast, const struct name *name);
/* List a type for the dumps; one made in place is in no table. */
void sema_type_list(struct sema *sema, struct type *type);
/* `type name = ...;` */
void sema_type_statement(struct sema *sema, const struct ast_statement *statement);

#endif

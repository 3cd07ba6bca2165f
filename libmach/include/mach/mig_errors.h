/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Codes and structures of MIG stubs (ABI sheet 12.2, 13.2, 16.2).
 */
#ifndef MACH_MIG_ERRORS_H
#define MACH_MIG_ERRORS_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <stddef.h>

#define MIG_TYPE_ERROR      (-300) /* client: reply of wrong type or size */
#define MIG_REPLY_MISMATCH  (-301) /* client: wrong reply id */
#define MIG_REMOTE_ERROR    (-302) /* server detected error */
#define MIG_BAD_ID          (-303) /* server: unknown request id */
#define MIG_BAD_ARGUMENTS   (-304) /* server: request of wrong type or size */
#define MIG_NO_REPLY        (-305) /* server routine: no reply now */
#define MIG_EXCEPTION       (-306) /* server raised an exception */
#define MIG_ARRAY_TOO_LARGE (-307) /* array larger than the buffer */
#define MIG_SERVER_DIED     (-308) /* client: the reply right died */
#define MIG_DESTROY_REQUEST (-309) /* server routine: no reply ever */

typedef struct {
	mach_msg_header_t Head;
	mach_msg_type_t RetCodeType;
	kern_return_t RetCode;
	natural_t RetCodePad;
} mig_reply_header_t;

_Static_assert(sizeof(mig_reply_header_t) == 48, "layout");
_Static_assert(offsetof(mig_reply_header_t, RetCode) == 40, "layout");

/* A server stub: takes the request, fills the reply. */
typedef void (*mig_routine_t)(mach_msg_header_t *request, mach_msg_header_t *reply);

typedef struct mig_symtab {
	char *ms_routine_name;
	int ms_routine_number;
	void (*ms_routine)(void);
} mig_symtab_t;

_Static_assert(sizeof(mig_symtab_t) == 24, "layout");

#endif /* MACH_MIG_ERRORS_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Credentials: counted, immutable once shared.
 */
#include "file/cred.h"

#include <string.h>

#include "vfs/services.h"

struct cred *
cred_create(void)
{
	struct cred *cred;

	cred = bsd_alloc(sizeof(*cred));
	if (cred != NULL)
		cred->refs = 1;
	return cred;
}

struct cred *
cred_copy(const struct cred *cred)
{
	struct cred *copy;

	copy = bsd_alloc(sizeof(*copy));
	if (copy == NULL)
		return NULL;
	*copy = *cred;
	copy->refs = 1;
	return copy;
}

struct cred *
cred_reference(struct cred *cred)
{
	cred->refs++;
	return cred;
}

void
cred_release(struct cred *cred)
{
	bsd_assert(cred->refs > 0);
	if (--cred->refs == 0)
		bsd_free(cred, sizeof(*cred));
}

bool
cred_in_group(const struct cred *cred, uint32_t gid)
{
	unsigned i;

	if (cred->egid == gid)
		return true;
	for (i = 0; i < cred->group_count; i++) {
		if (cred->groups[i] == gid)
			return true;
	}
	return false;
}

bool
cred_is_root(const struct cred *cred)
{
	return cred->euid == 0;
}

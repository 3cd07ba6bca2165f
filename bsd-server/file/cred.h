/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cred -- the identity under which a process acts: user, groups.
 *
 * Life:  cred_create -> shared by reference (fork, threads) -> copied before a
 *        change (cred_copy) -> freed on the last cred_release.
 * Locks: master lock.  A shared credential is never modified in place.
 */
#ifndef BSD_FILE_CRED_H
#define BSD_FILE_CRED_H

#include <stdbool.h>
#include <stdint.h>

#include "bsd/abi.h"

/* Most supplementary groups a process may have. */
#define CRED_GROUPS_MAX BSD_GROUPS_MAX

struct cred {
	unsigned refs;
	uint32_t ruid, euid, suid;
	uint32_t rgid, egid, sgid;
	unsigned group_count;
	uint32_t groups[CRED_GROUPS_MAX];
};

/* A new credential with every id 0 and no groups; NULL when out of memory. */
struct cred *cred_create(void);

/* A private copy of `cred` with one reference; NULL when out of memory. */
struct cred *cred_copy(const struct cred *cred);

/* Take one more reference and return `cred` itself. */
struct cred *cred_reference(struct cred *cred);

/* Drop one reference; the last one frees. */
void cred_release(struct cred *cred);

/* Whether `gid` is the effective or a supplementary group of `cred`. */
bool cred_in_group(const struct cred *cred, uint32_t gid);

/* Whether `cred` has the super-user's rights. */
bool cred_is_root(const struct cred *cred);

#endif /* BSD_FILE_CRED_H */

/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the hosted machine. */
#ifndef HOST_PRIVATE_H
#define HOST_PRIVATE_H

void host_zalloc_init(void);
void host_locks_init(void);
/* Stop the test if a spin lock is held. */
void host_check_no_spin_locks(const char *what);

#endif

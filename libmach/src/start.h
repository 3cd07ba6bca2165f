/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both start codes share.
 */
#ifndef LIBMACH_START_H
#define LIBMACH_START_H

/* Keep page 0 out of the reach of allocations. */
void mach_reserve_null_page(void);

#endif /* LIBMACH_START_H */

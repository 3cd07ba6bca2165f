/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alert codes: kept for sources that include the header.
 */
#ifndef MACH_ALERT_H
#define MACH_ALERT_H

#define MACH_ALERT_NULL 0

#endif /* MACH_ALERT_H */

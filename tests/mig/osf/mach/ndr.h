/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACH_NDR_H
#define MACH_NDR_H
typedef struct {
	unsigned char mig_vers, if_vers, reserved1, mig_encoding;
	unsigned char int_rep, char_rep, float_rep, reserved2;
} NDR_record_t;
extern NDR_record_t NDR_record;
#endif

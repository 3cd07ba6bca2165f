/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include <mach/port.h>
typedef char *cr_v_t;
typedef mach_port_t *cr_p_t;

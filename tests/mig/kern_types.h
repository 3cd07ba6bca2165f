/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include <kern/mig_kernel.h>
typedef ipc_port_t three_t[3];
typedef ipc_port_t *some_t;
typedef int *words_t;

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything a Mach program wants.
 */
#ifndef MACH_H
#define MACH_H

#include <mach/exception.h>
#include <mach/kern_return.h>
#include <mach/mach_error.h>
#include <mach/mach_init.h>
#include <mach/mach_param.h>
#include <mach/mach_print.h>
#include <mach/mach_shortcuts.h>
#include <mach/mach_traps.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>
#include <mach/notify.h>
#include <mach/thread_switch.h>
#include <mach/vm_param.h>

#include <mach/gnumach.h>
#include <mach/mach4.h>
#include <mach/mach_host.h>
#include <mach/mach_interface.h>
#include <mach/mach_port.h>

#endif /* MACH_H */

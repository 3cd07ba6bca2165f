/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MACH_MIG_SUPPORT_H
#define MACH_MIG_SUPPORT_H
#include <mach/std_types.h>
void mig_allocate(vm_address_t *addrp, vm_size_t size);
void mig_deallocate(vm_address_t addr, vm_size_t size);
mach_port_t mig_get_reply_port(void);
mach_port_t mig_get_special_reply_port(void);
void mig_put_reply_port(mach_port_t port);
void mig_dealloc_reply_port(mach_port_t port);
void mach_msg_destroy(mach_msg_header_t *msg);
#endif

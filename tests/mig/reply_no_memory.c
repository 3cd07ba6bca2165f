/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed server stubs ask for no memory: results travel inside the reply. */
#include "reply_types.h"

kern_return_t
mig_deallocate(vm_address_t addr, vm_size_t size)
{
	(void)size;
	reply_memory_free((void *)addr);
	return KERN_SUCCESS;
}

bool
reply_memory_fail(unsigned nth)
{
	(void)nth;
	return false;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of untyped server stubs: counted, and refused on request. */
#include <stdlib.h>

#include <mach/ndr.h>

#include "reply_types.h"

NDR_record_t NDR_record = { .int_rep = 1 };

static unsigned left; /* allocations until one fails; 0: none does */

void
mig_allocate(vm_address_t *addrp, vm_size_t size)
{
	*addrp = 0;
	if (left != 0 && --left == 0)
		return;
	*addrp = (vm_address_t)(uintptr_t)reply_memory_new(size);
}

void
mig_deallocate(vm_address_t addr, vm_size_t size)
{
	(void)size;
	reply_memory_free((void *)(uintptr_t)addr);
}

bool
reply_memory_fail(unsigned nth)
{
	left = nth;
	return true;
}

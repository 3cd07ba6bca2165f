/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory (5).
 */
#include "abi.h"

/* 1.5, 5.4: memory by traps and by messages. */
void
test_vm(void)
{
	struct msg m;
	uint64_t a = 0x200000000000, b = 0, c = 0;

	CHECK_EQ(t_vm_allocate(me, &b, 3 * PAGE, 1), 0);
	CHECK_EQ(b % PAGE, 0);
	CHECK_EQ(*(uint64_t *)(b + 2 * PAGE), 0);
	CHECK_EQ(t_vm_deallocate(me, b, 3 * PAGE), 0);
	/* With no neighbours, so that the entry is these four pages. */
	CHECK_EQ(t_vm_allocate(me, &a, 4 * PAGE, 0), 0);
	CHECK_EQ(a, 0x200000000000);
	CHECK_EQ(*(uint64_t *)a, 0);
	*(uint64_t *)(a + PAGE) = 42;
	b = a + 100;
	CHECK_EQ(t_vm_allocate(me, &b, PAGE, 0), K_NO_SPACE);
	b = 0x800000000000;
	CHECK_EQ(t_vm_allocate(me, &b, PAGE, 0), K_INVALID_ADDRESS);
	b = 77;
	CHECK_EQ(t_vm_allocate(me, &b, 0, 1), 0);
	CHECK_EQ(b, 0);
	CHECK_EQ(t_vm_allocate(reply_port, &b, PAGE, 1), SEND_INTERRUPTED);
	CHECK_EQ(t_vm_deallocate(0x7ffffff0, a, PAGE), SEND_INTERRUPTED);

	CHECK_EQ(vm_region(&m, a), 0);
	CHECK_EQ(m.h.size, 176);
	CHECK_EQ(m.h.bits, COMPLEX | 0x1200);
	CHECK_EQ(get64(&m, 56), a);
	CHECK_EQ(get64(&m, 72), 4 * PAGE);
	CHECK_EQ(get32(&m, 88), 3);
	CHECK_EQ(get32(&m, 104), 7);
	CHECK_EQ(get32(&m, 120), 1);
	CHECK_EQ(vm_protect(a + PAGE, PAGE, false, 1), 0);
	CHECK_EQ(vm_region(&m, a + PAGE), 0);
	CHECK_EQ(get64(&m, 56), a + PAGE);
	CHECK_EQ(get64(&m, 72), PAGE);
	CHECK_EQ(get32(&m, 88), 1);
	CHECK_EQ(vm_protect(a, PAGE, false, 0x40), K_INVALID_ARGUMENT);
	CHECK_EQ(vm_protect(a, PAGE, true, 1), 0);
	CHECK_EQ(vm_protect(a, PAGE, false, 3), K_PROTECTION_FAILURE);

	rpc_begin(&m, me, 2026);
	put_i64(&m, a + PAGE);
	put_i64(&m, PAGE);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(get64(&m, 48), 0x00001000c0000809);
	c = get64(&m, 56);
	CHECK_EQ(*(uint64_t *)c, 42);
	*(uint64_t *)c = 43;
	CHECK_EQ(*(uint64_t *)(a + PAGE), 42);

	rpc_begin(&m, me, 2027);
	put_i64(&m, a + 2 * PAGE);
	put_ool(&m, descriptor_ool(T_BYTE, 8, PAGE, false), (void *)c);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(*(uint64_t *)(a + 2 * PAGE), 43);
	rpc_begin(&m, me, 2027);
	put_i64(&m, a + 2 * PAGE + 8);
	put_ool(&m, descriptor_ool(T_BYTE, 8, PAGE, false), (void *)c);
	CHECK_EQ(rpc(&m), K_INVALID_ARGUMENT);
	rpc_begin(&m, me, 2028);
	put_i64(&m, a + PAGE);
	put_i64(&m, PAGE);
	put_i64(&m, a + 3 * PAGE);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(*(uint64_t *)(a + 3 * PAGE), 42);
	CHECK_EQ(t_vm_deallocate(me, c, PAGE), 0);

	CHECK_EQ(vm_call2(2023, a, PAGE), 0);
	CHECK_EQ(vm_region(&m, a), 0);
	CHECK_EQ(get64(&m, 56), a + PAGE);
	CHECK_EQ(vm_call2(2026, a, PAGE), K_INVALID_ADDRESS);
	CHECK_EQ(vm_region(&m, 0x7ffffffff000 + PAGE), K_NO_SPACE);
	CHECK_EQ(t_vm_deallocate(me, a, 4 * PAGE), 0);
	CHECK_EQ(t_vm_deallocate(me, a, 0), 0);

	c = 0;
	CHECK_EQ(t_vm_map(me, &c, PAGE, 0xffff, 1, 0, 0, 0, 3, 7, 1), 0);
	CHECK_EQ(c & 0xffff, 0);
	CHECK_EQ(t_vm_map(me, &c, PAGE, 0, 0, 0, 0, 0, 3, 7, 1), K_NO_SPACE);
	CHECK_EQ(t_vm_map(me, &c, 0, 0, 1, 0, 0, 0, 3, 7, 1), K_INVALID_ARGUMENT);
	CHECK_EQ(t_vm_map(me, &c, PAGE, 0, 1, 0, 0, 0, 8, 7, 1), K_INVALID_ARGUMENT);
	CHECK_EQ(t_vm_map(me, &c, PAGE, 0, 1, 0, 0, 0, 3, 7, 3), K_INVALID_ARGUMENT);
	CHECK_EQ(t_vm_deallocate(me, c, PAGE), 0);

	rpc_begin(&m, me, 2030);
	CHECK_EQ(rpc(&m), 0);
	CHECK_EQ(m.h.size, 112);
	CHECK_EQ(get64(&m, 48), descriptor(T_INT32, 32, 13));
	CHECK_EQ(get32(&m, 56), 4096);
}

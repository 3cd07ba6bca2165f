/* SPDX-License-Identifier: BSD-2-Clause */
/* Process numbers. */
#include "host.h"

#include "proc/pid.h"

#define ALL 32767

static void
test_upward_and_held(void **state)
{
	int32_t first = pid_allocate();
	int32_t second = pid_allocate();

	assert_int_equal(first, 1);
	assert_int_equal(second, 2);
	pid_hold(first);
	pid_release(first);
	/* a group still bears the number */
	assert_int_equal(pid_count(), 2);
	pid_release(first);
	assert_int_equal(pid_count(), 1);
	/* not at once again */
	assert_int_equal(pid_allocate(), 3);
	pid_release(2);
	pid_release(3);
	assert_int_equal(pid_count(), 0);
}

static void
test_all_taken(void **state)
{
	int32_t pid;

	for (int i = 0; i < ALL; i++)
		assert_in_range(pid_allocate(), 1, ALL);
	assert_int_equal(pid_allocate(), 0);
	pid_release(777);
	pid = pid_allocate();
	assert_int_equal(pid, 777);
	assert_int_equal(pid_allocate(), 0);
	for (int i = 1; i <= ALL; i++)
		pid_release(i);
	assert_int_equal(pid_count(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upward_and_held),
		cmocka_unit_test(test_all_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Pending signals and actions. */
#include "host.h"

#include "server/signal.h"

#define ALL (~(bsd_sigset_t)0)

static struct bsd_siginfo
make(int sig, uint64_t value)
{
	return (struct bsd_siginfo) { .si_signo = sig, .si_value = value };
}

static bool
put(struct sigqueue *q, int sig, uint64_t value)
{
	struct bsd_siginfo info = make(sig, value);

	return sigqueue_put(q, &info);
}

static void
expect(struct sigqueue *q, bsd_sigset_t wanted, int sig, uint64_t value)
{
	struct bsd_siginfo info;

	assert_true(sigqueue_take(q, wanted, &info));
	assert_int_equal(info.si_signo, sig);
	assert_int_equal(info.si_value, value);
}

static void
test_plain_once_real_time_each(void **state)
{
	struct sigqueue q = { 0 };
	struct bsd_siginfo info;

	assert_true(put(&q, SIGUSR1, 1) && put(&q, SIGUSR1, 2));
	assert_true(put(&q, 40, 1) && put(&q, 40, 2) && put(&q, 34, 3));
	expect(&q, ALL, SIGUSR1, 1);
	expect(&q, ALL, 34, 3);
	expect(&q, ALL, 40, 1);
	assert_true((q.set & BSD_SIGMASK(40)) != 0);
	expect(&q, ALL, 40, 2);
	assert_int_equal(q.set, 0);
	assert_false(sigqueue_take(&q, ALL, &info));
	assert_int_equal(host_live, 0);
}

static void
test_only_wanted(void **state)
{
	struct sigqueue q = { 0 };
	struct bsd_siginfo info;

	assert_true(put(&q, SIGINT, 0) && put(&q, SIGTERM, 7));
	assert_false(sigqueue_take(&q, BSD_SIGMASK(SIGHUP), &info));
	expect(&q, BSD_SIGMASK(SIGTERM), SIGTERM, 7);
	sigqueue_drop(&q, BSD_SIGMASK(SIGINT));
	assert_int_equal(q.set, 0);
	assert_int_equal(q.count, 0);
	assert_int_equal(host_live, 0);
}

static void
test_bounded(void **state)
{
	struct sigqueue q = { 0 };

	for (int i = 0; i < SIGQUEUE_MAX; i++)
		assert_true(put(&q, 50, (uint64_t)i));
	assert_false(put(&q, 50, 0));
	sigqueue_drop(&q, ALL);
	host_fail_at = 1;
	assert_false(put(&q, SIGINT, 0));
	assert_int_equal(q.set, 0);
	assert_int_equal(host_live, 0);
}

static void
test_highest(void **state)
{
	struct sigqueue q = { 0 };

	assert_true(put(&q, BSD_NSIG - 1, 9));
	expect(&q, ALL, BSD_NSIG - 1, 9);
	assert_true(sig_valid(1) && sig_valid(64));
	assert_false(sig_valid(0) || sig_valid(65) || sig_valid(-1));
}

static void
test_actions_at_exec(void **state)
{
	struct sigactions *a = sigactions_create();
	struct sigactions *copy;

	a->action[SIGINT].sa_handler = 0x1234;
	a->action[SIGINT].sa_flags = SA_RESTART;
	a->action[SIGHUP].sa_handler = BSD_SIG_IGN;
	copy = sigactions_copy(a);
	sigactions_reset(a);
	assert_int_equal(a->action[SIGINT].sa_handler, BSD_SIG_DFL);
	assert_int_equal(a->action[SIGINT].sa_flags, 0);
	assert_int_equal(a->action[SIGHUP].sa_handler, BSD_SIG_IGN);
	assert_int_equal(copy->action[SIGINT].sa_handler, 0x1234);
	sigactions_release(a);
	sigactions_release(copy);
	assert_int_equal(host_live, 0);
}

static void
test_defaults(void **state)
{
	assert_int_equal(sig_default(SIGKILL), SIG_DEFAULT_END);
	assert_int_equal(sig_default(SIGSEGV), SIG_DEFAULT_CORE);
	assert_int_equal(sig_default(SIGTTOU), SIG_DEFAULT_STOP);
	assert_int_equal(sig_default(SIGCONT), SIG_DEFAULT_CONTINUE);
	assert_int_equal(sig_default(SIGCHLD), SIG_DEFAULT_IGNORE);
	assert_int_equal(sig_default(40), SIG_DEFAULT_END);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_once_real_time_each),
		cmocka_unit_test(test_only_wanted),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_highest),
		cmocka_unit_test(test_actions_at_exec),
		cmocka_unit_test(test_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

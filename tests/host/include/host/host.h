/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host -- the hosted machine: kern/ services for tests of ipc and vm.
 *
 * One deterministic CPU. Threads are coroutines; they switch only where the
 * kernel's would: blocking, preempt_point, trap end. With a seed, who runs
 * next and whether a preemption point switches are drawn from it; without,
 * threads run first come first served. Time is virtual: it advances to the
 * next timeout when nobody can run.
 *
 * Allocation fails at the k-th request when told so, and what is not given
 * back can be asked for. Spin locks are checked for rank; holding one while
 * blocking, or waiting for one, stops the test.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kern/waiter.h>

/* Room for the thread structures of the code under test, waiter first. */
#define HOST_THREAD_BYTES 1024

struct host_thread;

/*
 * Start anew: one thread (the test itself), time 0, no failures. The seed 0
 * is first come first served. Call in each test's setup.
 */
void host_init(uint64_t seed);
/* Check that nothing runs any more; free threads. Call in teardown. */
void host_finish(void);

/* A thread that runs body(arg) when scheduled, then ends. */
struct host_thread *host_thread_create(void (*body)(void *arg), void *arg);
/* The test's own thread. */
struct host_thread *host_thread_main(void);
/* Its waiter, at the start of HOST_THREAD_BYTES zeroed bytes. */
struct waiter *host_thread_waiter(struct host_thread *thread);
struct host_thread *host_thread_of(struct waiter *waiter);
bool host_thread_done(const struct host_thread *thread);
/* Blocked right now, without having been woken? */
bool host_thread_blocked(const struct host_thread *thread);

/* As thread_abort: end an interruptible wait, or the next one. */
void host_thread_abort(struct host_thread *thread);
/* Take an abort back that found no wait. */
void host_thread_abort_clear(struct host_thread *thread);

/* What waiter_may_handoff answers for this thread (default true). */
void host_thread_set_handoff(struct host_thread *thread, bool may);
/* How often the CPU was handed over. */
uint64_t host_handoff_count(void);

/*
 * Enter the kernel: run body(arg) on the thread's kernel stack. The result is
 * what it returns or gives to trap_return, perhaps after having blocked
 * without a stack.
 */
uint64_t host_trap(uint64_t (*body)(void *arg), void *arg);

/* Let others run once. */
void host_yield(void);
/* Let others run until none can, without letting time pass. */
void host_run(void);
/* The same, letting time pass to the last timeout. */
void host_run_all(void);
/* Virtual time. */
void host_advance_ms(uint64_t ms);

/* A number from the seed, below n. */
uint64_t host_random(uint64_t n);

/* -- Memory ---------------------------------------------------------------- */

/* The k-th allocation from now fails (1: the next), once; 0: none. */
void host_fail_allocation(uint64_t k);
/* Every allocation from the k-th on fails. */
void host_fail_allocations_from(uint64_t k);
/* Did the failure asked for happen? */
bool host_failed(void);
/* Elements and blocks handed out, over all zones and kalloc. */
uint64_t host_live_allocations(void);
uint64_t host_allocation_count(void);
/* Print what is live, by zone. */
void host_report_live(void);

/* -- User memory ------------------------------------------------------------ */

enum { HOST_READ = 1, HOST_WRITE = 2, HOST_RESIDENT = 4 };
#define HOST_ALL (HOST_READ | HOST_WRITE | HOST_RESIDENT)

/* Host memory that copyin/copyout may touch, and how. Whatever is not
 * registered faults. Registering again changes the rights. */
void host_user_add(const void *memory, size_t size, int rights);
void host_user_remove(const void *memory);
void host_user_clear(void);
/* Asked before memory that is not resident is used; may block, as a fault
 * does. False: the access fails. NULL (until set): all faults are served at
 * once. */
extern bool (*host_user_fault)(uint64_t address);
/* Is the whole range registered with these rights? */
bool host_user_check(uint64_t address, size_t size, int rights);

#endif

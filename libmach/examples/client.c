/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks the greeting service, found by name, for a greeting. */
#include "greet.h"
#include <mach.h>
#include <portolan/bootstrap.h>

int
main(void)
{
	mach_port_t bootstrap, service;
	phrase_t phrase;
	kern_return_t kr;
	int count;

	task_get_bootstrap_port(mach_task_self(), &bootstrap);
	kr = bootstrap_look_up(bootstrap, GREET_NAME, &service);
	if (kr == KERN_SUCCESS)
		kr = greet(service, "world", phrase, &count);
	if (kr == KERN_SUCCESS)
		mach_printf("%s (number %d)\n", phrase, count);
	else
		mach_printf("greet: %s\n", mach_error_string(kr));
	return kr != KERN_SUCCESS;
}

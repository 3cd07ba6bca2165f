/* SPDX-License-Identifier: BSD-2-Clause */
/* Greets whoever asks: registers a port by name and serves it. */
#include "greet_server.h"
#include <mach.h>
#include <portolan/bootstrap.h>

kern_return_t
greet(mach_port_t server, const char *who, char *phrase, int *count)
{
	static int greeted;

	mach_snprintf(phrase, sizeof(phrase_t), "hello, %s", who);
	*count = ++greeted;
	return KERN_SUCCESS;
}

int
main(void)
{
	mach_port_t bootstrap, service;
	kern_return_t kr;

	task_get_bootstrap_port(mach_task_self(), &bootstrap);
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &service);
	if (kr == KERN_SUCCESS)
		kr = bootstrap_register(bootstrap, GREET_NAME, service, MACH_MSG_TYPE_MAKE_SEND);
	if (kr == KERN_SUCCESS)
		kr = mach_msg_server(greet_server, 0, service);
	mach_printf("greet server: %s\n", mach_error_string(kr));
	return 1;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serial -- a 16550 UART at COM1 or COM2, 115200 8N1. Output polls, input
 * comes by interrupt once enabled.
 */
#include <arch/boot_info.h>

#include "machine.h"

#define COM1 0x3f8
#define COM2 0x2f8

#define UART_DATA       0
#define UART_INTERRUPTS 1
#define UART_FIFO       2
#define UART_LINE       3
#define UART_MODEM      4
#define UART_STATUS     5
#define UART_SCRATCH    7

#define STATUS_READY   0x01
#define STATUS_EMPTY   0x20
#define STATUS_IDLE    0x40
#define WRITE_PATIENCE 100000

static uint16_t serial_port; /* 0: none */

static bool
serial_probe(uint16_t port)
{
	x86_out8(port + UART_SCRATCH, 0x5a);
	return x86_in8(port + UART_SCRATCH) == 0x5a;
}

bool
serial_init(void)
{
	uint16_t port = boot_argument_is("console", "com2") ? COM2 : COM1;

	if (!serial_probe(port))
		return false;
	x86_out8(port + UART_INTERRUPTS, 0);
	x86_out8(port + UART_LINE, 0x80);
	x86_out8(port + UART_DATA, 1);
	x86_out8(port + UART_INTERRUPTS, 0);
	x86_out8(port + UART_LINE, 0x03);
	x86_out8(port + UART_FIFO, 0x07);
	x86_out8(port + UART_MODEM, 0x0b);
	serial_port = port;
	return true;
}

void
serial_write(char byte)
{
	if (serial_port == 0)
		return;
	for (int i = 0; i < WRITE_PATIENCE; i++) {
		if ((x86_in8(serial_port + UART_STATUS) & STATUS_EMPTY) != 0)
			break;
		cpu_pause();
	}
	x86_out8(serial_port + UART_DATA, (uint8_t)byte);
}

int
serial_read(void)
{
	if (serial_port == 0 || (x86_in8(serial_port + UART_STATUS) & STATUS_READY) == 0)
		return -1;
	return x86_in8(serial_port + UART_DATA);
}

/* Wait until everything is on the wire. */
void
serial_flush(void)
{
	if (serial_port == 0)
		return;
	for (int i = 0; i < WRITE_PATIENCE; i++) {
		if ((x86_in8(serial_port + UART_STATUS) & STATUS_IDLE) != 0)
			break;
		cpu_pause();
	}
}

void
serial_enable_interrupt(void)
{
	if (serial_port != 0)
		x86_out8(serial_port + UART_INTERRUPTS, 0x01);
}

unsigned
serial_irq(void)
{
	return serial_port == COM2 ? 3 : 4;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The random source: the ChaCha20 block function (RFC 8439, section 2.3) as a
 * generator whose key is replaced from its own output after each request, so
 * that what was given out cannot be computed from what is kept.  Stirring
 * mixes bytes into the key.
 */
#include <string.h>

#include "dev/dev.h"
#include "vfs/services.h"

#define CHACHA_WORDS  16
#define CHACHA_ROUNDS 20
#define KEY_WORDS     8

static uint32_t key[KEY_WORDS];
static uint64_t block_counter;

static uint32_t
rotate(uint32_t word, unsigned bits)
{
	return word << bits | word >> (32 - bits);
}

static void
quarter_round(uint32_t *s, unsigned a, unsigned b, unsigned c, unsigned d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

static void
chacha_block(uint32_t out[CHACHA_WORDS])
{
	static const uint32_t constants[4] = {
		0x61707865,
		0x3320646e,
		0x79622d32,
		0x6b206574,
	};
	uint32_t start[CHACHA_WORDS];
	unsigned i;

	memcpy(start, constants, sizeof(constants));
	memcpy(start + 4, key, sizeof(key));
	start[12] = block_counter;
	start[13] = block_counter >> 32;
	start[14] = 0;
	start[15] = 0;
	block_counter++;
	memcpy(out, start, sizeof(start));
	for (i = 0; i < CHACHA_ROUNDS; i += 2) {
		quarter_round(out, 0, 4, 8, 12);
		quarter_round(out, 1, 5, 9, 13);
		quarter_round(out, 2, 6, 10, 14);
		quarter_round(out, 3, 7, 11, 15);
		quarter_round(out, 0, 5, 10, 15);
		quarter_round(out, 1, 6, 11, 12);
		quarter_round(out, 2, 7, 8, 13);
		quarter_round(out, 3, 4, 9, 14);
	}
	for (i = 0; i < CHACHA_WORDS; i++)
		out[i] += start[i];
}

static void
random_rekey(void)
{
	uint32_t block[CHACHA_WORDS];

	chacha_block(block);
	memcpy(key, block, sizeof(key));
}

void
random_stir(const void *bytes, size_t length)
{
	const uint8_t *from = bytes;
	uint64_t now = bsd_uptime();
	size_t i;

	key[0] ^= (uint32_t)now;
	key[1] ^= (uint32_t)(now >> 32);
	for (i = 0; i < length; i++) {
		((uint8_t *)key)[i % sizeof(key)] ^= from[i];
		if (i % sizeof(key) == sizeof(key) - 1)
			random_rekey();
	}
	random_rekey();
}

void
random_bytes(void *buffer, size_t length)
{
	uint32_t block[CHACHA_WORDS];
	uint8_t *to = buffer;
	size_t part;

	random_stir(NULL, 0);
	for (; length > 0; length -= part, to += part) {
		chacha_block(block);
		part = length < sizeof(block) ? length : sizeof(block);
		memcpy(to, block, part);
	}
	random_rekey();
}

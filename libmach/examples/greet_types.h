/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef GREET_TYPES_H
#define GREET_TYPES_H

#define GREET_NAME "portolan.example.greet"

typedef char phrase_t[128];
typedef const char *const_phrase_t;

#endif /* GREET_TYPES_H */

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# reply.sh MIG SOURCE BUILD: replies that fail half way (reply_stub.c), in both
# dialects, under the address and undefined-behaviour sanitizers.
set -eu
mig=$(realpath "$1")
here=$2/tests/mig
run() {
	abi=$1 build=$2/$1 include=$3 memory=$4
	mkdir -p "$build"
	"$mig" --abi="$abi" -n -sheader "$build/reply_server.h" -server "$build/reply_server.c" \
	    "$here/reply.defs"
	cc -std=c11 -g -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all \
	    -I"$build" -I"$here" -I"$include" "$build/reply_server.c" "$here/reply_stub.c" \
	    "$here/$memory" -o "$build/reply"
	ASAN_OPTIONS=detect_leaks=0 "$build/reply"
}
run typed "$3" "$2/libmach/include" reply_no_memory.c
run osf "$3" "$here/osf" reply_memory.c

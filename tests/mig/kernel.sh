#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# kernel.sh MIG SOURCE BUILD: the kernel's interfaces as kernel stubs, compiled
# freestanding without vector registers, by gcc and clang.
set -eu
mig=$(realpath "$1")
source=$2
build=$3
mkdir -p "$build"
defs=$source/libmach/defs
flags="-std=c11 -O2 -Wall -Wextra -Wconversion -Werror -ffreestanding -mgeneral-regs-only
	-mcmodel=kernel -fno-pic -mno-red-zone -I$source/tests/mig/kernel -I$source/libmach/include"
count=0
compile() {
	for cc in gcc clang; do
		# shellcheck disable=SC2086
		$cc $flags -c "$1" -o "$build/stub.o" || { echo "$cc: $1 ($2)"; exit 1; }
	done
	# Nothing but memory functions may be asked of the compiler's library.
	if nm -u "$build/stub.o" | grep -Eq ' (__stack_chk_fail|strlen|strncpy|malloc|printf)$'; then
		echo "$2 needs a library function"
		exit 1
	fi
	count=$((count + 1))
}
for f in mach/mach mach/mach_port mach/mach_host mach/mach4 mach/gnumach mach_debug/mach_debug \
    device/device mach/x86_64/mach_i386 portolan/portolan mach/experimental; do
	"$mig" -I "$defs" -DKERNEL_SERVER=1 -user /dev/null -header /dev/null \
	    -server "$build/server.c" -sheader "$build/server.h" "$defs/$f.defs"
	compile "$build/server.c" "$f"
done
for f in mach/exc mach/notify mach/task_notify mach/memory_object mach/memory_object_default \
    device/device_reply device/device_intr_notify; do
	"$mig" -I "$defs" -DKERNEL_USER=1 -server /dev/null \
	    -user "$build/user.c" -header "$build/user.h" "$defs/$f.defs"
	compile "$build/user.c" "$f"
done
echo "$count kernel stubs compile freestanding"

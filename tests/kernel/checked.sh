#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The guest tests on a kernel that checks itself: the order of locks and
# undefined behaviour.
#
# checked.sh BUILD [TEST.py ...]: builds in BUILD-checked.
set -eu

checked=$1-checked
shift
top=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -gt 0 ] || set -- tests/kernel/test_kernel.py tests/native/test_native.py \
	tests/arch/test_arch.py tests/qemu/test_shell.py tests/qemu/test_faults.py

if [ ! -f "$checked/build.ninja" ]; then
	meson setup "$checked" "$top" -Dlock_check=true -Dsanitize=kernel >/dev/null
fi
ninja -C "$checked" >"$checked/ninja.log" || {
	tail -n 30 "$checked/ninja.log"
	exit 1
}
failed=0
for test; do
	echo "# $test"
	PORTOLAN_PATIENCE=4 PORTOLAN_BUILD=$checked python3 "$top/$test" || failed=1
done
exit $failed

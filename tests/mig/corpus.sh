#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# corpus.sh DIR [mig option ...]
#
# Runs mig over every .defs file below DIR and compiles the stubs.  Prints
# one line for each file: accepted, accepted without compiling (a C header
# is missing), or rejected with the first message.  Environment: MIG, CC,
# CFLAGS (include folders of the interfaces' headers).
# Exit status: 0 when no file was rejected and no stub failed to compile.
set -u
if [ $# -lt 1 ]; then
	echo "usage: corpus.sh DIR [mig option ...]" >&2
	exit 2
fi
directory=$1
shift
mig=${MIG:-mig}
cc=${CC:-cc}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
accepted=0 uncompiled=0 rejected=0 failed=0
find "$directory" -name '*.defs' | sort > "$work/list"
while read -r file; do
	rm -f "$work"/*.c "$work"/*.h "$work"/*.o
	if ! "$mig" -cc "$cc" -q -I "$directory" -I "$(dirname "$file")" "$@" \
	    -user "$work/u.c" -server "$work/s.c" -header "$work/u.h" -sheader "$work/s.h" \
	    "$file" > /dev/null 2> "$work/messages"; then
		if grep -q 'no subsystem statement' "$work/messages"; then
			echo "types only  $file"
			continue
		fi
		rejected=$((rejected + 1))
		echo "rejected    $file: $(grep -m1 'error' "$work/messages")"
		continue
	fi
	accepted=$((accepted + 1))
	result=accepted
	for stub in u s; do
		# shellcheck disable=SC2086
		if "$cc" -std=c11 -Wall -Wextra -Wconversion -Werror ${CFLAGS:-} -c "$work/$stub.c" \
		    -o "$work/$stub.o" 2> "$work/cc"; then
			continue
		elif grep -Eq 'No such file|unknown type name|undeclared|implicit declaration' "$work/cc"; then
			result="no headers"
		else
			result="fails"
			grep -m3 'error' "$work/cc"
		fi
	done
	case $result in
	"no headers") uncompiled=$((uncompiled + 1)) ;;
	fails) failed=$((failed + 1)) ;;
	esac
	printf '%-11s %s\n' "$result" "$file"
done < "$work/list"
echo "$accepted accepted ($uncompiled without the headers to compile), $rejected rejected, $failed stubs fail to compile"
[ "$rejected" -eq 0 ] && [ "$failed" -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# long-demux.sh MIG SOURCE BUILD [--seconds N | --count N]
# libFuzzer against the server of one large interface, by mig's own --fuzz.
set -eu
mig=$(realpath "$1")
source=$2
build=$3
shift 3
limit=-max_total_time=580
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) limit="-max_total_time=$2" ;;
	--count) limit="-runs=$2" ;;
	*) echo "long-demux.sh: unknown option $1" >&2; exit 2 ;;
	esac
	shift 2
done
command -v clang >/dev/null || { echo "no clang"; exit 77; }
mkdir -p "$build/found"
cd "$build"
defs=$source/tests/mig/defs/mixed.defs
"$mig" --dump=json "$defs" > m.json
python3 "$source/tests/mig/gen_roundtrip.py" --types < m.json > m.types.h
"$mig" -n -server m.server.c --fuzz m.fuzz.c "$defs"
printf '%s\n' '#include <mach/mig_support.h>' \
	'kern_return_t mig_allocate(vm_address_t *a, vm_size_t s) { (void)s; *a = 0; return 0; }' \
	'kern_return_t mig_deallocate(vm_address_t a, vm_size_t s) { (void)a; (void)s; return 0; }' > m.support.c
clang -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	-include m.types.h -I "$source/libmach/include" m.fuzz.c m.server.c m.support.c -o fuzz_demux
./fuzz_demux "$limit" -seed=1 -max_len=8192 -print_final_stats=1 -verbosity=0 found

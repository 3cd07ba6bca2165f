#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# long-messages.sh MIG SOURCE BUILD [--count N] [--seed N] [--abi typed|osf]
# N disturbed requests (a million) against each demultiplexer, and as many
# disturbed replies against its user stubs, under the address and
# undefined-behaviour sanitizers, one process for each processor.
set -eu
mig=$(realpath "$1")
source=$2
build=$3
shift 3
count=1000000
seed=$$
abis="typed osf"
while [ $# -gt 0 ]; do
	case $1 in
	--count) count=$2 ;;
	--seed) seed=$2 ;;
	--abi) abis=$2 ;;
	*) echo "long-messages.sh: unknown option $1" >&2; exit 2 ;;
	esac
	shift 2
done
echo "seed $seed"
for abi in $abis; do
	python3 "$source/tests/mig/roundtrip.py" --mig "$mig" --abi "$abi" --out "$build/$abi" \
		--include "$source/libmach/include" --seed "$seed" --each-demux "$count" \
		--processes "$(nproc)" "$source"/tests/mig/defs/*.defs
done

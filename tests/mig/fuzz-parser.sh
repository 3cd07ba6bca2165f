#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz-parser.sh SOURCE BUILD [--seconds N | --count N] [--seed N]
# Builds the parser fuzzer with clang and runs it over the test files.
set -eu
source=$1
build=$2
shift 2
limit=-runs=3000
seed=1
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) limit="-max_total_time=$2" ;;
	--count) limit="-runs=$2" ;;
	--seed) seed=$2 ;;
	*) echo "fuzz-parser.sh: unknown option $1" >&2; exit 2 ;;
	esac
	shift 2
done
command -v clang >/dev/null || { echo "no clang"; exit 77; }
mkdir -p "$build/corpus"
bison -o "$build/parser.c" --defines="$build/parser.h" "$source/mig/parser.y"
flex -o "$build/lexer.c" "$source/mig/lexer.l"
set --
for f in "$source"/mig/*.c; do
	[ "$(basename "$f")" = main.c ] || set -- "$@" "$f"
done
clang -std=gnu17 -g -O1 -w -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	-I"$source/mig" -I"$build" "$source/tests/mig/fuzz_parser.c" "$build/parser.c" "$build/lexer.c" \
	"$@" -o "$build/fuzz_parser"
for f in "$source"/tests/mig/defs/*.defs; do
	cc -E -x c "$f" -o "$build/corpus/$(basename "$f")"
done
: > "$build/dictionary"
sed -n 's/.*{ "\([a-z_]*\)", [A-Z_]*, .*/"\1"/p' "$source/mig/lexer.l" >> "$build/dictionary"
mkdir -p "$build/found"
cd "$build"
./fuzz_parser "$limit" -seed="$seed" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -dict=dictionary \
	-print_final_stats=1 -verbosity=0 found corpus

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# long-parser.sh SOURCE BUILD [--seconds N | --count N] [--seed N]: ten minutes by default.
source=$1
build=$2
shift 2
[ $# -gt 0 ] || set -- --seconds 580
exec "$source/tests/mig/fuzz-parser.sh" "$source" "$build" "$@"

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# 100 MiB of counted lines through 20 stages, with a checksum: prints
# the same on Linux (pipeline.expected).
set -u
c=cat
yes 'portolan: a chart of ports' | head -c 104857600 | $c | $c | $c | $c | $c | $c | $c | $c |
    $c | $c | $c | $c | $c | $c | $c | $c | $c | $c | md5sum
echo "status $?"

# SPDX-License-Identifier: BSD-2-Clause
# make bench-parse: messages a second on one core

bench-parse: $(B)/bench/parse_bench
	$<
.PHONY: bench-parse

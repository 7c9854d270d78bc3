# SPDX-License-Identifier: BSD-2-Clause
# make bench-parse: messages a second on one core

bench-parse: $(B)/bench/parse_bench
	$<
.PHONY: bench-parse

# make bench-mem: what shared memory costs
bench-mem: $(B)/bench/mem_bench
	$<
.PHONY: bench-mem

# SPDX-License-Identifier: BSD-2-Clause
# make fuzz T=600        every test/fuzz/fuzz_NAME.c for T seconds, two at a time; fails on a crash
# make fuzz NAMES="msg uri" T=60
# make fuzz-build        builds the harnesses only, in build-fuzz

T ?= 60
NAMES ?=
FUZZ := $(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/fuzz_*.c))
FUZZ_B := build-fuzz

fuzz: fuzz-build
	test/fuzz/run -t $(T) $(NAMES)
fuzz-build:
	@$(MAKE) --no-print-directory B=$(FUZZ_B) CC=clang HARDEN= OPT="-O1 -g" \
		SAN="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" \
		fuzz-harnesses
fuzz-harnesses: $(FUZZ:%=$(B)/fuzz/%) $(if $(filter fuzz_try,$(FUZZ)),modules)

# A harness is linked with the layers that a comment in it names, "layers: core/base parser", else with all up to the script's.
fuzz_layers = $(or $(shell sed -n 's|^/[*] layers: \(.*\) [*]/$$|\1|p' test/fuzz/$(1).c),$(filter-out core/mod core/try,$(LAYERS)))
# ... and with parts of modules: "parts: modules/tls/cert modules/tls/dn"; a folder is all of it.
fuzz_parts = $(foreach p,$(shell sed -n 's|^/[*] parts: \(.*\) [*]/$$|\1|p' test/fuzz/$(1).c),$(patsubst %.c,$(B)/obj/%.o,$(or $(wildcard $(p)/*.c),$(p).c)))
define fuzz_rule
$(B)/fuzz/$(1): $(B)/obj/test/fuzz/$(1).o $(call fuzz_parts,$(1)) $(foreach l,$(call fuzz_layers,$(1)),$(call layer_lib,$(l)))
	$$(call say,LD)
	$$(Q)$$(CC) -fsanitize=fuzzer $$(LDFLAGS_ALL) -o $$@ $$(filter %.o,$$^) -Wl,$(if $(filter fuzz_try,$(1)),--whole-archive,--start-group) $$(filter %.a,$$^) -Wl,$(if $(filter fuzz_try,$(1)),--no-whole-archive,--end-group) $$(LIBS)
endef
ifeq ($(B),$(FUZZ_B))
$(foreach f,$(FUZZ),$(eval $(call fuzz_rule,$(f))))
endif
.PHONY: fuzz fuzz-build fuzz-harnesses

# SPDX-License-Identifier: BSD-2-Clause
# make, make check, make lint, make asan, make fuzz T=600, make install DESTDIR= PREFIX=
include Makefile.defs

all: $(B)/serac modules

layer_sources = $(wildcard $(1)/*.c) $(patsubst %,$(B)/gen/%.tab.c,$(basename $(wildcard $(1)/*.y))) \
	$(patsubst %,$(B)/gen/%.lex.c,$(basename $(wildcard $(1)/*.l)))
to_objects = $(patsubst %.c,$(B)/obj/%.o,$(patsubst $(B)/gen/%,gen/%,$(1)))
layer_lib = $(B)/lib/$(subst /,_,$(1)).a
SOURCES := $(foreach l,$(LAYERS),$(call layer_sources,$(l)))
LIBFILES := $(foreach l,$(LAYERS),$(call layer_lib,$(l)))
GENERATED := $(patsubst %.y,$(B)/gen/%.tab.h,$(wildcard core/*/*.y))

define layer_rule
$(call layer_lib,$(1)): $(call to_objects,$(call layer_sources,$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

$(B)/obj/%.o: %.c Makefile Makefile.defs
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
$(B)/obj/gen/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -Wno-unused-function -Wno-sign-compare -MMD -MP -c -o $@ $<
$(B)/gen/%.tab.c $(B)/gen/%.tab.h &: %.y
	@mkdir -p $(@D)
	bison -d -Wall -o $(B)/gen/$*.tab.c $<
$(B)/gen/%.lex.c: %.l
	@mkdir -p $(@D)
	flex -o $@ $<
$(call to_objects,$(foreach l,core/script,$(call layer_sources,$(l)))): | $(GENERATED)

$(B)/serac: $(B)/obj/core/main.o $(LIBFILES)
	$(CC) $(LDFLAGS_ALL) -o $@ $(B)/obj/core/main.o -Wl,--whole-archive $(LIBFILES) -Wl,--no-whole-archive $(LIBS)

MODULES := $(notdir $(patsubst %/,%,$(wildcard modules/*/)))
modules: $(foreach m,$(MODULES),$(B)/modules/$(m).so)
define module_rule
$(B)/modules/$(1).so: $(patsubst %.c,$(B)/pic/%.o,$(wildcard modules/$(1)/*.c))
	@mkdir -p $$(@D)
	$$(CC) $$(SAN) -shared -Wl,-z,relro,-z,now -o $$@ $$^ $$(LIBS_$(1))
endef
$(foreach m,$(MODULES),$(eval $(call module_rule,$(m))))
$(B)/pic/%.o: %.c Makefile Makefile.defs
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(filter-out -fPIE,$(CFLAGS_ALL)) -fPIC -MMD -MP -c -o $@ $<

# --- unit tests: test/unit/parser/test_via.c is linked with its own layer and those below
UNIT_SOURCES := $(wildcard test/unit/*/test_*.c test/unit/*/*/test_*.c)
UNIT := $(patsubst test/unit/%.c,$(B)/unit/%,$(UNIT_SOURCES))
layers_upto = $(foreach l,$(LAYERS),$(call layer_lib,$(l))$(if $(filter $(1),$(l)), STOP))
cut_at_stop = $(if $(filter STOP,$(1)),$(shell echo "$(1)" | sed 's/ STOP.*//'),$(1))
define unit_rule
$(B)/unit/$(1): $(B)/obj/test/unit/$(1).o $(call cut_at_stop,$(call layers_upto,$(patsubst %/,%,$(dir $(1)))))
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_ALL) -o $$@ $$< -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(LIBS) -lcmocka
endef
$(foreach u,$(patsubst $(B)/unit/%,%,$(UNIT)),$(eval $(call unit_rule,$(u))))
units: $(UNIT)
# make unit-parser: builds and runs the unit tests of one layer (unit-core/net for core/net)
unit-%:
	@$(MAKE) --no-print-directory $(patsubst test/unit/%.c,$(B)/unit/%,$(wildcard test/unit/$*/test_*.c))
	@set -e; for t in $(patsubst test/unit/%.c,$(B)/unit/%,$(wildcard test/unit/$*/test_*.c)); do echo "== $$t"; $$t; done

-include test/fuzz/fuzz.mk

check: all
	scripts/check
asan:
	$(MAKE) B=build-asan SAN="-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined" \
		HARDEN= OPT="-O1 -g" all units
fault:
	$(MAKE) B=build-fault FAULT=1 OPT="-O1 -g" all units
lint:
	@tools/lint

install: all
	install -D -m 755 $(B)/serac $(DESTDIR)$(PREFIX)/sbin/serac
	for m in $(MODULES); do install -D -m 755 $(B)/modules/$$m.so $(DESTDIR)$(PREFIX)/lib/serac/modules/$$m.so; done
	test -e $(DESTDIR)$(PREFIX)/etc/serac/serac.cfg || \
		install -D -m 644 etc/serac.cfg $(DESTDIR)$(PREFIX)/etc/serac/serac.cfg
clean:
	rm -rf build build-*

DEPS := $(shell find $(B)/obj $(B)/pic -name '*.d' 2>/dev/null)
-include $(DEPS)
.PHONY: all modules units check asan fault lint install clean
.SECONDARY:

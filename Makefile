# SPDX-License-Identifier: BSD-2-Clause
# make, make check, make lint, make asan, make fault, make fuzz T=600, make install DESTDIR= PREFIX=
# make unit-parser builds and runs one layer's unit tests; B=build-mine takes a build folder of its own;
# V=1 shows the commands.
include Makefile.defs

# what is done to which file, instead of the whole command
say = @$(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,printf '  %-5s %s\n' $(1) $@;) mkdir -p $(@D)
Q := $(if $(V),,@)

all: $(B)/serac modules test-modules

# What was built with other flags is built again; warnings as errors are no such difference.
ifneq ($(filter-out clean lint,$(or $(MAKECMDGOALS),all)),)
FLAGS := $(strip $(CC) $(CPPFLAGS_ALL) $(filter-out $(WERROR),$(CFLAGS_ALL)) $(HOT_OPT) : $(LDFLAGS_ALL) $(LIBS))
ifneq ($(FLAGS),$(strip $(file <$(B)/flags)))
$(shell mkdir -p $(B))
$(file >$(B)/flags,$(FLAGS))
endif
ifneq ($(CONFIG),$(file <$(B)/config))
$(file >$(B)/config,$(CONFIG))
endif
$(B)/flags $(B)/config: ;
$(B)/obj/core/run/options.o: $(B)/config
$(B)/obj/core/run/options.o: CPPFLAGS += -DSERAC_CFG='"$(CONFIG)"'
endif

layer_sources = $(wildcard $(1)/*.c) $(patsubst %,$(B)/gen/%.tab.c,$(basename $(wildcard $(1)/*.y))) \
	$(patsubst %,$(B)/gen/%.lex.c,$(basename $(wildcard $(1)/*.l)))
to_objects = $(patsubst %.c,$(B)/obj/%.o,$(patsubst $(B)/gen/%,gen/%,$(filter-out core/main.c,$(1))))
layer_lib = $(B)/lib/$(subst /,_,$(1)).a
LIBFILES := $(foreach l,$(LAYERS),$(call layer_lib,$(l)))
GENERATED := $(patsubst %.y,$(B)/gen/%.tab.h,$(wildcard core/*/*.y))

$(foreach l,$(HOT_LAYERS),$(eval $(B)/obj/$(l)/%.o: HOT = $(HOT_OPT)))
define layer_rule
$(call layer_lib,$(1)): $(call to_objects,$(call layer_sources,$(1)))
	$$(call say,AR)
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

$(B)/obj/gen/%.o: $(B)/gen/%.c $(B)/flags
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_PROGRAM) -Wno-unused-function -Wno-sign-compare -MMD -MP -c -o $@ $<
$(B)/obj/%.o: %.c $(B)/flags
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_PROGRAM) -MMD -MP -c -o $@ $<
$(B)/pic/%.o: %.c $(B)/flags
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_MODULE) -MMD -MP -c -o $@ $<
$(B)/gen/%.tab.c $(B)/gen/%.tab.h &: %.y
	$(call say,BISON)
	$(Q)bison -d -Wall -o $(B)/gen/$*.tab.c $<
$(B)/gen/%.lex.c: %.l
	$(call say,FLEX)
	$(Q)flex -o $@ $<
$(B)/obj/core/try/junit.o: CPPFLAGS += -I/usr/include/libxml2
# Generated headers come before everything that may include them.
$(call to_objects,$(call layer_sources,core/script) $(wildcard test/unit/core/script/*.c)): | $(GENERATED)

$(B)/serac: $(B)/obj/core/main.o $(LIBFILES)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(B)/obj/core/main.o -Wl,--whole-archive $(LIBFILES) -Wl,--no-whole-archive $(LIBS)

# TLS=0 leaves the module out; TLS=1, as SER was built, is what is done anyway
MODULES := $(filter-out $(if $(filter 0,$(TLS)),tls),$(patsubst modules/%/mod.c,%,$(wildcard modules/*/mod.c)))
module_objects = $(patsubst %.c,$(B)/pic/%.o,$(wildcard modules/$(1)/*.c))
modules: $(foreach m,$(MODULES),$(B)/modules/$(m).so)
define module_rule
$(B)/modules/$(1).so: $(call module_objects,$(1))
	$$(call say,LD)
	$$(Q)$$(CC) $$(SAN) -shared -Wl,-z,relro,-z,now -o $$@ $$^ $$(LIBS_$(1))
endef
$(foreach m,$(MODULES),$(eval $(call module_rule,$(m))))

# --- modules of the functional tests, which are not installed: build/test/modules/waits.so
TEST_MODULES := $(patsubst test/functional/modules/%/mod.c,%,$(wildcard test/functional/modules/*/mod.c))
test-modules: $(foreach m,$(TEST_MODULES),$(B)/test/modules/$(m).so)
$(B)/test/modules/%.so: $(B)/pic/test/functional/modules/%/mod.o
	$(call say,LD)
	$(Q)$(CC) $(SAN) -shared -Wl,-z,relro,-z,now -o $@ $^

# --- unit tests: test/unit/parser/test_via.c is linked with its own layer and those below it,
# test/unit/modules/sl/test_x.c with all layers and the objects of that module.
UNIT := $(patsubst test/unit/%.c,$(B)/unit/%,$(wildcard test/unit/*/test_*.c test/unit/*/*/test_*.c))
upto = $(if $(2),$(firstword $(2)) $(if $(filter $(1),$(firstword $(2))),,$(call upto,$(1),$(wordlist 2,99,$(2)))))
layer_of = $(patsubst %/,%,$(dir $(1)))
unit_links = $(foreach l,$(call upto,$(call layer_of,$(1)),$(LAYERS)),$(call layer_lib,$(l))) \
	$(if $(filter modules/%,$(1)),$(call module_objects,$(patsubst modules/%,%,$(call layer_of,$(1)))))
define unit_rule
$(B)/unit/$(1): $(B)/obj/test/unit/$(1).o $(call unit_links,$(1))
	$$(call say,LD)
	$$(Q)$$(CC) $$(LDFLAGS_ALL) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(LIBS) -lcmocka
endef
$(foreach u,$(patsubst $(B)/unit/%,%,$(UNIT)),$(eval $(call unit_rule,$(u))))
units: $(UNIT)
# make unit-parser: builds and runs the unit tests of one layer (unit-core/net for core/net)
define unit_run_rule
unit-$(1): $(filter $(B)/unit/$(1)/test_%,$(UNIT))
	@set -e; for t in $$^; do echo "== $$$$t"; $$$$t; done
.PHONY: unit-$(1)
endef
$(foreach d,$(sort $(foreach u,$(patsubst $(B)/unit/%,%,$(UNIT)),$(call layer_of,$(u)))),$(eval $(call unit_run_rule,$(d))))
# every object, for a compiler whose opinion is wanted and whose program is not: make CC=clang B=build-clang objects
objects: $(LIBFILES) $(B)/obj/core/main.o $(foreach m,$(MODULES),$(call module_objects,$(m))) \
	$(patsubst $(B)/unit/%,$(B)/obj/test/unit/%.o,$(UNIT)) $(patsubst $(B)/bench/%,$(B)/obj/test/bench/%.o,$(BENCH))

# --- benchmarks: make build/bench/parse_bench
BENCH := $(patsubst test/bench/%.c,$(B)/bench/%,$(wildcard test/bench/*.c))
$(BENCH): $(B)/bench/%: $(B)/obj/test/bench/%.o $(LIBFILES)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $< -Wl,--start-group $(LIBFILES) -Wl,--end-group $(LIBS)

-include test/fuzz/fuzz.mk test/bench/bench.mk

check:
	scripts/check
asan:
	$(MAKE) B=build-asan SAN="-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined" \
		HARDEN= OPT="-O1 -g" all units
fault:
	$(MAKE) B=build-fault FAULT=1 OPT="-O1 -g" all units
lint:
	@tools/lint

# The configuration of an installation is the operator's: an existing one is left alone.
install: all
	install -D -m 755 $(B)/serac $(DESTDIR)$(PREFIX)/sbin/serac
	set -e; for m in $(MODULES); do \
		install -D -m 755 $(B)/modules/$$m.so $(DESTDIR)$(PREFIX)/lib/serac/modules/$$m.so; done
	install -D -m 755 tools/serac-cert $(DESTDIR)$(PREFIX)/sbin/serac-cert
	test -e $(DESTDIR)$(CONFIG) || install -D -m 644 etc/serac.cfg $(DESTDIR)$(CONFIG)
	mkdir -p $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|/usr/local/etc/|$(SYSCONFDIR)/|g; s|/usr/local/|$(PREFIX)/|g' etc/serac.service \
		>$(DESTDIR)$(PREFIX)/lib/systemd/system/serac.service
clean:
	rm -rf build build-*

DEPS := $(if $(wildcard $(B)/obj $(B)/pic),$(shell find $(wildcard $(B)/obj $(B)/pic) -name '*.d'))
-include $(DEPS)
.PHONY: all modules test-modules units objects check asan fault lint install clean
.SECONDARY:
.DELETE_ON_ERROR:

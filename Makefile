# SPDX-License-Identifier: GPL-2.0-or-later
.DEFAULT_GOAL := all
include rules.mk

VERSION	:= $(shell sed -n 's/^\#define MERGE_VERSION\t"\(.*\)"/\1/p' libmerge/include/libmerge.h)
PREFIX	?= /usr/local
LIBDIR	?= $(PREFIX)/lib
MANDIR	?= $(PREFIX)/share/man
SYSTEMD_UNITS ?= $(PREFIX)/lib/systemd/system
# crash looks here for "extend NAME.so", whatever the prefix of the rest
CRASH_EXTENSIONS ?= /usr/lib/crash/extensions

LIB_OBJ	 := $(patsubst %.c,$(B)/%.o,$(wildcard libmerge/*.c))
CRASH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard crash-ext/*.c))
# what the extension and the tool share; linked to neither's main file
SHARED_OBJ := $(patsubst %,$(B)/libmerge/tools/%.o,list notes options options_field texts)
TOOL_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard libmerge/tools/*.c))
SHIM_OBJ := $(B)/tracecmd-plugin/shim_mmap.o
TEST_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/*.c))

.PHONY: all example deps deps-kernelshark deps-window demo check check-unit check-tool check-asan check-mutants check-vm fuzz fuzz-targets deps-fuzz deb deps-deb check-deb check-long bench bench-kernel bench-record install clean
all: $(B)/libmerge.so $(B)/libmerge.a $(B)/pstore_rb.so $(B)/pstore-rb $(B)/shim_mmap.so \
	$(B)/trace-cmd-mmap

$(B)/libmerge.a: $(LIB_OBJ)
	$(call say,AR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/libmerge.so: $(LIB_OBJ) libmerge/libmerge.map
	$(call say,LD)
	$(Q)$(CC) -shared $(OPT) $(LDFLAGS) -Wl,-soname,libmerge.so.1 -Wl,-z,defs \
		-Wl,--version-script=libmerge/libmerge.map -o $(B)/libmerge.so.1 \
		$(LIB_OBJ) $(TEP_LIBS) $(ZIP_LIBS)
	$(Q)ln -sf libmerge.so.1 $@

# crash's own functions stay undefined: the program that loads it has them
$(B)/pstore_rb.so: $(CRASH_OBJ) $(SHARED_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) -shared $(OPT) $(LDFLAGS) -Wl,-soname,pstore_rb.so -Wl,-Bsymbolic \
		-Wl,--exclude-libs,ALL -o $@ $^ $(TEP_LIBS) $(Z_LIBS)

$(TOOL_OBJ): ALL_CFLAGS += $(TFS_CFLAGS)

$(B)/pstore-rb: $(TOOL_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -pthread -o $@ $^ $(TFS_LIBS) $(TEP_LIBS) $(ZIP_LIBS)

# of the tool what has tests of its own
UNIT_OBJ := $(patsubst %,$(B)/libmerge/tools/%.o,inputs rec_file copyfile stop sizing iomem redact ustar)

# preloaded into trace-cmd, which brings libtracefs along
$(SHIM_OBJ): ALL_CFLAGS += $(TFS_CFLAGS)

$(B)/shim_mmap.so: $(SHIM_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) -shared $(OPT) $(LDFLAGS) -Wl,-soname,shim_mmap.so -Wl,-z,defs \
		-Wl,--exclude-libs,ALL -o $@ $^ $(TFS_LIBS)

$(B)/trace-cmd-mmap: tracecmd-plugin/trace-cmd-mmap.in
	$(call say,SED)
	$(Q)sed 's,@SHIM@,$(LIBDIR)/pstore-rb/shim_mmap.so,' $< >$@
	$(Q)chmod 755 $@

# test-src_live.c plays the kernel in its ioctls
$(B)/unit-tests: $(TEST_OBJ) $(SHARED_OBJ) $(UNIT_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -Wl,--wrap=ioctl -o $@ $^ $(TEP_LIBS) $(ZIP_LIBS) -lcunit

# what makes input for the tests, without the tests
MAKER_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/boot.c tests/image.c tests/mkimage.c \
	tests/mkkernel*.c tests/mkpages.c tests/mkpersist.c tests/mkramoops.c tests/mkbootring.c))
MUTATE_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/mutate/*.c))
$(MUTATE_OBJ): ALL_CFLAGS += -Itests

$(B)/mutate: $(MUTATE_OBJ) $(MAKER_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(TEP_LIBS) $(ZIP_LIBS)

# what pstore-rb's cases make their files with
$(B)/tests/tool/make-trace.o: ALL_CFLAGS += -Itests

$(B)/make-trace: $(B)/tests/tool/make-trace.o $(MAKER_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(TEP_LIBS) $(ZIP_LIBS)

# FUZZ_TIME=SECONDS for each of tests/fuzz/fuzz-*.c
FUZZ_TIME ?= 3600
FUZZ_TARGETS := page description tracedat region ramoops
FUZZ_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fuzz/*.c))
$(FUZZ_OBJ): ALL_CFLAGS += -Itests

# libFuzzer has a main(); without it, replay.c's reads files
$(B)/fuzz-%: $(B)/tests/fuzz/fuzz-%.o $(if $(FUZZ),,$(B)/tests/fuzz/replay.o) \
		$(B)/tests/mutate/wholly.o $(B)/tests/mutate/json_check.o $(MAKER_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(OPT) $(if $(FUZZ),-fsanitize=fuzzer) $(LDFLAGS) -o $@ $^ $(TEP_LIBS) $(ZIP_LIBS)

$(B)/corpus-maker: $(B)/tests/fuzz/corpus.o $(MAKER_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(TEP_LIBS) $(ZIP_LIBS)

fuzz-targets: $(FUZZ_TARGETS:%=$(B)/fuzz-%) $(B)/corpus-maker

deps-fuzz: deps
	@[ "$(DEPS)" = have ] || tests/deps tests/fuzz/deps.txt

fuzz: deps-fuzz
	@$(MAKE) -s FUZZ=1 fuzz-targets
	@tests/fuzz/run $(FUZZ_TIME)

deps-deb: deps
	@[ "$(DEPS)" = have ] || tests/deps tests/deb/deps.txt

# Debian packages, into build/deb
deb: deps-deb
	@tests/deb/build

# they are installed in fresh roots, and used
check-deb: deps-deb
	@tests/check deb

check-unit: $(B)/unit-tests
	$(B)/unit-tests

# pstore-rb itself, its man pages and its completion
check-tool: all $(B)/make-trace
	tests/check-man $(B)/pstore-rb
	tests/tool/cases.py $(B)/pstore-rb $(B)/make-trace completions/pstore-rb

# MUTANTS=N; build/asan/mutate --kind K --seed N runs one of them again
check-asan:
	$(MAKE) SAN=1 check-unit
	$(MAKE) SAN=1 check-mutants

MUTANTS ?= 10000
check-mutants: $(B)/mutate
	$(B)/mutate --mutants $(MUTANTS) --jobs 2

example: $(B)/example
$(B)/example: docs/example.c $(B)/libmerge.so
	$(call say,LD)
	$(Q)$(CC) -std=gnu11 $(OPT) $(CFLAGS) $(WARN) -D_GNU_SOURCE -Ilibmerge/include $(LDFLAGS) \
		-o $@ docs/example.c -L$(B) -lmerge -Wl,-rpath,'$$ORIGIN'

# only for the cases of tests/vm/cases/texts.py
$(B)/two-ways.so: tests/vm/two-ways.c $(B)/crash-ext/crash_mem.o $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) -shared $(LDFLAGS) -Wl,--exclude-libs,ALL -o $@ $^ $(TEP_LIBS)

# only for the cases of tests/vm/cases/kernelshark.py
$(B)/kshark-load: tests/kernelshark/load.c
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(OPT) $(CFLAGS) $(WARN) -D_GNU_SOURCE -isystem /usr/include/kernelshark \
		$(shell $(PKG_CONFIG) --cflags json-c 2>/dev/null) $(LDFLAGS) -o $@ $< -lkshark

# DEPS=have: everything deps.txt lists is there
deps:
	@[ "$(DEPS)" = have ] || tests/deps deps.txt

deps-kernelshark: deps
	@[ "$(DEPS)" = have ] || tests/deps tests/kernelshark/deps.txt

deps-window: deps
	@[ "$(DEPS)" = have ] || tests/deps tests/kernelshark/deps-window.txt

# (a make of its own after deps: it may just have installed pkg-config)
demo: deps
	@$(MAKE) -s all
	@tests/demo $(or $(KERNEL),6.12)

check: deps-kernelshark deps-fuzz deps-deb
	@echo "make check: unit tests, sanitizers, then crashed kernels under QEMU: about three quarters of an hour with a warm cache, some more the first time"
	$(MAKE) all example $(B)/two-ways.so
	@tests/check unit asan fuzz vm deb survive

# KERNELS="6.12 bookworm sid" or some of them
check-vm: deps-kernelshark
	$(MAKE) all example $(B)/two-ways.so
	@tests/check vm

check-long: deps-kernelshark deps-window deps-fuzz deps-deb
	$(MAKE) all example $(B)/two-ways.so
	@tests/check unit asan fuzz vm-long persist deb

# CRASH_TRACE_SO=FILE measures crash-trace beside ours
bench: deps
	@$(MAKE) -s all $(B)/bench-merge $(B)/bench-big $(B)/bench-text $(B)/bench-live $(B)/bench/clock.so
	@tests/bench/run

# the tracer of kernel/'s series beside mainline's, in guests of its own
bench-kernel: deps
	@tests/bench/kernel

# who records, in a guest with the kernel of kernel/'s series
bench-record: deps
	@$(MAKE) -s all $(B)/bench/mapped.so
	@tests/bench/record

$(B)/bench-merge: tests/bench/bench-merge.c $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(TEP_LIBS)

$(B)/bench-text: tests/bench/bench-text.c $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(TEP_LIBS) $(ZIP_LIBS)

# it makes its file with what the unit tests make theirs with
$(B)/bench-big: tests/bench/bench-big.c $(addprefix $(B)/tests/,boot.o image.o mkimage.o) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(TEP_LIBS) $(ZIP_LIBS)

# it plays the kernel in its ioctls
$(B)/bench-live: tests/bench/bench-live.c $(B)/tests/mkpages.o $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Wl,--wrap=ioctl -o $@ $^ $(TEP_LIBS) $(ZIP_LIBS)

$(B)/bench/mapped.so: tests/bench/mapped.c
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -shared $(LDFLAGS) -o $@ $< -ldl

$(B)/bench/clock.so: tests/bench/clock.c crash-ext/crash_api.h
	$(call say,LD)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -shared $(LDFLAGS) -o $@ $<

install: all
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(CRASH_EXTENSIONS)
	install -m 644 $(B)/libmerge.so.1 $(B)/libmerge.a $(DESTDIR)$(LIBDIR)
	ln -sf libmerge.so.1 $(DESTDIR)$(LIBDIR)/libmerge.so
	install -m 644 libmerge/include/libmerge.h $(DESTDIR)$(PREFIX)/include
	sed -e 's,@PREFIX@,$(PREFIX),; s,@LIBDIR@,$(LIBDIR),; s,@VERSION@,$(VERSION),' \
		libmerge/libmerge.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/libmerge.pc
	install -m 644 $(B)/pstore_rb.so $(DESTDIR)$(CRASH_EXTENSIONS)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(B)/pstore-rb $(B)/trace-cmd-mmap $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(LIBDIR)/pstore-rb
	install -m 644 $(B)/shim_mmap.so $(DESTDIR)$(LIBDIR)/pstore-rb
	install -m 644 docs/man/*.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 docs/man/*.3 $(DESTDIR)$(MANDIR)/man3
	install -m 644 completions/pstore-rb $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -d $(DESTDIR)$(SYSTEMD_UNITS) $(DESTDIR)$(SYSTEMD_UNITS)-shutdown
	for unit in systemd/*.service; do \
		sed 's,/usr/bin/pstore-rb,$(PREFIX)/bin/pstore-rb,' $$unit \
			> $(DESTDIR)$(SYSTEMD_UNITS)/$${unit##*/} || exit; \
	done
	install -m 755 systemd/pstore-rb.shutdown $(DESTDIR)$(SYSTEMD_UNITS)-shutdown

clean:
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(CRASH_OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(TEST_OBJ:.o=.d) $(SHIM_OBJ:.o=.d) \
	$(MUTATE_OBJ:.o=.d) $(FUZZ_OBJ:.o=.d)

# SPDX-License-Identifier: GPL-2.0-or-later
.DEFAULT_GOAL := all
include rules.mk

VERSION	:= 0.1.0
PREFIX	?= /usr/local
LIBDIR	?= $(PREFIX)/lib
# crash looks here for "extend NAME.so", whatever the prefix of the rest
CRASH_EXTENSIONS ?= /usr/lib/crash/extensions

LIB_OBJ	 := $(patsubst %.c,$(B)/%.o,$(wildcard libmerge/*.c))
CRASH_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard crash-ext/*.c))
TEST_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/*.c))

.PHONY: all example deps demo check check-unit check-asan check-vm check-long bench install clean
all: $(B)/libmerge.so $(B)/libmerge.a $(B)/pstore_rb.so

$(B)/libmerge.a: $(LIB_OBJ)
	$(call say,AR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/libmerge.so: $(LIB_OBJ) libmerge/libmerge.map
	$(call say,LD)
	$(Q)$(CC) -shared $(OPT) $(LDFLAGS) -Wl,-soname,libmerge.so.1 -Wl,-z,defs \
		-Wl,--version-script=libmerge/libmerge.map -o $(B)/libmerge.so.1 \
		$(LIB_OBJ) $(TEP_LIBS)
	$(Q)ln -sf libmerge.so.1 $@

# crash's own functions stay undefined: the program that loads it has them
$(B)/pstore_rb.so: $(CRASH_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) -shared $(OPT) $(LDFLAGS) -Wl,-soname,pstore_rb.so -Wl,-Bsymbolic \
		-Wl,--exclude-libs,ALL -o $@ $^ $(TEP_LIBS)

$(B)/unit-tests: $(TEST_OBJ) $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(OPT) $(LDFLAGS) -o $@ $^ $(TEP_LIBS) -lcunit

check-unit: $(B)/unit-tests
	$(B)/unit-tests

check-asan:
	$(MAKE) SAN=1 check-unit

example: $(B)/example
$(B)/example: docs/example.c $(B)/libmerge.so
	$(call say,LD)
	$(Q)$(CC) -std=gnu11 $(OPT) $(CFLAGS) $(WARN) -D_GNU_SOURCE -Ilibmerge/include $(LDFLAGS) \
		-o $@ docs/example.c -L$(B) -lmerge -Wl,-rpath,'$$ORIGIN'

# DEPS=have: everything deps.txt lists is there
deps:
	@[ "$(DEPS)" = have ] || tests/deps deps.txt

# (a make of its own after deps: it may just have installed pkg-config)
demo: deps
	@$(MAKE) -s all
	@tests/demo $(or $(KERNEL),6.12)

check: deps
	@echo "make check: unit tests, sanitizers, then a crashed kernel under QEMU: about 7 minutes with a warm cache, some more the first time"
	$(MAKE) all example
	@tests/check unit asan vm

check-vm: deps
	$(MAKE) all example
	@tests/check vm

check-long: deps
	$(MAKE) all example
	@tests/check unit asan vm-long

# CRASH_TRACE_SO=FILE measures crash-trace beside ours
bench: deps
	@$(MAKE) -s all $(B)/bench-merge $(B)/bench/clock.so
	@tests/bench/run

$(B)/bench-merge: tests/bench/bench-merge.c $(B)/libmerge.a
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(TEP_LIBS)

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

clean:
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(CRASH_OBJ:.o=.d) $(TEST_OBJ:.o=.d)

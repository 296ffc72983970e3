# SPDX-License-Identifier: GPL-2.0-or-later
# How things are compiled; what is built stands in the Makefile.

CC	?= gcc
AR	?= ar
PKG_CONFIG ?= pkg-config

# B is where everything lands: build/, or build/asan with SAN=1, build/fuzz with FUZZ=1
ifeq ($(SAN),1)
B	:= build/asan
OPT	:= -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else ifeq ($(FUZZ),1)
CC	:= clang
FUZZ_WARN := -Wno-missing-field-initializers
B	:= build/fuzz
OPT	:= -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
else
B	:= build
OPT	:= -O2
endif

TEP_CFLAGS := $(shell $(PKG_CONFIG) --cflags libtraceevent 2>/dev/null)
TEP_LIBS   := $(shell $(PKG_CONFIG) --libs libtraceevent 2>/dev/null || echo -ltraceevent)
# what controls a running kernel's tracing; of pstore-rb only
TFS_CFLAGS := $(shell $(PKG_CONFIG) --cflags libtracefs 2>/dev/null)
TFS_LIBS   := $(shell $(PKG_CONFIG) --libs libtracefs 2>/dev/null || echo -ltracefs)
# what reads compressed dumps of the log
Z_LIBS     := $(shell $(PKG_CONFIG) --libs zlib 2>/dev/null || echo -lz)
# what reads compressed trace.dat files
ZIP_LIBS   := $(shell $(PKG_CONFIG) --libs zlib libzstd 2>/dev/null || echo -lz -lzstd)

WARN	:= -Wall -Wextra $(FUZZ_WARN) -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes
ifeq ($(CI),1)
WARN	+= -Werror
endif

CFLAGS	?= -g
ALL_CFLAGS = -std=gnu11 $(OPT) $(CFLAGS) $(WARN) -fPIC -fvisibility=hidden \
	-D_GNU_SOURCE -Ilibmerge/include -Ilibmerge -Ilibmerge/tools $(TEP_CFLAGS)

# V=1 shows the commands; without it, a line for each file made
ifneq ($(V),1)
Q	:= @
endif
say	= @printf '  %-7s %s\n' $(1) $@

$(B)/%.o: %.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

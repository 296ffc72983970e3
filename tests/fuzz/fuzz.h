/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target: libFuzzer calls it with bytes. replay.c calls it with files, where
 * there is no libFuzzer.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

__attribute__((visibility("default")))
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif

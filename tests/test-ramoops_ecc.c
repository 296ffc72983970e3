// SPDX-License-Identifier: GPL-2.0-or-later
/* The Reed-Solomon code of ramoops: what is right, what is corrected, what cannot be. */
#include <string.h>

#include "mkramoops.h"
#include "ramoops_ecc.h"
#include "tests.h"

/* What the kernel's encode_rs8() gives for the bytes 3, 10, 17, ... */
static const uint8_t kernels[16] = {
	0xd3, 0x1c, 0x64, 0xc1, 0x76, 0xe7, 0x40, 0x7f, 0x7e, 0xec, 0xc0, 0x4d, 0x3b, 0x49, 0x07, 0xae,
};

static void fill(uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(7 * i + 3);
}

static void test_is_the_kernels(void)
{
	uint8_t data[128], parity[16];
	struct ecc e;

	ecc_init(&e);
	fill(data, sizeof(data));
	CU_ASSERT(ecc_is_right(&e, data, sizeof(data), kernels, 16));
	CU_ASSERT_EQUAL(ecc_correct(&e, data, sizeof(data), kernels, 16), 0);
	ramoops_parity(data, sizeof(data), parity, 16);
	CU_ASSERT(!memcmp(parity, kernels, sizeof(kernels)));
	data[5] ^= 1;
	CU_ASSERT(!ecc_is_right(&e, data, sizeof(data), kernels, 16));
}

/* @wrong different places of data and parity, any value */
static void spoil(uint8_t *word, size_t size, unsigned int wrong, uint64_t *state)
{
	bool taken[255] = { false };

	while (wrong) {
		size_t at = test_random(state) % size;

		if (taken[at])
			continue;
		taken[at] = true;
		word[at] ^= (uint8_t)(1 + test_random(state) % 255);
		wrong--;
	}
}

static void test_corrects(void)
{
	static const unsigned int sizes[] = { 128, 12, 1, 100 }, parities[] = { 16, 4, 1, 32, 127 };
	uint64_t state = 5;
	struct ecc e;

	ecc_init(&e);
	for (unsigned int n = 0; n < 2000; n++) {
		unsigned int size = sizes[test_random(&state) % 4], nr = parities[test_random(&state) % 5];
		unsigned int wrong = (unsigned int)(test_random(&state) % (nr / 2 + 1));
		uint8_t word[255], want[128];

		wrong = wrong < size + nr ? wrong : size + nr;
		for (unsigned int i = 0; i < size; i++)
			want[i] = word[i] = (uint8_t)test_random(&state);
		ramoops_parity(word, size, word + size, nr);
		spoil(word, size + nr, wrong, &state);
		CU_ASSERT_EQUAL(ecc_correct(&e, word, size, word + size, nr), (int)wrong);
		CU_ASSERT(!memcmp(word, want, size));
	}
}

static void test_tells_too_many(void)
{
	uint64_t state = 9;
	unsigned int told = 0;
	struct ecc e;

	ecc_init(&e);
	for (unsigned int n = 0; n < 1000; n++) {
		uint8_t word[144], before[128];

		fill(word, 128);
		memcpy(word + 128, kernels, 16);
		spoil(word, 144, 9 + (unsigned int)(test_random(&state) % 20), &state);
		memcpy(before, word, 128);
		if (ecc_correct(&e, word, 128, word + 128, 16) >= 0)
			continue;
		told++;
		CU_ASSERT(!memcmp(before, word, 128));
	}
	/* another code word is hardly ever near: once in 8 factorial */
	CU_ASSERT(told >= 995);
}

static void test_impossible_sizes(void)
{
	uint8_t data[255] = { 0 };
	struct ecc e;

	ecc_init(&e);
	CU_ASSERT_EQUAL(ecc_correct(&e, data, 128, data, 0), -1);
	CU_ASSERT_EQUAL(ecc_correct(&e, data, 128, data, 128), -1);
	CU_ASSERT_EQUAL(ecc_correct(&e, data, 240, data, 16), -1);
	CU_ASSERT(!ecc_is_right(&e, data, 240, data, 16));
}

static const struct test tests[] = {
	{ "has the parity that the kernel writes", test_is_the_kernels },
	{ "corrects up to half as many bytes as there is parity", test_corrects },
	{ "tells when there are too many, and changes nothing", test_tells_too_many },
	{ "refuses sizes that no code word has", test_impossible_sizes },
	{ 0 }
};

const struct test_suite suite_ramoops_ecc = { "ramoops_ecc", tests };

// SPDX-License-Identifier: GPL-2.0-or-later
/* crc32c: known values, and the one that is taken bit by bit. */
#include <string.h>

#include "crc32c.h"
#include "mkpersist.h"
#include "tests.h"

/* RFC 3720, B.4, and the usual check value */
static void test_known_values(void)
{
	uint8_t zeros[32] = { 0 }, ones[32], up[32];
	struct crc32c t;

	crc32c_init(&t);
	memset(ones, 0xff, sizeof(ones));
	for (uint8_t i = 0; i < sizeof(up); i++)
		up[i] = i;
	CU_ASSERT_EQUAL(crc32c(&t, 0, "123456789", 9), 0xe3069283);
	CU_ASSERT_EQUAL(crc32c(&t, 0, zeros, sizeof(zeros)), 0x8a9136aa);
	CU_ASSERT_EQUAL(crc32c(&t, 0, ones, sizeof(ones)), 0x62a8ab43);
	CU_ASSERT_EQUAL(crc32c(&t, 0, up, sizeof(up)), 0x46dd794e);
	CU_ASSERT_EQUAL(crc32c(&t, 0, "", 0), 0);
}

static void test_goes_on_anywhere(void)
{
	uint64_t state = 7;
	uint8_t bytes[100];
	struct crc32c t;

	crc32c_init(&t);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)test_random(&state);
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		uint32_t crc = crc32c(&t, 0, bytes, cut);

		CU_ASSERT_EQUAL(crc, persist_crc(0, bytes, cut));
		CU_ASSERT_EQUAL(crc32c(&t, crc, bytes + cut, sizeof(bytes) - cut),
				persist_crc(0, bytes, sizeof(bytes)));
	}
}

static const struct test tests[] = {
	{ "gives the known values", test_known_values },
	{ "goes on where it was left", test_goes_on_anywhere },
	{ 0 }
};

const struct test_suite suite_crc32c = { "crc32c", tests };

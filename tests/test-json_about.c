// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "boot.h"
#include "json_about.h"
#include "tests.h"

static char *take(struct textbuf *b)
{
	char *text = strndup(b->data, b->len);

	textbuf_deinit(b);
	return text;
}

static void test_header(void)
{
	struct merge_source *src = boot_source();
	struct textbuf b = { 0 };

	strcpy(src->desc->nodename, "a\n\"\xff");
	src->desc->big_endian = true;
	json_about_header(&b, src->desc);
	CHECK_TEXT(take(&b), "{\"type\":\"header\",\"schema\":\"pstore_rb.events\",\"version\":1,"
		   "\"libmerge\":\"" MERGE_VERSION "\",\"kernel\":{\"sysname\":\"Linux\","
		   "\"nodename\":\"a\\n\\\"\xef\xbf\xbd\",\"release\":\"6.12.0-test\",\"version\":\"\","
		   "\"machine\":\"x86_64\",\"long_size\":8,\"byte_order\":\"big\"}}");
	merge_source_close(src);
}

static void test_group(void)
{
	struct merge_source *src = boot_source();
	const struct merge_buffer *bufs[] = { &src->buffers[0], &src->buffers[1] };
	struct textbuf b = { 0 };

	src->buffers[1].kind = MERGE_SNAPSHOT;
	json_about_group(&b, bufs, 2);
	CHECK_TEXT(take(&b), "{\"type\":\"group\",\"clock\":\"local\",\"unit\":\"ns\",\"buffers\":["
		   "{\"name\":\"top\",\"kind\":\"live\",\"subbuf_size\":4096,\"cpus\":["
		   "{\"cpu\":0,\"entries\":10,\"overrun\":2,\"commit_overrun\":1,\"dropped\":3,\"read\":4},"
		   "{\"cpu\":1,\"entries\":11,\"overrun\":2,\"commit_overrun\":1,\"dropped\":3,\"read\":4}]},"
		   "{\"name\":\"inst\",\"kind\":\"snapshot\",\"subbuf_size\":4096,\"cpus\":["
		   "{\"cpu\":0,\"entries\":10,\"overrun\":2,\"commit_overrun\":1,\"dropped\":3,\"read\":4},"
		   "{\"cpu\":1}]}]}");
	bufs[0] = &src->buffers[2];
	src->buffers[2].nr_cpus = 0;
	json_about_group(&b, bufs, 1);
	CHECK_TEXT(take(&b), "{\"type\":\"group\",\"clock\":\"counter\",\"unit\":\"ticks\",\"buffers\":["
		   "{\"name\":\"count\",\"kind\":\"live\",\"subbuf_size\":4096,\"cpus\":[]}]}");
	merge_source_close(src);
}

static void test_damage_and_notices(void)
{
	struct merge_source *src = boot_source();
	struct textbuf b = { 0 };

	json_about_damage(&b, &(struct merge_damage){
		.buffer = &src->buffers[1], .cpu = 1, .subbuf = 3, .offset = 24,
		.address = 0xffff888000001000, .code = -5, .text = "a \"reason\"" });
	CHECK_TEXT(take(&b), "{\"type\":\"damage\",\"buffer\":\"inst\",\"cpu\":1,\"subbuf\":3,"
		   "\"offset\":24,\"address\":\"0xffff888000001000\",\"text\":\"a \\\"reason\\\"\"}");
	json_about_notice(&b, &(struct merge_notice){ .cpu = -1, .text = "all\n" });
	CHECK_TEXT(take(&b), "{\"type\":\"notice\",\"text\":\"all\\n\"}");
	json_about_notice(&b, &(struct merge_notice){ &src->buffers[0], 0, "one" });
	CHECK_TEXT(take(&b), "{\"type\":\"notice\",\"text\":\"one\",\"buffer\":\"top\",\"cpu\":0}");
	merge_source_close(src);
}

static void test_end(void)
{
	struct merge_stats stats = { 1, 2, 3, 4, 5, 6, 7 };
	struct textbuf b = { 0 };

	json_about_end(&b, &stats, 8, 9, NULL);
	CHECK_TEXT(take(&b), "{\"type\":\"end\",\"events\":1,\"lost\":2,\"lost_unknown\":3,"
		   "\"damaged\":6,\"backwards\":4,\"corrupt\":8,\"unknown\":9}");
	json_about_end(&b, &stats, 0, 0, "a\treason");
	CHECK_TEXT(take(&b), "{\"type\":\"end\",\"events\":1,\"lost\":2,\"lost_unknown\":3,"
		   "\"damaged\":6,\"backwards\":4,\"corrupt\":0,\"unknown\":0,"
		   "\"stopped\":\"a\\treason\"}");
}

static const struct test tests[] = {
	{ "the header names schema, library and kernel", test_header },
	{ "a group has clock, unit, and buffers with what the kernel counted", test_group },
	{ "damage and notices have their place", test_damage_and_notices },
	{ "the end counts, and says why it came early", test_end },
	{ NULL, NULL }
};
const struct test_suite suite_json_about = { "json_about", tests };

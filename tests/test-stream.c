// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mkimage.h"
#include "stream.h"
#include "tests.h"

static void print_damage(void *out, const struct merge_damage *damage)
{
	image_print_damage(out, damage);
	CU_ASSERT_EQUAL(damage->address, 0x1000 * (damage->subbuf + 1));
}

/* What stream_ahead() said of the next event, and damage counted until then */
struct foresight {
	int found;
	uint64_t damaged;
	struct merge_event ev;
	uint8_t data[64];
};

static void look_ahead(struct foresight *f, struct stream *s)
{
	f->found = stream_ahead(s, &f->ev);
	f->damaged = s->stats->damaged;
	if (!f->found)
		return;
	CU_ASSERT_FATAL(f->ev.size <= sizeof(f->data));
	memcpy(f->data, f->ev.data, f->ev.size);
}

/* @ev came: unless something is damaged between the two, it was foreseen */
static void check_foresight(const struct foresight *f, const struct stream *s,
			    const struct merge_event *ev)
{
	if (!f->found) {
		CU_ASSERT_NOT_EQUAL(s->stats->damaged, f->damaged);
		return;
	}
	CU_ASSERT_EQUAL(f->ev.ts, ev->ts);
	CU_ASSERT_EQUAL(f->ev.lost, ev->lost);
	CU_ASSERT_EQUAL(f->ev.cpu, ev->cpu);
	CU_ASSERT_EQUAL(f->ev.subbuf, ev->subbuf);
	CU_ASSERT_EQUAL(f->ev.offset, ev->offset);
	CU_ASSERT_EQUAL_FATAL(f->ev.size, ev->size);
	CU_ASSERT(!memcmp(f->data, ev->data, ev->size));
}

/*
 * The only CPU of an image as text, up to the time @to, then what the stream
 * counted. What each event's successor is must be known with it.
 */
static char *render(const char *image, uint64_t to)
{
	struct merge_source *src = image_open(image);
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	struct foresight next;
	struct merge_event ev;
	struct stream s;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret;

	CU_ASSERT_EQUAL(stream_init(&s, src, src->buffers, 0, &stats, print_damage, out,
				    &err), 0);
	s.to = to;
	for (bool first = true; (ret = stream_peek(&s)) == 1; first = false) {
		stream_take(&s, &ev);
		if (!first)
			check_foresight(&next, &s, &ev);
		image_print_event(out, &ev);
		look_ahead(&next, &s);
	}
	CU_ASSERT_EQUAL(ret, 0);
	CU_ASSERT_EQUAL(stream_peek(&s), 0);
	CU_ASSERT_EQUAL(stream_ahead(&s, &ev), 0);
	fprintf(out, "= read %" PRIu64 " damaged %" PRIu64 " lost %" PRIu64 " unknown %"
		PRIu64 "\n", stats.subbufs, stats.damaged, stats.lost, stats.lost_unknown);
	CU_ASSERT_EQUAL(stats.events, 0);	/* counted by who delivers them */
	stream_deinit(&s);
	merge_source_close(src);
	fclose(out);
	return text;
}

struct stream_row {
	const char *name;
	const char *image;
	const char *want;
};

static void check_rows(const struct stream_row *rows, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		CHECK_ROW(test_text(render(rows[i].image, UINT64_MAX), rows[i].want),
			  rows[i].name);
}

static const struct stream_row plain_rows[] = {
	{ "no sub-buffers", "cpu 3\n", "= read 0 damaged 0 lost 0 unknown 0\n" },
	{ "sub-buffers in turn",
	  "cpu 3\npage ts=10\nevent +0\nevent +1\npage ts=20\nevent +0\n",
	  "top/3 10 1\ntop/3 11 2\ntop/3 20 3\n= read 2 damaged 0 lost 0 unknown 0\n" },
	{ "empty sub-buffers",
	  "cpu 3\npage ts=10\npage ts=11\nevent +0\npage ts=4\npage ts=0\n",
	  "top/3 11 1\n= read 4 damaged 0 lost 0 unknown 0\n" },
	{ "the same times and the same events",
	  "cpu 3\npage ts=10\nevent +0\nevent +0\npage ts=10\nevent +0\n",
	  "top/3 10 1\ntop/3 10 2\ntop/3 10 3\n= read 2 damaged 0 lost 0 unknown 0\n" },
	{ "a read mark", "cpu 3\npage ts=10 start=12\nevent +0\nevent +1\n",
	  "top/3 11 2\n= read 1 damaged 0 lost 0 unknown 0\n" },
	{ "back within a sub-buffer", "cpu 3\npage ts=10\nevent +0\nstamp 9\nevent +0\nevent +1\n",
	  "top/3 10 1\ntop/3 9 2 back\ntop/3 10 3\n= read 1 damaged 0 lost 0 unknown 0\n" },
	{ "back across sub-buffers",
	  "cpu 3\npage ts=10\nevent +5\npage ts=12\nevent +0\nevent +1\nevent +3\n",
	  "top/3 15 1\ntop/3 12 2 back\ntop/3 13 3\ntop/3 16 4\n"
	  "= read 2 damaged 0 lost 0 unknown 0\n" },
};

static void test_plain(void)
{
	check_rows(plain_rows, sizeof(plain_rows) / sizeof(*plain_rows));
}

static const struct stream_row lost_rows[] = {
	{ "counted", "cpu 0\npage ts=10\nevent +0\npage ts=20 missed=7\nevent +0\nevent +0\n",
	  "top/0 10 1\ntop/0 20 2 lost=7\ntop/0 20 3\n= read 2 damaged 0 lost 0 unknown 0\n" },
	{ "uncounted", "cpu 0\npage ts=10 missed=?\nevent +0\n",
	  "top/0 10 1 lost=?\n= read 1 damaged 0 lost 0 unknown 0\n" },
	{ "before an empty one", "cpu 0\npage ts=10 missed=7\npage ts=20\nevent +0\n",
	  "top/0 20 1 lost=7\n= read 2 damaged 0 lost 0 unknown 0\n" },
	{ "adds up", "cpu 0\npage ts=10 missed=7\npage ts=20 missed=3\nevent +0\n",
	  "top/0 20 1 lost=10\n= read 2 damaged 0 lost 0 unknown 0\n" },
	{ "known and unknown", "cpu 0\npage ts=10 missed=?\npage ts=20 missed=3\nevent +0\n",
	  "top/0 20 1 lost=?\n= read 2 damaged 0 lost 0 unknown 0\n" },
	{ "counted at the end", "cpu 0\npage ts=10\nevent +0\npage ts=20 missed=7\n",
	  "top/0 10 1\n= read 2 damaged 0 lost 7 unknown 0\n" },
	{ "uncounted at the end", "cpu 0\npage ts=20 missed=?\n",
	  "= read 1 damaged 0 lost 0 unknown 1\n" },
};

static void test_lost(void)
{
	check_rows(lost_rows, sizeof(lost_rows) / sizeof(*lost_rows));
}

static const struct stream_row damage_rows[] = {
	{ "unreadable", "cpu 0\npage ts=10\nevent +0\npage error=61\npage ts=30\nevent +0\n",
	  "top/0 10 1\n! top/0 1@0 ENODATA No data available\ntop/0 30 2 lost=?\n"
	  "= read 3 damaged 1 lost 0 unknown 0\n" },
	{ "unreadable at the end", "cpu 0\npage ts=10\nevent +0\npage error=14\n",
	  "top/0 10 1\n! top/0 1@0 EFAULT Bad address\n= read 2 damaged 1 lost 0 unknown 1\n" },
	{ "damaged at the end", "cpu 0\npage ts=10\nevent +0\nraw 01\n",
	  "top/0 10 1\n! top/0 0@28 EBADMSG event header cut off\n"
	  "= read 1 damaged 1 lost 0 unknown 1\n" },
	{ "damaged behind events",
	  "cpu 0\npage ts=10 missed=2\nevent +0\nevent +0\nraw 01\npage ts=30 missed=3\nevent +0\n",
	  "top/0 10 1 lost=2\ntop/0 10 2\n! top/0 0@40 EBADMSG event header cut off\n"
	  "top/0 30 3 lost=?\n= read 2 damaged 1 lost 0 unknown 0\n" },
	{ "damaged before all events",
	  "cpu 0\npage ts=10 missed=2\ncommit 999\npage ts=30\nevent +0\n",
	  "! top/0 0@8 EBADMSG commit larger than the sub-buffer\ntop/0 30 1 lost=?\n"
	  "= read 2 damaged 1 lost 0 unknown 0\n" },
	{ "nothing but damage", "cpu 0\npage error=61\npage ts=1\ncommit 999\npage error=5\n",
	  "! top/0 0@0 ENODATA No data available\n"
	  "! top/0 1@8 EBADMSG commit larger than the sub-buffer\n"
	  "! top/0 2@0 EIO Input/output error\n= read 3 damaged 3 lost 0 unknown 1\n" },
	{ "partly read", "cpu 0\npage ts=10 cut=28\nevent +0\nevent +0\n",
	  "top/0 10 1\n! top/0 0@28 EBADMSG rest of the sub-buffer missing\n"
	  "= read 1 damaged 1 lost 0 unknown 1\n" },
};

static void test_damage(void)
{
	check_rows(damage_rows, sizeof(damage_rows) / sizeof(*damage_rows));
}

static void test_to(void)
{
	static const char image[] = "cpu 0\npage ts=10\nevent +0\nevent +1\nevent +1\nraw 01\n"
				    "page ts=20 missed=5\nevent +0\npage error=5\n";

	CHECK_TEXT(render(image, 11), "top/0 10 1\ntop/0 11 2\n"
		   "= read 1 damaged 0 lost 0 unknown 0\n");
	CHECK_TEXT(render(image, 12), "top/0 10 1\ntop/0 11 2\ntop/0 12 3\n"
		   "! top/0 0@52 EBADMSG event header cut off\n"
		   "= read 2 damaged 1 lost 0 unknown 0\n");
	CHECK_TEXT(render(image, 9), "= read 1 damaged 0 lost 0 unknown 0\n");
}

/* Where an event lies is told, and its bytes are those of the sub-buffer. */
static void test_place(void)
{
	struct merge_source *src = image_open("cpu 5\npage ts=1\npage ts=2\nevent +0 id=9 len=12\n"
					      "event +3 len=16\n");
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	struct merge_event ev;
	struct stream s;

	stream_init(&s, src, src->buffers, 0, &stats, NULL, NULL, &err);
	CU_ASSERT_EQUAL(stream_peek(&s), 1);
	CU_ASSERT_EQUAL(stream_peek(&s), 1);	/* looking twice takes nothing */
	stream_take(&s, &ev);
	CU_ASSERT_EQUAL(ev.subbuf, 1);
	CU_ASSERT_EQUAL(ev.offset, 20);
	CU_ASSERT_EQUAL(ev.size, 12);
	CU_ASSERT_EQUAL(ev.cpu, 5);
	CU_ASSERT_PTR_EQUAL(ev.buffer, src->buffers);
	CU_ASSERT_EQUAL(page_record_id(ev.data, false), 9);
	CU_ASSERT_EQUAL(stream_peek(&s), 1);
	stream_take(&s, &ev);
	CU_ASSERT_EQUAL(ev.offset, 36);
	CU_ASSERT_EQUAL(ev.size, 16);
	CU_ASSERT_EQUAL(ev.ts, 5);
	CU_ASSERT_EQUAL(stats.bytes, 512);
	stream_deinit(&s);
	merge_source_close(src);
}

/* Errors that are no damage end the call, not the stream. */
static void test_fatal(void)
{
	static const int codes[] = { -EINTR, -ENOMEM, -EAGAIN };
	struct merge_source *src = image_open("cpu 0\npage ts=1\nevent +0\nraw 01\npage ts=2\n"
					      "event +0\n");
	struct merge_stats stats = { 0 };
	struct merge_error err = { 0 };
	struct merge_event ev;
	struct stream s;

	stream_init(&s, src, src->buffers, 0, &stats, NULL, NULL, &err);
	image_of(src)->interrupt_at = 1;
	CU_ASSERT_EQUAL(stream_peek(&s), -EINTR);
	image_of(src)->interrupt_at = 0;
	CU_ASSERT_EQUAL(stream_peek(&s), 1);
	stream_take(&s, &ev);
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		image_of(src)->fail = codes[i];
		CU_ASSERT_EQUAL(stream_peek(&s), codes[i]);
	}
	image_of(src)->fail = 0;
	CU_ASSERT_EQUAL(stream_peek(&s), 1);
	stream_take(&s, &ev);
	CU_ASSERT_EQUAL(ev.lost, MERGE_LOST_UNKNOWN);
	CU_ASSERT_EQUAL(stats.damaged, 1);
	CU_ASSERT_EQUAL(stats.subbufs, 2);
	stream_deinit(&s);
	merge_source_close(src);
}

static const struct test tests[] = {
	{ "events come in the order they were written", test_plain },
	{ "a loss is told with the first event after it", test_lost },
	{ "damage is told once, in place, and makes a gap", test_damage },
	{ "a stream ends before the first event that is too late", test_to },
	{ "an event tells where it lies", test_place },
	{ "after an interrupt the stream goes on where it stood", test_fatal },
	{ NULL, NULL }
};

const struct test_suite suite_stream = { "stream", tests };

// SPDX-License-Identifier: GPL-2.0-or-later
/* A ring that is read while it is written: files stand for the kernel's, which grow. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dat-in.h"
#include "fake-ring.h"
#include "pages-in.h"
#include "tests.h"

#define RAW(cpu)	"per_cpu/cpu" #cpu "/trace_pipe_raw"
#define STATS(cpu)	"per_cpu/cpu" #cpu "/stats"

/* CPU 0 at 1 s and 2 s, CPU 2 at 1.5 s */
#define RING								\
	"size 4096\nbuffer top clock=local\ncpu 0\n"			\
	"page ts=1000000000\nevent +0 id=118\npage ts=2000000000\nevent +0 id=118\n" \
	"cpu 2\npage ts=1500000000\nevent +0 id=118\n"

/*
 * @about: what describes the ring, without sub-buffers; @ring: in place of the tracefs
 * @stop: what the source is told when it asks
 */
struct play {
	struct pages_place about, ring;
	int tracefs;
	bool stop;
	struct merge_source *src;
	struct merge_iter *it;
};

static bool asked(void *stop)
{
	return *(bool *)stop;
}

static void make_cpu0(struct play *p, const char *ring)
{
	*p = (struct play){ 0 };
	pages_place_make(&p->about, ring);
	pages_place_make(&p->ring, ring);
	pages_cut(&p->about, RAW(0), 0);
	p->tracefs = open(p->ring.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void make(struct play *p, const char *ring)
{
	make_cpu0(p, ring);
	pages_cut(&p->about, RAW(2), 0);
}

static int open_live(struct play *p, const char *ring, struct merge_error *err)
{
	struct merge_live live = {
		.dir = p->about.dir, .tracefs = p->tracefs, .ring = ring, .stop = asked,
		.arg = &p->stop,
	};

	return merge_source_open_live(&live, err, &p->src);
}

static void begin(struct play *p)
{
	struct merge_error err = { 0 };

	CU_ASSERT_EQUAL_FATAL(open_live(p, "", &err), 0);
	CU_ASSERT_EQUAL_FATAL(merge_iter_create(p->src, NULL, NULL, NULL, &err, &p->it), 0);
}

static void end(struct play *p)
{
	merge_iter_destroy(p->it);
	merge_source_close(p->src);
	pages_place_remove(&p->about);
	pages_place_remove(&p->ring);
	close(p->tracefs);
}

static void set_now(struct play *p, const char *path, const char *seconds)
{
	char text[100];

	snprintf(text, sizeof(text), "entries: 1\nnow ts:     %s\nread events: 0\n", seconds);
	pages_write(&p->ring, path, text);
}

/* What comes until nothing does, however often it is asked: "CPU@MILLISECONDS" */
static void expect(struct play *p, const char *wanted)
{
	struct merge_event ev;
	char text[200] = "";
	size_t len = 0;
	int ret = 0;

	for (unsigned int quiet = 0; quiet < 5; quiet++) {
		while ((ret = merge_iter_next(p->it, &ev)) == 1)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%u@%llu ", ev.cpu,
						(unsigned long long)ev.ts / 1000000);
		if (ret != -EAGAIN)
			break;
	}
	snprintf(text + len, sizeof(text) - len, "%s", ret == -EAGAIN ? "." : ret ? "error" : "end");
	CU_ASSERT_STRING_EQUAL(text, wanted);
}

static void test_waits_for_the_time_of_an_idle_cpu(void)
{
	struct play p;

	make(&p, RING);
	set_now(&p, STATS(0), "9.000000");
	set_now(&p, STATS(2), "1.600000");
	begin(&p);
	expect(&p, "0@1000 2@1500 .");
	/* 10 ms are for writers that were interrupted */
	set_now(&p, STATS(2), "2.009999");
	expect(&p, ".");
	set_now(&p, STATS(2), "2.010001");
	expect(&p, "0@2000 .");
	end(&p);
}

static void test_gives_what_comes_later(void)
{
	struct merge_source *later = dat_image("size 4096\nbuffer top clock=local\ncpu 2\n"
					       "page ts=1700000000\nevent +0 id=118\n");
	struct merge_error err = { 0 };
	struct subbuf sb = { 0 };
	uint8_t data[4096];
	struct play p;

	make(&p, RING);
	set_now(&p, STATS(0), "9.000000");
	set_now(&p, STATS(2), "1.600000");
	begin(&p);
	expect(&p, "0@1000 2@1500 .");
	memset(data, 0, sizeof(data));
	CU_ASSERT_EQUAL_FATAL(later->ops->read(later, later->buffers, 0, 0, data, &err, &sb), 0);
	pages_poke(&p.ring, RAW(2), sizeof(data), sb.data, sizeof(data));
	expect(&p, "2@1700 .");
	set_now(&p, STATS(2), "3.000000");
	expect(&p, "0@2000 .");
	end(&p);
	merge_source_close(later);
}

static void test_ends_with_what_was_taken(void)
{
	struct play p;

	make(&p, RING);
	set_now(&p, STATS(0), "0.500000");
	set_now(&p, STATS(2), "0.500000");
	begin(&p);
	expect(&p, "0@1000 2@1500 .");
	p.stop = true;
	expect(&p, "0@2000 end");
	end(&p);
}

/* ---- A ring that is mapped: a file, and ioctls that are done here ---------------- */

static struct fake_ring *played;

int __wrap_ioctl(int fd, unsigned long request, ...);

/* In place of the C library's: the linker sees to that */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *data;
	int ret;

	(void)fd;
	va_start(ap, request);
	data = va_arg(ap, void *);
	va_end(ap);
	ret = played ? fake_ring_batch(played, (unsigned int)request, data) : -ENOTTY;
	errno = -ret;
	return ret ? -1 : 0;
}

/* A batch is out of the ring when the first of it is shown */
static void test_ends_with_all_of_a_batch(void)
{
	struct merge_live live = { .ring = "", .way = "batch", .stop = asked };
	struct merge_error err = { 0 };
	struct merge_event ev;
	struct fake_ring f;
	struct play p;
	int events = 0, ret;

	make_cpu0(&p, "size 4096\nbuffer top clock=local\ncpu 0\npage ts=1000\nevent +0 id=118\n");
	fake_ring_init(&f);
	fake_ring_write(&f, 85);
	pages_poke(&p.ring, RAW(0), 0, (const char *)f.memory, FAKE_META + FAKE_SUBBUFS * FAKE_SIZE);
	played = &f;
	live.dir = p.about.dir;
	live.tracefs = p.tracefs;
	live.arg = &p.stop;
	CU_ASSERT_EQUAL_FATAL(merge_source_open_live(&live, &err, &p.src), 0);
	CU_ASSERT_EQUAL_FATAL(merge_iter_create(p.src, NULL, NULL, NULL, &err, &p.it), 0);
	CU_ASSERT_EQUAL(merge_iter_next(p.it, &ev), 1);
	p.stop = true;
	for (events = 1; (ret = merge_iter_next(p.it, &ev)) == 1; events++)
		CU_ASSERT_EQUAL(ev.ts, 1010 + 10 * (uint64_t)events);
	CU_ASSERT_EQUAL(ret, -EAGAIN);
	CU_ASSERT_EQUAL(merge_iter_next(p.it, &ev), 0);
	CU_ASSERT_EQUAL(events, 85);
	CU_ASSERT_EQUAL(f.meta->read, 85);
	played = NULL;
	end(&p);
	fake_ring_deinit(&f);
}

static void test_says_what_is_not_there(void)
{
	struct merge_error err = { 0 };
	struct play p;

	make(&p, RING);
	CU_ASSERT_EQUAL(open_live(&p, "none", &err), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "there is no ring none");
	pages_unlink(&p.ring, RAW(2));
	CU_ASSERT_EQUAL(open_live(&p, "", &err), -ENOENT);
	CU_ASSERT_STRING_EQUAL(err.text, "cpu 2: trace_pipe_raw: No such file or directory");
	p.src = NULL;
	end(&p);
}

static const struct test tests[] = {
	{ "waits for the time of an idle CPU", test_waits_for_the_time_of_an_idle_cpu },
	{ "gives what comes later", test_gives_what_comes_later },
	{ "ends with what was taken", test_ends_with_what_was_taken },
	{ "ends with all of a batch", test_ends_with_all_of_a_batch },
	{ "says what is not there", test_says_what_is_not_there },
	{ NULL, NULL }
};

const struct test_suite suite_src_live = { "src_live", tests };

// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "join.h"
#include "mkimage.h"
#include "tests.h"

/* The joined description of two images as text */
struct both {
	struct join *join;
	struct merge_desc *desc;
};

static struct both both_open(const char *a, const char *b, bool one_boot)
{
	struct join *j = calloc(1, sizeof(*j));

	j->one_boot = one_boot;
	j->symbols = true;
	j->nr = 2;
	j->inputs = calloc(2, sizeof(*j->inputs));
	j->inputs[0].src = image_open(a);
	j->inputs[1].src = image_open(b);
	join_ids_assign(j);
	return (struct both){ j, desc_join_create(j) };
}

static void both_close(struct both *both)
{
	desc_close(both->desc);
	merge_source_close(both->join->inputs[0].src);
	merge_source_close(both->join->inputs[1].src);
	free(both->join->inputs);
	free(both->join);
}

static int put_symbol(void *out, uint64_t addr, char type, const char *name, const char *module)
{
	fprintf(out, "%" PRIx64 " %c %s %s\n", addr, type, name, module ? module : "-");
	return 0;
}

static int put_comm(void *out, int pid, const char *comm)
{
	fprintf(out, "%d %s\n", pid, comm);
	return 0;
}

static int put_printk(void *out, uint64_t addr, const char *format)
{
	fprintf(out, "%" PRIx64 " %s\n", addr, format);
	return 0;
}

static int put_event(void *out, unsigned int id)
{
	fprintf(out, "%u\n", id);
	return 0;
}

static char *render(struct both both)
{
	struct merge_desc *d = both.desc;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	d->ops->each_symbol(d, put_symbol, out);
	d->ops->each_comm(d, put_comm, out);
	d->ops->each_printk(d, put_printk, out);
	d->ops->each_event(d, put_event, out);
	fclose(out);
	both_close(&both);
	return text;
}

#define BOOT_A	"symbol 0x1000 name=_stext\nsymbol 0x9000 name=f module=m\ncomm 5 name=bash\n" \
		"comm 9 name=old\nprintk 0x2000 name=hello\nformat id=3 system=s name=e\n"
#define BOOT_B	"symbol 0x1000 name=_stext\nsymbol 0xa000 name=g module=n\ncomm 5 name=bash\n" \
		"comm 9 name=new\ncomm 10 name=more\nprintk 0x3000 name=world\n" \
		"format id=3 system=s name=x\n"

static void test_one_boot(void)
{
	CHECK_TEXT(render(both_open(BOOT_A, BOOT_B, true)),
		   "1000 t _stext -\n9000 t f m\na000 t g n\n"
		   "5 bash\n9 old\n10 more\n2000 hello\n3000 world\n3\n65535\n");
}

static void test_two_boots(void)
{
	struct both both = both_open(BOOT_A, BOOT_B, false);

	both.join->symbols = false;
	CHECK_TEXT(render(both), "5 bash\n3\n65535\n");
}

static void test_formats(void)
{
	struct both both = both_open(BOOT_A, BOOT_B, true);
	const char *system, *format;

	CU_ASSERT_EQUAL(desc_format(both.desc, 65535, &system, &format), 0);
	CU_ASSERT_STRING_EQUAL(system, "s");
	CU_ASSERT_STRING_EQUAL(format, "name: x\nID: 65535\nformat:\n");
	CU_ASSERT_EQUAL(desc_format(both.desc, 3, &system, &format), 0);
	CU_ASSERT_STRING_EQUAL(format, "name: e\nID: 3\nformat:\n");
	CU_ASSERT_NOT_EQUAL(desc_format(both.desc, 77, &system, &format), 0);
	both_close(&both);
}

/* desc_same_boot() of two images: "1", or "0 why", and " moved" */
static char *compare(const char *a, const char *b)
{
	struct merge_source *x = image_open(a), *y = image_open(b);
	char why[100] = "", *text;
	bool moved = false;
	int ret = desc_same_boot(x->desc, y->desc, why, sizeof(why), &moved);

	if (asprintf(&text, "%d%s%s%s", ret, *why ? " " : "", why, moved ? ", moved" : "") < 0)
		abort();
	merge_source_close(x);
	merge_source_close(y);
	return text;
}

static void test_same_boot(void)
{
	CHECK_TEXT(compare(BOOT_A, BOOT_B), "1");
	CHECK_TEXT(compare("release 6.1", "release 6.1"), "1");
	CHECK_TEXT(compare("release 6.1", "release 6.2"),
		   "0 the releases are \"6.1\" and \"6.2\"");
	CHECK_TEXT(compare(BOOT_A, "symbol 0x1100 name=_stext"),
		   "0 kernel or modules lie at other addresses, moved");
	CHECK_TEXT(compare(BOOT_A, "symbol 0x1000 name=_stext\nsymbol 0x9000 name=f module=m"), "1");
	CHECK_TEXT(compare(BOOT_A, "symbol 0x1000 name=_stext\nsymbol 0x4000 name=f module=m"),
		   "0 kernel or modules lie at other addresses, moved");
	CHECK_TEXT(compare("release 6.1", BOOT_A), "1");
}

static const struct test tests[] = {
	{ "of one boot, each input may know a part", test_one_boot },
	{ "of two boots, only what both say alike holds", test_two_boots },
	{ "a format has the id that its event has in the whole", test_formats },
	{ "two boots are told apart by identity and addresses", test_same_boot },
	{ NULL, NULL }
};

const struct test_suite suite_describe_join = { "describe_join", tests };

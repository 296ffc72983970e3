// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mkimage.h"
#include "options.h"
#include "tests.h"

#define SOURCE								\
	"buffer top clock=local\ncpu 0\npage ts=1\nevent +1\n"		\
	"buffer other clock=local\ncpu 0\npage ts=1\nevent +1\n"	\
	"buffer ticks clock=counter\ncpu 0\npage ts=1\nevent +1\n"

static const struct options_spec all = {
	.letters = "bcefntupj6RB", .min = 0, .max = 1, .long_names = true, .help = "the help",
};

/*
 * Parse @line, split at blanks; then select in SOURCE when @opt is all right. A
 * parsed option points into @words.
 */
static int parse(const struct options_spec *spec, const char *line, char *words,
		 struct options *opt, struct merge_error *err)
{
	struct merge_source *src = image_open(SOURCE);
	char *argv[20] = { strcpy(words, line) }, *save;
	int argc = 0, quiet = open("/dev/null", O_WRONLY), was = dup(2), ret;

	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	/* getopt() complains there */
	dup2(quiet, 2);
	ret = options_parse(opt, spec, argc, argv, err);
	dup2(was, 2);
	close(was);
	close(quiet);
	if (!ret)
		ret = options_select(opt, src, "a list", err);
	merge_source_close(src);
	return ret;
}

/* What @line selects, as text */
static char *selected(const char *line)
{
	struct merge_error err = { 0 };
	struct options opt;
	char words[200], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int ret = parse(&all, line, words, &opt, &err);

	if (ret)
		fprintf(out, "%s", err.text);
	for (size_t i = 0; !ret && i < opt.sel.nr_buffers; i++)
		fprintf(out, "buffer %u ", opt.sel.buffers[i]);
	for (size_t i = 0; !ret && i < opt.sel.nr_cpus; i++)
		fprintf(out, "cpu %u ", opt.sel.cpus[i]);
	for (size_t i = 0; !ret && i < opt.sel.nr_events; i++)
		fprintf(out, "event %s ", opt.sel.events[i]);
	if (!ret && (opt.sel.from || opt.sel.to || opt.sel.last))
		fprintf(out, "from %llu to %llu last %llu ", (unsigned long long)opt.sel.from,
			(unsigned long long)opt.sel.to, (unsigned long long)opt.sel.last);
	if (!ret)
		fprintf(out, "version %u%s%s%s%s%s%s", opt.version, opt.json ? " json" : "",
			opt.region ? " region" : "", opt.earlier_region ? " earlier region" : "",
			options_filter(&opt.sel) ? " filter" : "",
			options_select_nothing(&opt) ? " nothing" : "",
			opt.nr_operands ? " operand" : "");
	fclose(out);
	options_free(&opt);
	return text;
}

static const struct selection {
	const char *line, *want;
} selections[] = {
	{ "cmd", "version 7" },
	{ "cmd -b other,top -b other", "buffer 0 buffer 1 version 7" },
	{ "cmd --buffer other", "buffer 1 version 7" },
	{ "cmd -c 3,0-1,1", "cpu 0 cpu 1 cpu 3 version 7" },
	{ "cmd --cpu=2", "cpu 2 version 7" },
	{ "cmd -e sched:*,irq --event :x", "event sched:* event irq event :x version 7 filter" },
	{ "cmd -b top -f 1.5 -t 2", "buffer 0 from 1500000000 to 2000000000 last 0 version 7 filter" },
	{ "cmd -b ticks --from 15 --to 20", "buffer 2 from 15 to 20 last 0 version 7 filter" },
	{ "cmd -n 5", "from 0 to 0 last 5 version 7 filter" },
	{ "cmd --last 5 file", "from 0 to 0 last 5 version 7 filter operand" },
	{ "cmd -u", "version 7 nothing" },
	{ "cmd --uncommitted --previous-boot", "version 7 nothing" },
	{ "cmd -p -b top", "buffer 0 version 7" },
	{ "cmd -6j", "version 6 json" },
	{ "cmd --json", "version 7 json" },
	{ "cmd -R", "version 7 region" },
	{ "cmd -B -b top", "buffer 0 version 7 earlier region" },
	{ "cmd -b nosuch", "there is no buffer \"nosuch\": a list lists them" },
	{ "cmd -b ,", "-b wants a buffer's name" },
	{ "cmd -c 9-1", "-c wants CPU numbers such as 0-3,7, not \"9-1\"" },
	{ "cmd -c 1,", "-c wants CPU numbers such as 0-3,7, not \"1,\"" },
	{ "cmd -c 65536", "-c wants CPU numbers such as 0-3,7, not \"65536\"" },
	{ "cmd -e ,", "-e wants a system:event pattern" },
	{ "cmd -n 0", "-n wants a number of events, not \"0\"" },
	{ "cmd -n -5", "-n wants a number of events, not \"-5\"" },
	{ "cmd -b top -f soon", "-f wants a time such as 12.345678, not \"soon\"" },
	{ "cmd -b ticks -t soon", "-t wants a time such as 123456, not \"soon\"" },
	{ "cmd -b top -f 5 -t 1", "-t 1 lies before -f 5" },
	{ "cmd -f 5", "these buffers' clocks count in different units: choose some with -b" },
	{ "cmd one two", "\"two\" is one argument too many" },
	{ "cmd -z", "see the help" },
	{ "cmd -n", "see the help" },
	{ "cmd --nosuch", "see the help" },
};

static void test_selections(void)
{
	for (size_t i = 0; i < sizeof(selections) / sizeof(*selections); i++) {
		char *got = selected(selections[i].line);

		CHECK_ROW(!strcmp(got, selections[i].want), selections[i].line);
		free(got);
	}
}

static const struct refusal {
	struct options_spec spec;
	const char *line, *want;
} refusals[] = {
	{ { .letters = "b", .max = 1, .help = "H" }, "cmd -n 5", "see H" },
	{ { .letters = "n", .max = 1, .help = "H" }, "cmd --last 5", "see H" },
	{ { .letters = "n", .min = 1, .max = 1, .help = "H" }, "cmd -n 5",
	  "a file name is wanted: see H" },
};

static void test_refusals(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		const struct refusal *row = &refusals[i];
		struct merge_error err = { 0 };
		struct options opt;
		char words[200];

		CHECK_ROW(parse(&row->spec, row->line, words, &opt, &err) == -EINVAL, row->line);
		CHECK_ROW(!strcmp(err.text, row->want), row->line);
		options_free(&opt);
	}
}

static void test_table(void)
{
	char seen[256] = { 0 };

	for (const struct option_row *row = option_rows; row->letter; row++) {
		CHECK_ROW(!seen[(unsigned char)row->letter]++, row->name ? row->name : "6");
		CHECK_ROW(!row->name == !row->help, row->name ? row->name : "6");
	}
}

static const struct options_spec record = {
	.letters = "epobBmwvTh", .rows = option_rows_record, .command = true, .min = 0, .max = 9,
	.long_names = true, .help = "the help",
};

/* The same letters stand for other options there, and a command has its own */
static void test_a_command_has_its_own_options(void)
{
	struct merge_error err = { 0 };
	struct options opt;
	char words[200];

	CU_ASSERT_EQUAL_FATAL(parse(&record, "record -e a:*,b -e c -p function -b 64 --max-kb 7 "
				    "-B mine ls -l --help", words, &opt, &err), 0);
	CU_ASSERT_EQUAL(opt.sel.nr_events, 3);
	CU_ASSERT_STRING_EQUAL(opt.tracer, "function");
	CU_ASSERT_STRING_EQUAL(opt.instance, "mine");
	CU_ASSERT_EQUAL(opt.buffer_kb, 64);
	CU_ASSERT_EQUAL(opt.max_kb, 7);
	CU_ASSERT_EQUAL(opt.nr_operands, 3);
	CU_ASSERT_STRING_EQUAL(opt.operands[1], "-l");
	CU_ASSERT_FALSE(opt.help);
	CU_ASSERT_EQUAL(opt.nr_names, 0);
	CU_ASSERT_FALSE(opt.previous_boot);
	options_free(&opt);
}

static void test_refuses_sizes_and_names(void)
{
	static const char *const lines[] = {
		"record -b 0", "record -b 12x", "record -b -1", "record -m 99999999999999999999",
		"record -B ..", "record -B a/b", "record -w luck",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct merge_error err = { 0 };
		struct options opt;
		char words[200];

		CHECK_ROW(parse(&record, lines[i], words, &opt, &err) == -EINVAL, lines[i]);
		options_free(&opt);
	}
}

static const struct test tests[] = {
	{ "options select buffers, CPUs, events and times, or say what they want",
	  test_selections },
	{ "what a command does not take is refused", test_refusals },
	{ "every letter is one option's, and what the tool has is explained", test_table },
	{ "a command that is recorded has its own options", test_a_command_has_its_own_options },
	{ "record refuses sizes and names there cannot be", test_refuses_sizes_and_names },
	{ NULL, NULL },
};

const struct test_suite suite_options = { "options", tests };

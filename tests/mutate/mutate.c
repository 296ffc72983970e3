// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads damaged input of all kinds wholly (wholly.h), mutant by mutant. A mutant
 * is a kind and a seed, and the same in every run. Processes of their own read
 * them, so that one that crashes is told by its seed and the rest go on.
 *
 * Wrong is: to crash, to be told of by a sanitizer, to leak, to take longer than
 * SECONDS or more than MEGABYTES of memory, to end with an error though the input
 * could be opened, and what wholly.c finds.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kinds.h"
#include "wholly.h"

#define SECONDS		5	/* of processor time for a mutant; none needs a tenth of it */
#define MEGABYTES	600
#define MAX_JOBS	16
#define MAX_FAILURES	20
#define LEAKS_EVERY	250	/* mutants; looking for them takes as long as ten */

static const struct kind *const kinds[] = {
	&kind_memory, &kind_tracedat, &kind_pages, &kind_region, &kind_ramoops,
	&kind_bootring, &kind_pstore,
};
#define NR_KINDS	(sizeof(kinds) / sizeof(*kinds))

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

#define FOR_SANITIZER	__attribute__((visibility("default")))

FOR_SANITIZER const char *__asan_default_options(void);
FOR_SANITIZER const char *__lsan_default_options(void);
FOR_SANITIZER const char *__lsan_default_suppressions(void);

#define TEXT_OF(n)	#n
#define TEXT(n)		TEXT_OF(n)

/* A small quarantine: what is freed is seldom used much later, and memory is limited. */
const char *__asan_default_options(void)
{
	return "hard_rss_limit_mb=" TEXT(MEGABYTES) ":quarantine_size_mb=8:"
	       "allocator_may_return_null=1:allocator_release_to_os_interval_ms=-1:"
	       "detect_leaks=1:malloc_context_size=12";
}

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

/* It leaks what it parsed of a print format that it cannot take. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libtraceevent.so\n";
}

static bool leaks(void)
{
	return __lsan_do_recoverable_leak_check();
}
#else
static bool leaks(void)
{
	return false;
}
#endif

/* ---- what the processes share -------------------------------------------- */

/*
 * struct count - what a kind's mutants came to
 * @refused: could not be opened; @fruitful: some events came; @damaged: some
 *	sub-buffer was told to be damaged
 */
struct count {
	uint64_t mutants, refused, fruitful, damaged, events;
};

/* @seed: what a process is at */
struct job {
	uint64_t seed;
	bool failed;	/* it told so itself */
	struct count counts[NR_KINDS];
};

struct run {
	const char *dir;	/* for files */
	uint64_t first, mutants;
	unsigned int jobs;
	unsigned int only;	/* kind, NR_KINDS for all */
	bool verbose;
	void *inputs[NR_KINDS];
	struct job *shared;
};

static unsigned int kind_of(const struct run *run, uint64_t seed)
{
	struct random r = { .state = seed };
	uint64_t share, total = 0;
	unsigned int k;

	if (run->only < NR_KINDS)
		return run->only;
	for (k = 0; k < NR_KINDS; k++)
		total += kinds[k]->share;
	share = random_below(&r, total);
	for (k = 0; share >= kinds[k]->share; k++)
		share -= kinds[k]->share;
	return k;
}

/* ---- one mutant ---------------------------------------------------------- */

static void out_of_time(int signal)
{
	static const char text[] = "mutate: took too long\n";

	(void)signal;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(4);
	_exit(3);
}

static void limit_time(unsigned int seconds)
{
	const struct itimerval processor = { .it_value.tv_sec = seconds };

	setitimer(ITIMER_PROF, &processor, NULL);
	alarm(seconds * 20);	/* and if it waits for something */
}

/* Return: whether all was well. @r: NULL for the input as it is */
static bool read_mutant(const struct run *run, unsigned int kind, struct random *r,
			struct wholly *w, struct count *count)
{
	struct merge_error err = { 0 };
	struct merge_source *src;
	int ret = kinds[kind]->open(run->inputs[kind], r, &err, &src);

	count->mutants++;
	if (ret) {
		count->refused++;
		if (ret == -ENOMEM || ret == -EINTR || ret == -EINVAL || !err.text[0])
			snprintf(w->why, sizeof(w->why), "opening it gives %s and says \"%s\"",
				 strerrorname_np(-ret), err.text);
		return !w->why[0];
	}
	read_wholly(src, w);
	merge_source_close(src);
	count->fruitful += w->events > 0;
	count->damaged += w->damaged > 0;
	count->events += w->events;
	return !w->why[0];
}

static bool run_seed(const struct run *run, struct job *job, const char *dat, uint64_t seed)
{
	unsigned int kind = kind_of(run, seed);
	struct random r = { .state = seed * 2 + 1 };
	struct wholly w = { .dat = dat, .version = seed % 4 ? 7 : 6,
			    .turn = run->mutants == 1 ? ALL_WAYS : seed };
	bool good;

	limit_time(SECONDS);
	good = read_mutant(run, kind, &r, &w, &job->counts[kind]);
	limit_time(0);
	if (!good)
		fprintf(stderr, "mutate: --kind %s --seed %" PRIu64 ": %s\n", kinds[kind]->name,
			seed, w.why);
	else if (run->verbose)
		fprintf(stderr, "%s %" PRIu64 ": %" PRIu64 " events, %" PRIu64 " damaged\n",
			kinds[kind]->name, seed, w.events, w.damaged);
	job->failed |= !good;
	return good;
}

/* The seeds of process @number from @seed on; one that fails ends it */
static _Noreturn void work(const struct run *run, unsigned int number, uint64_t seed)
{
	struct job *job = &run->shared[number];
	uint64_t end = run->first + run->mutants, done = 0;
	char dat[200];
	bool good = true;

	snprintf(dat, sizeof(dat), "%s/%u.dat", run->dir, number);
	signal(SIGPROF, out_of_time);
	signal(SIGALRM, out_of_time);
	for (; good && seed < end; seed += run->jobs) {
		job->seed = seed;
		good = run_seed(run, job, dat, seed);
		if (good && ++done % LEAKS_EVERY == 0 && leaks()) {
			fprintf(stderr, "mutate: a leak in the %u mutants up to --seed %" PRIu64 "\n",
				LEAKS_EVERY, seed);
			good = false;
		}
	}
	if (good && leaks()) {
		fprintf(stderr, "mutate: a leak in the mutants up to --seed %" PRIu64 "\n",
			job->seed);
		good = false;
	}
	_exit(good ? 0 : 1);
}

/* ---- all of them --------------------------------------------------------- */

static pid_t start(const struct run *run, unsigned int number, uint64_t seed)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		work(run, number, seed);
	if (pid < 0) {
		perror("mutate: fork");
		exit(2);
	}
	return pid;
}

static void tell_end(const struct run *run, const struct job *job, int status)
{
	if (job->failed)
		return;
	fprintf(stderr, "mutate: --kind %s --seed %" PRIu64 ": ends with %s %d\n",
		kinds[kind_of(run, job->seed)]->name, job->seed,
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* Return: how many failed */
static unsigned int run_all(const struct run *run)
{
	unsigned int failures = 0, running = 0;
	pid_t pids[MAX_JOBS], pid;
	int status;

	for (; running < run->jobs; running++)
		pids[running] = start(run, running, run->first + running);
	while (running && (pid = wait(&status)) > 0) {
		unsigned int n = 0;
		struct job *job;

		while (pids[n] != pid)
			n++;
		job = &run->shared[n];
		if (!status) {
			running--;
			continue;
		}
		failures++;
		tell_end(run, job, status);
		job->failed = false;
		if (failures < MAX_FAILURES)
			pids[n] = start(run, n, job->seed + run->jobs);
		else
			running--;
	}
	return failures;
}

/* Whether at least half of each kind's mutants still gave events */
static bool sum_up(const struct run *run, unsigned int failures)
{
	bool good = true;

	for (unsigned int k = 0; k < NR_KINDS; k++) {
		struct count sum = { 0 };

		for (unsigned int n = 0; n < run->jobs; n++) {
			const struct count *count = &run->shared[n].counts[k];

			sum.mutants += count->mutants;
			sum.refused += count->refused;
			sum.fruitful += count->fruitful;
			sum.damaged += count->damaged;
			sum.events += count->events;
		}
		if (!sum.mutants)
			continue;
		printf("%s: %" PRIu64 " mutants: %" PRIu64 " gave events (%" PRIu64 " in all), %"
		       PRIu64 " had damaged sub-buffers, %" PRIu64 " could not be opened\n",
		       kinds[k]->name, sum.mutants, sum.fruitful, sum.events, sum.damaged,
		       sum.refused);
		if (run->mutants >= 100 && sum.fruitful * 2 < sum.mutants) {
			printf("%s: less than half gave events\n", kinds[k]->name);
			good = false;
		}
	}
	printf("%u of %" PRIu64 " mutants failed\n", failures, run->mutants);
	return good && !failures;
}

/* The inputs as they are must be read without a flaw, or damage would show nothing. */
static bool check_inputs(const struct run *run)
{
	char dat[200];
	bool good = true;

	snprintf(dat, sizeof(dat), "%s/whole.dat", run->dir);
	for (unsigned int k = 0; k < NR_KINDS; k++) {
		/* an input may have several variants */
		for (unsigned int i = 0; i < 12 && good; i++) {
			struct wholly w = { .dat = dat, .version = 6 + i % 2, .turn = ALL_WAYS };
			struct count count = { 0 };

			good = read_mutant(run, k, NULL, &w, &count);
			if (good && (!w.events || w.damaged)) {
				good = false;
				snprintf(w.why, sizeof(w.why), "%" PRIu64 " events, %" PRIu64
					 " damaged sub-buffers", w.events, w.damaged);
			}
			if (!good)
				fprintf(stderr, "mutate: %s %u, not damaged: %s\n", kinds[k]->name, i,
					w.why);
		}
	}
	return good;
}

static const struct option options[] = {
	{ "mutants", required_argument, NULL, 'n' }, { "from", required_argument, NULL, 'f' },
	{ "jobs", required_argument, NULL, 'j' }, { "kind", required_argument, NULL, 'k' },
	{ "seed", required_argument, NULL, 's' }, { "verbose", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 }
};

static _Noreturn void usage(void)
{
	fprintf(stderr, "usage: mutate [--mutants N] [--from SEED] [--jobs N] [--kind KIND] "
		"[--verbose]\n       mutate --kind KIND --seed SEED\nkinds:");
	for (unsigned int k = 0; k < NR_KINDS; k++)
		fprintf(stderr, " %s", kinds[k]->name);
	fputc('\n', stderr);
	exit(2);
}

static unsigned int kind_named(const char *name)
{
	unsigned int k = 0;

	while (k < NR_KINDS && strcmp(kinds[k]->name, name))
		k++;
	if (k == NR_KINDS)
		usage();
	return k;
}

static void take_options(struct run *run, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 'n':
			run->mutants = strtoull(optarg, NULL, 0);
			break;
		case 'f':
			run->first = strtoull(optarg, NULL, 0);
			break;
		case 's':
			run->first = strtoull(optarg, NULL, 0);
			run->mutants = run->jobs = 1;
			run->verbose = true;
			break;
		case 'j':
			run->jobs = strtoul(optarg, NULL, 0);
			break;
		case 'k':
			run->only = kind_named(optarg);
			break;
		case 'v':
			run->verbose = true;
			break;
		default:
			usage();
		}
	if (optind < argc || !run->jobs || run->jobs > MAX_JOBS)
		usage();
}

/* In memory where that can be: the files are written and synced all the time */
static void make_dir(char *dir, size_t size)
{
	snprintf(dir, size, "/dev/shm/mutate.XXXXXX");
	if (mkdtemp(dir))
		return;
	snprintf(dir, size, "/tmp/mutate.XXXXXX");
	if (!mkdtemp(dir)) {
		perror("mutate: no directory for files");
		exit(2);
	}
}

static void remove_dir(const char *dir)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		fprintf(stderr, "mutate: %s stays\n", dir);
}

int main(int argc, char **argv)
{
	char dir[64];
	struct run run = { .dir = dir, .first = 1, .mutants = 1000, .jobs = 2, .only = NR_KINDS };
	bool good;

	take_options(&run, argc, argv);
	run.shared = mmap(NULL, MAX_JOBS * sizeof(*run.shared), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (run.shared == MAP_FAILED)
		return 2;
	make_dir(dir, sizeof(dir));
	for (unsigned int k = 0; k < NR_KINDS; k++)
		run.inputs[k] = kinds[k]->prepare(dir);
	good = check_inputs(&run) && sum_up(&run, run_all(&run));
	for (unsigned int k = 0; k < NR_KINDS; k++)
		kinds[k]->release(run.inputs[k]);
	remove_dir(dir);
	return good ? 0 : 1;
}

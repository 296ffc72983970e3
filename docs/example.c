// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The last events of a crashed kernel, by libmerge.h alone. The memory is an ELF
 * vmcore as /proc/vmcore gives it: its program headers cover the kernel image and
 * the direct map, where most rings live. What debug data would tell stands in a
 * text of such lines:
 *
 *	page_size 4096
 *	symbol NAME HEXADDR
 *	member TYPE MEMBER OFFSET SIZE
 *	enumerator NAME VALUE
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libmerge.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMPLETE, PARTIAL, USAGE, NOTHING };

/* One line of the text. @name: "NAME", or "TYPE MEMBER" */
struct fact {
	char name[128];
	int64_t value;
	size_t size;
};

struct crash {
	int fd;
	Elf64_Phdr *segments;
	unsigned int nr_segments;
	struct fact facts[256];
	size_t nr_facts;
	uint32_t page_size;
};

static int usage(FILE *out, int status)
{
	fprintf(out, "usage: example [-j] [-b BUFFER] [-n COUNT] VMCORE KERNEL\n"
		"Print the last COUNT events (20; 0: all) of BUFFER (all) of a crashed kernel,\n"
		"as text or, with -j, as JSON Lines.\n"
		"VMCORE is an ELF core of the whole kernel, KERNEL a text that says where things\n"
		"are in it: make it with tests/vm/describe-kernel VMLINUX VMCORE >KERNEL\n"
		"Exit status: 0 complete, 1 something is missing, 2 usage, 3 nothing readable.\n");
	return status;
}

static int complain(const char *what, const char *why, const char *hint)
{
	fprintf(stderr, "example: %s: %s; %s\n", what, why, hint);
	return NOTHING;
}

/* ---- the adapter: a struct merge_mem over the file and the text ----------- */

static int read_memory(void *arg, uint64_t addr, void *buf, size_t len)
{
	const struct crash *crash = arg;

	for (unsigned int i = 0; i < crash->nr_segments; i++) {
		const Elf64_Phdr *s = &crash->segments[i];
		uint64_t at = addr - s->p_vaddr;
		ssize_t done;

		if (s->p_type != PT_LOAD || at >= s->p_filesz || len > s->p_filesz - at)
			continue;
		done = pread(crash->fd, buf, len, (off_t)(s->p_offset + at));
		return done < 0 ? -errno : (size_t)done == len ? 0 : -ENODATA;
	}
	return -EFAULT;
}

static const struct fact *find_fact(const struct crash *crash, const char *name)
{
	for (size_t i = 0; i < crash->nr_facts; i++)
		if (!strcmp(crash->facts[i].name, name))
			return &crash->facts[i];
	return NULL;
}

static int find_enumerator(void *arg, const char *name, int64_t *value)
{
	const struct fact *fact = find_fact(arg, name);

	if (fact)
		*value = fact->value;
	return fact ? 0 : -ENOENT;
}

static int find_symbol(void *arg, const char *name, uint64_t *addr)
{
	return find_enumerator(arg, name, (int64_t *)addr);
}

static int find_member(void *arg, const char *type, const char *member,
		       size_t *offset, size_t *size)
{
	const struct fact *fact;
	char name[128];

	snprintf(name, sizeof(name), "%s %s", type, member);
	fact = find_fact(arg, name);
	if (!fact)
		return -ENOENT;
	*offset = (size_t)fact->value;
	*size = fact->size;
	return 0;
}

static const struct merge_mem_ops crash_ops = {
	.read = read_memory, .symbol = find_symbol,
	.member = find_member, .enumerator = find_enumerator,
};

/* ---- the two files -------------------------------------------------------- */

static int open_vmcore(struct crash *crash, const char *path)
{
	Elf64_Ehdr head;
	ssize_t size = sizeof(head);

	crash->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (crash->fd < 0)
		return complain(path, strerror(errno), "give the vmcore that kdump saved");
	if (pread(crash->fd, &head, sizeof(head), 0) == size &&
	    !memcmp(head.e_ident, ELFMAG, SELFMAG) && head.e_ident[EI_CLASS] == ELFCLASS64 &&
	    head.e_type == ET_CORE && head.e_phentsize == sizeof(*crash->segments)) {
		size = head.e_phnum * sizeof(*crash->segments);
		crash->segments = malloc(size);
		crash->nr_segments = head.e_phnum;
		if (pread(crash->fd, crash->segments, size, (off_t)head.e_phoff) == size)
			return COMPLETE;
	}
	return complain(path, "this is no 64-bit ELF core of this byte order",
			"copy /proc/vmcore as it is, or use makedumpfile -E");
}

static void take_line(struct crash *crash, const char *line)
{
	struct fact fact = { .size = 0 };
	int name, end;

	if (sscanf(line, "page_size %" SCNu32, &crash->page_size) == 1)
		return;
	if (sscanf(line, "member %n%*s %*s%n %" SCNi64 " %zu", &name, &end, &fact.value,
		   &fact.size) != 2 &&
	    sscanf(line, "symbol %n%*s%n %" SCNx64, &name, &end, (uint64_t *)&fact.value) != 1 &&
	    sscanf(line, "enumerator %n%*s%n %" SCNi64, &name, &end, &fact.value) != 1)
		return;
	snprintf(fact.name, sizeof(fact.name), "%.*s", end - name, line + name);
	crash->facts[crash->nr_facts++] = fact;
}

static int load_facts(struct crash *crash, const char *path)
{
	FILE *in = fopen(path, "re");
	char line[300];

	if (!in)
		return complain(path, strerror(errno), "make it with tests/vm/describe-kernel");

	while (crash->nr_facts < 256 && fgets(line, sizeof(line), in))
		take_line(crash, line);
	fclose(in);
	if (!crash->nr_facts || !crash->page_size || crash->page_size & (crash->page_size - 1))
		return complain(path, "this does not describe a kernel",
				"make it with tests/vm/describe-kernel");
	return COMPLETE;
}

/* ---- printing ------------------------------------------------------------- */

static int print_events(struct merge_source *src, const struct merge_select *sel, bool json)
{
	const struct merge_notice *notice;
	struct merge_error err = { 0 };
	struct merge_sink *sink;
	unsigned int i;
	int ret = json ? merge_sink_json_create(stdout, &err, &sink) :
		merge_sink_text_create(stdout, &err, &sink);

	if (!ret) {
		ret = merge_pump_events(src, sel, sink, NULL, &err, NULL);
		merge_sink_destroy(sink);
	}
	if (ret < 0)
		return complain("stopped", err.text, "what is printed is not all");
	for (i = 0; (notice = merge_source_notice(src, i)); i++)
		fprintf(stderr, "example: note: %s\n", notice->text);
	return ret || i ? PARTIAL : COMPLETE;
}

static int run(struct crash *crash, const char *name, struct merge_select *sel, bool json)
{
	const struct merge_mem mem = {
		.ops = &crash_ops, .arg = crash, .page_size = crash->page_size, .long_size = 8,
		.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	};
	const struct merge_buffer *buffer;
	struct merge_error err = { 0 };
	struct merge_source *src;
	unsigned int i = 0;
	int ret;

	if (merge_source_open_vmcore(&mem, &err, &src))
		return complain("no trace", err.text,
				"do the vmcore and the text belong together?");
	while ((buffer = merge_source_buffer(src, i)) && name && strcmp(buffer->name, name))
		i++;
	sel->buffers = name ? &i : NULL;
	sel->nr_buffers = name ? 1 : 0;
	ret = buffer ? print_events(src, sel, json) :
		complain(name ? name : "no trace", "there is no such buffer",
			 "without -b all are printed");
	merge_source_close(src);
	return ret;
}

int main(int argc, char **argv)
{
	struct merge_select sel = { .last = 20 };
	struct crash crash = { .fd = -1 };
	const char *buffer = NULL;
	bool json = false;
	int opt, ret;

	while ((opt = getopt(argc, argv, "b:n:jh")) != -1) {
		if (opt == 'h')
			return usage(stdout, COMPLETE);
		if (opt == 'b')
			buffer = optarg;
		else if (opt == 'j')
			json = true;
		else if (opt != 'n' || sscanf(optarg, "%" SCNu64, &sel.last) != 1)
			return usage(stderr, USAGE);
	}
	if (argc - optind != 2)
		return usage(stderr, USAGE);
	ret = open_vmcore(&crash, argv[optind]);
	if (!ret)
		ret = load_facts(&crash, argv[optind + 1]);
	if (!ret)
		ret = run(&crash, buffer, &sel, json);
	free(crash.segments);
	if (crash.fd >= 0)
		close(crash.fd);
	return ret;
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a harvest says of itself, for programs: manifest.json, docs/harvest.md. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"
#include "harvest.h"
#include "json.h"

#define SCHEMA		"pstore_rb.harvest"
#define SCHEMA_VERSION	1

void manifest_wall(uint64_t ns, char text[WALL_SIZE])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;
	size_t len;

	*text = '\0';
	if (!gmtime_r(&seconds, &tm))
		return;
	len = strftime(text, WALL_SIZE - 10, "%Y-%m-%dT%H:%M:%S", &tm);
	if (len)
		snprintf(text + len, WALL_SIZE - len, ".%06uZ",
			 (unsigned int)(ns % 1000000000 / 1000));
}

static void put_time(struct textbuf *b, const char *key, const struct timespec *when)
{
	char text[WALL_SIZE];

	manifest_wall((uint64_t)when->tv_sec * 1000000000 + (uint64_t)when->tv_nsec, text);
	json_member_text(b, key, text);
}

void manifest_text(struct textbuf *b, const char *key, const char *text)
{
	if (*text) {
		json_member_text(b, key, text);
	} else {
		textbuf_puts(b, key);
		textbuf_puts(b, "null");
	}
}

static void put_file(struct textbuf *b, const struct place_file *f, bool first)
{
	char crc[9];

	snprintf(crc, sizeof(crc), "%08x", f->crc);
	json_member_text(b, first ? "{\"name\":" : ",{\"name\":", f->name);
	json_member_number(b, ",\"size\":", f->size);
	json_member_text(b, ",\"crc32c\":", crc);
	put_time(b, ",\"modified\":", &f->modified);
	textbuf_putc(b, '}');
}

static void put_files(struct textbuf *b, const struct place *p)
{
	bool first = true;

	textbuf_puts(b, ",\"files\":[");
	for (size_t i = 0; i < p->nr; i++) {
		if (!p->files[i].verified || p->files[i].harvest >= 0)
			continue;
		put_file(b, &p->files[i], first);
		first = false;
	}
	textbuf_putc(b, ']');
}

static void put_all(struct textbuf *b, const struct harvest *h, const struct timespec *made)
{
	json_member_text(b, "{\"type\":\"harvest\",\"schema\":", SCHEMA);
	json_member_number(b, ",\"version\":", SCHEMA_VERSION);
	manifest_text(b, ",\"boot_id\":", h->boot_id);
	put_time(b, ",\"harvested\":", made);
	manifest_text(b, ",\"harvested_by_boot\":", h->now_boot_id);
	json_member_text(b, ",\"from\":", h->place->path);
	textbuf_puts(b, h->partial ? ",\"complete\":false" : ",\"complete\":true");
	put_files(b, h->place);
	textbuf_puts(b, ",\"recordings\":[");
	textbuf_put(b, h->recordings.data, h->recordings.len);
	textbuf_puts(b, "],\"problems\":[");
	textbuf_put(b, h->problems.data, h->problems.len);
	textbuf_puts(b, "]}\n");
}

int manifest_write(struct harvest *h, const struct timespec *made, struct merge_error *err)
{
	struct timespec times[2] = { *made, *made };
	struct textbuf b = { 0 };
	int ret;

	put_all(&b, h, made);
	if (b.failed || h->recordings.failed || h->problems.failed)
		ret = error_nomem(err);
	else
		ret = outdir_write(&h->out, KEPT_MANIFEST, b.data, b.len, err);
	textbuf_deinit(&b);
	if (!ret && utimensat(h->out.fd, KEPT_MANIFEST, times, 0))
		ret = error_code(err, -errno);
	return ret;
}

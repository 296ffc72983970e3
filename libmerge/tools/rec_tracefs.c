// SPDX-License-Identifier: LGPL-2.1-or-later
/* What recording changes in tracefs: see rec_tracefs.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rec_tracefs.h"

/* Indices of rec_tracefs.saved */
enum { TRACER, EVENTS, SIZE, ON };

static const char *const files[] = {
	[TRACER] = "current_tracer", [EVENTS] = "set_event", [SIZE] = "buffer_size_kb",
	[ON] = "tracing_on",
};

#define NR_FILES	(sizeof(files) / sizeof(*files))

static int fail(struct merge_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct merge_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return err->code = code;
}

/* ---- One file ------------------------------------------------------------- */

static int put(struct rec_tracefs *t, const char *file, const char *text, struct merge_error *err)
{
	if (tracefs_instance_file_write(t->instance, file, text) >= 0)
		return 0;
	return fail(err, errno ? -errno : -EIO, "%s%s%s: \"%.100s\" cannot be written: %s",
		    t->name, *t->name ? "/" : "", file, text, strerror(errno));
}

/*
 * Its only word; NULL when there is none. "7 (expanded: 1408)" of a ring that was not
 * used so far is 1408: it will not become small again.
 */
static char *get_word(struct rec_tracefs *t, const char *file)
{
	char *text = tracefs_instance_file_read(t->instance, file, NULL);
	char *expanded = text ? strstr(text, "expanded: ") : NULL;

	if (expanded)
		memmove(text, expanded + 10, strlen(expanded + 10) + 1);
	if (text)
		text[strcspn(text, " )\n")] = '\0';
	return text;
}

/* ---- Events --------------------------------------------------------------- */

char *rec_tracefs_events(struct rec_tracefs *t)
{
	return tracefs_instance_file_read(t->instance, files[EVENTS], NULL);
}

/* (what is enabled already stays so, hence not by tracefs_instance_file_write()) */
static int enable(struct rec_tracefs *t, const char *pattern, struct merge_error *err)
{
	const char *word = strcmp(pattern, "all") ? pattern : "*:*";

	if (tracefs_instance_file_append(t->instance, files[EVENTS], word) >= 0)
		return 0;
	if (errno == EINVAL)
		return fail(err, -EINVAL, "no event is called %s: trace-cmd list -e shows all", pattern);
	return fail(err, -errno, "event %s: %s", pattern, strerror(errno));
}

/* Opening set_event to overwrite it disables all that are enabled */
static int disable_all(struct rec_tracefs *t, struct merge_error *err)
{
	if (!tracefs_instance_file_clear(t->instance, files[EVENTS]))
		return 0;
	return fail(err, errno ? -errno : -EIO, "set_event: %s", strerror(errno));
}

static int restore_events(struct rec_tracefs *t, char *lines, struct merge_error *err)
{
	int ret = disable_all(t, err), failed;
	char *line;

	while ((line = strsep(&lines, "\n"))) {
		failed = *line ? enable(t, line, err) : 0;
		ret = ret ? ret : failed;
	}
	return ret;
}

/* ---- All of it ------------------------------------------------------------ */

int rec_tracefs_open(struct rec_tracefs *t, const char *path, const char *name,
		     struct merge_error *err)
{
	*t = (struct rec_tracefs){ .name = name };
	if (tracefs_set_tracing_dir((char *)path))
		return fail(err, -ENOMEM, "out of memory");
	if (*name) {
		errno = 0;
		t->instance = tracefs_instance_create(name);
		if (!t->instance)
			return fail(err, errno ? -errno : -EIO, "instance %s cannot be made: %s",
				    name, strerror(errno));
		t->made = tracefs_instance_is_new(t->instance);
	}
	for (size_t i = 0; i < NR_FILES && !t->made; i++)
		t->saved[i] = i == EVENTS ? rec_tracefs_events(t) : get_word(t, files[i]);
	return 0;
}

static int set_tracer(struct rec_tracefs *t, const char *tracer, struct merge_error *err)
{
	int ret = put(t, files[TRACER], tracer, err);

	if (ret == -EINVAL)
		fail(err, ret, "no tracer for this ring is called %s: available_tracers lists them",
		     tracer);
	return ret;
}

static int set_size(struct rec_tracefs *t, unsigned long kb, struct merge_error *err)
{
	const char *now = t->saved[SIZE];
	char text[30];
	int ret;

	if (now && (*now < '0' || *now > '9'))
		return fail(err, -EINVAL, "the CPUs' rings differ in size, which could not be put back: record without -b");
	snprintf(text, sizeof(text), "%lu", kb);
	t->resized = true;
	ret = put(t, files[SIZE], text, err);
	if (ret == -EBUSY)
		fail(err, ret, "the buffer's size cannot change while someone has it mapped");
	return ret;
}

static int set_events(struct rec_tracefs *t, const struct options *opt, struct merge_error *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < opt->sel.nr_events; i++)
		ret = enable(t, opt->events[i], err);
	return ret;
}

int rec_tracefs_set(struct rec_tracefs *t, const struct options *opt, struct merge_error *err)
{
	int ret = rec_tracefs_on(t, false, err);

	t->changed = true;
	if (!ret)
		ret = set_tracer(t, "nop", err);
	if (!ret)
		ret = disable_all(t, err);
	if (!ret && opt->buffer_kb)
		ret = set_size(t, opt->buffer_kb, err);
	if (!ret && tracefs_instance_file_clear(t->instance, "trace"))
		ret = fail(err, errno ? -errno : -EIO, "the ring cannot be emptied: %s",
			   strerror(errno));
	if (!ret && opt->tracer)
		ret = set_tracer(t, opt->tracer, err);
	return ret ? ret : set_events(t, opt, err);
}

int rec_tracefs_on(struct rec_tracefs *t, bool on, struct merge_error *err)
{
	return put(t, files[ON], on ? "1" : "0", err);
}

/* As far as possible: the first error is told */
static int put_back(struct rec_tracefs *t, struct merge_error *err)
{
	struct merge_error other = { 0 };
	int ret = set_tracer(t, "nop", err);

	for (size_t i = 0; i < NR_FILES; i++) {
		struct merge_error *to = ret ? &other : err;
		int failed;

		if (!t->saved[i] || (i == SIZE && !t->resized))
			continue;
		failed = i == EVENTS ? restore_events(t, t->saved[i], to) :
			 put(t, files[i], t->saved[i], to);
		ret = ret ? ret : failed;
	}
	return ret;
}

int rec_tracefs_restore(struct rec_tracefs *t, struct merge_error *err)
{
	if (t->made) {
		t->made = false;
		errno = 0;
		return !tracefs_instance_destroy(t->instance) ? 0 :
		       fail(err, errno ? -errno : -EIO, "instance %s cannot be removed: %s",
			    t->name, strerror(errno));
	}
	if (!t->changed)
		return 0;
	t->changed = false;
	return put_back(t, err);
}

void rec_tracefs_close(struct rec_tracefs *t)
{
	for (size_t i = 0; i < NR_FILES; i++)
		free(t->saved[i]);
	if (t->instance)
		tracefs_instance_free(t->instance);
	*t = (struct rec_tracefs){ .name = "" };
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* A file of text that is complete or not there: see outfile.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outfile.h"

static int fail(struct merge_error *err, int code, const char *path, const char *why)
{
	snprintf(err->text, sizeof(err->text), "%s: %s", path, why);
	return err->code = code;
}

/* What a stream's error was, though errno may tell of something later by now */
static int fail_to_write(const struct outfile *f, struct merge_error *err)
{
	int code = errno ? errno : EIO;

	return fail(err, -code, f->path, strerror(code));
}

int outfile_open(struct outfile *f, const char *path, struct merge_error *err)
{
	struct stat st;
	int fd, ret;

	*f = (struct outfile){ .path = path };
	if (!strcmp(path, "-")) {
		f->path = "standard output";
		f->out = stdout;
		return 0;
	}
	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return fail(err, -EEXIST, path, "exists and is not a regular file");
	if (asprintf(&f->temp, "%s.XXXXXX", path) < 0) {
		f->temp = NULL;
		return fail(err, -ENOMEM, path, "out of memory");
	}
	/* O_EXCL and mode 0600 are mkostemp()'s own */
	fd = mkostemp(f->temp, O_CLOEXEC);
	if (fd >= 0) {
		f->out = fdopen(fd, "w");
		if (f->out)
			return 0;
		close(fd);
		unlink(f->temp);
	}
	ret = fail(err, -errno, path, strerror(errno));
	free(f->temp);
	f->temp = NULL;
	return ret;
}

int outfile_finish(struct outfile *f, struct merge_error *err)
{
	bool bad = fflush(f->out) || ferror(f->out);

	if (!f->temp)
		return bad ? fail_to_write(f, err) : 0;
	bad = bad || fsync(fileno(f->out));
	/* close() is where some file systems say that there was no room */
	bad = fclose(f->out) || bad;
	f->out = NULL;
	if (bad || rename(f->temp, f->path))
		return fail_to_write(f, err);
	free(f->temp);
	f->temp = NULL;
	return 0;
}

void outfile_close(struct outfile *f)
{
	if (!f->temp)
		return;
	if (f->out)
		fclose(f->out);
	unlink(f->temp);
	free(f->temp);
	*f = (struct outfile){ .path = NULL };
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A ring by read(): any kernel, any ring. The kernel copies a sub-buffer, or of the
 * one a writer is on what has come to it, which is then one of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "live_reader.h"

/* Less room than this behind its events: it is full, and the next one was begun */
#define FULL		256u

static int read_open(struct live_reader *r, struct merge_error *err)
{
	if (r->subbuf_size <= LIVE_HEADER(r->long_size))
		return error_set(err, -EINVAL, "sub-buffers cannot have %u bytes",
				 r->subbuf_size);
	r->priv = malloc(r->subbuf_size);
	return r->priv ? 0 : error_nomem(err);
}

static void read_close(struct live_reader *r)
{
	free(r->priv);
	r->priv = NULL;
}

/* Return: 1; 0 nothing now; negative errno */
static int read_one(struct live_reader *r)
{
	uint8_t *data = r->priv;
	ssize_t n;

	do {
		n = read(r->fd, data, r->subbuf_size);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return !n || errno == EAGAIN ? 0 : -errno;
	if ((size_t)n <= LIVE_HEADER(r->long_size))
		return -EBADMSG;
	memset(data + n, 0, r->subbuf_size - (size_t)n);
	return 1;
}

static int read_next(struct live_reader *r, struct live_page *page)
{
	uint32_t room = r->subbuf_size - LIVE_HEADER(r->long_size), end;
	int ret;

	do {
		ret = read_one(r);
		end = ret > 0 ? live_end(r, r->priv) : 0;
	} while (ret > 0 && !end);
	if (ret <= 0)
		return ret;
	*page = (struct live_page){
		.data = r->priv, .end = end,
		.lost = live_lost(r->priv, r->subbuf_size, r->long_size),
	};
	/* the first after a pause is the rest of the one that was stopped at */
	r->tail = !r->resumed && room - end > FULL;
	return 1;
}

const struct live_ops live_read_ops = {
	.name = "read",
	.open = read_open,
	.next = read_next,
	.close = read_close,
};

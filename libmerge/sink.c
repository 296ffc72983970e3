// SPDX-License-Identifier: LGPL-2.1-or-later
/* What all sinks share. */
#include <stdlib.h>

#include "sink.h"

void merge_sink_destroy(struct merge_sink *sink)
{
	if (!sink)
		return;
	if (sink->ops->close)
		sink->ops->close(sink);
	free(sink);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Nothing in ramoops describes the kernel that wrote it. Its records of functions are
 * shown as the event ftrace:function, by the format that kernels have for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "describe_ramoops.h"

static const char format_text[] =
	"name: function\nID: %u\nformat:\n"
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
	"\tfield:unsigned long ip;\toffset:%u;\tsize:%u;\tsigned:0;\n"
	"\tfield:unsigned long parent_ip;\toffset:%u;\tsize:%u;\tsigned:0;\n\n"
	"print fmt: \" %%ps <-- %%ps\", (void *)REC->ip, (void *)REC->parent_ip\n";

int ramoops_format(unsigned int id, uint32_t long_size, char **system, char **format)
{
	char *name, *text;

	if (id != RAMOOPS_FUNCTION)
		return -ENOENT;
	name = strdup("ftrace");
	if (!name || asprintf(&text, format_text, id, RAMOOPS_COMMON, long_size,
			      RAMOOPS_COMMON + long_size, long_size) < 0) {
		free(name);
		return -ENOMEM;
	}
	*system = name;
	*format = text;
	return 0;
}

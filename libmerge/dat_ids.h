/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ids of a trace.dat's sections and options: TRACECMD_OPTION_* of trace-cmd */
#ifndef MERGE_DAT_IDS_H
#define MERGE_DAT_IDS_H

enum tracedat_id {
	DAT_OPTIONS		= 0,
	DAT_DATE		= 1,
	DAT_CPUSTAT		= 2,
	DAT_BUFFER		= 3,
	DAT_TRACECLOCK		= 4,
	DAT_UNAME		= 5,
	DAT_OFFSET		= 7,
	DAT_CPUCOUNT		= 8,
	DAT_VERSION		= 9,
	DAT_TRACEID		= 11,
	DAT_TIME_SHIFT		= 12,
	DAT_TSC2NSEC		= 14,
	DAT_STRINGS		= 15,
	DAT_HEADER_INFO		= 16,
	DAT_FTRACE_EVENTS	= 17,
	DAT_EVENT_FORMATS	= 18,
	DAT_KALLSYMS		= 19,
	DAT_PRINTK		= 20,
	DAT_CMDLINES		= 21,
	DAT_BUFFER_TEXT		= 22,
	DAT_BTF			= 23,
	DAT_LAST_BOOT_INFO	= 24,
	DAT_NR_SECTION_IDS	= 26,
};

#endif

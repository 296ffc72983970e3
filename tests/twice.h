/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Print formats of one made-up event, printed compiled and by libtraceevent. Its
 * fields and what its record holds:
 *
 *	u64 big		0xfedcba9876543210	s32 minus	-5
 *	u64 small	42			u32 bits	5
 *	u8 byte		200			s16 half	-300
 *	char comm[8]	"bash"			char full[4]	"abcd", no 0
 *	name		dynamic, "dynamic"	none		dynamic, empty
 *	rel		relative, "relative"	u8 raw[4]	01 ab cd ff
 *	u64 list[3]	7 8 9			u64 ip		VFS_READ + 16
 *	u64 mod		EXT4_READ + 1		u64 nowhere	0x1234
 *	char *str	PRINTK_STRING		char *odd	0x99
 */
#ifndef TWICE_H
#define TWICE_H

/*
 * The record by "print fmt: @format"; malloc'ed. "[libtraceevent]" when it is not
 * compiled, "[different]" and both when the two differ.
 */
char *print_twice(const char *format);

/* Rows of print formats and texts */
struct twice {
	const char *format, *text;
};

void check_twice(const struct twice *rows, unsigned int nr);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of text, coloured for a terminal. */
#ifndef PSTORE_RB_COLOUR_H
#define PSTORE_RB_COLOUR_H

#include <stdio.h>

/*
 * A stream whose lines go to @to with colours: damage and loss red, what is no
 * event dim, of an event its flags and its time. NULL: out of memory. Closing it
 * does not close @to.
 */
FILE *colour_open(FILE *to);

#endif

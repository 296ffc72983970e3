/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals that end a run: what is half made is removed first, then the process
 * ends by the signal itself, as its parent expects.
 */
#ifndef PSTORE_RB_STOP_H
#define PSTORE_RB_STOP_H

#include <stdbool.h>

/* SIGINT, SIGTERM and SIGHUP only ask from now on; SIGPIPE becomes EPIPE */
void stop_catch(void);

/* Whether one of them came; @arg is not looked at. For merge_source_on_interrupt() */
bool stop_asked(void *arg);

/* It came, was understood, and more is to be done: another one may come */
void stop_forget(void);

/* End by the signal that came, if one did */
void stop_if_asked(void);

/* End by SIGPIPE: whoever read our output has gone */
void stop_by_pipe(void);

#endif

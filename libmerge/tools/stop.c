// SPDX-License-Identifier: LGPL-2.1-or-later
/* Signals that end a run: see stop.h. */
#include <signal.h>
#include <stddef.h>

#include "stop.h"

/* a handler has no argument: this is where it can say so */
static volatile sig_atomic_t caught;

static void note(int signal)
{
	caught = signal;
}

void stop_catch(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };
	struct sigaction old;

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		/* what the parent has ignored, as nohup does, stays so */
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

bool stop_asked(void *arg)
{
	(void)arg;
	return caught;
}

void stop_forget(void)
{
	caught = 0;
}

static void end_by(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void stop_if_asked(void)
{
	if (caught)
		end_by(caught);
}

void stop_by_pipe(void)
{
	end_by(SIGPIPE);
}

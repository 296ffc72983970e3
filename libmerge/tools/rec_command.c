// SPDX-License-Identifier: LGPL-2.1-or-later
/* The command that is recorded: see rec_command.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rec_command.h"
#include "tool.h"

/* In the child: begin when told so; the pipe closed without a word is the end */
static void exec_when_told(char **words, int begin)
{
	char go;

	if (read(begin, &go, 1) != 1)
		_exit(127);
	execvp(*words, words);
	tool_complain("%s: %s", *words, strerror(errno));
	_exit(127);
}

int rec_command_prepare(struct rec_command *c, char **words)
{
	int ends[2];

	*c = (struct rec_command){ .words = words, .begin = -1 };
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	c->pid = fork();
	if (!c->pid) {
		close(ends[1]);
		signal(SIGPIPE, SIG_DFL);
		exec_when_told(words, ends[0]);
	}
	close(ends[0]);
	c->begin = ends[1];
	if (c->pid > 0)
		return 0;
	c->pid = 0;
	return -errno;
}

void rec_command_begin(struct rec_command *c)
{
	ssize_t n = c->begin < 0 ? 0 : write(c->begin, "", 1);

	(void)n;
	rec_command_drop(c);
}

void rec_command_drop(struct rec_command *c)
{
	if (c->begin >= 0)
		close(c->begin);
	c->begin = -1;
}

bool rec_command_ended(struct rec_command *c, bool wait)
{
	if (c->pid && waitpid(c->pid, &c->status, wait ? 0 : WNOHANG) == c->pid)
		c->pid = 0;
	return c->words && !c->pid;
}

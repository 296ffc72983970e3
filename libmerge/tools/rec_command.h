/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command that is recorded: made early, begun when recording is on. */
#ifndef PSTORE_RB_REC_COMMAND_H
#define PSTORE_RB_REC_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * struct rec_command - the command, or none
 * @words: with its arguments, ended by NULL; NULL or none of them: there is none
 * @pid: its process, 0 when there is none, or none any more
 * @begin: the pipe that lets it begin, -1: it has, or never will
 * @status: as waitpid() has it
 */
struct rec_command {
	char **words;
	pid_t pid;
	int begin;
	int status;
};

#define REC_COMMAND_INIT	{ .begin = -1 }

/* Return: 0 or a negative errno */
int rec_command_prepare(struct rec_command *c, char **words);
void rec_command_begin(struct rec_command *c);

/* Whether there was one and it is over; @wait for that */
bool rec_command_ended(struct rec_command *c, bool wait);

/* It is not to begin, if it has not */
void rec_command_drop(struct rec_command *c);

#endif

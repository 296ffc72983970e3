// SPDX-License-Identifier: LGPL-2.1-or-later
/* pstore-rb check: whether the memory outlives the restart, and who looks at it then. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "dir.h"

#define EFIVARS		"sys/firmware/efi/efivars"
/* Of the TCG's Platform Reset Attack Mitigation Specification */
#define OVERWRITE	EFIVARS "/MemoryOverwriteRequestControl-e20939be-32d4-41be-a150-897f85d49829"

void check_kdump(struct check *c)
{
	uint64_t loaded = check_number(c, "sys/kernel/kexec_crash_loaded", 2);

	if (loaded == 1)
		check_say(c, CHECK_OK, "kdump", NULL, "a crash kernel is loaded: a dump has the trace, too");
	else
		check_say(c, CHECK_WARNING, "kdump", "install kdump-tools and add crashkernel=256M for a dump besides",
			  "%s: the trace has to outlive a restart", loaded ?
			  "/sys/kernel/kexec_crash_loaded cannot be read" : "no crash kernel is loaded");
}

/* An attribute of 4 bytes, then the value, whose bit 0 asks for it */
static int overwrite_request(const struct check *c)
{
	char *data;
	size_t size;
	int ret = dir_read(c->root, OVERWRITE, 4096, &data, &size);

	if (ret)
		return ret;
	ret = size > 4 ? data[4] & 1 : 0;
	free(data);
	return ret;
}

void check_firmware(struct check *c)
{
	int request;

	if (!dir_has(c->root, "sys/firmware/efi")) {
		check_say(c, CHECK_OK, "firmware", NULL, "it is not EFI: nothing asks it to wipe memory");
		return;
	}
	if (!dir_has(c->root, EFIVARS)) {
		check_say(c, CHECK_WARNING, "firmware", "mount -t efivarfs efivarfs /" EFIVARS,
			  "its variables are not there, which tell whether it will wipe memory");
		return;
	}
	request = overwrite_request(c);
	if (request > 0)
		check_say(c, CHECK_MISSING, "firmware",
			  "start a kernel without CONFIG_RESET_ATTACK_MITIGATION, or clear the last byte of /" OVERWRITE " at each boot",
			  "it is asked to wipe all memory at the next restart");
	else if (request < 0 && dir_has(c->root, OVERWRITE))
		check_say(c, CHECK_WARNING, "firmware", "run it as root", "/" OVERWRITE " cannot be read");
	else
		check_say(c, CHECK_OK, "firmware", NULL, "nothing asks it to wipe memory");
}

void check_restart(struct check *c)
{
	char *seconds = check_read(c, "proc/sys/kernel/panic");

	if (seconds && strcmp(seconds, "0"))
		check_say(c, CHECK_OK, "restart", NULL, "a panic restarts the machine: its power stays on");
	else
		check_say(c, CHECK_WARNING, "restart", "sysctl kernel.panic=10, and a line in /etc/sysctl.d",
			  "a panic stops the machine: who switches it off then loses the trace");
	free(seconds);
}

/* Enabled: there is a link to it in some target's directory */
static bool is_enabled(const struct check *c, const char *folder)
{
	char **names, path[300];
	bool found = false;
	size_t nr;

	if (dir_names(c->root, folder, &names, &nr))
		return false;
	for (size_t i = 0; !found && i < nr; i++)
		found = strlen(names[i]) > 6 && !strcmp(names[i] + strlen(names[i]) - 6, ".wants") &&
			snprintf(path, sizeof(path), "%s/%s/pstore-rb-harvest.service", folder,
				 names[i]) < (int)sizeof(path) && dir_has(c->root, path);
	dir_names_free(names, nr);
	return found;
}

void check_harvest(struct check *c)
{
	if (is_enabled(c, "etc/systemd/system") || is_enabled(c, "usr/lib/systemd/system"))
		check_say(c, CHECK_OK, "harvest", NULL, "pstore-rb-harvest.service saves it at boot");
	else
		check_say(c, CHECK_WARNING, "harvest", "systemctl enable pstore-rb-harvest.service",
			  "nothing saves it at boot, before the next recording overwrites it");
}

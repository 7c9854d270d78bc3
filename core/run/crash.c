/* SPDX-License-Identifier: BSD-2-Clause */
/* The format of a crash file: comment lines that begin with '#', an empty line, then the bytes as they were received. */
#include "core/run/crash.h"

#include "core/run/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CRASH_FILES_KEPT 20

static int crash_name(const struct dirent *d)
{
	struct str name = str_z(d->d_name);

	return str_starts(name, STR("crash-")) && name.n > 4 &&
	       str_eq(str_skip(name, name.n - 4), STR(".sip"));
}

/* The time stands first in the name, so the order of names is the order of time. */
static void remove_oldest(int dir)
{
	struct dirent **names;
	int n = scandirat(dir, ".", &names, crash_name, alphasort);

	for (int i = 0; i < n; i++) {
		if (i < n - CRASH_FILES_KEPT)
			unlinkat(dir, names[i]->d_name, 0);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

static void head_put(struct buf *b, const struct slot *slot, int pid, int signal)
{
	const char *file_z = atomic_load(&slot->script_file_z);

	buf_fmt(b, "# serac %s: worker process %d ended by signal %d\n", SERAC_VERSION, pid,
		signal);
	if (slot->hand_transport_z) {
		buf_fmt(b, "# from %s:", slot->hand_transport_z);
		addr_port_put(b, &slot->hand_src);
		buf_fmt(b, "\n# to %s:", slot->hand_transport_z);
		addr_port_put(b, &slot->hand_dst);
		buf_char(b, '\n');
	}
	if (file_z)
		buf_fmt(b, "# script %s:%u\n", file_z, atomic_load(&slot->script_line));
	buf_char(b, '\n');
}

void crash_write(const struct slot *slot, int pid, int signal, const char *dir_z)
{
	char name_z[64], when_z[32], head[512];
	struct buf b = BUF_ON(head);
	time_t now = time(NULL);
	struct tm tm;
	int dir, fd;
	bool good;

	if (atomic_load(&slot->hand) == HAND_NONE || !slot->hand_text || slot->hand_size == 0)
		return;
	gmtime_r(&now, &tm);
	strftime(when_z, sizeof(when_z), "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name_z, sizeof(name_z), "crash-%s-%d.sip", when_z, pid);
	dir = open(dir_z, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = dir < 0 ? -1
		     : openat(dir, name_z, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			      0600);
	if (fd < 0) {
		log_err("crash", "could not write the message a worker died of",
			KV_Z("folder", dir_z), KV_Z("file", name_z), KV_ERRNO(errno),
			KV_Z("hint",
			     "crash_dir must be writable by the user that the router runs as"));
		if (dir >= 0)
			close(dir);
		return;
	}
	head_put(&b, slot, pid, signal);
	good = write(fd, b.p, b.n) == (ssize_t)b.n &&
	       write(fd, slot->hand_text, slot->hand_size) == (ssize_t)slot->hand_size;
	close(fd);
	log_err("crash",
		good ? "a worker died over a message, which was saved"
		     : "could not write all of a crash file",
		KV_Z("file", name_z), KV_INT("pid", pid), KV_INT("signal", signal),
		KV_Z("script", atomic_load(&slot->script_file_z)),
		KV_INT("line", atomic_load(&slot->script_line)));
	remove_oldest(dir);
	close(dir);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* One datagram to the manager's socket. */
#include "core/run/notify.h"

#include "core/base/str.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_send(const char *state_z)
{
	const char *path_z = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t n = path_z ? strlen(path_z) : 0;
	int fd;

	if (n < 2 || n >= sizeof(un.sun_path) || (path_z[0] != '/' && path_z[0] != '@'))
		return;
	memcpy(un.sun_path, path_z, n);
	if (path_z[0] == '@')
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	/* a manager that does not listen is its own misfortune */
	(void)!sendto(fd, state_z, strlen(state_z), MSG_NOSIGNAL, (struct sockaddr *)&un,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}

uint32_t notify_watchdog_ms(void)
{
	const char *usec_z = getenv("WATCHDOG_USEC");
	const char *pid_z = getenv("WATCHDOG_PID");
	uint64_t usec, pid;

	if (!usec_z || str_uint(str_z(usec_z), UINT32_MAX, &usec))
		return 0;
	if (pid_z && (str_uint(str_z(pid_z), UINT32_MAX, &pid) || (pid_t)pid != getpid()))
		return 0;
	return (uint32_t)(usec / 2000);
}

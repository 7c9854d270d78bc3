/* SPDX-License-Identifier: BSD-2-Clause */
/* Child processes of tests. */
#ifndef TEST_CHILD_H
#define TEST_CHILD_H

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* fork(); the child is killed when the test dies, so that none spins on behind it. */
static inline pid_t child_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* How a broken invariant ends the process: one line on stderr, then SIGABRT. */
#include "core/base/must.h"

#include "core/base/buf.h"

#include <stdlib.h>
#include <unistd.h>

_Noreturn void must_failed(const char *condition, const char *file, int line)
{
	char text[512];
	struct buf b = BUF_ON(text);

	buf_fmt(&b, "invariant broken: %s (%s:%d)\n", condition, file, line);
	if (write(STDERR_FILENO, b.p, b.n) < 0)
		abort();
	abort();
}

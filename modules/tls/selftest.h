/* SPDX-License-Identifier: BSD-2-Clause */
/* Does this machine's GnuTLS do what Serac needs of it (DESIGN 5.4)? Asked once at the start, in children, so that whatever is wrong with it kills nothing else. */
#ifndef TLS_SELFTEST_H
#define TLS_SELFTEST_H

#include "core/mod/api.h"

#include <stdio.h>

/* What may be used. */
struct tls_selftest {
	bool sharing; /* sessions lie in shared memory; else each in its owner's, and only he encodes */
	bool tickets;	   /* sessions can be resumed */
	const char *why_z; /* what failed, NULL: nothing */
};

/* In main, before the first fork. What it finds is kept for tls_selftest_result, and logged. */
void tls_selftest_run(struct shm *shm);
/* Of this process tree; before the test: all is well. */
const struct tls_selftest *tls_selftest_result(void);
/* For tests: as if that had been found. */
void tls_selftest_set(const struct tls_selftest *found);
/* For serac -V: runs it in memory of its own, and says what it found. */
void tls_selftest_about(FILE *out);

#endif

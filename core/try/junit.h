/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of tests in the XML that JUnit made customary, for CI. */
#ifndef TRY_JUNIT_H
#define TRY_JUNIT_H

#include "core/try/results.h"

/* Writes the results of n files to path_z. 0 or -errno. */
int junit_write(const char *path_z, const struct results *const *files, unsigned n);

#endif

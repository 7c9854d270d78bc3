/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between two texts, line by line, in the unified format of diff -u. */
#ifndef TRY_DIFF_H
#define TRY_DIFF_H

#include "core/base/buf.h"
#include "core/mem/pool.h"

#define DIFF_LINES_MAX 1024u

/* The hunks, with three lines around each change; CRs are not shown. Empty when the texts are equal. Texts of more than DIFF_LINES_MAX lines are shown as wholly
 * different. Null: no memory. */
struct str diff_unified(struct pool *p, struct str a, struct str b);

#endif

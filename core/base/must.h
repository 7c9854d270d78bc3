/* SPDX-License-Identifier: BSD-2-Clause */
/* Invariants that stay checked in release builds. Never for anything that a peer or a user can cause. */
#ifndef BASE_MUST_H
#define BASE_MUST_H

_Noreturn void must_failed(const char *condition, const char *file, int line);

#define MUST(cond) ((cond) ? (void)0 : must_failed(#cond, __FILE__, __LINE__))

#endif

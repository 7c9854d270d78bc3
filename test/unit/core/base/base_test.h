/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of core/base share. */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/str.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline void assert_str_is(struct str s, const char *expected_z)
{
	if (s.n != strlen(expected_z) || memcmp(s.p, expected_z, s.n) != 0)
		fail_msg("\"" STRF "\" is not \"%s\"", STRA(s), expected_z);
}

#endif

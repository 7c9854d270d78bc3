/* SPDX-License-Identifier: BSD-2-Clause */
/* Text with attributes in it: "$ru", "$(hdr(Subject))", "%@from.tag", "%ru". Compiled once, run for each message. */
#ifndef SCRIPT_FORMAT_H
#define SCRIPT_FORMAT_H

#include "core/mem/arena.h"
#include "core/script/names.h"

#define FORMAT_RESULT_MAX 65536u

enum format_flag {
	/* SER's xlog codes "%ru", "%ci" … are read, "%%" is one percent sign, and what is null shows as "<null>". Else "%" is
	 * ordinary unless "@" follows it, and what is null is empty. */
	FORMAT_XLOG = 1,
	/* A value that contains CR, LF or NUL makes format_run fail: for header fields. */
	FORMAT_ONE_LINE = 2,
};

struct format;

struct format_error {
	char text[192];
	size_t offset, n; /* in the text */
};

/* "$$" is one dollar sign; a dollar sign that no name or parenthesis follows is itself. The format lies in the names' arena.
 * -EINVAL with *e; -ENOMEM. */
int format_compile(const struct names *names, struct str text, unsigned flags,
		   const struct format **format_r, struct format_error *e);
/* The text, in the context's pool (or the format's own, when nothing varies). -EBADMSG: a value that FORMAT_ONE_LINE refuses; -E2BIG: longer than
 * FORMAT_RESULT_MAX; -ENOMEM. */
int format_run(const struct format *format, struct ctx *ctx, struct str *text_r);

#endif

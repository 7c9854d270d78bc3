/* SPDX-License-Identifier: BSD-2-Clause */
/* The script functions of the core, one table from two files. */
#ifndef MSG_FUNCS_H
#define MSG_FUNCS_H

#include "core/msg/worker.h"

extern const struct func_def msg_functions[];

/* core/msg/rewrite.c: changes of the current R-URI */
int fn_seturi(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_reverturi(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_sethost(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_sethostport(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_sethostporttrans(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setuser(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setuserpass(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setport(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_prefix(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_strip(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_strip_tail(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setdsturi(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_resetdsturi(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_isdsturiset(struct ctx *ctx, const struct value *argv, unsigned argc);

/* An integer argument, which may have been written as a string of digits. -EINVAL. */
int arg_int(const struct value *v, int64_t *i_r);

#endif

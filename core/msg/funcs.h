/* SPDX-License-Identifier: BSD-2-Clause */
/* The script functions of the core, one table from several files. */
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
int fn_userphone(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setuser(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setuserpass(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setport(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_prefix(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_strip(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_strip_tail(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setdsturi(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_resetdsturi(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_isdsturiset(struct ctx *ctx, const struct value *argv, unsigned argc);

/* core/msg/branch_funcs.c: targets beside the R-URI */
int fn_append_branch(struct ctx *ctx, const struct value *argv, unsigned argc);
const char *check_append_branch(const struct value *argv, unsigned argc);
int fn_clear_branches(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_remove_branch(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_setbflag(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_resetbflag(struct ctx *ctx, const struct value *argv, unsigned argc);
int fn_isbflagset(struct ctx *ctx, const struct value *argv, unsigned argc);

/* The bit of a flag from 0 to 31. -EINVAL: it is none; it was logged. */
int flag_bit(const struct value *v, uint32_t *bit_r);
/* An integer argument, which may have been written as a string of digits. -EINVAL. */
int arg_int(const struct value *v, int64_t *i_r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of textopsx. */
#ifndef TEXTOPSX_TEXTOPSX_H
#define TEXTOPSX_TEXTOPSX_H

#include "core/mod/api.h"

#define TEXTOPSX_FN(NAME) int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc)

/* Logs that something could not be done to what, because of -errno. FN_FALSE. */
int textopsx_failed(const char *text_z, struct str what, int err);

/* message.c: the message as a whole */
TEXTOPSX_FN(msg_apply_changes);
TEXTOPSX_FN(msg_set_buffer);
TEXTOPSX_FN(change_reply_status);
TEXTOPSX_FN(remove_body);
TEXTOPSX_FN(keep_hf);

/* glob.c: a pattern of the shell: * ? [a-z] [!a-z] and backslash. The work is bounded by text × pattern. */
bool glob_matches(struct str text, struct str pattern, bool nocase);

/* values.c: single values and parameters of header fields */
TEXTOPSX_FN(append_hf_value);
TEXTOPSX_FN(insert_hf_value);
TEXTOPSX_FN(remove_hf_value);
TEXTOPSX_FN(remove_hf_value2);
TEXTOPSX_FN(assign_hf_value);
TEXTOPSX_FN(assign_hf_value2);
TEXTOPSX_FN(include_hf_value);
TEXTOPSX_FN(exclude_hf_value);
TEXTOPSX_FN(hf_value_exists);
const char *check_place(const struct value *argv, unsigned argc);

/* iterator.c: walks over header fields and lines of the body */
TEXTOPSX_FN(hf_iterator_start);
TEXTOPSX_FN(hf_iterator_end);
TEXTOPSX_FN(hf_iterator_next);
TEXTOPSX_FN(hf_iterator_prev);
TEXTOPSX_FN(hf_iterator_rm);
TEXTOPSX_FN(hf_iterator_append);
TEXTOPSX_FN(hf_iterator_insert);
TEXTOPSX_FN(bl_iterator_start);
TEXTOPSX_FN(bl_iterator_end);
TEXTOPSX_FN(bl_iterator_next);
TEXTOPSX_FN(bl_iterator_rm);
TEXTOPSX_FN(bl_iterator_append);
TEXTOPSX_FN(bl_iterator_insert);
int hf_iterator_name(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int hf_iterator_body(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int bl_iterator_value(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

#endif

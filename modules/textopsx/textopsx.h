/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of textopsx. */
#ifndef TEXTOPSX_TEXTOPSX_H
#define TEXTOPSX_TEXTOPSX_H

#include "core/mod/api.h"

/* Logs that something could not be done to what, because of -errno. FN_FALSE. */
int textopsx_failed(const char *text_z, struct str what, int err);

/* message.c: the message as a whole */
MODULE_FN(msg_apply_changes);
MODULE_FN(msg_set_buffer);
MODULE_FN(change_reply_status);
MODULE_FN(remove_body);
MODULE_FN(keep_hf);

/* glob.c: a pattern of the shell: * ? [a-z] [!a-z] and backslash. The work is bounded by text × pattern. */
bool glob_matches(struct str text, struct str pattern, bool nocase);

/* values.c: single values and parameters of header fields */
MODULE_FN(append_hf_value);
MODULE_FN(insert_hf_value);
MODULE_FN(remove_hf_value);
MODULE_FN(remove_hf_value2);
MODULE_FN(assign_hf_value);
MODULE_FN(assign_hf_value2);
MODULE_FN(include_hf_value);
MODULE_FN(exclude_hf_value);
MODULE_FN(hf_value_exists);
const char *check_place(const struct value *argv, unsigned argc);

/* iterator.c: walks over header fields and lines of the body */
MODULE_FN(hf_iterator_start);
MODULE_FN(hf_iterator_end);
MODULE_FN(hf_iterator_next);
MODULE_FN(hf_iterator_prev);
MODULE_FN(hf_iterator_rm);
MODULE_FN(hf_iterator_append);
MODULE_FN(hf_iterator_insert);
MODULE_FN(bl_iterator_start);
MODULE_FN(bl_iterator_end);
MODULE_FN(bl_iterator_next);
MODULE_FN(bl_iterator_rm);
MODULE_FN(bl_iterator_append);
MODULE_FN(bl_iterator_insert);
int hf_iterator_name(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int hf_iterator_body(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int bl_iterator_value(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of textops. */
#ifndef TEXTOPS_TEXTOPS_H
#define TEXTOPS_TEXTOPS_H

#include "core/mod/api.h"

/* NULL or what is wrong with an argument that may be a constant of the script: a substitution. */
const char *subst_check(const struct value *v);

/* A pattern as textops means it ('^' and '$' at each line), compiled once for a constant. NULL: it cannot be; it was logged. */
const struct regex *lines_regex(struct ctx *ctx, const struct regex *re);
const struct regex *subst_regex(struct ctx *ctx, const struct subst *s);

/* Logs that something could not be done to text, because of -errno. FN_FALSE. */
int textops_failed(const char *what_z, struct str text, int err);
/* Whether a Content-Type is of that media type; with parameters in type all of it counts. */
bool is_media_type(struct str content_type, struct str type);

/* --- parts of a multipart body (RFC 2046 5.1), in multipart.c ------------------------------------------------------------------------------ */
struct multipart {
	struct str body;     /* of the message */
	struct str boundary; /* without the two dashes before it */
	const char *at;	     /* the next delimiter line; NULL: there is none */
	const char *close;   /* the closing delimiter line, once it was met */
};

struct part {
	struct str whole;   /* from its delimiter line up to the next one */
	struct str headers; /* with the last CRLF */
	struct str content; /* without the CRLF that belongs to the next delimiter */
	struct str type;    /* its Content-Type; text/plain when there is none */
};

/* -ENOENT: the message has no multipart body. */
int multipart_open(struct ctx *ctx, struct multipart *m_r);
/* The next part. False: there is none. */
bool multipart_next(struct multipart *m, struct part *part_r);
/* The first part of a media type. */
bool multipart_find(struct ctx *ctx, struct str type, struct part *part_r);

#define TEXTOPS_CHECK(NAME) const char *check_##NAME(const struct value *argv, unsigned argc)

/* headers.c */
MODULE_FN(append_hf);
MODULE_FN(insert_hf);
MODULE_FN(append_urihf);
MODULE_FN(append_to_reply);
MODULE_FN(append_time);
MODULE_FN(append_time_to_request);
MODULE_FN(remove_hf);
MODULE_FN(remove_hf_re);
MODULE_FN(remove_hf_exp);
MODULE_FN(remove_hf_idx);
MODULE_FN(remove_hf_match);
MODULE_FN(is_present_hf);
MODULE_FN(is_present_hf_re);
MODULE_FN(via_param_rm);
TEXTOPS_CHECK(name);
TEXTOPS_CHECK(remove_hf_match);

/* subst.c */
MODULE_FN(search);
MODULE_FN(search_body);
MODULE_FN(search_str);
MODULE_FN(search_hf);
MODULE_FN(search_append);
MODULE_FN(search_append_body);
MODULE_FN(replace);
MODULE_FN(replace_all);
MODULE_FN(replace_hdrs);
MODULE_FN(replace_body);
MODULE_FN(replace_body_all);
MODULE_FN(replace_body_atonce);
MODULE_FN(replace_str);
MODULE_FN(replace_hdrs_str);
MODULE_FN(replace_body_str);
MODULE_FN(subst);
MODULE_FN(subst_body);
MODULE_FN(subst_hf);
MODULE_FN(subst_uri);
MODULE_FN(subst_user);
MODULE_FN(subst_v);
MODULE_FN(regex_substring);
TEXTOPS_CHECK(search_hf);
TEXTOPS_CHECK(replace_str);

/* text.c */
MODULE_FN(is_method);
MODULE_FN(is_privacy);
MODULE_FN(in_list);
MODULE_FN(in_list_prefix);
MODULE_FN(cmp_str);
MODULE_FN(cmp_istr);
MODULE_FN(starts_with);
MODULE_FN(ends_with);
MODULE_FN(str_find);
MODULE_FN(str_ifind);
MODULE_FN(str_any_in);
MODULE_FN(str_all_in);
TEXTOPS_CHECK(method);
TEXTOPS_CHECK(in_list);

/* body.c */
MODULE_FN(has_body);
MODULE_FN(set_body);
MODULE_FN(set_body_hex);
MODULE_FN(set_reply_body);
MODULE_FN(set_reply_body_hex);
MODULE_FN(filter_body);
MODULE_FN(set_body_multipart);
MODULE_FN(append_body_part);
MODULE_FN(append_body_part_hex);
MODULE_FN(get_body_part);
MODULE_FN(get_body_part_raw);
MODULE_FN(remove_body_part);
MODULE_FN(is_audio_on_hold); /* sdp.c */

#endif

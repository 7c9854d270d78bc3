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

#define TEXTOPS_FN(NAME)    int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc)
#define TEXTOPS_CHECK(NAME) const char *check_##NAME(const struct value *argv, unsigned argc)

/* headers.c */
TEXTOPS_FN(append_hf);
TEXTOPS_FN(insert_hf);
TEXTOPS_FN(append_urihf);
TEXTOPS_FN(append_to_reply);
TEXTOPS_FN(append_time);
TEXTOPS_FN(append_time_to_request);
TEXTOPS_FN(remove_hf);
TEXTOPS_FN(remove_hf_re);
TEXTOPS_FN(remove_hf_exp);
TEXTOPS_FN(remove_hf_idx);
TEXTOPS_FN(remove_hf_match);
TEXTOPS_FN(is_present_hf);
TEXTOPS_FN(is_present_hf_re);
TEXTOPS_FN(via_param_rm);
TEXTOPS_CHECK(name);
TEXTOPS_CHECK(remove_hf_match);

/* subst.c */
TEXTOPS_FN(search);
TEXTOPS_FN(search_body);
TEXTOPS_FN(search_str);
TEXTOPS_FN(search_hf);
TEXTOPS_FN(search_append);
TEXTOPS_FN(search_append_body);
TEXTOPS_FN(replace);
TEXTOPS_FN(replace_all);
TEXTOPS_FN(replace_hdrs);
TEXTOPS_FN(replace_body);
TEXTOPS_FN(replace_body_all);
TEXTOPS_FN(replace_body_atonce);
TEXTOPS_FN(replace_str);
TEXTOPS_FN(replace_hdrs_str);
TEXTOPS_FN(replace_body_str);
TEXTOPS_FN(subst);
TEXTOPS_FN(subst_body);
TEXTOPS_FN(subst_hf);
TEXTOPS_FN(subst_uri);
TEXTOPS_FN(subst_user);
TEXTOPS_FN(subst_v);
TEXTOPS_FN(regex_substring);
TEXTOPS_CHECK(search_hf);
TEXTOPS_CHECK(replace_str);

/* text.c */
TEXTOPS_FN(is_method);
TEXTOPS_FN(is_privacy);
TEXTOPS_FN(in_list);
TEXTOPS_FN(in_list_prefix);
TEXTOPS_FN(cmp_str);
TEXTOPS_FN(cmp_istr);
TEXTOPS_FN(starts_with);
TEXTOPS_FN(ends_with);
TEXTOPS_FN(str_find);
TEXTOPS_FN(str_ifind);
TEXTOPS_FN(str_any_in);
TEXTOPS_FN(str_all_in);
TEXTOPS_CHECK(method);
TEXTOPS_CHECK(in_list);

/* body.c */
TEXTOPS_FN(has_body);
TEXTOPS_FN(set_body);
TEXTOPS_FN(set_body_hex);
TEXTOPS_FN(set_reply_body);
TEXTOPS_FN(set_reply_body_hex);
TEXTOPS_FN(filter_body);
TEXTOPS_FN(set_body_multipart);
TEXTOPS_FN(append_body_part);
TEXTOPS_FN(append_body_part_hex);
TEXTOPS_FN(get_body_part);
TEXTOPS_FN(get_body_part_raw);
TEXTOPS_FN(remove_body_part);
TEXTOPS_FN(is_audio_on_hold); /* sdp.c */

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* name-addr and addr-spec (RFC 3261 20.10, 25.1), and the chain of all values of one kind of header field. */
#include "parser/chars.h"
#include "parser/field.h"
#include "parser/nameaddr.h"

#include <errno.h>

/* display-name, which may be empty, up to the bracket. NULL: there is no bracket, this is an addr-spec; *error_r is set if it is neither. */
static const char *display_take(struct sip_nameaddr *na, const char *p, const char *end,
				const char **error_r)
{
	const char *start = p, *q;

	*error_r = NULL;
	if (p < end && *p == '"') {
		q = quoted_skip(p, end);
		if (!q) {
			*error_r = p;
			return NULL;
		}
		p = q;
	} else {
		p = chars_skip(p, end, CH_DISPLAY | CH_LWS);
		if (p < end && *p == ':')
			return NULL;
	}
	q = lws_trim(start, p);
	p = lws_skip(p, end);
	if (p == end || *p != '<') {
		*error_r = p;
		return NULL;
	}
	na->display = str_between(start, q);
	return p;
}

/* "<" addr-spec ">": the byte behind it, or NULL with *error_r. Nothing but the URI may stand in it. */
static const char *brackets_take(struct sip_nameaddr *na, const char *p, const char *end,
				 const char **error_r)
{
	const char *close = memchr(p, '>', (size_t)(end - p)), *bad;

	*error_r = p;
	if (!close || close == p + 1)
		return NULL;
	bad = chars_find(p + 1, close, CH_LWS | CH_BRACKET);
	if (bad < close) {
		*error_r = bad;
		return NULL;
	}
	na->in_brackets = true;
	na->uri = str_between(p + 1, close);
	return close + 1;
}

/* An addr-spec without brackets ends where a comma, a question mark, a semicolon or white space stands. */
static const char *bare_uri_take(struct sip_nameaddr *na, const char *p, const char *end)
{
	const char *start = p;

	while (p < end && !char_is(*p, CH_LWS) && *p != ';' && *p != '?' && *p != ',' &&
	       *p != '<' && *p != '>' && *p != '"')
		p++;
	na->uri = str_between(start, p);
	return p;
}

/* All of them are read, so that a malformed one is an error. NULL, or the place of it. */
static const char *params_take(struct sip_nameaddr *na, const char *p, const char *end)
{
	struct str rest = str_between(p, end);
	struct sip_param param;
	int more;

	p = lws_skip(p, end);
	na->params = str_between(p, end);
	while ((more = sip_param_next(&rest, &param)) > 0) {
		if (param.name.n != 3 || !str_eq_nocase(param.name, STR("tag")))
			continue;
		if (!str_is_null(na->tag) || str_is_null(param.value))
			return param.name.p;
		na->tag = param.value;
	}
	return more < 0 ? lws_skip(rest.p, end) : NULL;
}

static const char *take(struct sip_nameaddr *na, const char *p, const char *end)
{
	const char *error, *bracket;

	if (end - p == 1 && *p == '*') {
		na->is_star = true;
		na->uri = na->params = str_of(end, 0);
		return NULL;
	}
	bracket = display_take(na, p, end, &error);
	if (error)
		return error;
	if (bracket) {
		p = brackets_take(na, bracket, end, &error);
		if (!p)
			return error;
	} else {
		p = bare_uri_take(na, p, end);
	}
	return params_take(na, p, end);
}

int nameaddr_parse(struct str text, struct sip_nameaddr *na_r, size_t *offset_r)
{
	struct sip_nameaddr na;
	const char *error;

	text = text.n ? str_trim(text) : STR("");
	memset(&na, 0, sizeof(na));
	na.whole = text;
	na.display = str_of(text.p, 0);
	error = take(&na, text.p, str_end(text));
	if (error) {
		if (offset_r)
			*offset_r = (size_t)(error - text.p);
		return -EBADMSG;
	}
	*na_r = na;
	return 0;
}

int nameaddr_uri(struct sip_msg *msg, struct sip_nameaddr *na, struct sip_uri **uri_r)
{
	struct sip_uri uri;
	size_t offset;

	if (!na->parsed_uri) {
		if (na->is_star)
			return -EBADMSG;
		if (uri_parse(na->uri, &uri, &offset)) {
			if (na->hdr)
				na->hdr->parse_at = (size_t)(na->uri.p - na->hdr->body.p) + offset;
			return -EBADMSG;
		}
		na->parsed_uri = pool_alloc(msg->pool, sizeof(uri));
		if (!na->parsed_uri)
			return -ENOMEM;
		*na->parsed_uri = uri;
	}
	*uri_r = na->parsed_uri;
	return 0;
}

/* Parses the value text of h, and keeps it in the pool. */
static int na_new(struct sip_msg *msg, struct sip_hdr *h, struct str text,
		  struct sip_nameaddr **na_r)
{
	struct sip_nameaddr na, *kept;
	size_t offset;

	if (nameaddr_parse(text, &na, &offset)) {
		h->parse_err = -EBADMSG;
		h->parse_at = (size_t)(text.p - h->body.p) + offset;
		return -EBADMSG;
	}
	na.hdr = h;
	kept = pool_alloc(msg->pool, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = na;
	*na_r = kept;
	return 0;
}

/* The first value of a header field, parsed once. */
static int na_first(struct sip_msg *msg, struct sip_hdr *h, struct sip_nameaddr **na_r)
{
	struct sip_nameaddr *na;
	struct str text;
	int err;

	if (!h)
		return -ENOENT;
	if (!h->parsed) {
		if (h->parse_err)
			return h->parse_err;
		field_value_next(h, NULL, &text);
		err = na_new(msg, h, text, &na);
		if (err)
			return err;
		h->parsed = na;
	}
	*na_r = h->parsed;
	return 0;
}

int sip_msg_nameaddr(struct sip_msg *msg, enum hdr_id id, struct sip_nameaddr **na_r)
{
	return id == HDR_OTHER ? -ENOENT : na_first(msg, msg->first[id], na_r);
}

int sip_msg_nameaddr_next(struct sip_msg *msg, struct sip_nameaddr *na,
			  struct sip_nameaddr **next_r)
{
	struct sip_nameaddr *next;
	struct str text;
	int err;

	if (!na->next) {
		if (field_value_next(na->hdr, &na->whole, &text))
			err = na_new(msg, na->hdr, text, &next);
		else
			err = na_first(msg, na->hdr->next_same, &next);
		if (err)
			return err;
		na->next = next;
	}
	*next_r = na->next;
	return 0;
}

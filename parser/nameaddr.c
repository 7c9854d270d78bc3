/* SPDX-License-Identifier: BSD-2-Clause */
/* name-addr and addr-spec (RFC 3261 20.10, 25.1), and the chain of all values of one kind of header field. */
#include "parser/field.h"
#include "parser/nameaddr.h"
#include "parser/param_take.h"

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

/* The first byte from p on that is '>' or cannot stand between brackets, or end. */
static const char *bracket_skip(const char *p, const char *end)
{
	for (; end - p >= 16; p += 16) {
		scan_bytes in = scan_load(p);
		/* more than is sought: all control characters. '<' and '>' differ in one bit */
		unsigned hits =
			scan_mask((scan_bytes)((in <= ' ') | (in == '"') | ((in & 0xfd) == '<')));

		if (hits) {
			p += __builtin_ctz(hits);
			break;
		}
	}
	while (p < end && *p != '>' && !char_is(*p, CH_LWS | CH_BRACKET))
		p++;
	return p;
}

/* "<" addr-spec ">": the byte behind it, or NULL with *error_r. Nothing but the URI may stand in it. */
static const char *brackets_take(struct sip_nameaddr *na, const char *p, const char *end,
				 const char **error_r)
{
	const char *close = bracket_skip(p + 1, end);

	if (close == end || *close != '>' || close == p + 1) {
		/* what is wrong inside is told only of brackets that are closed */
		bool closed = memchr(close, '>', (size_t)(end - close));

		*error_r = closed && *close != '>' ? close : p;
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
	const char *start = na->whole.p, *params = lws_skip(p, end);
	struct sip_param param;
	int more;

	na->params = str_between(params, end);
	while ((more = param_take(start, &p, end, &param)) > 0) {
		if (!STR_IS(param.name, "tag"))
			continue;
		if (!str_is_null(na->tag) || str_is_null(param.value))
			return param.name.p;
		na->tag = param.value;
	}
	return more < 0 ? lws_skip(p, end) : NULL;
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

/* Reads the trimmed text into *na. NULL, or the place of the error. */
static const char *na_take(struct sip_nameaddr *na, struct str text)
{
	zero(na, sizeof(*na));
	na->whole = text;
	na->display = str_of(text.p, 0);
	return take(na, text.p, str_end(text));
}

int nameaddr_parse(struct str text, struct sip_nameaddr *na_r, size_t *offset_r)
{
	struct sip_nameaddr na;
	const char *error;

	text = text.n ? str_trim(text) : STR("");
	error = na_take(&na, text);
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

/* Parses the value text of h, which is trimmed, and keeps it in the pool. */
static int na_new(struct sip_msg *msg, struct sip_hdr *h, struct str text,
		  struct sip_nameaddr **na_r)
{
	struct sip_nameaddr *na;
	const char *error;

	/* values are read in order and kept: the one that is malformed would be this one */
	if (h->parse_err)
		return h->parse_err;
	na = pool_alloc(msg->pool, sizeof(*na));
	if (!na)
		return -ENOMEM;
	error = na_take(na, text);
	if (error) {
		h->parse_err = -EBADMSG;
		h->parse_at = (size_t)(error - h->body.p);
		return -EBADMSG;
	}
	na->hdr = h;
	*na_r = na;
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is inside ordinary header fields: lists, folds, numbers, CSeq. */
#include "parser/chars.h"
#include "parser/field.h"

#include <errno.h>

/* The byte behind the comment that begins at p (which is a parenthesis), or NULL if it does not end before end. */
static const char *comment_skip(const char *p, const char *end)
{
	unsigned depth = 0;

	for (; p < end; p++) {
		if (*p == '\\') {
			if (++p == end)
				return NULL;
		} else if (*p == '(') {
			depth++;
		} else if (*p == ')' && --depth == 0) {
			return p + 1;
		}
	}
	return NULL;
}

/* The comma that ends the first value of the text, or its end. A quote, bracket or comment that is never closed keeps the rest together: looking for
 * its end is then done once, so that a list takes linear time. */
static const char *value_end(const char *start, const char *end)
{
	const char *p = start;

	while (p) {
		p = chars_find(p, end, CH_LISTING);
		if (p == end || *p == ',')
			return p;
		if (*p == '"') {
			p = quoted_skip(p, end);
		} else if (*p == '<') {
			p = memchr(p, '>', (size_t)(end - p));
		} else if (*p == '(' && (p == start || char_is(p[-1], CH_LWS))) {
			p = comment_skip(p, end);
		} else {
			p++;
		}
	}
	return end;
}

bool sip_list_next(struct str *rest, struct str *value_r)
{
	struct str s = rest->n ? str_trim(*rest) : *rest;
	const char *comma;

	if (s.n == 0) {
		*rest = s;
		return false;
	}
	comma = value_end(s.p, str_end(s));
	*value_r = str_between(s.p, lws_trim(s.p, comma));
	if (comma < str_end(s))
		comma++;
	*rest = str_trim(str_between(comma, str_end(s)));
	return true;
}

bool field_value_next(const struct sip_hdr *h, const struct str *after, struct str *value_r)
{
	const char *end = str_end(h->body), *p = h->body.p;

	if (!(hdr_flags(h->id) & HDR_LIST)) {
		*value_r = h->body;
		return !after;
	}
	if (after) {
		p = lws_skip(str_end(*after), end);
		if (p == end)
			return false;
		p++; /* the comma */
	}
	p = lws_skip(p, end);
	*value_r = str_between(p, lws_trim(p, value_end(p, end)));
	return true;
}

struct str sip_unfold(struct pool *p, struct str body)
{
	char *out, *to;

	if (body.n == 0 || (!memchr(body.p, '\n', body.n) && !memchr(body.p, '\r', body.n)))
		return body;
	to = out = pool_alloc(p, body.n);
	if (!out)
		return STR_NULL;
	for (const char *from = body.p, *end = str_end(body); from < end;) {
		const char *gap = lws_skip(from, end);

		if (gap == from) {
			*to++ = *from++;
		} else if (memchr(from, '\n', (size_t)(gap - from)) ||
			   memchr(from, '\r', (size_t)(gap - from))) {
			*to++ = ' ';
			from = gap;
		} else {
			memcpy(to, from, (size_t)(gap - from));
			to += gap - from;
			from = gap;
		}
	}
	return str_between(out, to);
}

/* 1*DIGIT from p on, up to 2^32-1. The byte behind it, or NULL with *err_r. */
static const char *uint_take(const char *p, const char *end, uint32_t *value_r, int *err_r)
{
	const char *start = p;
	uint64_t n = 0;
	unsigned digit;

	/* what is too large stays so */
	for (; p < end && (digit = (unsigned)(uint8_t)*p - '0') <= 9; p++)
		n = n > UINT32_MAX ? n : n * 10 + digit;
	*err_r = p == start ? -EBADMSG : n > UINT32_MAX ? -ERANGE : 0;
	*value_r = (uint32_t)n;
	return *err_r ? NULL : p;
}

/* CSeq = 1*DIGIT LWS Method */
int sip_msg_cseq(struct sip_msg *msg, struct sip_cseq *cseq_r)
{
	struct sip_hdr *h = msg->first[HDR_CSEQ];
	const char *p, *end, *method;
	uint32_t number;
	int err;

	if (!h)
		return -ENOENT;
	if (h->parse_err)
		return h->parse_err;
	end = str_end(h->body);
	p = uint_take(h->body.p, end, &number, &err);
	if (p) {
		method = lws_skip(p, end);
		if (method > p && method < end && chars_skip(method, end, CH_TOKEN) == end) {
			cseq_r->number = number;
			cseq_r->method_text = str_between(method, end);
			cseq_r->method = sip_method_of(cseq_r->method_text);
			return 0;
		}
		h->parse_at = (size_t)(p - h->body.p);
	}
	return h->parse_err = -EBADMSG;
}

int sip_msg_uint(const struct sip_msg *msg, enum hdr_id id, uint32_t *value_r)
{
	const struct sip_hdr *h = id == HDR_OTHER ? NULL : msg->first[id];
	uint32_t value;
	const char *p;
	int err;

	if (!h)
		return -ENOENT;
	p = uint_take(h->body.p, str_end(h->body), &value, &err);
	if (!p || p != str_end(h->body))
		return err == -ERANGE ? err : -EBADMSG;
	*value_r = value;
	return 0;
}

struct str sip_msg_call_id(const struct sip_msg *msg)
{
	const struct sip_hdr *h = msg->first[HDR_CALL_ID];

	return h && h->body.n ? h->body : STR_NULL;
}

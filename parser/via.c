/* SPDX-License-Identifier: BSD-2-Clause */
/* via-parm (RFC 3261 25.1) and the chain of all Via values of a message, read as far as somebody asked. */
#include "parser/chars.h"
#include "parser/field.h"
#include "parser/host.h"
#include "parser/via.h"

#include <errno.h>

/* Takes a token off *p, with white space on both sides, and a '/' if slash is set. False: it is not there; *p is where. */
static bool word_take(const char **p, const char *end, bool slash, struct str *word_r)
{
	const char *start = lws_skip(*p, end), *q = chars_skip(start, end, CH_TOKEN);

	*word_r = str_between(start, q);
	*p = slash ? lws_skip(q, end) : q;
	if (q == start || (slash && (*p == end || **p != '/')))
		return false;
	*p += slash;
	return true;
}

/* sent-protocol LWS sent-by. NULL, or the place of the error; *rest_r is where the parameters begin. */
static const char *sent_take(struct sip_via *v, const char *p, const char *end, const char **rest_r)
{
	const char *q;

	if (!word_take(&p, end, true, &v->protocol) || !word_take(&p, end, true, &v->version) ||
	    !word_take(&p, end, false, &v->transport))
		return p;
	q = lws_skip(p, end);
	if (q == p)
		return p;
	p = host_end(q, end);
	v->host = str_between(q, p);
	if (!uri_is_host(v->host, &v->host_kind))
		return q;
	q = lws_skip(p, end);
	if (q < end && *q == ':') {
		q = lws_skip(q + 1, end);
		p = port_take(q, end, &v->port);
		if (!p)
			return q;
	}
	*rest_r = p;
	return NULL;
}

/* The text of an address without brackets. */
static struct str unbracketed(struct str s)
{
	return s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']' ? str_of(s.p + 1, s.n - 2) : s;
}

/* Keeps what this server looks at. False: a second one of these, which 7.3.1 forbids and which two readers would read in two ways. */
static bool param_keep(struct sip_via *v, const struct sip_param *param)
{
	const struct str name = param->name;
	struct str *place = NULL, value = param->value;

	if (name.n == 6 && str_eq_nocase(name, STR("branch"))) {
		place = &v->branch;
	} else if (name.n == 5 && str_eq_nocase(name, STR("rport"))) {
		place = &v->rport;
		if (str_is_null(v->rport))
			v->rport_param = *param;
		if (str_is_null(value))
			value = str_of(str_end(name), 0);
	} else if (name.n == 8 && str_eq_nocase(name, STR("received"))) {
		place = &v->received;
		if (str_is_null(v->received))
			v->received_param = *param;
		/* without a value too it is there: it is replaced, not joined by another */
		value = str_is_null(value) ? str_of(str_end(name), 0) : unbracketed(value);
	} else if (name.n == 5 && str_eq_nocase(name, STR("maddr"))) {
		place = &v->maddr;
	} else if (name.n == 3 && str_eq_nocase(name, STR("ttl"))) {
		place = &v->ttl;
	} else if (name.n == 1 && str_eq_nocase(name, STR("i"))) {
		place = &v->i;
	} else if (name.n == 5 && str_eq_nocase(name, STR("alias"))) {
		v->has_alias = true;
	}
	if (!place)
		return true;
	if (!str_is_null(*place))
		return false;
	*place = value;
	return true;
}

int via_parse(struct str text, struct sip_via *via_r, size_t *offset_r)
{
	const char *error, *params = NULL;
	struct sip_param param;
	struct sip_via v;
	struct str rest;
	int more;

	text = text.n ? str_trim(text) : STR("");
	memset(&v, 0, sizeof(v));
	v.whole = text;
	error = sent_take(&v, text.p, str_end(text), &params);
	if (!error) {
		rest = str_between(params, str_end(text));
		params = lws_skip(params, str_end(text));
		v.params = str_between(params, str_end(text));
		while ((more = sip_param_next(&rest, &param)) > 0) {
			if (!param_keep(&v, &param)) {
				more = -EBADMSG;
				rest.p = param.name.p;
				break;
			}
		}
		if (more < 0)
			error = rest.p;
	}
	if (error) {
		if (offset_r)
			*offset_r = (size_t)(error - text.p);
		return -EBADMSG;
	}
	*via_r = v;
	return 0;
}

/* Parses the value text of h, and keeps it in the pool. */
static int via_new(struct sip_msg *msg, struct sip_hdr *h, struct str text, struct sip_via **via_r)
{
	struct sip_via via, *kept;
	size_t offset;

	if (via_parse(text, &via, &offset)) {
		h->parse_err = -EBADMSG;
		h->parse_at = (size_t)(text.p - h->body.p) + offset;
		return -EBADMSG;
	}
	via.hdr = h;
	kept = pool_alloc(msg->pool, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = via;
	*via_r = kept;
	return 0;
}

/* The first value of a header field, parsed once. */
static int via_first(struct sip_msg *msg, struct sip_hdr *h, struct sip_via **via_r)
{
	struct sip_via *via;
	struct str text;
	int err;

	if (!h)
		return -ENOENT;
	if (!h->parsed) {
		if (h->parse_err)
			return h->parse_err;
		field_value_next(h, NULL, &text);
		err = via_new(msg, h, text, &via);
		if (err)
			return err;
		h->parsed = via;
	}
	*via_r = h->parsed;
	return 0;
}

int sip_msg_via(struct sip_msg *msg, struct sip_via **via_r)
{
	return via_first(msg, msg->first[HDR_VIA], via_r);
}

int sip_msg_via_next(struct sip_msg *msg, struct sip_via *via, struct sip_via **next_r)
{
	struct sip_via *next;
	struct str text;
	int err;

	if (!via->next) {
		if (field_value_next(via->hdr, &via->whole, &text))
			err = via_new(msg, via->hdr, text, &next);
		else
			err = via_first(msg, via->hdr->next_same, &next);
		if (err)
			return err;
		via->next = next;
	}
	*next_r = via->next;
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* via-parm (RFC 3261 25.1) and the chain of all Via values of a message, read as far as somebody asked. */
#include "parser/field.h"
#include "parser/host.h"
#include "parser/param_take.h"
#include "parser/via.h"

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

/* sent-protocol, up to the white space before sent-by. Its end or, with *error_r, the place of the error. */
static const char *protocol_take(struct sip_via *v, const char *p, const char *end, bool *error_r)
{
	if (end - p > 8 && !memcmp(p, "SIP/2.0/", 8)) { /* as everybody writes it */
		const char *q = chars_skip(p + 8, end, CH_TOKEN);

		v->protocol = str_of(p, 3);
		v->version = str_of(p + 4, 3);
		p += 8;
		if (q > p) {
			v->transport = str_between(p, q);
			*error_r = false;
			return q;
		}
	} else if (!word_take(&p, end, true, &v->protocol) ||
		   !word_take(&p, end, true, &v->version)) {
		*error_r = true;
		return p;
	}
	*error_r = !word_take(&p, end, false, &v->transport);
	return p;
}

/* sent-protocol LWS sent-by. Where the parameters begin; NULL: it is malformed, at *error_r. */
static const char *sent_take(struct sip_via *v, const char *p, const char *end,
			     const char **error_r)
{
	const char *host, *port;
	bool error;

	p = *error_r = protocol_take(v, p, end, &error);
	if (error)
		return NULL;
	host = lws_skip(p, end);
	if (host == p)
		return NULL;
	*error_r = host;
	p = host_take(host, end, &v->host_kind, &v->v4);
	if (!p)
		return NULL;
	v->host = str_between(host, p);
	port = lws_skip(p, end);
	if (port == end || *port != ':')
		return p;
	*error_r = port = lws_skip(port + 1, end);
	return port_take(port, end, &v->port);
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

	if (STR_IS(name, "branch")) {
		place = &v->branch;
	} else if (STR_IS(name, "i")) {
		place = &v->i;
	} else if (STR_IS(name, "rport")) {
		place = &v->rport;
		if (str_is_null(v->rport))
			v->rport_param = *param;
		if (str_is_null(value))
			value = str_of(str_end(name), 0);
	} else if (STR_IS(name, "received")) {
		place = &v->received;
		if (str_is_null(v->received))
			v->received_param = *param;
		/* without a value too it is there: it is replaced, not joined by another */
		value = str_is_null(value) ? str_of(str_end(name), 0) : unbracketed(value);
	} else if (STR_IS(name, "maddr")) {
		place = &v->maddr;
	} else if (STR_IS(name, "ttl")) {
		place = &v->ttl;
	} else if (STR_IS(name, "alias")) {
		v->has_alias = true;
	}
	if (!place)
		return true;
	if (!str_is_null(*place))
		return false;
	*place = value;
	return true;
}

/* Takes ";branch=" and its value off, written so, which is the first parameter nearly always. Where to go on. */
static const char *branch_take(struct sip_via *v, const char *start, const char *p, const char *end)
{
	const char *value = p + 8, *q;

	if (end - p <= 8 || memcmp(p, ";branch=", 8) != 0)
		return p;
	q = value_skip(start, value, end);
	if (q == value)
		return p;
	v->branch = str_between(value, q);
	return q;
}

/* Reads one value between p and end into *v, which is zero. Where it ends: at end, or at what is no parameter; NULL: it is malformed, at *error_r. */
static const char *via_take(struct sip_via *v, const char *p, const char *end, const char **error_r)
{
	const char *start = p, *params;
	struct sip_param param;
	int more;

	p = sent_take(v, p, end, error_r);
	if (!p)
		return NULL;
	params = lws_skip(p, end);
	p = branch_take(v, start, p, end);
	while ((more = param_take(start, &p, end, &param)) > 0) {
		if (!param_keep(v, &param)) {
			*error_r = param.name.p;
			return NULL;
		}
	}
	v->params = str_between(params < p ? params : p, p);
	v->whole = str_between(start, p);
	return p;
}

int via_parse(struct str text, struct sip_via *via_r, size_t *offset_r)
{
	const char *error, *stop;
	struct sip_via v;

	text = text.n ? str_trim(text) : STR("");
	memset(&v, 0, sizeof(v));
	stop = via_take(&v, text.p, str_end(text), &error);
	if (stop == str_end(text)) {
		*via_r = v;
		return 0;
	}
	if (offset_r)
		*offset_r = (size_t)((stop ? stop : error) - text.p);
	return -EBADMSG;
}

/* Whether the value that via_take ended at stop ends there in the list too: when it is at the comma behind it or at the end of h, and nothing in it can be
 * taken for a comment, in which commas stand. */
static bool ends_here(const struct sip_hdr *h, const struct sip_via *v, const char *stop)
{
	const char *end = str_end(h->body), *comma = lws_skip(stop, end);

	return (comma == end || *comma == ',') && !memchr(v->whole.p, '(', v->whole.n);
}

/* Parses the value of h behind after as it is done when something is unusual, and says what is wrong. */
static int via_slow(struct sip_hdr *h, const struct str *after, struct sip_via *v)
{
	struct str text;
	size_t offset;

	field_value_next(h, after, &text);
	if (!via_parse(text, v, &offset))
		return 0;
	h->parse_err = -EBADMSG;
	h->parse_at = (size_t)(text.p - h->body.p) + offset;
	return -EBADMSG;
}

/* Parses the value of h behind after, which is followed by a comma (NULL: the first), and keeps it in the pool. */
static int via_new(struct sip_msg *msg, struct sip_hdr *h, const struct str *after,
		   struct sip_via **via_r)
{
	const char *end = str_end(h->body), *p = h->body.p, *error, *stop;
	struct sip_via *v;
	int err = 0;

	/* values are read in order and kept: the one that is malformed would be this one */
	if (h->parse_err)
		return h->parse_err;
	v = pool_alloc(msg->pool, sizeof(*v));
	if (!v)
		return -ENOMEM;
	zero(v, sizeof(*v));
	if (after)
		p = lws_skip(lws_skip(str_end(*after), end) + 1, end);
	/* nearly always the value's end is found by reading it, without looking for it before */
	stop = via_take(v, p, end, &error);
	if (!stop || !ends_here(h, v, stop))
		err = via_slow(h, after, v);
	v->hdr = h;
	*via_r = v;
	return err;
}

/* The first value of a header field, parsed once. */
static int via_first(struct sip_msg *msg, struct sip_hdr *h, struct sip_via **via_r)
{
	struct sip_via *via;
	int err;

	if (!h)
		return -ENOENT;
	if (!h->parsed) {
		err = via_new(msg, h, NULL, &via);
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

/* A value follows behind a comma, maybe an empty one. */
static bool has_more(const struct sip_via *via)
{
	return lws_skip(str_end(via->whole), str_end(via->hdr->body)) < str_end(via->hdr->body);
}

int sip_msg_via_next(struct sip_msg *msg, struct sip_via *via, struct sip_via **next_r)
{
	struct sip_via *next;
	int err;

	if (!via->next) {
		if (has_more(via))
			err = via_new(msg, via->hdr, &via->whole, &next);
		else
			err = via_first(msg, via->hdr->next_same, &next);
		if (err)
			return err;
		via->next = next;
	}
	*next_r = via->next;
	return 0;
}

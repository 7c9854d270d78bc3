/* SPDX-License-Identifier: BSD-2-Clause */
/* The way through a message: one pass that finds each header field, looks up its name and decides where the body ends. */
#include "parser/chars.h"
#include "parser/clen.h"
#include "parser/first_line.h"
#include "parser/hdr_find.h"
#include "parser/scan.h"

#include <errno.h>

#define HDRS_MAX   512u
#define HDRS_BLOCK 16u /* header fields are allocated so many at a time */

struct indexer {
	struct sip_msg *msg;
	struct sip_error *error;
	const char *start, *end; /* of the datagram */
	struct scan_lines lines; /* from the first line on */
	bool is_bad;		 /* *error is filled; the first error is the one that counts */
	bool no_memory;
	unsigned blocks;		   /* so many have been begun */
	struct sip_hdr *block, *block_end; /* room for more header fields */
	struct sip_hdr *last[HDR_IDS];	   /* of each id; valid where msg->first[id] is not NULL */
};

static const char *const repeated[HDR_IDS] = {
#define X(id, name, compact, flags) [HDR_##id] = "repeated " name,
	HDR_TABLE(X)
#undef X
};

static const char *const malformed[HDR_IDS] = { [HDR_OTHER] = "malformed header field",
#define X(id, name, compact, flags) [HDR_##id] = "malformed " name,
						HDR_TABLE(X)
#undef X
};

static void bad(struct indexer *ix, int status, const char *at, enum hdr_id hdr, const char *what)
{
	if (ix->is_bad)
		return;
	ix->is_bad = true;
	*ix->error = (struct sip_error){
		.status = status, .offset = (size_t)(at - ix->start), .hdr = hdr, .what = what
	};
}

/* The end of the line that goes on at p, and where the next begins: NULL if the line is not ended. A lone LF is an error, but it ends the line, so
 * that a peer who ends lines so can be told; a lone CR is part of the line. */
static const char *line_take(struct indexer *ix, const char *p, const char **next_r)
{
	for (;;) {
		const char *e = scan_lines_next(&ix->lines, p);

		if (ix->end - e >= 2 && e[0] == '\r' && e[1] == '\n') {
			*next_r = e + 2;
			return e;
		}
		if (e == ix->end) {
			*next_r = NULL;
			return e;
		}
		if (*e == '\n') {
			bad(ix, 400, e, HDR_OTHER, "line feed without carriage return");
			*next_r = e + 1;
			return e;
		}
		bad(ix, 400, e, HDR_OTHER, "carriage return without line feed");
		p = e + 1;
	}
}

/* Room for HDRS_BLOCK more header fields. False: no memory, or there are too many. */
static bool block_new(struct indexer *ix, const char *at)
{
	if (ix->blocks == HDRS_MAX / HDRS_BLOCK) {
		bad(ix, 400, at, HDR_OTHER, "too many header fields");
		return false;
	}
	ix->block = pool_alloc(ix->msg->pool, HDRS_BLOCK * sizeof(*ix->block));
	if (!ix->block) {
		ix->no_memory = true;
		return false;
	}
	ix->block_end = ix->block + HDRS_BLOCK;
	ix->blocks++;
	return true;
}

static inline void hdr_link(struct indexer *ix, struct sip_hdr *h)
{
	struct sip_msg *msg = ix->msg;

	if (msg->hdr_last)
		msg->hdr_last->next = h;
	else
		msg->hdrs = h;
	msg->hdr_last = h;
	if (!msg->first[h->id]) {
		msg->first[h->id] = h;
	} else {
		if (hdr_flags(h->id) & HDR_ONCE)
			bad(ix, 400, h->name.p, h->id, repeated[h->id]);
		ix->last[h->id]->next_same = h;
	}
	ix->last[h->id] = h;
}

/* The id of the name at p and the colon behind it, if it is one of the table with the colon right behind it, as nearly all are: then no other byte of it
 * needs to be looked at. */
static inline enum hdr_id known_name(const char *p, const char *end, const char **colon_r)
{
	static const uint8_t keep[32] = { [0 ... 15] = 0xff };
	scan_bytes in;
	unsigned colons, n;

	if (end - p < 16)
		return HDR_OTHER;
	in = scan_load(p);
	colons = scan_mask((scan_bytes)(in == ':'));
	if (!colons)
		return HDR_OTHER;
	n = (unsigned)__builtin_ctz(colons);
	*colon_r = p + n;
	return hdr_find_short((scan_words)(in & scan_load((const char *)keep + 16 - n)), n);
}

/* Any other name. Its end, or NULL: it is none, or there is no colon. */
static const char *name_take(struct indexer *ix, const char *p, const char **colon_r)
{
	const char *name_end = chars_skip(p, ix->end, CH_TOKEN), *colon = name_end;

	while (colon < ix->end && (*colon == ' ' || *colon == '\t'))
		colon++;
	*colon_r = colon;
	if (name_end == p) {
		bad(ix, 400, p, HDR_OTHER, "malformed header field name");
		return NULL;
	}
	if (colon == ix->end || *colon != ':') {
		bad(ix, 400, colon, HDR_OTHER, "header field without a colon");
		return NULL;
	}
	return name_end;
}

static inline void hdr_set(struct sip_hdr *h, enum hdr_id id, struct str name, struct str body,
			   struct str whole)
{
	h->id = id;
	h->name = name;
	h->body = body;
	h->whole = whole;
	h->next = h->next_same = NULL;
	h->parsed = NULL;
	h->parse_err = 0;
	h->parse_at = 0;
}

/* Whether the line that ends at e is ended by CRLF and does not go on behind it. */
static inline bool ends_whole(const char *e, const char *end)
{
	return end - e > 2 && !memcmp(e, "\r\n", 2) && e[2] != ' ' && e[2] != '\t';
}

/* The end of the header field's body that goes on at p, and where the next header field begins: NULL if it is not ended. */
static const char *body_take(struct indexer *ix, const char *p, const char **next_r)
{
	const char *e = line_take(ix, p, next_r), *next = *next_r;

	while (next && next < ix->end && (*next == ' ' || *next == '\t'))
		e = line_take(ix, next, &next);
	if (!next)
		bad(ix, 400, e, HDR_OTHER, "header field not ended by CRLF");
	*next_r = next;
	return e;
}

/* Indexes the header field at p, whatever it looks like. Where the next begins, or NULL: there is no more that could be read. */
static const char *hdr_index(struct indexer *ix, const char *p)
{
	const char *colon, *name_end = name_take(ix, p, &colon), *e, *next;
	struct sip_hdr *h;

	e = body_take(ix, name_end ? colon + 1 : p, &next);
	if (!next)
		return NULL;
	if (!name_end)
		return next;
	if (ix->block == ix->block_end && !block_new(ix, p))
		return NULL;
	h = ix->block++;
	colon = lws_skip(colon + 1, e);
	hdr_set(h, hdr_id_of(str_between(p, name_end)), str_between(p, name_end),
		str_between(colon, lws_trim(colon, e)), str_between(p, next));
	hdr_link(ix, h);
	return next;
}

/* Indexes the header fields from p on that have a known name and stand in one line, as nearly all do, while there is room in the block. Where it stopped. The
 * search for line ends is a copy that nothing else can write to, so that it stays in registers. */
static const char *hdrs_run(struct indexer *ix, const char *p)
{
	struct scan_lines lines = ix->lines;
	const char *end = ix->end, *colon, *body, *e;
	struct sip_hdr *h;
	enum hdr_id id;

	for (h = ix->block; h < ix->block_end; h++) {
		id = known_name(p, end, &colon);
		if (id == HDR_OTHER)
			break;
		e = scan_lines_next(&lines, colon + 1);
		if (!ends_whole(e, end))
			break;
		/* one space, as nearly all have, or whatever else */
		body = colon[1] == ' ' ? colon + 2 : colon + 1;
		if (char_is(*body, CH_LWS))
			body = lws_skip(body, e);
		hdr_set(h, id, str_between(p, colon), str_between(body, lws_trim(body, e)),
			str_between(p, e + 2));
		hdr_link(ix, h);
		p = e + 2;
	}
	ix->lines = lines;
	ix->block = h;
	return p;
}

/* What is behind the empty line at p, or NULL: it is none. */
static const char *empty_line_skip(struct indexer *ix, const char *p)
{
	if (*p == '\n') {
		bad(ix, 400, p, HDR_OTHER, "line feed without carriage return");
		return p + 1;
	}
	return ix->end - p >= 2 && p[1] == '\n' ? p + 2 : NULL;
}

/* Indexes all header fields from p on. Where the body begins; the end of the datagram when the empty line is missing. */
static const char *hdrs_index(struct indexer *ix, const char *p)
{
	struct sip_msg *msg = ix->msg;
	const char *begin = p, *body;

	while (p && (p = hdrs_run(ix, p)) < ix->end) {
		if ((*p == '\r' || *p == '\n') && (body = empty_line_skip(ix, p))) {
			msg->headers = str_between(begin, p);
			return body;
		}
		p = hdr_index(ix, p);
	}
	bad(ix, 400, ix->end, HDR_OTHER, "no empty line behind the header fields");
	if (msg->hdr_last)
		msg->headers = str_between(begin, str_end(msg->hdr_last->whole));
	return ix->end;
}

static void body_find(struct indexer *ix, const char *body, bool is_stream)
{
	struct sip_msg *msg = ix->msg;
	struct sip_hdr *h = msg->first[HDR_CONTENT_LENGTH];
	size_t length = (size_t)(ix->end - body);

	if (h) {
		uint32_t wanted = 0;
		const char *what = clen_parse(h->body, &wanted);

		msg->has_clen = !what;
		if (!what && wanted > length)
			what = "Content-Length larger than the message";
		if (what)
			bad(ix, 400, h->body.p, HDR_CONTENT_LENGTH, what);
		else
			length = wanted;
	} else if (is_stream) {
		bad(ix, 400, body, HDR_CONTENT_LENGTH, "missing Content-Length");
	}
	msg->body = str_of(body, length);
	msg->buf.n = (size_t)(body - msg->buf.p) + length;
}

/* Indexes the first line at p. Where the header fields begin, or NULL. */
static const char *first_line_index(struct indexer *ix, const char *p)
{
	const char *next, *at, *what, *e = line_take(ix, p, &next);
	int status;

	if (ix->start == ix->end || p == ix->end) {
		bad(ix, 400, p, HDR_OTHER, "empty message");
		return NULL;
	}
	what = first_line_parse(ix->msg, str_between(p, e), &status, &at);
	if (what)
		bad(ix, status, at, HDR_OTHER, what);
	if (!next)
		bad(ix, 400, e, HDR_OTHER, "first line not ended by CRLF");
	return next;
}

/* Behind the empty lines that may stand before it: the first line. Where the header fields begin, or NULL. */
static const char *begin(struct indexer *ix, struct sip_msg *msg, struct pool *p,
			 struct str datagram, struct sip_error *error)
{
	const char *at;

	if (datagram.n == 0)
		datagram = STR("");
	ix->msg = msg;
	ix->error = error;
	ix->start = datagram.p;
	ix->end = str_end(datagram);
	ix->is_bad = ix->no_memory = false;
	ix->blocks = 0;
	ix->block = ix->block_end = NULL;
	zero(msg, sizeof(*msg));
	msg->pool = p;
	at = ix->start;
	while (ix->end - at >= 2 && at[0] == '\r' && at[1] == '\n')
		at += 2;
	msg->buf = str_between(at, ix->end);
	scan_lines_begin(&ix->lines, at, ix->end);
	return first_line_index(ix, at);
}

int sip_msg_parse(struct sip_msg *msg_r, struct pool *p, struct str datagram, bool is_stream,
		  struct sip_error *error_r)
{
	struct indexer ix;
	const char *at = begin(&ix, msg_r, p, datagram, error_r);

	if (at && block_new(&ix, at))
		at = hdrs_index(&ix, at);
	if (ix.no_memory)
		return -ENOMEM;
	if (at)
		body_find(&ix, at, is_stream);
	return ix.is_bad ? -EBADMSG : 0;
}

static bool is_answerable(const struct sip_msg *msg)
{
	return msg->first[HDR_VIA] && msg->first[HDR_FROM] && msg->first[HDR_TO] &&
	       msg->first[HDR_CALL_ID] && msg->first[HDR_CSEQ];
}

bool sip_msg_parse_head(struct sip_msg *msg_r, struct pool *p, struct str datagram)
{
	struct sip_error error;
	struct indexer ix;
	const char *at = begin(&ix, msg_r, p, datagram, &error), *lf;

	while (at && at < ix.end && *at != '\r' && *at != '\n') {
		if (is_answerable(msg_r) && char_lower(*at) != 'v') {
			lf = memchr(at, '\n', (size_t)(ix.end - at));
			at = lf ? lf + 1 : NULL;
		} else {
			at = hdr_index(&ix, at);
		}
	}
	return at && !ix.is_bad && !ix.no_memory && is_answerable(msg_r);
}

struct sip_error sip_hdr_error(const struct sip_msg *msg, const struct sip_hdr *h)
{
	return (struct sip_error){ .status = 400,
				   .offset = (size_t)(h->body.p - msg->buf.p) + h->parse_at,
				   .hdr = h->id,
				   .what = malformed[h->id] };
}

struct sip_hdr *sip_msg_find(const struct sip_msg *msg, struct str name)
{
	enum hdr_id id = hdr_id_of(name);
	struct sip_hdr *h = msg->first[id];

	while (id == HDR_OTHER && h && !str_eq_nocase(h->name, name))
		h = h->next_same;
	return h;
}

struct sip_hdr *sip_hdr_next(const struct sip_hdr *h)
{
	struct sip_hdr *next = h->next_same;

	while (h->id == HDR_OTHER && next && !str_eq_nocase(next->name, h->name))
		next = next->next_same;
	return next;
}

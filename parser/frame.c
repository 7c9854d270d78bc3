/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a stream belongs to one message. Each byte of a head is looked at once; what is decided depends only on the bytes before the place of the
 * decision, never on how they were cut. */
#include "parser/chars.h"
#include "parser/clen.h"
#include "parser/frame.h"

/* A byte which no message begins with: the stream is something else (a TLS hello to a TCP port), and no end of it will ever be found. */
static const char not_sip[] = "not a SIP message";

static struct frame frame_of(struct frame_state *state, enum frame_kind kind, size_t length)
{
	if (kind != FRAME_MORE)
		memset(state, 0, sizeof(*state));
	return (struct frame){ .kind = kind, .length = length };
}

static struct frame frame_bad(struct frame_state *state, int status, size_t at, enum hdr_id hdr,
			      const char *what, size_t length)
{
	memset(state, 0, sizeof(*state));
	return (struct frame){
		.kind = FRAME_BAD,
		.length = length,
		.error = { .status = status, .offset = at, .hdr = hdr, .what = what },
	};
}

/* What stands before a first line. */
static struct frame start(struct frame_state *state, struct str data)
{
	if (data.n == 0)
		return frame_of(state, FRAME_MORE, 0);
	if (data.p[0] != '\r') {
		if (!char_is(data.p[0], CH_TOKEN))
			return frame_bad(state, 400, 0, HDR_OTHER, not_sip, 0);
		return frame_of(state, FRAME_MESSAGE, 0);
	}
	if (data.n == 1)
		return frame_of(state, FRAME_MORE, 0);
	if (data.p[1] != '\n')
		return frame_bad(state, 400, 0, HDR_OTHER, not_sip, 0);
	if (data.n == 2 || (data.n == 3 && data.p[2] == '\r'))
		return frame_of(state, FRAME_MORE, 0);
	if (data.p[2] == '\r' && data.p[3] == '\n')
		return frame_of(state, FRAME_PING, 4);
	return frame_of(state, FRAME_SKIP, 2);
}

/* "GET / HTTP/1.1" or "HTTP/1.1 200 OK" */
static bool is_http(struct str line)
{
	static const size_t n = sizeof("HTTP/1.1") - 1;

	if (line.n < n)
		return false;
	if (str_starts(line, STR("HTTP/1.")))
		return true;
	line = str_of(str_end(line) - n, n);
	return str_starts(line, STR("HTTP/1.")) && char_is_digit(line.p[n - 1]);
}

/* Looks whether a header field line (without its CRLF) is Content-Length. The first error of any kind is kept until the head is complete, so that it can
 * be answered with what the other header fields say. */
static void line_look(struct frame_state *state, const char *data, struct str line)
{
	const char *end = str_end(line), *p;
	const char *what;
	uint32_t length = 0;

	if ((*line.p | 0x20) != 'c' && (*line.p | 0x20) != 'l')
		return;
	p = chars_skip(line.p, end, CH_TOKEN);
	if (hdr_id_of(str_between(line.p, p)) != HDR_CONTENT_LENGTH)
		return;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p != ':')
		return;
	p = lws_skip(p + 1, end);
	what = clen_parse(str_between(p, lws_trim(p, end)), &length);
	if (!what && state->has_clen)
		what = "repeated Content-Length";
	state->has_clen = true;
	if (what && !state->what) {
		state->what = what;
		state->what_at = (uint32_t)(line.p - data);
	}
	state->body = length;
}

/* The head is complete: what follows from its Content-Length. */
static struct frame head_end(struct frame_state *state, size_t max)
{
	if (state->what)
		return frame_bad(state, 400, state->what_at, HDR_CONTENT_LENGTH, state->what,
				 state->head);
	if (!state->has_clen)
		return frame_bad(state, 400, state->head, HDR_CONTENT_LENGTH,
				 "missing Content-Length", state->head);
	if (state->body > max - state->head)
		return frame_bad(state, 513, state->head, HDR_CONTENT_LENGTH, "message too large",
				 state->head);
	state->total = state->head + state->body;
	return frame_of(state, FRAME_MORE, 0);
}

/* Looks at the lines of the head that have arrived. FRAME_MORE with state->total set: the head is complete and good. view is what may be a head, data
 * all there is: a header field's line is complete only when the byte behind it is known, for it may be folded. */
static struct frame head_scan(struct frame_state *state, struct str view, size_t max)
{
	while (state->scanned < view.n) {
		const char *line = view.p + state->line;
		const char *lf = memchr(view.p + state->scanned, '\n', view.n - state->scanned);
		size_t next;

		if (!lf) {
			state->scanned = (uint32_t)view.n;
			break;
		}
		next = (size_t)(lf - view.p) + 1;
		if (lf == line || lf[-1] != '\r')
			return frame_bad(state, 400, next - 1, HDR_OTHER,
					 "line feed without carriage return", next);
		if (state->line && lf - 1 == line) {
			state->head = (uint32_t)next;
			return head_end(state, max);
		}
		if (!state->line) {
			if (is_http(str_between(line, lf - 1)))
				return frame_of(state, FRAME_HTTP, 0);
		} else if (next == view.n) {
			state->scanned = (uint32_t)(next - 1);
			break;
		} else if (view.p[next] == ' ' || view.p[next] == '\t') {
			state->scanned = (uint32_t)next;
			continue;
		} else {
			line_look(state, view.p, str_between(line, lf - 1));
		}
		state->line = state->scanned = (uint32_t)next;
	}
	return frame_of(state, FRAME_MORE, 0);
}

struct frame frame_next(struct frame_state *state, struct str data, size_t max)
{
	struct frame f;

	if (max > UINT32_MAX)
		max = UINT32_MAX;
	if (!state->total) {
		if (!state->scanned) {
			f = start(state, data);
			if (f.kind != FRAME_MESSAGE)
				return f;
		}
		f = head_scan(state, str_head(data, max), max);
		if (f.kind != FRAME_MORE)
			return f;
		if (!state->total)
			return data.n <= max ? f
					     : frame_bad(state, 513, max, HDR_OTHER,
							 "message too large", max);
	}
	return data.n < state->total ? frame_of(state, FRAME_MORE, 0)
				     : frame_of(state, FRAME_MESSAGE, state->total);
}

struct frame frame_flush(struct frame_state *state, struct str data)
{
	if (state->scanned == 0 && data.n == 2 && data.p[0] == '\r' && data.p[1] == '\n')
		return frame_of(state, FRAME_SKIP, 2);
	return frame_of(state, FRAME_MORE, 0);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Line ends, Content-Length and the header fields that a person would rather not write. */
#include "core/try/message.h"

#include "parser/nameaddr.h"
#include "parser/via.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define MESSAGE_MAX 65535u

int message_read(struct pool *p, const char *path_z, size_t max, struct str *text_r)
{
	char *bytes = malloc(max); /* p keeps what the file has, not what it may have */
	int fd = strcmp(path_z, "-") ? open(path_z, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	size_t n = 0;
	ssize_t got = 1;
	int err = 0;

	if (fd < 0)
		err = -errno;
	else if (!bytes)
		err = -ENOMEM;
	while (!err && got > 0 && n < max) {
		got = read(fd, bytes + n, max - n);
		if (got < 0)
			err = -errno;
		else
			n += (size_t)got;
	}
	if (fd >= 0 && fd != STDIN_FILENO)
		close(fd);
	if (!err && n == max)
		err = -EFBIG;
	if (!err) {
		*text_r = pool_str(p, str_of(bytes, n));
		err = text_r->p ? 0 : -ENOMEM;
	}
	free(bytes);
	return err;
}

/* Takes a line off *rest, without its end. False when nothing is left. */
static bool line_next(struct str *rest, struct str *line_r)
{
	if (!rest->n || !str_split(rest, '\n', line_r))
		return false;
	if (line_r->n && line_r->p[line_r->n - 1] == '\r')
		line_r->n--;
	return true;
}

static void line_put(struct buf *b, struct str line)
{
	buf_str_put(b, line);
	buf_lit(b, "\r\n");
}

static struct buf room(struct pool *p, size_t n)
{
	char *bytes = pool_alloc(p, n + 1);

	return buf_over(bytes, bytes ? n : 0);
}

/* The lines of comment before a crash file's message. */
static struct str head_take(struct str text, struct message *m_r)
{
	struct str rest = text, line;
	bool any = false;

	while (rest.n && rest.p[0] == '#' && line_next(&rest, &line)) {
		any = true;
		if (str_starts(line, STR("# from ")))
			m_r->from = str_trim(str_skip(line, 7));
		else if (str_starts(line, STR("# to ")))
			m_r->to = str_trim(str_skip(line, 5));
	}
	if (any && rest.n && (rest.p[0] == '\n' || rest.p[0] == '\r'))
		line_next(&rest, &line);
	return any ? rest : text;
}

/* Text with CR LF at the end of each line. */
static struct str crlf(struct pool *p, struct str text)
{
	struct buf b = room(p, 2 * text.n + 2);
	struct str line;

	while (line_next(&text, &line))
		line_put(&b, line);
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

static bool is_length(struct str line, uint64_t *n_r)
{
	ssize_t colon = str_chr(line, ':');
	struct str name = colon > 0 ? str_trim(str_head(line, (size_t)colon)) : STR_NULL;

	if (!str_eq_nocase(name, STR("Content-Length")) && !str_eq_nocase(name, STR("l")))
		return false;
	return !str_uint(str_trim(str_skip(line, (size_t)colon + 1)), MESSAGE_MAX, n_r);
}

int message_of(struct pool *p, struct str bytes, struct message *m_r)
{
	struct message m = { .note = NULL };
	struct str rest = head_take(bytes, &m), line, body;
	bool lone = false, ended = false;
	uint64_t length = UINT64_MAX;
	struct buf b;

	m.text = rest;
	b = room(p, 2 * rest.n + 4);
	while (!ended && line_next(&rest, &line)) {
		lone = lone || (str_end(line) < str_end(m.text) && *str_end(line) == '\n');
		ended = !line.n && b.n;
		is_length(line, &length);
		line_put(&b, line);
	}
	if (!ended)
		line_put(&b, STR_NULL);
	if (!ended)
		m.note = "the empty line behind the header fields was missing";
	if (lone)
		m.note = "line ends were made CR LF";
	body = rest;
	/* a body counted with CRs that an editor took away */
	if (lone && body.n && length != body.n) {
		struct str larger = crlf(p, body);

		if (larger.n == length)
			body = larger;
	}
	if (!buf_ok(&b))
		return -ENOMEM;
	if (m.note) {
		struct buf whole = room(p, b.n + body.n);

		buf_str_put(&whole, buf_str(&b));
		buf_str_put(&whole, body);
		if (!buf_ok(&whole))
			return -ENOMEM;
		m.text = buf_str(&whole);
	}
	*m_r = m;
	return 0;
}

/* --- messages that are made ------------------------------------------------------------------------------------------------------------- */
struct parts {
	struct str headers, body; /* lines ended by CR LF */
};

static bool take_apart(struct pool *p, struct str lines, struct parts *parts_r)
{
	struct buf b = room(p, 2 * lines.n + 2);
	struct str line;
	bool ended = false;

	while (!ended && line_next(&lines, &line)) {
		ended = !line.n;
		if (!ended)
			line_put(&b, line);
	}
	parts_r->headers = buf_str(&b);
	parts_r->body = ended && lines.n ? crlf(p, lines) : STR("");
	return buf_ok(&b) && b.p && !str_is_null(parts_r->body);
}

/* The name of a header line; null where it goes on the line before. */
static struct str name_of(struct str line)
{
	ssize_t colon = str_chr(line, ':');

	if (!line.n || line.p[0] == ' ' || line.p[0] == '\t' || colon <= 0)
		return STR_NULL;
	return str_trim(str_head(line, (size_t)colon));
}

static bool has(struct str headers, struct str name, struct str compact)
{
	struct str line;

	while (line_next(&headers, &line)) {
		struct str found = name_of(line);

		if (str_eq_nocase(found, name) || (compact.n && str_eq_nocase(found, compact)))
			return true;
	}
	return false;
}

static void lower_put(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_char(b, char_lower(s.p[i]));
}

static void upper_put(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_char(b, s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i]);
}

static void length_put(struct buf *b, const struct parts *parts)
{
	if (!has(parts->headers, STR("Content-Length"), STR("l")))
		buf_fmt(b, "Content-Length: %zu\r\n", parts->body.n);
	buf_lit(b, "\r\n");
	buf_str_put(b, parts->body);
}

static void defaults_put(struct buf *b, const struct parts *parts, struct str method,
			 struct str uri, struct str place, unsigned number)
{
	struct str h = parts->headers, transport;

	if (!has(h, STR("Via"), STR("v")) && str_split(&place, ':', &transport)) {
		buf_lit(b, "Via: SIP/2.0/");
		upper_put(b, transport);
		buf_char(b, ' ');
		buf_str_put(b, place);
		buf_fmt(b, ";branch=z9hG4bKtest%u\r\n", number);
	}
	buf_str_put(b, h);
	if (!has(h, STR("Max-Forwards"), STR_NULL))
		buf_lit(b, "Max-Forwards: 70\r\n");
	if (!has(h, STR("From"), STR("f")))
		buf_lit(b, "From: <sip:test@example.org>;tag=test\r\n");
	if (!has(h, STR("To"), STR("t"))) {
		buf_lit(b, "To: <");
		buf_str_put(b, uri);
		buf_lit(b, ">\r\n");
	}
	if (!has(h, STR("Call-ID"), STR("i")))
		buf_fmt(b, "Call-ID: test%u\r\n", number);
	if (!has(h, STR("CSeq"), STR_NULL)) {
		buf_lit(b, "CSeq: 1 ");
		buf_str_put(b, method);
		buf_lit(b, "\r\n");
	}
	if (str_eq(method, STR("INVITE")) && !has(h, STR("Contact"), STR("m")))
		buf_lit(b, "Contact: <sip:test@example.org>\r\n");
}

struct str message_request(struct pool *p, struct str first, struct str lines, struct str place,
			   unsigned number)
{
	struct parts parts;
	struct str method, uri;
	struct buf b;

	first = str_trim(first);
	if (!str_split(&first, ' ', &method) || !str_trim(first).n || !take_apart(p, lines, &parts))
		return STR_NULL;
	uri = str_trim(first);
	b = room(p, parts.headers.n + parts.body.n + place.n + 2 * uri.n + 2 * method.n + 512);
	buf_str_put(&b, method);
	buf_char(&b, ' ');
	buf_str_put(&b, uri);
	buf_lit(&b, " SIP/2.0\r\n");
	defaults_put(&b, &parts, method, uri, place, number);
	length_put(&b, &parts);
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

/* Those that must be as they left. */
static bool is_of_request(struct str name)
{
	static const char *const names[] = { "Via", "v", "From", "f", "Call-ID", "i", "CSeq" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(name, str_z(names[i])))
			return true;
	return false;
}

static void own_lines_put(struct buf *b, struct str headers)
{
	bool skip = false;
	struct str line;

	while (line_next(&headers, &line)) {
		struct str name = name_of(line);

		skip = str_is_null(name) ? skip : is_of_request(name);
		if (!skip)
			line_put(b, line);
	}
}

static void request_lines_put(struct buf *b, const struct sip_msg *msg, struct str headers,
			      bool final)
{
	bool has_to = has(headers, STR("To"), STR("t"));
	bool has_rr = has(headers, STR("Record-Route"), STR_NULL);

	for (const struct sip_hdr *h = msg->hdrs; h; h = h->next) {
		bool tag = false;

		if (h->id == HDR_TO		? has_to
		    : h->id == HDR_RECORD_ROUTE ? has_rr
						: h->id != HDR_VIA && h->id != HDR_FROM &&
							  h->id != HDR_CALL_ID && h->id != HDR_CSEQ)
			continue;
		if (h->id == HDR_TO)
			tag = final && str_find_nocase(h->body, STR(";tag=")) < 0;
		buf_str_put(b, h->name);
		buf_lit(b, ": ");
		buf_str_put(b, h->body);
		if (tag)
			buf_lit(b, ";tag=answer");
		buf_lit(b, "\r\n");
	}
}

struct str message_answer(struct pool *p, const struct sent *sent, struct str first,
			  struct str lines)
{
	const struct sip_msg *msg = sent->msg;
	struct parts parts;
	struct buf b;

	if (!msg || !msg->is_request || !take_apart(p, lines, &parts))
		return STR_NULL;
	b = room(p, sent->text.n + parts.headers.n + parts.body.n + first.n + 128);
	buf_lit(&b, "SIP/2.0 ");
	line_put(&b, str_trim(first));
	request_lines_put(&b, msg, parts.headers, !str_starts(str_trim(first), STR("100")));
	own_lines_put(&b, parts.headers);
	length_put(&b, &parts);
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

struct str message_answer_of(struct pool *p, const struct sent *sent, struct str response)
{
	struct str first;

	if (!line_next(&response, &first) || !str_starts(first, STR("SIP/2.0 ")))
		return STR_NULL;
	return message_answer(p, sent, str_skip(first, 8), response);
}

struct str message_place(struct pool *p, struct str text)
{
	struct sip_msg msg;
	struct sip_error e;
	struct sip_via *via;
	const struct transport *t;
	struct buf b = room(p, 2 * ADDR_TEXT_MAX);
	struct addr a;

	if (sip_msg_parse(&msg, p, text, false, &e) || !msg.is_request || sip_msg_via(&msg, &via) ||
	    !via_addr(via, &a) || addr_is_any(&a))
		return STR_NULL;
	t = transport_find(via->transport);
	if (!t)
		return STR_NULL;
	lower_put(&b, str_z(t->name));
	buf_char(&b, ':');
	addr_set_port(&a, via->port ? via->port : t->port);
	addr_port_put(&b, &a);
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

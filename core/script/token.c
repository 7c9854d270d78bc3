/* SPDX-License-Identifier: BSD-2-Clause */
/* Single tokens: names and keywords, numbers, string constants, braces. */
#include "core/script/parse.h"
#include "core/script/words.h"
#include "core/script/gram.tab.h"

struct word {
	struct str name;
	int token;
	enum keyword keyword;
};

static const struct word words[] = {
	{ STR_INIT("route"), ROUTE, 0 },
	{ STR_INIT("request_route"), REQUEST_ROUTE, 0 },
	{ STR_INIT("reply_route"), REPLY_ROUTE, 0 },
	{ STR_INIT("onreply_route"), ONREPLY_ROUTE, 0 },
	{ STR_INIT("failure_route"), FAILURE_ROUTE, 0 },
	{ STR_INIT("branch_route"), BRANCH_ROUTE, 0 },
	{ STR_INIT("event_route"), EVENT_ROUTE, 0 },
	{ STR_INIT("onsend_route"), ONSEND_ROUTE, 0 },
	{ STR_INIT("if"), IF, 0 },
	{ STR_INIT("else"), ELSE, 0 },
	{ STR_INIT("exit"), EXIT, 0 },
	{ STR_INIT("drop"), DROP, 0 },
	{ STR_INIT("return"), RETURN, 0 },
	{ STR_INIT("break"), BREAK, 0 },
	{ STR_INIT("while"), WHILE, 0 },
	{ STR_INIT("switch"), SWITCH, 0 },
	{ STR_INIT("case"), CASE, 0 },
	{ STR_INIT("default"), DEFAULT, 0 },
	{ STR_INIT("loadmodule"), LOADMODULE, 0 },
	{ STR_INIT("loadpath"), LOADPATH, 0 },
	{ STR_INIT("mpath"), LOADPATH, 0 },
	{ STR_INIT("modparam"), MODPARAM, 0 },
	{ STR_INIT("loadmodulex"), LOADMODULEX, 0 },
	{ STR_INIT("modparamx"), MODPARAMX, 0 },
	{ STR_INIT("desc"), DESC, 0 },
	{ STR_INIT("description"), DESC, 0 },
	{ STR_INIT("descr"), DESC, 0 },
	{ STR_INIT("and"), AND, 0 },
	{ STR_INIT("or"), OR, 0 },
	{ STR_INIT("not"), NOT, 0 },
	{ STR_INIT("mod"), MOD, 0 },
	{ STR_INIT("defined"), DEFINED, 0 },
	{ STR_INIT("strlen"), STRLEN, 0 },
	{ STR_INIT("strempty"), STREMPTY, 0 },
	{ STR_INIT("eq"), EQ, 0 },
	{ STR_INIT("ne"), NE, 0 },
	{ STR_INIT("ieq"), IEQ, 0 },
	{ STR_INIT("ine"), INE, 0 },
	{ STR_INIT("method"), KEYWORD, KEYWORD_METHOD },
	{ STR_INIT("uri"), KEYWORD, KEYWORD_URI },
	{ STR_INIT("from_uri"), KEYWORD, KEYWORD_FROM_URI },
	{ STR_INIT("to_uri"), KEYWORD, KEYWORD_TO_URI },
	{ STR_INIT("src_ip"), KEYWORD, KEYWORD_SRC_IP },
	{ STR_INIT("dst_ip"), KEYWORD, KEYWORD_DST_IP },
	{ STR_INIT("src_port"), KEYWORD, KEYWORD_SRC_PORT },
	{ STR_INIT("snd_ip"), KEYWORD, KEYWORD_SND_IP },
	{ STR_INIT("snd_port"), KEYWORD, KEYWORD_SND_PORT },
	{ STR_INIT("snd_proto"), KEYWORD, KEYWORD_SND_PROTO },
	{ STR_INIT("to_proto"), KEYWORD, KEYWORD_SND_PROTO },
	{ STR_INIT("snd_af"), KEYWORD, KEYWORD_SND_AF },
	{ STR_INIT("to_af"), KEYWORD, KEYWORD_SND_AF },
	{ STR_INIT("to_ip"), KEYWORD, KEYWORD_TO_IP },
	{ STR_INIT("to_port"), KEYWORD, KEYWORD_TO_PORT },
	{ STR_INIT("dst_port"), KEYWORD, KEYWORD_DST_PORT },
	{ STR_INIT("proto"), KEYWORD, KEYWORD_PROTO },
	{ STR_INIT("af"), KEYWORD, KEYWORD_AF },
	{ STR_INIT("status"), KEYWORD, KEYWORD_STATUS },
	{ STR_INIT("max_len"), KEYWORD, KEYWORD_MAX_LEN },
	{ STR_INIT("retcode"), KEYWORD, KEYWORD_RETCODE },
	{ STR_INIT("myself"), KEYWORD, KEYWORD_MYSELF },
};

int parse_word(struct parse *p, struct str word, enum keyword *keyword_r)
{
	bool top = !p->braces;

	p->address_next = false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!str_eq(words[i].name, word))
			continue;
		if (words[i].token == KEYWORD)
			*keyword_r = words[i].keyword;
		return words[i].token;
	}
	if (top && (str_eq(word, STR("listen")) || str_eq(word, STR("alias")))) {
		p->address_next = true;
		return word.p[0] == 'l' ? LISTEN : ALIAS;
	}
	if (top && (str_eq(word, STR("flags")) || str_eq(word, STR("bool"))))
		return FLAGS;
	if (top && str_eq(word, STR("avpflags")))
		return AVPFLAGS;
	if (top && word_find(word, WORD_BLOCK))
		return BLOCK;
	return ID;
}

int64_t parse_number(struct parse *p, struct str text, struct pos at)
{
	struct str digits = text;
	uint64_t v = 0;
	unsigned base = 10;
	char mark = text.n > 1 ? char_lower(text.p[1]) : 0;

	if (mark == 'x' || mark == 'o' || mark == 'b') {
		base = mark == 'x' ? 16 : mark == 'o' ? 8 : 2;
		digits = str_skip(text, 2);
	} else if (text.n > 1 && text.p[0] == '0') {
		diag_error(p->diag, at, NULL,
			   "a number does not begin with 0: write 0o" STRF " (octal) or " STRF
			   " (decimal)",
			   STRA(str_skip(text, 1)), STRA(str_skip(text, strspn(text.p, "0"))));
		return 0;
	}
	for (size_t i = 0; i < digits.n; i++) {
		unsigned d = (unsigned)char_hex(digits.p[i]);

		if (v > ((uint64_t)INT64_MAX - d) / base) {
			diag_error(p->diag, at, NULL, "the number " STRF " is too large",
				   STRA(text));
			return 0;
		}
		v = v * base + d;
	}
	return (int64_t)v;
}

/* One escape at the start of in, behind its backslash: its character and length; 0: it is none, and stays as it is. */
static size_t escape(struct str in, char *c_r)
{
	static const char letters[] = "n\nr\rt\ta\a\\\\\"\"";
	unsigned n = 0, v = 0;

	for (const char *l = letters; *l; l += 2) {
		if (in.p[0] != l[0])
			continue;
		*c_r = l[1];
		return 1;
	}
	if (in.p[0] == 'x') {
		while (n < 2 && n + 1 < in.n && char_hex(in.p[n + 1]) >= 0)
			v = v * 16 + (unsigned)char_hex(in.p[++n]);
		*c_r = (char)v;
		return n ? n + 1 : 0;
	}
	while (n < 3 && n < in.n && in.p[n] >= '0' && in.p[n] <= '7')
		v = v * 8 + (unsigned)(in.p[n++] - '0');
	*c_r = (char)v;
	return n >= 2 ? n : 0; /* one digit is a group of a pattern */
}

static struct str unescaped(struct parse *p, struct str in, struct pos at)
{
	char *out = parse_alloc(p, in.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		size_t length;
		char c;

		if (in.p[i] != '\\' || i + 1 == in.n) {
			out[n++] = in.p[i];
			continue;
		}
		if (in.p[i + 1] == '\n') { /* the line goes on */
			i++;
			continue;
		}
		length = escape(str_skip(in, i + 1), &c);
		if (!length)
			c = '\\';
		else if (!c)
			diag_error(p->diag, at, NULL, "a text cannot hold a NUL");
		out[n++] = c;
		i += length;
	}
	return str_of(out, n);
}

/* Single quotes: as it stands. Double quotes: \n \r \t \a \\ \" \x41 \101 are undone, any other backslash stays (patterns need it); a
 * backslash at the end of a line joins the lines. */
struct str parse_string(struct parse *p, struct str text, struct pos at)
{
	struct str in = str_of(text.p + 1, text.n - 2);

	if (memchr(text.p, '\n', text.n)) {
		if (p->long_string.src != at.src || p->long_string_end != at.line)
			p->long_string = at;
		p->long_string_end = p->input->at.line;
	}
	if (text.p[0] == '"') {
		in = unescaped(p, in, at);
	} else {
		char *kept = parse_alloc(p, in.n + 1);

		memcpy(kept, in.p, in.n);
		in.p = kept;
	}
	return parse_substituted(p, in, at);
}

/* --- braces, for the message about a missing one ----------------------------------------------------------------------------------- */

static uint32_t indent_of(const struct pos *at)
{
	struct str line = pos_line(at);
	uint32_t n = 0;

	for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		n = line.p[i] == '\t' ? (n / 8 + 1) * 8 : n + 1;
	return n;
}

void parse_brace(struct parse *p, bool opens, struct pos at)
{
	struct open_mark *m;
	struct str line;

	p->address_next = false;
	if (opens) {
		m = parse_alloc(p, sizeof(*m));
		m->at = at;
		m->indent = indent_of(&at);
		m->below = p->braces;
		p->braces = m;
		p->depth++;
		return;
	}
	m = p->braces;
	p->extra_brace = !m;
	if (!m)
		return;
	p->braces = m->below;
	p->depth--;
	line = str_trim(pos_line(&at));
	if (!p->braces)
		p->early_brace = line.n && line.p[0] == '}' && m->at.line != at.line &&
						 indent_of(&at) > m->indent
					 ? at
					 : (struct pos){ 0 };
	if (!p->odd_brace.src && line.n && line.p[0] == '}' && m->at.line != at.line &&
	    indent_of(&at) < m->indent)
		p->odd_brace = m->at;
}

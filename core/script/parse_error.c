/* SPDX-License-Identifier: BSD-2-Clause */
/* Syntax errors in words for people: what is missing, and where it began. */
#include "core/script/parse_error.h"
#include "core/base/buf.h"

bool syntax_error_expects(const struct syntax_error *e, const char *token)
{
	for (unsigned i = 0; i < e->expected_n; i++)
		if (!strcmp(e->expected[i], token))
			return true;
	return false;
}

/* The text of the token as it stands in the script, one line of it. */
static struct str found(const struct syntax_error *e)
{
	struct str text = e->at.src ? str_skip(e->at.src->text, e->at.at) : STR("");
	ssize_t end;

	text = str_head(text, e->at.len < 40 ? e->at.len : 40);
	end = str_chr(text, '\n');
	return end >= 0 ? str_head(text, (size_t)end) : text;
}

static bool begins_like_top(const struct parse *p, const struct syntax_error *e)
{
	/* after route comes '[' or '{' only at the top level */
	return p->last.src && p->last.col == 1 &&
	       str_starts(str_skip(p->last.src->text, p->last.at), STR("route")) &&
	       (!strcmp(e->token, "'['") || !strcmp(e->token, "'{'"));
}

static bool missing_brace(struct parse *p, const struct syntax_error *e)
{
	static const char *const tops[] = { "request_route", "reply_route",   "onreply_route",
					    "branch_route",  "failure_route", "event_route",
					    "onsend_route",  "loadmodule",    "modparam" };
	bool top = begins_like_top(p, e);
	struct pos at;

	if (!p->braces)
		return false;
	for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++)
		if (!strcmp(e->token, tops[i]) && e->at.col == 1)
			top = true;
	if (!top && !e->at_end)
		return false;
	if (p->brace_told)
		return true;
	at = p->odd_brace.src ? p->odd_brace : p->braces->at;
	diag_error(p->diag, at, NULL, "this \"{\" is not closed by a \"}\"");
	p->brace_told = true;
	return true;
}

/* What stands on the next line is hardly meant to stand in the parentheses. */
static bool missing_paren(struct parse *p, const struct syntax_error *e)
{
	if (p->extra_paren) {
		diag_error(p->diag, e->at, NULL, "this \")\" closes nothing");
		return true;
	}
	if (!p->parens_n || !syntax_error_expects(e, "')'") || p->last.src != e->at.src ||
	    pos_after(p->last).line == e->at.line)
		return false;
	diag_error(p->diag, p->parens[p->parens_n - 1], NULL,
		   "this \"(\" is not closed by a \")\"");
	return true;
}

static bool missing_value(struct parse *p, const struct syntax_error *e)
{
	if (p->braces || !p->last.src || p->last.src->text.p[p->last.at] != '=' ||
	    (p->last.src == e->at.src && p->last.line == e->at.line) ||
	    !syntax_error_expects(e, "a string"))
		return false;
	diag_error(p->diag, p->last, NULL, "a value is missing behind this \"=\"");
	return true;
}

static bool missing_semicolon(struct parse *p, const struct syntax_error *e)
{
	char last = p->last.src ? p->last.src->text.p[p->last.at] : 0;

	/* an empty statement could stand here, but nobody forgot one */
	if (last == ';' || last == '{' || last == '}')
		return false;
	if (!syntax_error_expects(e, "';'") || !p->last.src)
		return false;
	/* the brace that ends a route is off the list when it is read */
	if (!p->braces && strcmp(e->token, "'}'"))
		return false;
	if (p->last.src == e->at.src && pos_after(p->last).line == e->at.line &&
	    strcmp(e->token, "'}'"))
		return false;
	diag_error(p->diag, pos_after(p->last), NULL, "a \";\" is missing here");
	return true;
}

/* Alternatives that a reader can use; what is the same to him is said once. */
static void put_expected(struct buf *b, const struct syntax_error *e)
{
	bool value = syntax_error_expects(e, "a string") && syntax_error_expects(e, "a number") &&
		     syntax_error_expects(e, "'-'");
	unsigned n = 0;

	if (value) {
		buf_lit(b, "; expected a value");
		return;
	}
	if (e->expected_n == 0 || e->expected_n > 4)
		return;
	buf_lit(b, "; expected ");
	for (unsigned i = 0; i < e->expected_n; i++) {
		const char *name = e->expected[i];
		bool word = name[0] != '\'' && strncmp(name, "a ", 2) && strncmp(name, "an ", 3);

		if (n++)
			buf_str_put(b, i + 1 == e->expected_n ? STR(" or ") : STR(", "));
		if (name[0] == '\'')
			buf_fmt(b, "\"%c\"", name[1]);
		else
			buf_fmt(b, word ? "\"%s\"" : "%s", name);
	}
}

/* As it stands, with what cannot be seen written out. */
static void put_found(struct buf *b, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < ' ' || c > 126)
			buf_fmt(b, "\\x%02x", c);
		else
			buf_char(b, (char)c);
	}
}

static const char *hint_for(const struct syntax_error *e)
{
	if (!strcmp(e->token, "'='") && syntax_error_expects(e, "=="))
		return "to compare, write \"==\"";
	return NULL;
}

void syntax_error_report(struct parse *p, const struct syntax_error *e)
{
	char expected[256] = "", text[200];
	struct buf b = BUF_ON(expected), t = BUF_ON(text);
	bool quoted = found(e).n && (found(e).p[0] == '"' || found(e).p[0] == '\'');

	if (!strcmp(e->token, "the rest of a line")) /* what was to be left out has been taken up */
		return;
	p->failed = true;
	p->brace_lost = !p->braces && syntax_error_expects(e, "'{'");
	if (p->paren_put || p->cut)
		return;
	if (p->long_string.src == e->at.src && p->long_string.src &&
	    p->long_string_end == e->at.line) {
		diag_error(p->diag, p->long_string, NULL,
			   "this string is not closed on its line; it goes on to line %u",
			   p->long_string.line + 1);
	} else if (!missing_brace(p, e) && !missing_paren(p, e) && !missing_value(p, e) &&
		   !mistake_report(p, e) && !missing_semicolon(p, e)) {
		put_expected(&b, e);
		put_found(&t, found(e));
		if (e->at_end)
			diag_error(p->diag, e->at, NULL, "the script ends unexpectedly%s",
				   buf_z(&b));
		else if (!strcmp(e->token, "else"))
			diag_error(p->diag, e->at, NULL, "this \"else\" belongs to no \"if\"");
		else if (!strcmp(e->token, "case") || !strcmp(e->token, "default"))
			diag_error(p->diag, e->at, NULL, "this \"%s\" stands in no \"switch\"",
				   e->token);
		else if (syntax_error_expects(e, "':'") && p->last.src)
			diag_error(p->diag, pos_after(p->last), NULL, "a \":\" is missing here");
		else
			diag_error(p->diag, e->at, hint_for(e),
				   quoted ? "unexpected %s%s" : "unexpected \"%s\"%s", buf_z(&t),
				   buf_z(&b));
	}
	p->diag->syntax = true;
}

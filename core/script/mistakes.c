/* SPDX-License-Identifier: BSD-2-Clause */
/* Syntax errors that people really make: words and operators of other languages, things in the wrong place. */
#include "core/script/parse_error.h"
#include "core/script/words.h"
#include "core/base/buf.h"

static struct str text_at(struct pos at)
{
	return at.src ? str_head(str_skip(at.src->text, at.at), at.len) : STR("");
}

static bool is_token(const struct syntax_error *e, const char *token)
{
	return !strcmp(e->token, token);
}

/* The token is right behind the statement's first. */
static bool is_second(const struct parse *p)
{
	return p->head.src && p->head.src == p->last.src && p->head.at == p->last.at;
}

/* Outside of all routes; the lexer has opened the brace that is the token itself. */
static bool is_outside(const struct parse *p, const struct syntax_error *e)
{
	return !p->braces || (is_token(e, "'{'") && !p->braces->below);
}

static bool is_name(struct str s)
{
	char c = s.n ? char_lower(s.p[0]) : 0;

	return (c >= 'a' && c <= 'z') || c == '_';
}

/* --- words ---------------------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	struct str word;
	const char *hint;
} foreign_words[] = {
	{ STR_INIT("for"), "while (...) { ... } repeats" },
	{ STR_INIT("foreach"), "while (...) { ... } repeats" },
	{ STR_INIT("until"), "while (!(...)) { ... } repeats" },
	{ STR_INIT("do"), "while (...) { ... } repeats" },
	{ STR_INIT("unless"), "if (!(...)) does it" },
	{ STR_INIT("goto"), "route(NAME) calls route[NAME] { ... }" },
	{ STR_INIT("function"), "route[NAME] { ... } is called by route(NAME)" },
	{ STR_INIT("sub"), "route[NAME] { ... } is called by route(NAME)" },
	{ STR_INIT("def"), "route[NAME] { ... } is called by route(NAME)" },
	{ STR_INIT("int"), "variables need no declaration: $var(x) = 5" },
	{ STR_INIT("string"), "variables need no declaration: $var(x) = \"text\"" },
	{ STR_INIT("var"), "variables need no declaration: $var(x) = 5" },
	{ STR_INIT("let"), "variables need no declaration: $var(x) = 5" },
	{ STR_INIT("set"), "variables are set so: $var(x) = 5" },
	{ STR_INIT("local"), "variables need no declaration: $var(x) = 5" },
};

bool mistake_wrong_case(struct str word, struct buf *right)
{
	for (size_t i = 0; i < word.n; i++)
		buf_char(right, char_lower(word.p[i]));
	return buf_ok(right) && !str_eq(buf_str(right), word) &&
	       word_find(buf_str(right), WORD_LEXER);
}

static bool foreign_word(struct parse *p, const struct syntax_error *e)
{
	struct str head = text_at(p->head);
	char right_z[32];
	struct buf right = BUF_ON(right_z);

	(void)e;
	if (mistake_wrong_case(head, &right)) {
		diag_error(p->diag, p->head, NULL, "\"" STRF "\" is written \"%s\"", STRA(head),
			   buf_z(&right));
		return true;
	}
	for (size_t i = 0; i < sizeof(foreign_words) / sizeof(*foreign_words); i++) {
		if (!str_eq(foreign_words[i].word, head) || !p->braces)
			continue;
		diag_error(p->diag, p->head, foreign_words[i].hint, "there is no \"" STRF "\"",
			   STRA(head));
		return true;
	}
	return false;
}

/* --- what stands in the wrong place --------------------------------------------------------------------------------------------------------------- */

static bool statement_outside(struct parse *p, const struct syntax_error *e)
{
	static const char *const begins[] = { "if",	"while", "switch",	 "exit", "drop",
					      "return", "break", "an attribute", NULL };
	bool is_call = is_token(e, "'('") && is_second(p) && is_name(text_at(p->head)) &&
		       !str_eq(text_at(p->head), STR("route"));
	bool found = is_call;
	char hint[160];
	struct buf why = BUF_ON(hint);

	for (const char *const *b = begins; *b; b++)
		found = found || is_token(e, *b);
	if (p->braces || !found || syntax_error_expects(e, "'{'"))
		return false;
	if (p->early_brace.src)
		buf_fmt(&why,
			"the \"}\" at %s:%u ended the route, and stands deeper than its \"{\"",
			p->early_brace.src->name_z, p->early_brace.line);
	else
		buf_lit(&why, "it belongs in route { ... }; or a \"}\" before it is one too many");
	diag_error(p->diag, is_call ? p->head : e->at, buf_ok(&why) ? buf_z(&why) : NULL,
		   "this stands outside of all routes");
	return true;
}

/* "requst_route {", "loadmodul "x"" */
static bool unknown_top_word(struct parse *p, const struct syntax_error *e)
{
	static const char *const words[] = { "route",
					     "request_route",
					     "reply_route",
					     "onreply_route",
					     "failure_route",
					     "branch_route",
					     "event_route",
					     "onsend_route",
					     "loadmodule",
					     "modparam",
					     "include_file",
					     "import_file",
					     "listen",
					     "alias",
					     "tls_domain",
					     "tls_server_domain",
					     "tls_client_domain" };
	struct str head = text_at(p->head);
	struct nearest near = nearest_to(head);

	if (!is_outside(p, e) || !is_second(p) || !is_name(head) ||
	    word_find(head, WORD_LEXER | WORD_BLOCK))
		return false;
	if (!is_token(e, "'{'") && !is_token(e, "'['") && !is_token(e, "a string"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		nearest_offer(&near, str_z(words[i]));
	if (!near.best.p && is_token(e, "a string"))
		return false;
	diag_error(p->diag, p->head, near.best.p ? NULL : "a route begins so: route[NAME] {",
		   "unknown word \"" STRF "\"%s", STRA(head), nearest_z(&near, p->pool));
	return true;
}

static bool route_without_brackets(struct parse *p, const struct syntax_error *e)
{
	if (!str_eq(text_at(p->last), STR("route")))
		return false;
	if (p->braces && (is_token(e, "'['") || is_token(e, "a name") || is_token(e, "a string"))) {
		diag_error(p->diag, pos_join(p->last, e->at), NULL,
			   "a route is called by route(NAME)");
		return true;
	}
	if (p->braces ||
	    (!is_token(e, "'('") && !is_token(e, "a name") && !is_token(e, "a string")))
		return false;
	diag_error(p->diag, e->at, NULL, "the name of a route stands in brackets: route[NAME] {");
	return true;
}

/* "xlog "text";" */
static bool arguments_without_parens(struct parse *p, const struct syntax_error *e)
{
	struct str head = text_at(p->head);

	if (!p->braces || !is_second(p) || !is_token(e, "a string") || !is_name(head) ||
	    word_find(head, WORD_LEXER))
		return false;
	diag_error(p->diag, e->at, NULL, "arguments stand in parentheses: " STRF "(...)",
		   STRA(head));
	return true;
}

/* "loadmodule "x"" in a route */
static bool setting_inside(struct parse *p, const struct syntax_error *e)
{
	if (!p->braces || (!is_token(e, "loadmodule") && !is_token(e, "modparam")))
		return false;
	diag_error(p->diag, e->at, NULL, "\"%s\" stands outside of routes", e->token);
	return true;
}

/* "children=4;" or "x = 5;" in a route; "$x == 5;" */
static bool wrong_assignment(struct parse *p, const struct syntax_error *e)
{
	struct str head = text_at(p->head);

	if (!p->braces || !is_second(p))
		return false;
	if (is_token(e, "'='") && is_name(head)) {
		diag_error(p->diag, p->head,
			   word_find(head, WORD_LEXER | WORD_PARAM | WORD_UNNEEDED)
				   ? "parameters stand outside of routes"
				   : "a variable is written $var(x)",
			   "nothing can be assigned to \"" STRF "\" here", STRA(head));
		return true;
	}
	if (is_token(e, "==") && head.n && head.p[0] == '$') {
		diag_error(p->diag, e->at, "to set it, write \"=\"; to compare, if (... == ...)",
			   "a comparison is no statement");
		return true;
	}
	return false;
}

/* --- signs ---------------------------------------------------------------------------------------------------------------------------------------- */

static bool is_sign(char c)
{
	return c && strchr("=!<>~+-", c);
}

/* All signs that touch the token. */
static struct pos signs_around(struct pos at)
{
	const struct str text = at.src ? at.src->text : STR("");
	struct pos all = at;

	if (all.at >= text.n || !is_sign(text.p[all.at]))
		return (struct pos){ .src = NULL };
	for (all.len = 1; all.at && is_sign(text.p[all.at - 1]); all.len++) {
		all.at--;
		all.col--;
	}
	while (all.at + all.len < text.n && is_sign(text.p[all.at + all.len]))
		all.len++;
	return all;
}

static bool foreign_operator(struct parse *p, const struct syntax_error *e)
{
	static const struct {
		struct str wrong, right;
	} operators[] = {
		{ STR_INIT("=!"), STR_INIT("!=") },	  { STR_INIT("=>"), STR_INIT(">=") },
		{ STR_INIT("=<"), STR_INIT("<=") },	  { STR_INIT("<>"), STR_INIT("!=") },
		{ STR_INIT("==="), STR_INIT("==") },	  { STR_INIT("!=="), STR_INIT("!=") },
		{ STR_INIT("~="), STR_INIT("=~") },	  { STR_INIT("=~="), STR_INIT("=~") },
		{ STR_INIT("=!~"), STR_INIT("!~") },	  { STR_INIT("++"), STR_INIT("+= 1") },
		{ STR_INIT("-="), STR_INIT("= ... - ") }, { STR_INIT("--"), STR_INIT("= ... - 1") },
	};
	struct pos at = signs_around(e->at);

	for (size_t i = 0; at.src && i < sizeof(operators) / sizeof(*operators); i++) {
		if (!str_eq(text_at(at), operators[i].wrong))
			continue;
		diag_error(p->diag, at, NULL, "\"" STRF "\" is written \"" STRF "\"",
			   STRA(operators[i].wrong), STRA(operators[i].right));
		return true;
	}
	return false;
}

/* What text processors make of quotes and blanks. */
static bool foreign_character(struct parse *p, const struct syntax_error *e)
{
	static const struct {
		const char *bytes, *what;
	} characters[] = {
		{ "\xe2\x80\x9c", "a typographic quote; write \"" },
		{ "\xe2\x80\x9d", "a typographic quote; write \"" },
		{ "\xe2\x80\x9e", "a typographic quote; write \"" },
		{ "\xe2\x80\x98", "a typographic quote; write '" },
		{ "\xe2\x80\x99", "a typographic quote; write '" },
		{ "\xc2\xab", "a typographic quote; write \"" },
		{ "\xc2\xbb", "a typographic quote; write \"" },
		{ "\xe2\x80\x93", "a dash; write -" },
		{ "\xe2\x80\x94", "a dash; write -" },
		{ "\xc2\xa0", "a no-break space; write an ordinary one" },
		{ "\xe2\x80\x8b", "a blank that cannot be seen; take it out" },
	};
	struct str rest = e->at.src ? str_skip(e->at.src->text, e->at.at) : STR("");
	struct pos at = e->at;

	for (size_t i = 0; i < sizeof(characters) / sizeof(*characters); i++) {
		if (!str_starts(rest, str_z(characters[i].bytes)))
			continue;
		at.len = (uint32_t)strlen(characters[i].bytes);
		diag_error(p->diag, at, NULL, "this is %s", characters[i].what);
		return true;
	}
	return false;
}

static bool bracket_open(struct parse *p, const struct syntax_error *e)
{
	struct str last = text_at(p->last);

	if (!is_token(e, "a strange character") && !is_token(e, "'['"))
		return false;
	if (!str_eq(text_at(e->at), STR("[")) || !last.n ||
	    (last.p[0] != '@' && last.p[0] != '$') || pos_after(p->last).at != e->at.at)
		return false;
	diag_error(p->diag, e->at, NULL, "this \"[\" is not closed by a \"]\"");
	return true;
}

static bool is_value(const struct syntax_error *e)
{
	return is_token(e, "a string") || is_token(e, "a number") || is_token(e, "an attribute") ||
	       is_token(e, "a keyword");
}

static bool comma_missing(struct parse *p, const struct syntax_error *e)
{
	struct str last = text_at(p->last);

	if (!is_value(e) || !p->parens_n || !syntax_error_expects(e, "','") ||
	    str_eq(last, STR(",")) || str_eq(last, STR("(")))
		return false;
	diag_error(p->diag, e->at, NULL, "a \",\" is missing before this");
	return true;
}

bool mistake_report(struct parse *p, const struct syntax_error *e)
{
	static bool (*const mistakes[])(struct parse *, const struct syntax_error *) = {
		foreign_character,	  foreign_word,	  foreign_operator, statement_outside,
		unknown_top_word,	  setting_inside, wrong_assignment, route_without_brackets,
		arguments_without_parens, bracket_open,	  comma_missing,
	};

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes) && !e->at_end; i++)
		if (mistakes[i](p, e))
			return true;
	return false;
}

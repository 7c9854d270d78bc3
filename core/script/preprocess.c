/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines that begin with "#!" or "!!": definitions and parts that are read only under a condition. */
#include "core/script/parse.h"

static struct str take_word(struct str *rest)
{
	size_t n = 0;
	struct str word;

	*rest = str_trim(*rest);
	while (n < rest->n && (char_is_digit(rest->p[n]) || rest->p[n] == '_' ||
			       (char_lower(rest->p[n]) >= 'a' && char_lower(rest->p[n]) <= 'z')))
		n++;
	word = str_head(*rest, n);
	*rest = str_trim(str_skip(*rest, n));
	return word;
}

static struct define *find(struct parse *p, struct str name)
{
	struct define *d = p->defines;

	while (d && !str_eq(d->name, name))
		d = d->next;
	return d;
}

/* The text behind the name: continued lines are joined, a comment behind white space ends it. */
static struct str define_text(struct parse *p, struct str rest)
{
	char *out = pool_alloc(p->pool, rest.n + 1);
	size_t n = 0;

	if (!out)
		parse_no_memory(p);
	for (size_t i = 0; i < rest.n; i++) {
		if (rest.p[i] == '\\' && i + 1 < rest.n && rest.p[i + 1] == '\n') {
			out[n++] = ' ';
			i++;
			continue;
		}
		out[n++] = rest.p[i];
	}
	return str_trim(str_of(out, n));
}

static void define(struct parse *p, struct str verb, struct str rest, struct pos at)
{
	struct str name = take_word(&rest);
	struct define *d = find(p, name);
	bool again = str_starts(verb, STR("re")), maybe = str_starts(verb, STR("try"));

	if (!name.n) {
		diag_error(p->diag, at, NULL, "#!" STRF " needs a name", STRA(verb));
		return;
	}
	if (d && maybe)
		return;
	if (d && !again) {
		diag_error(p->diag, at, "#!redefine changes it", "\"" STRF "\" is already defined",
			   STRA(name));
		return;
	}
	if (!d) {
		d = pool_zalloc(p->pool, sizeof(*d));
		if (!d)
			parse_no_memory(p);
		d->name = pool_str(p->pool, name);
		if (!d->name.p)
			parse_no_memory(p);
		d->next = p->defines;
		p->defines = d;
	}
	d->text = define_text(p, rest);
}

static void undefine(struct parse *p, struct str rest)
{
	struct str name = take_word(&rest);
	struct define **at = &p->defines;

	while (*at && !str_eq((*at)->name, name))
		at = &(*at)->next;
	if (*at)
		*at = (*at)->next;
}

static bool begin_if(struct parse *p, struct str rest, struct pos at, bool negated)
{
	struct str name = take_word(&rest);
	struct open_mark *m = pool_zalloc(p->pool, sizeof(*m));

	if (!m)
		parse_no_memory(p);
	if (!name.n)
		diag_error(p->diag, at, NULL, "#!ifdef needs a name");
	m->at = at;
	m->was_true = (find(p, name) != NULL) != negated;
	m->below = p->ifs;
	p->ifs = m;
	return !m->was_true;
}

/* #!else: true when what follows is skipped. */
static bool turn_if(struct parse *p, struct pos at)
{
	if (!p->ifs || p->ifs->seen_else) {
		diag_error(p->diag, at, NULL, "this #!else belongs to no #!ifdef");
		return false;
	}
	p->ifs->seen_else = true;
	return p->ifs->was_true;
}

static void end_if(struct parse *p, struct pos at)
{
	if (p->ifs)
		p->ifs = p->ifs->below;
	else
		diag_error(p->diag, at, NULL, "this #!endif belongs to no #!ifdef");
}

/* Words that say which router a script was written for. */
static bool is_banner(struct str word)
{
	static const struct str banners[] = { STR_INIT("KAMAILIO"),  STR_INIT("SER"),
					      STR_INIT("OPENSER"),   STR_INIT("ALL"),
					      STR_INIT("MAXCOMPAT"), STR_INIT("OPENSIPS"),
					      STR_INIT("SERAC") };

	for (size_t i = 0; i < sizeof(banners) / sizeof(*banners); i++)
		if (str_eq_nocase(banners[i], word))
			return true;
	return false;
}

/* The line without its "#!" or "!!". */
static struct str directive(struct str line)
{
	return str_skip(str_trim(line), 2);
}

bool parse_directive(struct parse *p, struct str line, struct pos at)
{
	struct str rest = directive(line), word = take_word(&rest);

	if (str_eq(word, STR("ifdef")) || str_eq(word, STR("ifndef")))
		return begin_if(p, rest, at, word.n == 6);
	if (str_eq(word, STR("else")))
		return turn_if(p, at);
	if (str_eq(word, STR("endif")))
		end_if(p, at);
	else if (str_eq(word, STR("define")) || str_eq(word, STR("def")) ||
		 str_eq(word, STR("redefine")) || str_eq(word, STR("redef")) ||
		 str_eq(word, STR("trydefine")) || str_eq(word, STR("trydef")))
		define(p, word, rest, at);
	else if (str_eq(word, STR("undef")))
		undefine(p, rest);
	else if (str_starts(word, STR("subst")) || str_eq(word, STR("ifexp")) ||
		 str_starts(word, STR("defenv")) || str_starts(word, STR("defexp")))
		diag_error(p->diag, at, NULL, "this version has no \"#!" STRF "\"", STRA(word));
	else if (!is_banner(word) && at.line > 1)
		diag_warn(p->diag, at, "a comment has a blank behind \"#\"",
			  "\"#!" STRF "\" is not known and left out", STRA(word));
	return false;
}

bool parse_skipped_directive(struct parse *p, struct str line, struct pos at)
{
	struct str rest = directive(line), word = take_word(&rest);

	if (str_eq(word, STR("ifdef")) || str_eq(word, STR("ifndef")) ||
	    str_eq(word, STR("ifexp"))) {
		p->skip_depth++;
		return true;
	}
	if (p->skip_depth) {
		if (str_eq(word, STR("endif")))
			p->skip_depth--;
		return true;
	}
	if (str_eq(word, STR("else")))
		return turn_if(p, at);
	if (str_eq(word, STR("endif"))) {
		end_if(p, at);
		return false;
	}
	return true;
}

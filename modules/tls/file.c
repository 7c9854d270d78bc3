/* SPDX-License-Identifier: BSD-2-Clause */
/* Kamailio's tls.cfg: sections named after domains, with one setting on each line. */
#include "modules/tls/conf.h"

#include <errno.h>

struct reader {
	struct tls_settings *t;
	struct diag *diag;
	struct pos line; /* all of it */
	struct str text;
	struct tls_said *said; /* whose section this is; NULL: it could not be read */
	bool has_section;
};

/* The part of the line. */
static struct pos place_of(const struct reader *r, struct str part)
{
	return pos_inside(r->line, (size_t)(part.p - r->text.p), part.n ? part.n : 1);
}

static void wrong(struct reader *r, struct str part, const char *hint, const char *what)
{
	r->t->broken = true;
	diag_error(r->diag, place_of(r, part), hint, "%s", what);
}

static bool starts_comment(char c)
{
	return c == '#' || c == ';';
}

/* Up to a comment, which stands behind a blank. */
static struct str without_comment(struct str s)
{
	for (size_t i = 1; i < s.n; i++)
		if (starts_comment(s.p[i]) && (s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			return str_trim(str_head(s, i));
	return s;
}

static void take_section(struct reader *r, struct str line)
{
	struct tls_place place;
	struct str inside = str_trim(str_skip(line, 1));
	const char *bad;

	r->said = NULL;
	r->has_section = true;
	line = without_comment(line);
	if (str_end(line)[-1] != ']') {
		wrong(r, line, NULL, "\"[\" is not closed");
		return;
	}
	inside = str_trim(str_head(inside, (size_t)(str_end(line) - 1 - inside.p)));
	if (str_chr(inside, ':') < 0) {
		wrong(r, inside, NULL, "a section is [server:...] or [client:...]");
		return;
	}
	bad = tls_place_parse(inside, TLS_SERVER, &place);
	if (bad) {
		wrong(r, inside, "as in [server:192.0.2.1:5061], [client:default]", bad);
		return;
	}
	r->said = tls_settings_domain(r->t, r->diag->pool, &place, line, place_of(r, line));
	if (!r->said)
		wrong(r, line, NULL, "not enough memory");
}

/* A value in quotes without them. */
static bool unquote(struct reader *r, struct str *value)
{
	struct str inside = str_skip(*value, 1), rest;
	ssize_t end = str_chr(inside, value->p[0]);

	if (end < 0) {
		wrong(r, str_head(*value, 1), NULL, "this quote is not closed");
		return false;
	}
	rest = str_trim(str_skip(inside, (size_t)end + 1));
	if (rest.n && !starts_comment(rest.p[0])) {
		wrong(r, rest, NULL, "nothing may stand behind the value");
		return false;
	}
	*value = str_head(inside, (size_t)end);
	return true;
}

static void take_setting(struct reader *r, struct str line)
{
	ssize_t is = str_chr(line, '=');
	struct str name, value;
	struct setting *s;

	if (is < 0) {
		wrong(r, line, NULL, "a line is [section] or name = value");
		return;
	}
	name = str_trim(str_head(line, (size_t)is));
	value = str_trim(str_skip(line, (size_t)is + 1));
	if (!r->has_section) {
		wrong(r, name, "write [server:default] above it",
		      "this stands before the first section");
		return;
	}
	if (value.n && (value.p[0] == '"' || value.p[0] == '\'')) {
		if (!unquote(r, &value))
			return;
	} else {
		value = without_comment(value);
	}
	s = r->said ? pool_zalloc(r->diag->pool, sizeof(*s)) : NULL;
	if (!s)
		return; /* said at the section's head */
	s->module = STR("tls");
	s->name = name;
	s->name_pos = place_of(r, name);
	s->kind = SETTING_WORD;
	s->text = value;
	s->value_pos = place_of(r, value);
	tls_said_take(r->t, r->said, s, r->diag);
}

static void take_line(struct reader *r)
{
	struct str line = str_trim(r->text);

	if (!line.n || starts_comment(line.p[0]))
		return;
	if (line.p[0] == '[')
		take_section(r, line);
	else
		take_setting(r, line);
}

void tls_file_parse(struct tls_settings *t, const struct source *src, struct diag *diag)
{
	struct reader r = { .t = t, .diag = diag, .line = { .src = src, .line = 0, .col = 1 } };
	struct str rest = src->text;

	while (str_split(&rest, '\n', &r.text)) {
		r.line.line++;
		r.line.at = (uint32_t)(r.text.p - src->text.p);
		r.line.len = r.text.n ? (uint32_t)r.text.n : 1;
		take_line(&r);
	}
}

void tls_file_read(struct tls_settings *t, const struct setting *s, struct diag *diag)
{
	const char *path_z = source_path(diag->pool, s->value_pos.src->name_z, s->text);
	struct source *src;
	int err = path_z ? source_read_included(diag->pool, path_z, &src) : -ENOMEM;

	if (!err) {
		/* messages about it come behind those about the script */
		src->index = UINT32_MAX - 1;
		tls_file_parse(t, src, diag);
		return;
	}
	t->broken = true;
	diag_error(diag, s->value_pos, NULL, "could not read \"%s\": %s", path_z ? path_z : "",
		   err == -EINVAL ? "it is no ordinary file" : strerror(-err));
}

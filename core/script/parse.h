/* SPDX-License-Identifier: BSD-2-Clause */
/* From text to tree: what lexer and grammar share. */
#ifndef SCRIPT_PARSE_H
#define SCRIPT_PARSE_H

#include "core/script/ast.h"
#include "core/script/diag.h"

#include <setjmp.h>

/* What the lexer reads from at this moment: a file, or what a name was defined as. */
struct input {
	struct input *below;
	struct source *src;
	struct pos at; /* of the next byte */
	const struct define
		*define; /* not a file: this name's text; positions stay at the name's use */
	void *buffer;	 /* flex's */
};

struct substitute;

#define PARENS_MAX 256u

/* An opened brace or #!ifdef, for the message that says where it began. */
struct open_mark {
	struct open_mark *below;
	struct pos at;
	uint32_t indent; /* of its line */
	bool was_true;	 /* #!ifdef: a branch was taken */
	bool seen_else;
};

struct parse {
	struct pool *pool;
	struct diag *diag;
	struct ast *ast;
	void *scanner;
	struct input *input;
	struct source **source_tail; /* where the next file is linked in */
	struct source *sources;
	unsigned sources_n, input_depth;
	size_t bytes; /* read in all */
	struct substitute *substitutes;
	struct open_mark *braces, *ifs;
	unsigned skip_depth;  /* #!ifdefs inside of text that is left out */
	struct pos odd_brace; /* the first brace whose closing one stands at another indentation */
	struct pos
		early_brace; /* the last '}' that ended a block outside of all others, when it stands deeper than its '{' */
	struct pos last; /* the token before this one */
	struct pos head; /* the first token of the statement, outside of routes of the line */
	bool head_next;	 /* the next token is the first of a statement */
	/* The first of the last string constants of several lines that follow each other as they do behind a forgotten quote, and the line on
	 * which the last of them ended. */
	struct pos long_string;
	uint32_t long_string_end;
	bool cut;	  /* the rest was not read: an unclosed string or comment, which was told */
	bool extra_brace; /* the last '}' had no '{' */
	bool extra_paren; /* the last ')' had no '(' */
	bool failed;	  /* by the token that was fed last */
	bool brace_told, brace_lost;   /* a missing '}' was told; a '{' is missing before a body */
	unsigned depth;		       /* of braces */
	struct pos parens[PARENS_MAX]; /* open ones of the statement */
	unsigned parens_n;
	bool paren_put;	   /* a ')' is being put in that is not there; its lack was told */
	bool address_next; /* "listen" or "alias" was read: behind '=' come addresses */
	bool address_seen;
	unsigned address_parens;
	struct str mpath;
	struct pos mpath_pos;
	struct setting **setting_tail;
	struct loadmodule **module_tail;
	struct listen_item **listen_tail, **listen_from;
	struct ast_route **route_tail;
	struct flag_name **flag_tail;
	struct block **block_tail;
	bool nomem;
	jmp_buf fatal; /* the lexer found no memory */
};

/* Reads src and what it includes into *ast_r; defines: "NAME" or "NAME=text" of the command line. Errors are in diag; -ENOMEM. */
int parse_script(struct pool *pool, struct diag *diag, struct source *src,
		 const char *const *defines, unsigned defines_n, struct ast *ast_r);

/* --- input.c: what is read; no memory ends the lexer --- */
_Noreturn void parse_no_memory(struct parse *p);
/* Zeroed memory of the pool; for what the lexer calls, and the grammar's actions that are called while it holds no other state. */
void *parse_alloc(struct parse *p, size_t n);
void parse_push_file(struct parse *p, struct source *src);

/* --- feed.c: reads all tokens and feeds them to the grammar; the result is bison's --- */
int parse_feed(struct parse *p, void *state);

/* --- for the lexer --- */
void parse_advance(struct parse *p, struct pos *pos_r, const char *text, size_t n);
/* Takes the last n bytes, none of them a line's end, back: they will be read again. */
void parse_retreat(struct parse *p, size_t n);
/* "include_file "path"" or "import_file "path"", whose file may be absent: pushes it; errors are reported at `at`. */
void parse_include(struct parse *p, struct str statement, struct pos at);
/* Other languages' words for "else if": told, and read as it was meant. False: it is none of them. */
bool parse_else_if(struct parse *p, struct str word, struct pos at);
/* Pushes what name is defined as; false: it is not a defined name. */
bool parse_expand(struct parse *p, struct str name, struct pos at);
/* At the end of an input: false when it was the last. */
bool parse_pop(struct parse *p);
/* A line "#!word rest"; returns true when what follows is to be skipped. */
bool parse_directive(struct parse *p, struct str line, struct pos at);
/* The same inside of skipped text; returns false when reading goes on. */
bool parse_skipped_directive(struct parse *p, struct str line, struct pos at);
/* A string or comment that has no end: the rest is not read. */
void parse_unclosed(struct parse *p, struct pos at, const char *what);
/* A number as written; errors are reported. */
int64_t parse_number(struct parse *p, struct str text, struct pos at);
/* A string constant with its quotes; escapes are undone. Null: no memory. */
struct str parse_string(struct parse *p, struct str text, struct pos at);
/* The token of a name, with keyword_r filled for keywords. */
int parse_word(struct parse *p, struct str word, enum keyword *keyword_r);
void parse_brace(struct parse *p, bool opens, struct pos at);

/* --- for the grammar; NULL and null text: no memory --- */
void parse_setting(struct parse *p, const struct setting *s);
/* Those of a block, in order. */
struct setting_list {
	struct setting *first, *last;
};
void parse_settings_add(struct parse *p, struct setting_list *l, const struct setting *s);
/* word[key] { settings } */
void parse_settings_block(struct parse *p, const struct block *b);
/* An address with defined names put in the place of its parts. */
struct str parse_address(struct parse *p, struct str text);
void parse_loadmodule(struct parse *p, struct str path, struct pos at);
/* A name of a flag, with its number or -1. */
void parse_flag(struct parse *p, struct str name, struct pos at, int64_t number);
/* --- preprocess.c, substitute.c, define_expr.c --- */
bool parse_is_name_char(char c);
/* NULL: it is not defined. */
const struct define *parse_defined(struct parse *p, struct str name);
/* Defines a name, or gives it another text; the text is kept as it is. */
void parse_define(struct parse *p, struct str name, struct str text, struct pos at);
/* "#!subst", "#!substdef", "#!substdefs" with what stands behind them. */
void parse_substitute(struct parse *p, struct str verb, struct str text, struct pos at);
/* A text of the script as "#!subst" changes it. */
struct str parse_substituted(struct parse *p, struct str text, struct pos at);
/* The value of an expression over numbers, texts and defined names; errors are reported and 0. */
struct value parse_define_expr(struct parse *p, struct str text, struct pos at);
bool parse_value_is_true(const struct value *v);
/* The text with $def(NAME) and $env(NAME) put in; null: an error was reported. */
struct str parse_evaluated(struct parse *p, struct str text, struct pos at);
/* a ieq b: as numbers, whatever they are. */
struct expr *parse_compare_numbers(struct parse *p, enum cmp_op op, struct expr *a, struct expr *b);
void parse_mpath(struct parse *p, struct str path, struct pos at);
/* One address; options and surroundings apply to all since listen_from. */
void parse_listen(struct parse *p, struct str text, struct pos at);
void parse_alias(struct parse *p, struct str text, struct pos at);
void parse_listen_around(struct parse *p, struct str before, struct str behind);
void parse_listen_advertise(struct parse *p, struct str address, struct pos at);
void parse_listen_name(struct parse *p, struct str name);
void parse_listen_flag(struct parse *p, bool is_virtual);
void parse_route(struct parse *p, enum route_role role, struct str name, struct pos at,
		 struct stmt *body);
struct str parse_decimal(struct parse *p, int64_t n);
struct stmt *parse_block(struct parse *p, struct stmt *first, struct pos at);
struct stmt *parse_stmt(struct parse *p, enum stmt_kind kind, struct pos at, struct expr *e);
struct stmt *parse_assign(struct parse *p, struct pos at, struct str target, struct expr *value,
			  bool adds);
/* A statement with others in it. */
struct stmt *parse_compound(struct parse *p, enum stmt_kind kind, struct pos at, struct expr *e,
			    struct stmt *body);
/* A label of a switch, then the same with what follows it. */
struct stmt *parse_case_regex(struct parse *p, struct pos at, struct str pattern,
			      struct pos pattern_at);
struct stmt *parse_case_body(struct parse *p, struct stmt *label, struct stmt *body);
struct expr *parse_route_call(struct parse *p, struct expr *name, struct pos at);
struct stmt *parse_if(struct parse *p, struct pos at, struct expr *cond, struct stmt *body,
		      struct stmt *orelse);
struct expr *parse_call(struct parse *p, struct str name, const struct expr_list *args,
			struct pos at);

/* --- made by flex: a buffer of n bytes with two NULs behind --- */
void *lex_push(void *scanner, char *text, size_t n);
void lex_pop(void *scanner, void *buffer_below);

#endif

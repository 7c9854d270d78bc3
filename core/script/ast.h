/* SPDX-License-Identifier: BSD-2-Clause */
/* The script as a tree, as it was written; check fills in what the names mean. Everything lies in one pool. */
#ifndef SCRIPT_AST_H
#define SCRIPT_AST_H

#include "core/run/rows.h"
#include "core/script/setting.h"
#include "core/base/addr.h"

#define AST_DEPTH_MAX \
	1500u /* of nested expressions and statements, "else if" and && chains included */

/* Words of the language that have a value. */
#define KEYWORD_TABLE(X)                                                     \
	X(METHOD, "method", VALUE_STR, KEYWORD_NEGATES)                      \
	X(URI, "uri", VALUE_STR, KEYWORD_NEGATES | KEYWORD_IS_URI)           \
	X(FROM_URI, "from_uri", VALUE_STR, KEYWORD_NEGATES | KEYWORD_IS_URI) \
	X(TO_URI, "to_uri", VALUE_STR, KEYWORD_NEGATES | KEYWORD_IS_URI)     \
	X(SND_IP, "snd_ip", VALUE_STR, KEYWORD_NEGATES | KEYWORD_IS_IP)      \
	X(TO_IP, "to_ip", VALUE_STR, KEYWORD_NEGATES | KEYWORD_IS_IP)        \
	X(SND_PORT, "snd_port", VALUE_INT, KEYWORD_NEGATES)                  \
	X(TO_PORT, "to_port", VALUE_INT, KEYWORD_NEGATES)                    \
	X(SND_PROTO, "snd_proto", VALUE_STR, KEYWORD_NEGATES)                \
	X(SND_AF, "snd_af", VALUE_STR, KEYWORD_NEGATES)                      \
	X(SRC_IP, "src_ip", VALUE_STR, KEYWORD_NEGATES | KEYWORD_IS_IP)      \
	X(DST_IP, "dst_ip", VALUE_STR, KEYWORD_NEGATES | KEYWORD_IS_IP)      \
	X(SRC_PORT, "src_port", VALUE_INT, KEYWORD_NEGATES)                  \
	X(DST_PORT, "dst_port", VALUE_INT, KEYWORD_NEGATES)                  \
	X(PROTO, "proto", VALUE_STR, KEYWORD_NEGATES)                        \
	X(AF, "af", VALUE_STR, KEYWORD_NEGATES)                              \
	X(STATUS, "status", VALUE_INT, KEYWORD_NEGATES)                      \
	X(MSG_LEN, "msg:len", VALUE_INT, KEYWORD_NEGATES)                    \
	X(MAX_LEN, "max_len", VALUE_INT, 0)                                  \
	X(RETCODE, "$rc", VALUE_INT, 0)                                      \
	X(URI_HOST, "uri:host", VALUE_STR, 0)                                \
	X(URI_PORT, "uri:port", VALUE_INT, 0)                                \
	X(MYSELF, "myself", VALUE_NULL, 0)

enum keyword {
#define X(id, name, type, flags) KEYWORD_##id,
	KEYWORD_TABLE(X)
#undef X
		KEYWORDS
};
#define KEYWORD_NEGATES 1u /* "!" before it negates the comparison that follows */
#define KEYWORD_IS_URI	2u
#define KEYWORD_IS_IP	4u

struct keyword_def {
	struct str name;
	enum value_type type;
	unsigned flags;
};
extern const struct keyword_def keyword_defs[KEYWORDS];

enum cmp_op { CMP_EQ, CMP_NE, CMP_LT, CMP_GT, CMP_LE, CMP_GE, CMP_MATCH, CMP_NMATCH };

/* What is computed from two values. */
enum arith_op {
	ARITH_ADD, /* joins texts, if the left side is one */
	ARITH_SUB,
	ARITH_MUL,
	ARITH_DIV,
	ARITH_MOD,
	ARITH_SHL,
	ARITH_SHR,
	ARITH_AND,
	ARITH_OR,
	ARITH_XOR,
};

/* What is computed from one. */
enum unary_op {
	UNARY_NEG,
	UNARY_INVERT,  /* ~ */
	UNARY_INT,     /* (int) */
	UNARY_STR,     /* (str) */
	UNARY_DEFINED, /* 1 or 0: it is not null */
	UNARY_STRLEN,
	UNARY_STREMPTY, /* 1 or 0 */
};

enum expr_kind {
	EXPR_INT,
	EXPR_STR,     /* text: a string constant, escapes undone */
	EXPR_NET,     /* text: an address or network */
	EXPR_WORD,    /* text: a name, or host.name; what it means depends on the place */
	EXPR_KEYWORD, /* keyword */
	EXPR_NULL,    /* $null */
	EXPR_REF,     /* text: a select "@a.b" or a pseudo-variable "$x" */
	EXPR_CALL,    /* text(args) */
	EXPR_ROUTE,   /* route(text); route(a), when a tells the name at run time */
	EXPR_NOT,     /* !a */
	EXPR_UNARY,   /* unary a */
	EXPR_AND,
	EXPR_OR,
	EXPR_CMP,   /* a op b */
	EXPR_ARITH, /* a arith b */
};

/* How a comparison is done; check decides. */
enum cmp_form {
	FORM_VALUES,   /* two values */
	FORM_METHOD,   /* method with a constant */
	FORM_SELF,     /* something with myself */
	FORM_NETWORK,  /* src_ip, dst_ip with a constant address or network */
	FORM_PROTO,    /* with a transport */
	FORM_AF,       /* with an address family */
	FORM_REGEX,    /* with a constant pattern */
	FORM_REGEX_RT, /* with a pattern that is known at run time only */
	FORM_NULL,     /* with $null: whether there is a text at all */
};

struct transform;

/* An attribute as a script names it. */
struct attr_use {
	const struct attr_def *def;
	struct attr_arg arg;
	/* Read at run time, if not NULL: the key; the index, which counts from 0. */
	const struct attr_use *key, *index;
	const struct transform *transform; /* of what is read; NULL: none */
	struct str written;		   /* as the script has it, for people */
};

struct format;
struct ast_route;

struct expr {
	enum expr_kind kind;
	struct pos pos;
	unsigned depth;
	bool parens;	 /* written in parentheses */
	bool has_parens; /* EXPR_CALL: with an argument list */
	enum keyword keyword;
	enum cmp_op op;
	enum arith_op arith;
	enum unary_op unary;
	int64_t number;
	struct str text;
	struct expr *a, *b;
	struct expr *args; /* EXPR_CALL: the first of argc, linked by next */
	struct expr *next;
	unsigned argc;

	/* what check found out */
	bool bad;		     /* an error was reported: nothing more is said about it */
	const struct func_def *func; /* EXPR_CALL; NULL: its module is absent (--lenient) */
	struct ast_route *route;     /* EXPR_ROUTE */
	struct attr_use attr;	     /* EXPR_REF */
	enum cmp_form form;	     /* EXPR_CMP */
	enum keyword self;	     /* FORM_SELF, FORM_NETWORK, FORM_VALUES: whose */
	struct network net;
	char letter;		     /* an argument: its letter in func_def.args */
	const struct format *format; /* letters f, h and t with a constant */
};

enum stmt_kind {
	STMT_EXPR,
	STMT_ASSIGN, /* target = expr */
	STMT_IF,
	STMT_WHILE,
	STMT_SWITCH, /* body: its cases */
	STMT_CASE,   /* expr: a constant, NULL: default */
	STMT_BLOCK,
	STMT_RETURN,
	STMT_EXIT,
	STMT_DROP,
	STMT_BREAK,
};

struct stmt {
	enum stmt_kind kind;
	struct pos pos;
	unsigned depth;
	struct stmt *next;
	struct expr *expr;	    /* the call, the condition, what is returned (NULL: 1) */
	struct expr *target;	    /* STMT_ASSIGN: an EXPR_REF */
	bool adds;		    /* STMT_ASSIGN: += */
	bool is_regex;		    /* STMT_CASE: the constant is a regular expression */
	struct stmt *body, *orelse; /* of what has other statements in it */
};

/* The sorts of routes: the word, and the kind that they run as (0: that of who calls them). */
#define ROUTE_TABLE(X)                          \
	X(MAIN, "route", IN_REQUEST)            \
	X(NAMED, "route", 0)                    \
	X(REPLY, "reply_route", IN_REPLY)       \
	X(ONREPLY, "onreply_route", IN_REPLY)   \
	X(BRANCH, "branch_route", IN_BRANCH)    \
	X(FAILURE, "failure_route", IN_FAILURE) \
	X(EVENT, "event_route", IN_EVENT)       \
	X(ONSEND, "onsend_route", IN_ONSEND)

enum route_role {
#define X(id, word, kind) ROUTE_##id,
	ROUTE_TABLE(X)
#undef X
		ROUTE_ROLES
};

struct route_def {
	struct str word;
	unsigned kind;
};
extern const struct route_def route_defs[ROUTE_ROLES];
/* The kinds that a route may run as, one bit each, with their words; "request" first. */
#define ROUTE_KINDS 6u
struct route_kind_def {
	enum route_kind kind;
	const char *word;
};
extern const struct route_kind_def route_kind_defs[ROUTE_KINDS];
/* What kind of route an argument of this letter (func_def.args) names; false: none. */
bool route_letter(char letter, enum route_role *role_r);
/* The name that the route has whose name an argument of that letter is; of E: event_route[tm:branch-failure:NAME]. Null: no memory. */
struct str route_letter_name(struct pool *p, char letter, struct str name);
/* The kind that a route runs as: one for the failure of a branch is a failure route, by whatever word. 0: as what calls it. */
#define BRANCH_FAILURE "tm:branch-failure:"
unsigned route_kind_of(enum route_role role, struct str name);

struct ast_route {
	enum route_role role;
	struct str name; /* empty for the main ones */
	struct pos pos;
	struct stmt *body;
	struct ast_route *next;

	unsigned index;		      /* in order of the script */
	unsigned kinds;		      /* route_kind bits that it can be reached in */
	unsigned allowed;	      /* and that all it calls may be used in */
	bool armed;		      /* a function names it */
	bool started;		      /* one that runs it as a request's */
	bool timed;		      /* a module runs it, without a message */
	bool reached;		      /* something may call it */
	const struct ast_route *from; /* who calls it, for a message about kinds; NULL: nobody */
	struct pos from_pos;
	struct pos asked_pos; /* where its value is a condition; src NULL: nowhere */
	unsigned stack;	      /* values its expressions need, filled by compile */
};

struct loadmodule {
	struct loadmodule *next;
	struct str path;
	struct pos pos;
	struct str mpath; /* as set where it stands; null: the default */
	struct pos mpath_pos;
	const char *mpath_from_z; /* the file that set it */
};

/* listen= or alias=: the words of one address. */
struct listen_item {
	struct listen_item *next;
	bool is_alias;
	struct str text; /* [transport:]host[:port] */
	struct pos pos;
	struct str advertise; /* null: none */
	struct pos advertise_pos;
	struct str name;
	bool is_virtual, ip_free_bind;
};

/* "flags NAME:3" */
struct flag_name {
	struct flag_name *next;
	struct str name;
	struct pos pos;
	int64_t number; /* -1: not said */
};

/* "#!define NAME text" */
struct define {
	struct define *next;
	struct str name, text;
	bool busy; /* being expanded */
};

struct ast {
	struct define *defines;
	struct flag_name *flags;
	struct setting *settings;
	struct block *blocks;
	struct loadmodule *modules;
	struct listen_item *listens;
	struct ast_route *routes;
	unsigned routes_n;
};

/* Constructors: NULL when there is no memory. */
struct expr *expr_new(struct pool *p, enum expr_kind kind, struct pos pos);
/* An expression that could not be read; nothing more is said about it. */
struct expr *expr_bad(struct pool *p, struct pos pos);
struct expr *expr_text(struct pool *p, enum expr_kind kind, struct pos pos, struct str text);
/* kind AND, OR; op is of no matter for them. For CMP: "!keyword == x" becomes !(keyword == x). */
struct expr *expr_binary(struct pool *p, enum expr_kind kind, enum cmp_op op, struct expr *a,
			 struct expr *b);
struct expr *expr_arith(struct pool *p, enum arith_op op, struct expr *a, struct expr *b);
struct expr *expr_not(struct pool *p, struct pos pos, struct expr *a);
/* A negated number is a number. */
struct expr *expr_unary(struct pool *p, enum unary_op op, struct pos pos, struct expr *a);
struct stmt *stmt_new(struct pool *p, enum stmt_kind kind, struct pos pos);

/* Lists under construction. An empty one has first NULL. */
struct expr_list {
	struct expr *first, *last;
	unsigned n;
};
struct stmt_list {
	struct stmt *first, *last;
};
/* NULL is not added. */
void expr_append(struct expr_list *l, struct expr *e);
void stmt_append(struct stmt_list *l, struct stmt *s);

#endif

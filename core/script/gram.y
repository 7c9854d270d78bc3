/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar: builds the tree and nothing else. */
%code requires {
#include "core/script/parse.h"
}
%code {
#include "core/script/parse_error.h"

static void yyerror(const struct pos *at, struct parse *p, const char *message);
}
%define api.prefix {script_yy}
%define api.pure full
%define api.push-pull push
%define api.location.type {struct pos}
%define parse.error custom
%define parse.lac full
%locations
%param { struct parse *p }
%code requires {
/* The place of a rule: from its first to its last part. */
#define YYLLOC_DEFAULT(Current, Rhs, N)                                            \
	do {                                                                       \
		if (N)                                                             \
			(Current) = pos_join(YYRHSLOC(Rhs, 1), YYRHSLOC(Rhs, N));  \
		else                                                               \
			(Current) = pos_after(YYRHSLOC(Rhs, 0));                   \
	} while (0)
#define SCRIPT_YYINITDEPTH 200
}
%code top {
#define YYMAXDEPTH 10000
}
%union {
	int64_t number;
	struct str text;
	enum keyword keyword;
	enum cmp_op op;
	enum route_role role;
	struct expr *expr;
	struct stmt *stmt;
	struct expr_list exprs;
	struct stmt_list stmts;
	struct setting setting;
	struct setting_list settings;
	struct block block;
}

%token <text> ID "a name" HOST "a host name" STRING "a string" REF "an attribute" NET "an address"
%token <text> DURATION "a duration" PORT_SUFFIX "a port" PREFIX "a transport" ADDRESS_TEXT "an address to listen on" JUNK "a strange character"
%token <text> EVENT_NAME "the name of an event" BLOCK "a block of settings" BLOCK_KEY "an address or a name"
%token <number> NUMBER "a number"
%token <keyword> KEYWORD "a keyword"
%token ROUTE "route" REQUEST_ROUTE "request_route" REPLY_ROUTE "reply_route" ONREPLY_ROUTE "onreply_route"
%token BRANCH_ROUTE "branch_route" FAILURE_ROUTE "failure_route" EVENT_ROUTE "event_route" ONSEND_ROUTE "onsend_route"
%token IF "if" ELSE "else" EXIT "exit" DROP "drop" RETURN "return" BREAK "break" WHILE "while" SWITCH "switch" CASE "case" DEFAULT "default"
%token DESC "desc" LOADMODULE "loadmodule" LOADPATH "loadpath" MODPARAM "modparam" LISTEN "listen" ALIAS "alias"
%token LOADMODULEX "loadmodulex" MODPARAMX "modparamx" FLAGS "flags" AVPFLAGS "avpflags"
%token ADVERTISE "advertise" NAME "name" VIRTUAL "virtual" FREE_BIND "ip_free_bind"
%token NULL_VALUE "$null" LOST "the rest of a line"
%token EQ "==" NE "!=" MATCH "=~" NMATCH "!~" LE "<=" GE ">=" AND "&&" OR "||" NOT "!" ADD_TO "+="
%token SHIFT_LEFT "<<" SHIFT_RIGHT ">>" MOD "mod" INT_CAST "(int)" STR_CAST "(str)" DEFINED "defined" STRLEN "strlen" STREMPTY "strempty"

/* as in Kamailio */
%left OR
%left AND
%left '|'
%left '&'
%left '^'
%left SHIFT_LEFT
%left SHIFT_RIGHT
%token IEQ "ieq" INE "ine"
%left EQ NE IEQ INE MATCH NMATCH
%left '<' '>' LE GE
%left '+' '-'
%left '*' '/' MOD
%precedence NOT UNARY
%precedence DEFINED
%precedence INT_CAST STR_CAST
%precedence THEN
%precedence ELSE

%type <text> string route_name word
%type <setting> value block_value block_setting
%type <settings> block_settings
%type <block> block_head
%type <role> route_role
%type <expr> expr primary call
%type <exprs> args arg_list
%type <stmt> stmt block case case_label
%type <stmts> stmts cases

%%

script:
	%empty
	| script item
	;

item:
	';'
	| ID '=' value { $3.name = $1; $3.name_pos = @1; parse_setting(p, &$3); }
	| HOST '=' value description { $3.name = $1; $3.name_pos = @1; parse_setting(p, &$3); }
	| KEYWORD '=' value {
		$3.name = keyword_defs[$1].name;
		$3.name_pos = @1;
		parse_setting(p, &$3);
	}
	| LOADPATH '=' string { parse_mpath(p, $3, @3); }
	| LOADPATH string { parse_mpath(p, $2, @2); }
	| LOADMODULE string { parse_loadmodule(p, $2, @2); }
	| LOADMODULE '(' string ')' { parse_loadmodule(p, $3, @3); }
	| LOADMODULEX string { parse_loadmodule(p, parse_evaluated(p, $2, @2), @2); }
	| LOADMODULEX '(' string ')' { parse_loadmodule(p, parse_evaluated(p, $3, @3), @3); }
	| LOADMODULE ID {
		diag_error(p->diag, @2, NULL, "the name of a module is written in quotes: loadmodule \"" STRF "\"",
			   STRA($2));
	}
	| MODPARAM '(' string ',' string ',' value ')' {
		$7.module = $3;
		$7.module_pos = @3;
		$7.name = $5;
		$7.name_pos = @5;
		parse_setting(p, &$7);
	}
	| MODPARAM '(' error ')'
	| MODPARAMX '(' string ',' string ',' value ')' {
		$7.module = parse_evaluated(p, $3, @3);
		$7.module_pos = @3;
		$7.name = parse_evaluated(p, $5, @5);
		$7.name_pos = @5;
		if ($7.kind == SETTING_STR)
			$7.text = parse_evaluated(p, $7.text, @7);
		if ($7.module.p && $7.name.p && ($7.text.p || $7.kind == SETTING_INT))
			parse_setting(p, &$7);
	}
	| MODPARAMX '(' error ')'
	| FLAGS flag_list
	| AVPFLAGS names {
		diag_warn(p->diag, @1, NULL, "attributes have no flags here");
	}
	| LISTEN '=' listens
	| ALIAS '=' aliases
	| block_head '{' block_settings '}' {
		$1.settings = $3.first;
		parse_settings_block(p, &$1);
	}
	| block_head '{' block_settings error '}' { yyerrok; }
	| ROUTE block { parse_route(p, ROUTE_MAIN, STR(""), @1, $2); }
	| REQUEST_ROUTE block { parse_route(p, ROUTE_MAIN, STR(""), @1, $2); }
	| ROUTE '[' route_name ']' block { parse_route(p, ROUTE_NAMED, $3, @3, $5); }
	| route_role block { parse_route(p, $1, STR(""), @1, $2); }
	| route_role '[' route_name ']' block { parse_route(p, $1, $3, @3, $5); }
	| EVENT_ROUTE '[' EVENT_NAME ']' block { parse_route(p, ROUTE_EVENT, $3, @3, $5); }
	| '}' {
		if (p->extra_brace && !p->brace_lost)
			diag_error(p->diag, @1, NULL, "this \"}\" closes nothing");
		p->brace_lost = false;
		p->diag->syntax = true;
	}
	| error
	| error LOST { yyerrok; }
	;

block_head:
	BLOCK '[' BLOCK_KEY ']' {
		$$ = (struct block){ .word = $1, .word_pos = @1, .key = $3, .key_pos = @3 };
	}
	| BLOCK '[' STRING ']' {
		$$ = (struct block){ .word = $1, .word_pos = @1, .key = $3, .key_pos = @3, .key_is_quoted = true };
	}
	;
block_settings:
	%empty { $$ = (struct setting_list){ 0 }; }
	| block_settings ';'
	| block_settings block_setting { $$ = $1; parse_settings_add(p, &$$, &$2); }
	| block_settings error ';' { $$ = $1; yyerrok; }
	;
block_setting: word '=' block_value { $$ = $3; $$.name = $1; $$.name_pos = @1; };
block_value:
	value
	| word '+' {
		/* TLSv1.2+ */
		char *text = parse_alloc(p, $1.n + 1);

		memcpy(text, $1.p, $1.n);
		text[$1.n] = '+';
		$$ = (struct setting){ .kind = SETTING_WORD, .text = str_of(text, $1.n + 1), .value_pos = @$ };
	}
	;

flag_list: flag | flag_list ',' flag;
flag:
	ID { parse_flag(p, $1, @1, -1); }
	| ID ':' NUMBER { parse_flag(p, $1, @1, $3); }
	;
names: ID | names ',' ID;

description: %empty | DESC string;

route_role:
	REPLY_ROUTE { $$ = ROUTE_ONREPLY; }
	| ONREPLY_ROUTE { $$ = ROUTE_ONREPLY; }
	| BRANCH_ROUTE { $$ = ROUTE_BRANCH; }
	| FAILURE_ROUTE { $$ = ROUTE_FAILURE; }
	| ONSEND_ROUTE { $$ = ROUTE_ONSEND; }
	;

value:
	NUMBER { $$ = (struct setting){ .kind = SETTING_INT, .number = $1, .value_pos = @1 }; }
	| '-' NUMBER { $$ = (struct setting){ .kind = SETTING_INT, .number = -$2, .value_pos = @$ }; }
	| string { $$ = (struct setting){ .kind = SETTING_STR, .text = $1, .value_pos = @1 }; }
	| word { $$ = (struct setting){ .kind = SETTING_WORD, .text = $1, .value_pos = @1 }; }
	;

word: ID | HOST | NET | DURATION | KEYWORD { $$ = keyword_defs[$1].name; };

string:
	STRING
	| string STRING {
		char *joined = pool_alloc(p->pool, $1.n + $2.n + 1);

		if (!joined)
			YYABORT;
		memcpy(joined, $1.p, $1.n);
		memcpy(joined + $1.n, $2.p, $2.n);
		$$ = str_of(joined, $1.n + $2.n);
	}
	;

listens: listen | listens listen;
listen: listen_start listen_what listen_options;
listen_start: %empty { p->listen_from = p->listen_tail; };
listen_what:
	listen_address
	| '(' listen_group ')'
	| PREFIX listen_group ')' { parse_listen_around(p, $1, STR("")); }
	| PREFIX listen_group ')' PORT_SUFFIX { parse_listen_around(p, $1, $4); }
	;
listen_group: listen_address | listen_group ',' listen_address;
listen_address:
	ADDRESS_TEXT { parse_listen(p, $1, @1); }
	| STRING { parse_listen(p, $1, @1); }
	;
listen_options: %empty | listen_options listen_option;
listen_option:
	ADVERTISE ADDRESS_TEXT { parse_listen_advertise(p, $2, @2); }
	| ADVERTISE STRING { parse_listen_advertise(p, $2, @2); }
	| NAME ADDRESS_TEXT { parse_listen_name(p, $2); }
	| NAME STRING { parse_listen_name(p, $2); }
	| VIRTUAL { parse_listen_flag(p, true); }
	| FREE_BIND { parse_listen_flag(p, false); }
	;
aliases: alias | aliases alias | aliases ',' alias;
alias:
	ADDRESS_TEXT { parse_alias(p, $1, @1); }
	| STRING { parse_alias(p, $1, @1); }
	;

route_name:
	ID
	| HOST
	| STRING
	| KEYWORD { $$ = keyword_defs[$1].name; }
	| NUMBER {
		$$ = parse_decimal(p, $1);
		if (!$$.p)
			YYABORT;
	}
	;

block:
	'{' stmts '}' { $$ = parse_block(p, $2.first, @$); if (!$$) YYABORT; }
	| '{' stmts error '}' { $$ = parse_block(p, $2.first, @$); if (!$$) YYABORT; }
	;

stmts:
	%empty { $$ = (struct stmt_list){ 0 }; }
	| stmts stmt { $$ = $1; stmt_append(&$$, $2); }
	;

stmt:
	';' { $$ = NULL; }
	| block
	| call ';' { $$ = parse_stmt(p, STMT_EXPR, @$, $1); if (!$$) YYABORT; }
	| IF expr stmt %prec THEN { $$ = parse_if(p, pos_join(@1, @2), $2, $3, NULL); if (!$$) YYABORT; }
	| IF expr stmt ELSE stmt { $$ = parse_if(p, pos_join(@1, @2), $2, $3, $5); if (!$$) YYABORT; }
	| EXIT exit_value ';' { $$ = parse_stmt(p, STMT_EXIT, @1, NULL); if (!$$) YYABORT; }
	| DROP exit_value ';' { $$ = parse_stmt(p, STMT_DROP, @1, NULL); if (!$$) YYABORT; }
	| BREAK ';' { $$ = parse_stmt(p, STMT_BREAK, @1, NULL); if (!$$) YYABORT; }
	| RETURN ';' { $$ = parse_stmt(p, STMT_RETURN, @1, NULL); if (!$$) YYABORT; }
	| RETURN '(' ')' ';' { $$ = parse_stmt(p, STMT_RETURN, @1, NULL); if (!$$) YYABORT; }
	| RETURN expr ';' { $$ = parse_stmt(p, STMT_RETURN, @$, $2); if (!$$) YYABORT; }
	| REF '=' expr ';' { $$ = parse_assign(p, @1, $1, $3, false); if (!$$) YYABORT; }
	| REF ADD_TO expr ';' { $$ = parse_assign(p, @1, $1, $3, true); if (!$$) YYABORT; }
	| WHILE expr stmt { $$ = parse_compound(p, STMT_WHILE, pos_join(@1, @2), $2, $3); if (!$$) YYABORT; }
	| SWITCH expr '{' cases '}' { $$ = parse_compound(p, STMT_SWITCH, pos_join(@1, @2), $2, $4.first); if (!$$) YYABORT; }
	| SWITCH expr '{' error '}' { $$ = NULL; }
	| error ';' { $$ = NULL; yyerrok; }
	;

cases:
	%empty { $$ = (struct stmt_list){ 0 }; }
	| cases case { $$ = $1; stmt_append(&$$, $2); }
	;
case: case_label stmts { $$ = parse_case_body(p, $1, $2.first); if (!$$) YYABORT; };
case_label:
	CASE expr ':' { $$ = parse_stmt(p, STMT_CASE, pos_join(@1, @2), $2); if (!$$) YYABORT; }
	| CASE '/' string ':' { $$ = parse_case_regex(p, pos_join(@1, @3), $3, @3); if (!$$) YYABORT; }
	| CASE '/' string '/' ':' { $$ = parse_case_regex(p, pos_join(@1, @4), $3, @3); if (!$$) YYABORT; }
	| DEFAULT ':' { $$ = parse_stmt(p, STMT_CASE, @1, NULL); if (!$$) YYABORT; }
	;

exit_value: %empty | '(' ')' | '(' NUMBER ')';

call:
	ID '(' args ')' { $$ = parse_call(p, $1, &$3, @$); if (!$$) YYABORT; }
	| ID { $$ = expr_text(p->pool, EXPR_CALL, @1, $1); if (!$$) YYABORT; }
	| ROUTE '(' expr ')' { $$ = parse_route_call(p, $3, @$); if (!$$) YYABORT; }
	;

args:
	%empty { $$ = (struct expr_list){ 0 }; }
	| arg_list
	| error {
		$$ = (struct expr_list){ 0 };
		expr_append(&$$, expr_bad(p->pool, @1));
		if (!$$.first)
			YYABORT;
	}
	;

arg_list:
	expr { $$ = (struct expr_list){ 0 }; expr_append(&$$, $1); }
	| arg_list ',' expr { $$ = $1; expr_append(&$$, $3); }
	;

expr:
	primary
	| NOT expr { $$ = expr_not(p->pool, @1, $2); if (!$$) YYABORT; }
	| '-' expr %prec UNARY { $$ = expr_unary(p->pool, UNARY_NEG, @1, $2); if (!$$) YYABORT; }
	| '~' expr %prec UNARY { $$ = expr_unary(p->pool, UNARY_INVERT, @1, $2); if (!$$) YYABORT; }
	| INT_CAST expr { $$ = expr_unary(p->pool, UNARY_INT, @1, $2); if (!$$) YYABORT; }
	| STR_CAST expr { $$ = expr_unary(p->pool, UNARY_STR, @1, $2); if (!$$) YYABORT; }
	| DEFINED expr { $$ = expr_unary(p->pool, UNARY_DEFINED, @1, $2); if (!$$) YYABORT; }
	| STRLEN '(' expr ')' { $$ = expr_unary(p->pool, UNARY_STRLEN, pos_join(@1, @4), $3); if (!$$) YYABORT; }
	| STREMPTY '(' expr ')' { $$ = expr_unary(p->pool, UNARY_STREMPTY, pos_join(@1, @4), $3); if (!$$) YYABORT; }
	| expr AND expr { $$ = expr_binary(p->pool, EXPR_AND, CMP_EQ, $1, $3); if (!$$) YYABORT; }
	| expr OR expr { $$ = expr_binary(p->pool, EXPR_OR, CMP_EQ, $1, $3); if (!$$) YYABORT; }
	| expr '+' expr { $$ = expr_arith(p->pool, ARITH_ADD, $1, $3); if (!$$) YYABORT; }
	| expr '-' expr { $$ = expr_arith(p->pool, ARITH_SUB, $1, $3); if (!$$) YYABORT; }
	| expr '*' expr { $$ = expr_arith(p->pool, ARITH_MUL, $1, $3); if (!$$) YYABORT; }
	| expr '/' expr { $$ = expr_arith(p->pool, ARITH_DIV, $1, $3); if (!$$) YYABORT; }
	| expr MOD expr { $$ = expr_arith(p->pool, ARITH_MOD, $1, $3); if (!$$) YYABORT; }
	| expr SHIFT_LEFT expr { $$ = expr_arith(p->pool, ARITH_SHL, $1, $3); if (!$$) YYABORT; }
	| expr SHIFT_RIGHT expr { $$ = expr_arith(p->pool, ARITH_SHR, $1, $3); if (!$$) YYABORT; }
	| expr '&' expr { $$ = expr_arith(p->pool, ARITH_AND, $1, $3); if (!$$) YYABORT; }
	| expr '|' expr { $$ = expr_arith(p->pool, ARITH_OR, $1, $3); if (!$$) YYABORT; }
	| expr '^' expr { $$ = expr_arith(p->pool, ARITH_XOR, $1, $3); if (!$$) YYABORT; }
	| expr EQ expr { $$ = expr_binary(p->pool, EXPR_CMP, CMP_EQ, $1, $3); if (!$$) YYABORT; }
	| expr IEQ expr { $$ = parse_compare_numbers(p, CMP_EQ, $1, $3); if (!$$) YYABORT; }
	| expr INE expr { $$ = parse_compare_numbers(p, CMP_NE, $1, $3); if (!$$) YYABORT; }
	| expr NE expr { $$ = expr_binary(p->pool, EXPR_CMP, CMP_NE, $1, $3); if (!$$) YYABORT; }
	| expr '<' expr { $$ = expr_binary(p->pool, EXPR_CMP, CMP_LT, $1, $3); if (!$$) YYABORT; }
	| expr '>' expr { $$ = expr_binary(p->pool, EXPR_CMP, CMP_GT, $1, $3); if (!$$) YYABORT; }
	| expr LE expr { $$ = expr_binary(p->pool, EXPR_CMP, CMP_LE, $1, $3); if (!$$) YYABORT; }
	| expr GE expr { $$ = expr_binary(p->pool, EXPR_CMP, CMP_GE, $1, $3); if (!$$) YYABORT; }
	| expr MATCH expr { $$ = expr_binary(p->pool, EXPR_CMP, CMP_MATCH, $1, $3); if (!$$) YYABORT; }
	| expr NMATCH expr { $$ = expr_binary(p->pool, EXPR_CMP, CMP_NMATCH, $1, $3); if (!$$) YYABORT; }
	;

primary:
	NUMBER {
		$$ = expr_new(p->pool, EXPR_INT, @1);
		if (!$$)
			YYABORT;
		$$->number = $1;
	}
	| string { $$ = expr_text(p->pool, EXPR_STR, @1, $1); if (!$$) YYABORT; }
	| REF { $$ = expr_text(p->pool, EXPR_REF, @1, $1); if (!$$) YYABORT; }
	| NET { $$ = expr_text(p->pool, EXPR_NET, @1, $1); if (!$$) YYABORT; }
	| NULL_VALUE { $$ = expr_new(p->pool, EXPR_NULL, @1); if (!$$) YYABORT; }
	| HOST { $$ = expr_text(p->pool, EXPR_WORD, @1, $1); if (!$$) YYABORT; }
	| KEYWORD {
		$$ = expr_new(p->pool, EXPR_KEYWORD, @1);
		if (!$$)
			YYABORT;
		$$->keyword = $1;
	}
	| call {
		$$ = $1;
		/* a bare name: a method, a transport, or a call; the place tells */
		if ($$->kind == EXPR_CALL && !$$->has_parens)
			$$->kind = EXPR_WORD;
	}
	| '(' expr ')' {
		$$ = $2;
		$$->parens = true;
		$$->pos = @$;
	}
	| '(' error ')' { $$ = expr_bad(p->pool, @$); if (!$$) YYABORT; }
	;

%%

static int yyreport_syntax_error(const yypcontext_t *ctx, struct parse *p)
{
	struct syntax_error e = { 0 };
	yysymbol_kind_t expected[SYNTAX_EXPECTED_MAX];
	int n = yypcontext_expected_tokens(ctx, expected, SYNTAX_EXPECTED_MAX);

	if (n == YYENOMEM)
		return YYENOMEM;
	e.at = *yypcontext_location(ctx);
	e.token = yysymbol_name(yypcontext_token(ctx));
	e.at_end = yypcontext_token(ctx) == YYSYMBOL_YYEOF;
	for (int i = 0; i < n; i++)
		e.expected[e.expected_n++] = yysymbol_name(expected[i]);
	syntax_error_report(p, &e);
	return 0;
}

static void yyerror(const struct pos *at, struct parse *p, const char *message)
{
	/* bison itself has only this to say: its stack is full */
	(void)message;
	diag_error(p->diag, *at, NULL, "this is nested too deeply");
	p->diag->syntax = true;
}

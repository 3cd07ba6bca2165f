/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of .defs files: every statement of the family, both dialects.
 * What a dialect does not have is for sema to say.  Keywords may be names
 * of routines, arguments and members.
 */
%define api.pure full
%define parse.error custom
%locations
%expect 0
%parse-param { void *scanner } { struct ast *ast }
%lex-param { void *scanner }

%code requires {
#include "parse.h"
}

%union {
	const char *text;
	uint32_t number;
	struct name name;
	struct ast_wire_name wire;
	struct ast_type *type;
	struct ast_flag *flag;
	struct ast_member *member;
	struct ast_attribute *attribute;
	struct ast_argument *argument;
	struct ast_statement *statement;
	enum direction direction;
	enum routine_kind routine_kind;
	enum statement_kind statement_kind;
	struct { bool variable; bool has_count; uint32_t count; struct place place; } bound;
}

%{
#include <string.h>

#include "mig.h"
#include "parse.h"
#include "parser.h"

#define YYMAXDEPTH 20000

#define YYLLOC_DEFAULT(current, rhs, n)					\
	do {								\
		if (n) {						\
			(current).first = YYRHSLOC(rhs, 1).first;	\
			(current).last = YYRHSLOC(rhs, n).last;		\
		} else {						\
			(current).first = YYRHSLOC(rhs, 0).last;	\
			(current).last = (current).first;		\
		}							\
	} while (0)

int mig_scan_lex(YYSTYPE *value, YYLTYPE *place, void *scanner);
struct scan *mig_scan_get_extra(void *scanner);
#define yylex mig_scan_lex

static void yyerror(YYLTYPE *place, void *scanner, struct ast *ast, const char *text);
static struct ast_statement *statement_create(struct ast *ast, enum statement_kind kind,
    struct place place);
static struct ast_type *type_create(enum ast_type_kind kind, struct place place);
static struct ast_statement *routine_create(struct ast *ast, enum routine_kind kind,
    struct name name, struct ast_argument *arguments, struct place place);
static struct ast_argument *argument_broken(struct ast_argument *before, struct place place);
static bool scan_recover(void *scanner, unsigned depth);
static uint32_t expression(char operator, uint32_t a, uint32_t b, struct place place);

/* Lists grow at their head, in constant time; whoever takes one turns it round. */
#define PUSH(result, list, item)					\
	do {								\
		(item)->next = (list);					\
		(result) = (item);					\
	} while (0)

#define REVERSE(list, type)						\
	do {								\
		type *reversed_ = NULL;					\
		while ((list) != NULL) {				\
			type *next_ = (list)->next;			\
			(list)->next = reversed_;			\
			reversed_ = (list);				\
			(list) = next_;					\
		}							\
		(list) = reversed_;					\
	} while (0)
%}

%token <text> IDENTIFIER "name"
%token <text> WIRE_NAME "MACH_MSG_TYPE_*"
%token <number> NUMBER "number"
%token <text> STRING "word"
%token <text> QUOTED_STRING "string"
%token <text> FILE_NAME "file name"
%token BAD "bad character"
%token SEPARATOR "';'"		/* a ';' inside ( */
%token MEMBER_END		/* a ';' inside { */
%token INNER_CLOSE		/* a ')' that leaves other parentheses open */

%token <text> SUBSYSTEM "subsystem" KERNELUSER "KernelUser" KERNELSERVER "KernelServer"
%token <text> KERNEL "kernel" CAMELOT "camelot" SKIP "skip" TYPE "type"
%token <text> KW_ROUTINE "routine" KW_SIMPLEROUTINE "simpleroutine" KW_PROCEDURE "procedure"
%token <text> KW_SIMPLEPROCEDURE "simpleprocedure" KW_FUNCTION "function"
%token <text> CAMELOTROUTINE "camelotroutine"
%token <text> MSGOPTION "msgoption" MSGTYPE "msgtype" WAITTIME "waittime"
%token <text> NOWAITTIME "nowaittime" SENDTIME "sendtime" NOSENDTIME "nosendtime"
%token <text> KW_ERROR "error" SERVERPREFIX "serverprefix" USERPREFIX "userprefix"
%token <text> SERVERDEMUX "serverdemux" RCSID "rcsid"
%token <text> IMPORT "import" UIMPORT "uimport" SIMPORT "simport" IIMPORT "iimport"
%token <text> DIMPORT "dimport" USESPECIALREPLYPORT "usespecialreplyport"
%token <text> CONSUMEONSENDERROR "consumeonsenderror" USERTYPELIMIT "UserTypeLimit"
%token <text> ONSTACKLIMIT "OnStackLimit"
%token <text> ARRAY "array" OF "of" STRUCT "struct" C_STRING "c_string"
%token <text> POINTERTO "PointerTo" POINTERTOIFNOT "PointerToIfNot" VALUEOF "ValueOf"
%token <text> CTYPE "ctype" CUSERTYPE "cusertype" CSERVERTYPE "cservertype"
%token <text> INTRAN "intran" INTRANPAYLOAD "intranpayload" OUTTRAN "outtran"
%token <text> DESTRUCTOR "destructor"
%token <text> IN "in" OUT "out" INOUT "inout" REQUESTPORT "requestport"
%token <text> REPLYPORT "replyport" UREPLYPORT "ureplyport" SREPLYPORT "sreplyport"
%token <text> MSGSEQNO "msgseqno"
%token <text> SECTOKEN "sectoken" SERVERSECTOKEN "serversectoken" USERSECTOKEN "usersectoken"
%token <text> AUDITTOKEN "audittoken" SERVERAUDITTOKEN "serveraudittoken"
%token <text> USERAUDITTOKEN "useraudittoken" SERVERCONTEXTTOKEN "servercontexttoken"
%token <text> SERVERIMPL "serverimpl" USERIMPL "userimpl"
%token <text> ISLONG "IsLong" ISNOTLONG "IsNotLong" DEALLOC "dealloc" NOTDEALLOC "notdealloc"
%token <text> SERVERCOPY "ServerCopy" COUNTINOUT "CountInOut" SAMECOUNT "SameCount"
%token <text> PHYSICALCOPY "PhysicalCopy" OVERWRITE "Overwrite" AUTO "auto" CONST "const"
%token <text> RETCODE "retcode"

%left '+' '-'
%left '*' '/'

%type <number> expression number_opt
%type <name> name identifier
%type <text> keyword c_type
%type <wire> wire
%type <type> type_spec wire_type full_type
%type <bound> bound
%type <flag> type_flags flags flag
%type <member> members member
%type <attribute> attributes attribute
%type <argument> arguments open_arguments items argument argument_head
%type <direction> direction
%type <routine_kind> routine_kind
%type <statement_kind> import
%type <statement> subsystem_mods

%%

file:
	  %empty
	| file statement
	;

statement:
	  ';'
	| subsystem ';'
	| skip ';'
	| type_statement ';'
	| routine ';'
	| option ';'
	| broken			{ scan_recover(scanner, 0); yyerrok; }
	;

/* After a syntax error: what was to be declared is kept, to be told of no more. */
broken:
	  error ';'			{ statement_create(ast, ST_BROKEN, @$); }
	| TYPE identifier error ';'	{
		struct ast_statement *s = statement_create(ast, ST_TYPE, @$);

		s->name = $2;
		s->broken = true;
	}
	| routine_kind name error ';'	{ routine_create(ast, $1, $2, NULL, @$)->broken = true; }
	| KW_FUNCTION name error ';'	{ routine_create(ast, FUNCTION, $2, NULL, @$)->broken = true; }
	| routine_kind name open_arguments	{ routine_create(ast, $1, $2, $3, @$)->broken = true; }
	| KW_FUNCTION name open_arguments	{ routine_create(ast, FUNCTION, $2, $3, @$)->broken = true; }
	;

subsystem:
	  SUBSYSTEM subsystem_mods IDENTIFIER number_opt {
		$2->place = @1;
		$2->name = (struct name){ $3, @3 };
		$2->number = $4;
		$2->number_place = @4;
		$2->has_number = true;
		$2->broken = false;
	}
	;

number_opt:
	  expression			{ $$ = $1; }
	;

subsystem_mods:
	  %empty			{ $$ = statement_create(ast, ST_SUBSYSTEM, @$); $$->broken = true; }
	| subsystem_mods KERNELUSER	{ $$ = $1; $$->kernel_user = true; $$->kernel_place = @2; }
	| subsystem_mods KERNELSERVER	{ $$ = $1; $$->kernel_server = true; $$->kernel_place = @2; }
	| subsystem_mods KERNEL		{ $$ = $1; $$->kernel_user = $$->kernel_server = true; $$->kernel_place = @2; }
	| subsystem_mods CAMELOT	{ $$ = $1; diag_error(@2, "Camelot transactions are not supported"); }
	;

skip:
	  SKIP				{ statement_create(ast, ST_SKIP, @$)->number = 1; }
	| SKIP expression		{
		struct ast_statement *s = statement_create(ast, ST_SKIP, @$);

		s->number = $2;
		s->number_place = @2;
		s->has_number = true;
	}
	;

type_statement:
	  TYPE identifier '=' full_type	{
		struct ast_statement *s = statement_create(ast, ST_TYPE, @$);

		s->name = $2;
		s->type = $4;
	}
	;

full_type:
	  type_spec attributes		{ REVERSE($2, struct ast_attribute); $$ = $1; $$->attributes = $2; }
	;

attributes:
	  %empty			{ $$ = NULL; }
	| attributes attribute		{ PUSH($$, $1, $2); $2->place = @2; }
	;

attribute:
	  CTYPE ':' c_type		{ $$ = mig_alloc(sizeof(*$$)); $$->kind = ATTR_CTYPE; $$->type = $3; }
	| CUSERTYPE ':' c_type		{ $$ = mig_alloc(sizeof(*$$)); $$->kind = ATTR_CUSERTYPE; $$->type = $3; }
	| CSERVERTYPE ':' c_type	{ $$ = mig_alloc(sizeof(*$$)); $$->kind = ATTR_CSERVERTYPE; $$->type = $3; }
	| INTRAN ':' c_type IDENTIFIER '(' c_type close {
		$$ = mig_alloc(sizeof(*$$));
		$$->kind = ATTR_INTRAN;
		$$->type = $3;
		$$->function = $4;
		$$->from = $6;
	}
	| INTRANPAYLOAD ':' c_type IDENTIFIER {
		$$ = mig_alloc(sizeof(*$$));
		$$->kind = ATTR_INTRANPAYLOAD;
		$$->type = $3;
		$$->function = $4;
	}
	| OUTTRAN ':' c_type IDENTIFIER '(' c_type close {
		$$ = mig_alloc(sizeof(*$$));
		$$->kind = ATTR_OUTTRAN;
		$$->type = $6;
		$$->function = $4;
		$$->from = $3;
	}
	| DESTRUCTOR ':' IDENTIFIER '(' c_type close {
		$$ = mig_alloc(sizeof(*$$));
		$$->kind = ATTR_DESTRUCTOR;
		$$->function = $3;
		$$->type = $5;
	}
	| '>' IDENTIFIER		{ $$ = mig_alloc(sizeof(*$$)); $$->kind = ATTR_INTRAN; $$->function = $2; }
	| '<' IDENTIFIER		{ $$ = mig_alloc(sizeof(*$$)); $$->kind = ATTR_OUTTRAN; $$->function = $2; }
	| ':' IDENTIFIER		{ $$ = mig_alloc(sizeof(*$$)); $$->kind = ATTR_INTRAN; $$->type = $2; }
	| '~' IDENTIFIER		{ $$ = mig_alloc(sizeof(*$$)); $$->kind = ATTR_CSERVERTYPE; $$->type = $2; }
	| '-' IDENTIFIER		{ $$ = mig_alloc(sizeof(*$$)); $$->kind = ATTR_DESTRUCTOR; $$->function = $2; }
	;

c_type:
	  IDENTIFIER			{ $$ = $1; }
	| IDENTIFIER '*'		{ $$ = mig_format("%s *", $1); }
	| STRUCT IDENTIFIER		{ $$ = mig_format("struct %s", $2); }
	| STRUCT IDENTIFIER '*'		{ $$ = mig_format("struct %s *", $2); }
	;

type_spec:
	  IDENTIFIER			{ $$ = type_create(AST_TYPE_NAME, @$); $$->name = (struct name){ $1, @1 }; }
	| wire_type			{ $$ = $1; }
	| '(' wire_type ',' expression type_flags close {
		$$ = $2;
		$$->place = @$;
		$$->has_size = true;
		$$->size = $4;
		$$->size_place = @4;
		REVERSE($5, struct ast_flag);
		$$->flags = $5;
	}
	| ARRAY '[' bound ']' OF type_spec {
		$$ = type_create(AST_TYPE_ARRAY, @$);
		$$->variable = $3.variable;
		$$->has_count = $3.has_count;
		$$->count = $3.count;
		$$->count_place = @3;
		$$->element = $6;
	}
	| STRUCT '[' expression ']' OF type_spec {
		$$ = type_create(AST_TYPE_STRUCT_ARRAY, @$);
		$$->has_count = true;
		$$->count = $3;
		$$->count_place = @3;
		$$->element = $6;
	}
	| STRUCT '{' members '}'	{
		REVERSE($3, struct ast_member);
		$$ = type_create(AST_TYPE_STRUCT, @$);
		$$->members = $3;
	}
	| '^' type_spec			{ $$ = type_create(AST_TYPE_POINTER, @$); $$->element = $2; }
	| C_STRING '[' bound ']'	{
		$$ = type_create(AST_TYPE_C_STRING, @$);
		$$->variable = $3.variable;
		$$->has_count = $3.has_count;
		$$->count = $3.count;
		$$->count_place = @3;
	}
	| POINTERTO '(' c_type close	{
		$$ = type_create(AST_TYPE_POINTER_TO, @$);
		$$->name = (struct name){ $3, @3 };
	}
	| POINTERTOIFNOT '(' c_type ',' name close {
		$$ = type_create(AST_TYPE_POINTER_TO_IF_NOT, @$);
		$$->name = (struct name){ $3, @3 };
		$$->bad_value = $5.text;
	}
	| VALUEOF '(' c_type close	{
		$$ = type_create(AST_TYPE_VALUE_OF, @$);
		$$->name = (struct name){ $3, @3 };
	}
	;

close:
	  ')'
	| INNER_CLOSE
	;

bound:
	  %empty			{ $$.variable = true; $$.has_count = false; $$.count = 0; }
	| '*'				{ $$.variable = true; $$.has_count = false; $$.count = 0; }
	| '*' ':' expression		{ $$.variable = true; $$.has_count = true; $$.count = $3; }
	| expression			{ $$.variable = false; $$.has_count = true; $$.count = $1; }
	;

wire_type:
	  wire				{ $$ = type_create(AST_TYPE_WIRE, @$); $$->send = $1; }
	| wire '|' wire			{
		$$ = type_create(AST_TYPE_WIRE, @$);
		$$->send = $1;
		$$->receive = $3;
		$$->has_receive = true;
	}
	;

wire:
	  WIRE_NAME			{ $$ = (struct ast_wire_name){ .place = @1, .text = $1 }; }
	| NUMBER			{ $$ = (struct ast_wire_name){ .place = @1, .is_number = true, .number = $1 }; }
	;

type_flags:
	  %empty			{ $$ = NULL; }
	| type_flags ',' flag		{ PUSH($$, $1, $3); }
	;

members:
	  %empty			{ $$ = NULL; }
	| members member MEMBER_END	{ PUSH($$, $1, $2); }
	;

member:
	  type_spec name		{ $$ = mig_alloc(sizeof(*$$)); $$->name = $2; $$->type = $1; }
	| type_spec name '[' expression ']' {
		struct ast_type *array = type_create(AST_TYPE_ARRAY, @$);

		array->element = $1;
		array->has_count = true;
		array->count = $4;
		array->count_place = @4;
		$$ = mig_alloc(sizeof(*$$));
		$$->name = $2;
		$$->type = array;
	}
	;

routine:
	  routine_kind name arguments	{ routine_create(ast, $1, $2, $3, @$); }
	| KW_FUNCTION name arguments ':' IDENTIFIER {
		routine_create(ast, FUNCTION, $2, $3, @$)->result = (struct name){ $5, @5 };
	}
	| KW_FUNCTION name arguments ':' IDENTIFIER '=' full_type {
		struct ast_statement *s = routine_create(ast, FUNCTION, $2, $3, @$);

		s->result = (struct name){ $5, @5 };
		s->type = $7;
	}
	;

routine_kind:
	  KW_ROUTINE			{ $$ = ROUTINE; }
	| KW_SIMPLEROUTINE		{ $$ = SIMPLE_ROUTINE; }
	| KW_PROCEDURE			{ $$ = PROCEDURE; }
	| KW_SIMPLEPROCEDURE		{ $$ = SIMPLE_PROCEDURE; }
	| CAMELOTROUTINE		{ $$ = ROUTINE; diag_error(@1, "Camelot routines are not supported"); }
	;

arguments:
	  '(' ')'			{ $$ = NULL; }
	| '(' argument ')'		{ $$ = $2; }
	| '(' items argument ')'	{ PUSH($$, $2, $3); }
	| '(' items ')'			{ $$ = $2; diag_warning(@3, "no ';' is needed behind the last argument"); }
	| '(' error ')'			{ $$ = argument_broken(NULL, @2); scan_recover(scanner, 0); }
	| '(' items error ')'		{ $$ = argument_broken($2, @3); scan_recover(scanner, 0); }
	;

/* The statement ends although its parentheses are open. */
open_arguments:
	  '(' error ';'			{ $$ = argument_broken(NULL, @2); }
	| '(' items error ';'		{ $$ = argument_broken($2, @3); }
	;

items:
	  argument SEPARATOR		{ $$ = $1; }
	| items argument SEPARATOR	{ PUSH($$, $1, $2); }
	| error SEPARATOR		{
		$$ = argument_broken(NULL, @1);
		if (scan_recover(scanner, 1))
			yyerrok;
	}
	| items error SEPARATOR		{
		$$ = argument_broken($1, @2);
		if (scan_recover(scanner, 1))
			yyerrok;
	}
	;

argument:
	  argument_head flags		{ REVERSE($2, struct ast_flag); $$ = $1; $$->flags = $2; }
	;

argument_head:
	  direction name ':' IDENTIFIER	{
		$$ = mig_alloc(sizeof(*$$));
		$$->direction = $1;
		$$->place = @$;
		$$->name = $2;
		$$->type_name = (struct name){ $4, @4 };
	}
	| name ':' IDENTIFIER		{
		$$ = mig_alloc(sizeof(*$$));
		$$->place = @$;
		$$->name = $1;
		$$->type_name = (struct name){ $3, @3 };
	}
	| direction name ':' IDENTIFIER '=' full_type {
		$$ = mig_alloc(sizeof(*$$));
		$$->direction = $1;
		$$->place = @$;
		$$->name = $2;
		$$->type_name = (struct name){ $4, @4 };
		$$->type = $6;
	}
	| name ':' IDENTIFIER '=' full_type {
		$$ = mig_alloc(sizeof(*$$));
		$$->place = @$;
		$$->name = $1;
		$$->type_name = (struct name){ $3, @3 };
		$$->type = $5;
	}
	;

flags:
	  %empty			{ $$ = NULL; }
	| flags ',' flag		{ PUSH($$, $1, $3); }
	;

flag:
	  ISLONG	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_ISLONG; $$->place = @1; }
	| ISNOTLONG	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_ISNOTLONG; $$->place = @1; }
	| DEALLOC	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_DEALLOC; $$->place = @1; }
	| NOTDEALLOC	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_NOTDEALLOC; $$->place = @1; }
	| DEALLOC '[' ']' { $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_DEALLOC_MAYBE; $$->place = @$; }
	| SERVERCOPY	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_SERVERCOPY; $$->place = @1; }
	| COUNTINOUT	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_COUNTINOUT; $$->place = @1; }
	| SAMECOUNT	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_SAMECOUNT; $$->place = @1; }
	| PHYSICALCOPY	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_PHYSICALCOPY; $$->place = @1; }
	| OVERWRITE	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_OVERWRITE; $$->place = @1; }
	| AUTO		{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_AUTO; $$->place = @1; }
	| CONST		{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_CONST; $$->place = @1; }
	| RETCODE	{ $$ = mig_alloc(sizeof(*$$)); $$->flag = FLAG_RETCODE; $$->place = @1; }
	;

direction:
	  IN			{ $$ = DIR_IN; }
	| OUT			{ $$ = DIR_OUT; }
	| INOUT			{ $$ = DIR_INOUT; }
	| REQUESTPORT		{ $$ = DIR_REQUEST_PORT; }
	| REPLYPORT		{ $$ = DIR_REPLY_PORT; }
	| UREPLYPORT		{ $$ = DIR_UREPLY_PORT; }
	| SREPLYPORT		{ $$ = DIR_SREPLY_PORT; }
	| WAITTIME		{ $$ = DIR_WAIT_TIME; }
	| SENDTIME		{ $$ = DIR_SEND_TIME; }
	| MSGOPTION		{ $$ = DIR_MSG_OPTION; }
	| MSGTYPE		{ $$ = DIR_MSG_TYPE; }
	| MSGSEQNO		{ $$ = DIR_MSG_SEQNO; }
	| SECTOKEN		{ $$ = DIR_SEC_TOKEN; }
	| SERVERSECTOKEN	{ $$ = DIR_SERVER_SEC_TOKEN; }
	| USERSECTOKEN		{ $$ = DIR_USER_SEC_TOKEN; }
	| AUDITTOKEN		{ $$ = DIR_AUDIT_TOKEN; }
	| SERVERAUDITTOKEN	{ $$ = DIR_SERVER_AUDIT_TOKEN; }
	| USERAUDITTOKEN	{ $$ = DIR_USER_AUDIT_TOKEN; }
	| SERVERCONTEXTTOKEN	{ $$ = DIR_SERVER_CONTEXT_TOKEN; }
	| SERVERIMPL		{ $$ = DIR_SERVER_IMPL; }
	| USERIMPL		{ $$ = DIR_USER_IMPL; }
	;

option:
	  MSGOPTION STRING	{ statement_create(ast, ST_MSG_OPTION, @$)->name = (struct name){ $2, @2 }; }
	| MSGTYPE STRING	{ statement_create(ast, ST_MSG_TYPE, @$)->name = (struct name){ $2, @2 }; }
	| WAITTIME STRING	{ statement_create(ast, ST_WAIT_TIME, @$)->name = (struct name){ $2, @2 }; }
	| NOWAITTIME		{ statement_create(ast, ST_NO_WAIT_TIME, @$); }
	| SENDTIME STRING	{ statement_create(ast, ST_SEND_TIME, @$)->name = (struct name){ $2, @2 }; }
	| NOSENDTIME		{ statement_create(ast, ST_NO_SEND_TIME, @$); }
	| KW_ERROR IDENTIFIER	{ statement_create(ast, ST_ERROR, @$)->name = (struct name){ $2, @2 }; }
	| SERVERPREFIX IDENTIFIER { statement_create(ast, ST_SERVER_PREFIX, @$)->name = (struct name){ $2, @2 }; }
	| USERPREFIX IDENTIFIER	{ statement_create(ast, ST_USER_PREFIX, @$)->name = (struct name){ $2, @2 }; }
	| SERVERDEMUX IDENTIFIER { statement_create(ast, ST_SERVER_DEMUX, @$)->name = (struct name){ $2, @2 }; }
	| RCSID QUOTED_STRING	{ statement_create(ast, ST_RCSID, @$)->name = (struct name){ $2, @2 }; }
	| import FILE_NAME	{ statement_create(ast, $1, @$)->name = (struct name){ $2, @2 }; }
	| USESPECIALREPLYPORT NUMBER { statement_create(ast, ST_SPECIAL_REPLY_PORT, @$)->number = $2; }
	| CONSUMEONSENDERROR STRING { statement_create(ast, ST_CONSUME_ON_SEND_ERROR, @$)->name = (struct name){ $2, @2 }; }
	| USERTYPELIMIT NUMBER	{ statement_create(ast, ST_USER_TYPE_LIMIT, @$)->number = $2; }
	| ONSTACKLIMIT NUMBER	{ statement_create(ast, ST_ON_STACK_LIMIT, @$)->number = $2; }
	;

import:
	  IMPORT	{ $$ = ST_IMPORT; }
	| UIMPORT	{ $$ = ST_UIMPORT; }
	| SIMPORT	{ $$ = ST_SIMPORT; }
	| IIMPORT	{ $$ = ST_IIMPORT; }
	| DIMPORT	{ $$ = ST_DIMPORT; }
	;

identifier:
	  IDENTIFIER	{ $$ = (struct name){ $1, @1 }; }
	;

name:
	  IDENTIFIER	{ $$ = (struct name){ $1, @1 }; }
	| keyword	{ $$ = (struct name){ $1, @1 }; }
	;

keyword:
	  SUBSYSTEM | KERNELUSER | KERNELSERVER | KERNEL | CAMELOT | SKIP | TYPE
	| KW_ROUTINE | KW_SIMPLEROUTINE | KW_PROCEDURE | KW_SIMPLEPROCEDURE | KW_FUNCTION
	| CAMELOTROUTINE | MSGOPTION | MSGTYPE | WAITTIME | NOWAITTIME | SENDTIME | NOSENDTIME
	| KW_ERROR | SERVERPREFIX | USERPREFIX | SERVERDEMUX | RCSID | IMPORT | UIMPORT
	| SIMPORT | IIMPORT | DIMPORT | USESPECIALREPLYPORT | CONSUMEONSENDERROR
	| USERTYPELIMIT | ONSTACKLIMIT | ARRAY | OF | STRUCT | C_STRING | POINTERTO
	| POINTERTOIFNOT | VALUEOF | CTYPE | CUSERTYPE | CSERVERTYPE | INTRAN | INTRANPAYLOAD
	| OUTTRAN | DESTRUCTOR | IN | OUT | INOUT | REQUESTPORT | REPLYPORT | UREPLYPORT
	| SREPLYPORT | MSGSEQNO | SECTOKEN | SERVERSECTOKEN | USERSECTOKEN | AUDITTOKEN
	| SERVERAUDITTOKEN | USERAUDITTOKEN | SERVERCONTEXTTOKEN | SERVERIMPL | USERIMPL
	| ISLONG | ISNOTLONG | DEALLOC | NOTDEALLOC | SERVERCOPY | COUNTINOUT | SAMECOUNT
	| PHYSICALCOPY | OVERWRITE | AUTO | CONST | RETCODE
	;

expression:
	  NUMBER			{ $$ = $1; }
	| expression '+' expression	{ $$ = expression('+', $1, $3, @$); }
	| expression '-' expression	{ $$ = expression('-', $1, $3, @$); }
	| expression '*' expression	{ $$ = expression('*', $1, $3, @$); }
	| expression '/' expression	{ $$ = expression('/', $1, $3, @3); }
	| '(' expression close		{ $$ = $2; }
	;

%%

static struct ast_statement *
statement_create(struct ast *ast, enum statement_kind kind, struct place place)
{
	struct ast_statement *statement = mig_alloc(sizeof(*statement));

	statement->kind = kind;
	statement->place = place;
	*ast->last = statement;
	ast->last = &statement->next;
	return statement;
}

static struct ast_statement *
routine_create(struct ast *ast, enum routine_kind kind, struct name name,
    struct ast_argument *arguments, struct place place)
{
	struct ast_statement *statement = statement_create(ast, ST_ROUTINE, place);

	statement->routine_kind = kind;
	statement->name = name;
	REVERSE(arguments, struct ast_argument);
	statement->arguments = arguments;
	return statement;
}

static struct ast_argument *
argument_broken(struct ast_argument *before, struct place place)
{
	struct ast_argument *argument = mig_alloc(sizeof(*argument));

	argument->next = before;
	argument->place = place;
	argument->broken = true;
	return argument;
}

/*
 * The parser goes on inside `depth` parentheses.  False when the lexer counted
 * otherwise: one was forgotten, and what comes next is better not believed.
 */
static bool
scan_recover(void *scanner, unsigned depth)
{
	struct scan *scan = mig_scan_get_extra(scanner);
	bool right = scan->depth == depth && scan->braces == 0;

	scan->depth = depth;
	scan->braces = 0;
	return right;
}

static struct ast_type *
type_create(enum ast_type_kind kind, struct place place)
{
	struct ast_type *type = mig_alloc(sizeof(*type));

	type->kind = kind;
	type->place = place;
	return type;
}

static uint32_t
expression(char operator, uint32_t a, uint32_t b, struct place place)
{
	uint64_t result = 1;

	switch (operator) {
	case '+':
		result = (uint64_t)a + b;
		break;
	case '-':
		if (a < b)
			diag_error(place, "%u - %u is negative", a, b);
		else
			result = a - b;
		break;
	case '*':
		result = (uint64_t)a * b;
		break;
	case '/':
		if (b == 0)
			diag_error(place, "division by zero");
		else
			result = a / b;
		break;
	}
	if (result > UINT32_MAX) {
		diag_error(place, "the value of the expression does not fit in 32 bits");
		return 1;
	}
	return (uint32_t)result;
}

static void
yyerror(YYLTYPE *place, void *scanner, struct ast *ast, const char *text)
{
	(void)scanner;
	(void)ast;
	if (strcmp(text, "memory exhausted") == 0)
		diag_error(*place, "nested too deeply");
	else
		diag_error(*place, "%s", text);
}

#define EXPECTED_MAX 8

/* Up to eight choices are named; with more, the text says where we are. */
static void
expected_text(const yypcontext_t *context, char *text, size_t room)
{
	yysymbol_kind_t expected[EXPECTED_MAX + 1];
	int count = yypcontext_expected_tokens(context, expected, EXPECTED_MAX + 1);
	size_t length = 0;
	int n = 0;

	/* Where an inner ')' is right an outer one is, too. */
	for (int i = 0; i < count; i++)
		if (expected[i] != YYSYMBOL_INNER_CLOSE)
			expected[n++] = expected[i];
	count = n <= EXPECTED_MAX ? n : 0;
	text[0] = '\0';
	for (int i = 0; i < count && length < room; i++) {
		const char *before = i == 0 ? ", expected " : i + 1 == count ? " or " : ", ";

		length += (size_t)snprintf(text + length, room - length, "%s%s", before,
		    expected[i] == YYSYMBOL_MEMBER_END ? "';'" : yysymbol_name(expected[i]));
	}
}

static bool
unexpected_help(const yypcontext_t *context, struct place place)
{
	yysymbol_kind_t expected[YYNTOKENS];
	int tokens[YYNTOKENS];
	int count = yypcontext_expected_tokens(context, expected, YYNTOKENS);
	size_t length = place.last - place.first;
	const char *word = mig_strndup(diag.source->text + place.first, length > 64 ? 64 : length);
	const char *near;
	size_t n = 0;

	/* Keywords are numbered in the order of their symbols. */
	for (int i = 0; i < count; i++)
		if (expected[i] >= YYSYMBOL_SUBSYSTEM && expected[i] <= YYSYMBOL_RETCODE)
			tokens[n++] = SUBSYSTEM + (int)(expected[i] - YYSYMBOL_SUBSYSTEM);
	near = scan_nearest_keyword(word, tokens, n);
	if (near != NULL)
		diag_help("did you mean '%s'?", near);
	return near != NULL;
}

/* The word before may have been meant to be a keyword: arry[3]. */
static void
previous_help(const struct scan *scan, yysymbol_kind_t token)
{
	int tokens[YYNTOKENS];
	const char *near;
	size_t n = 0;

	if (token == YYSYMBOL_ARRAY || token == YYSYMBOL_STRUCT || token == YYSYMBOL_C_STRING ||
	    token == YYSYMBOL_WIRE_NAME) {
		if (scan->before_colon)
			diag_help("a type made in place needs a name: argument : name = ...");
		return;
	}
	if (scan->previous == NULL || strlen(scan->previous) < 4)
		return;
	for (int i = SUBSYSTEM; i <= RETCODE; i++)
		tokens[n++] = i;
	near = scan_nearest_keyword(scan->previous, tokens, n);
	if (near != NULL)
		diag_help("did you mean '%s' where '%s' is?", near, scan->previous);
}

/* in a : int, b : int -- a comma introduces a flag. */
static bool
comma_help(struct place place)
{
	const char *text = diag.source->text;
	const char *before = text + place.first;
	const char *after = text + place.last;

	while (before > text && strchr(" \t\n", before[-1]) != NULL)
		before--;
	after += strspn(after, " \t\n");
	if (before == text || before[-1] != ',' || *after != ':')
		return false;
	diag_help("arguments are separated by ';'");
	return true;
}

static int
yyreport_syntax_error(const yypcontext_t *context, void *scanner, struct ast *ast)
{
	yysymbol_kind_t token = yypcontext_token(context);
	struct place place = *yypcontext_location(context);
	size_t length = place.last - place.first;
	char text[512];

	(void)ast;
	if (token == YYSYMBOL_BAD)
		return 0;		/* the lexer has told */
	expected_text(context, text, sizeof(text));
	if (token == YYSYMBOL_YYEOF)
		diag_error(place, "unexpected end of file%s", text);
	else
		diag_error(place, "unexpected '%.*s'%s", length > 40 ? 40 : (int)length,
		    diag.source->text + place.first, text);
	if (comma_help(place))
		return 0;
	if (token != YYSYMBOL_IDENTIFIER || !unexpected_help(context, place))
		previous_help(mig_scan_get_extra(scanner), token);
	return 0;
}

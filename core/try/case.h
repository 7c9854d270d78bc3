/* SPDX-License-Identifier: BSD-2-Clause */
/* The file of tests of a script: lines that begin with a word. README.md shows one.
 *
 *	script FILE                     the script, seen from the folder of the test file
 *	test NAME                       a test begins; what stands before the first one is done for each of them
 *	from udp:192.0.2.1:5060         where the next messages come from ...
 *	to udp:127.0.0.1:5060           ... and at which socket of the script
 *	tls-peer FILE | none            the certificate that who is there shows from now on
 *	dns NAME ADDRESS ... | none | timeout [after 300ms]
 *	request METHOD URI              a message comes; header lines and a body may follow, indented
 *	message [FILE]                  the same, written in full: from the file or, without one, indented
 *	reply 200 OK                    the answer to the request that was sent last; lines may follow, indented
 *	expect ...                      what is to come of it
 */
#ifndef TRY_CASE_H
#define TRY_CASE_H

#include "core/base/buf.h"
#include "core/mem/pool.h"
#include "core/script/regex.h"

#include <stdio.h>

enum step_kind {
	STEP_FROM,
	STEP_TO,
	STEP_TLS_PEER,
	STEP_DNS,
	STEP_REQUEST,
	STEP_MESSAGE,
	STEP_REPLY,
	STEP_EXPECT
};

enum expect_what {
	EXPECT_REPLY,	/* text: "404 Not Found"; the reason may be left out, and both */
	EXPECT_RELAYED, /* text: where to; null: anywhere */
	EXPECT_NOTHING, /* nothing is sent */
	EXPECT_HEADER,	/* name; how HOW_THERE: it is there */
	EXPECT_RURI,
	EXPECT_BODY,
	EXPECT_FIRST_LINE,
	EXPECT_SOCKET, /* text: what it is sent from */
	EXPECT_ROUTE,  /* text: name of a route that runs */
	EXPECT_LOG,    /* a line of the log has text in it */
};

enum expect_how { HOW_THERE, HOW_EQUAL, HOW_DIFFERS, HOW_MATCHES, HOW_MATCHES_NOT };

struct expect {
	enum expect_what what;
	bool negated; /* "expect no ..." */
	enum expect_how how;
	struct str name, text;
	const struct regex *re; /* of HOW_MATCHES, HOW_MATCHES_NOT */
};

struct step {
	struct step *next;
	enum step_kind kind;
	unsigned line;
	struct str said;  /* the line as it stands in the file */
	struct str text;  /* behind the word */
	struct str lines; /* those that stand indented below, without the indentation; null: none */
	struct expect expect;
};

struct test_case {
	struct test_case *next;
	struct str name;
	unsigned line;
	struct step *steps;
};

struct case_file {
	const char *path_z;
	const char *script_z; /* as seen from here */
	unsigned script_line;
	struct step *common; /* before the first test */
	struct test_case *cases;
	unsigned cases_n;
};

/* Reads text as the file path_z, all in p, the text too. What is wrong is printed to out, "path:line: what" with a hint below; returns how many errors there
 * are. */
unsigned case_file_parse(struct pool *p, const char *path_z, struct str text, FILE *out,
			 struct case_file *f_r);

#endif

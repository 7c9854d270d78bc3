/* SPDX-License-Identifier: BSD-2-Clause */
/* Regular expressions as regcomp(3) understands POSIX extended ones, case-insensitive and with '.' matching line ends, done by PCRE2 within a
 * bounded number of steps. Which alternative of several a match takes is PCRE2's choice (the first, not the longest). */
#ifndef SCRIPT_REGEX_H
#define SCRIPT_REGEX_H

#include "core/mem/arena.h"
#include "core/mem/pool.h"

#define REGEX_PATTERN_MAX 4096u
#define REGEX_STEPS_MAX	  100000u /* of PCRE2's match limit, for one match */
#define REGEX_WORK_MAX \
	2000000u /* items of a pattern that are tried in one match, and so many bytes on the way count as one */
#define REGEX_WORK_BYTES 8u
/* A text of so many bytes cannot make more work than REGEX_STEPS_MAX bounds well enough: it is not counted, which would cost half as much again. */
#define REGEX_SHORT 256u

enum regex_flag {
	REGEX_CASE = 1,	     /* upper and lower case differ */
	REGEX_MULTILINE = 2, /* '^' and '$' at each line, '.' not over line ends (textops) */
};

/* A pattern. It lies in a configuration's arena (shared) or in a pool; what PCRE2 made of it is this process's, see below. */
struct regex {
	struct str pattern;
	unsigned flags;
	uint32_t index; /* in its set, of the first of two */
	uint64_t set;	/* 0: code is private to whoever made it */
	void *code;	/* set 0 only */
};

struct regex_error {
	char text[128];
	size_t offset; /* in the pattern */
};

/* Text of an ERE as PCRE2's; warn_r (may be NULL) gets a remark or NULL. -EINVAL with *e. */
int regex_translate(struct pool *p, struct str pattern, struct str *out_r, const char **warn_r,
		    struct regex_error *e);

/* --- constants of a configuration ------------------------------------------------------------------------------------------------------
 * The patterns are shared and constant. Their compiled code lies in private memory: it is made when the configuration is, in the process that
 * makes it, and inherited by the workers; a process that has not got it makes it at the first use. */
uint64_t regex_set_new(void);
/* Compiles now, to know that it is good. The regex lies in arena. -EINVAL with *e; -ENOMEM. */
int regex_add(uint64_t set, struct arena *arena, struct str pattern, unsigned flags,
	      const struct regex **re_r, struct regex_error *e);
/* Frees this process's code of a set. */
void regex_set_drop(uint64_t set);

/* --- at run time ---------------------------------------------------------------------------------------------------------------------- */
/* A pattern that is known only now; it lives, with its code, in the pool. Same errors. */
int regex_new(struct pool *p, struct str pattern, unsigned flags, const struct regex **re_r,
	      struct regex_error *e);

#define REGEX_GROUPS 10u
struct regex_match {
	struct {
		size_t from, to; /* from == SIZE_MAX: the group took no part */
	} group[REGEX_GROUPS];	 /* 0 is the whole */
	unsigned n;
};
/* What the matches of one function may cost together: begin with REGEX_BUDGET. */
struct regex_budget {
	uint32_t left;
	bool begun;
};
#define REGEX_BUDGET ((struct regex_budget){ .left = REGEX_WORK_MAX })

/* 1: matches from offset start on, *m_r (may be NULL) tells where; 0: does not; -ELOOP: too many steps; -ENOMEM. */
int regex_exec(const struct regex *re, struct str subject, size_t start, struct regex_match *m_r);
/* The same as one of several: of those behind the first the work is counted on short texts, too. -ELOOP also when nothing is left of the budget. */
int regex_exec_within(struct regex_budget *budget, const struct regex *re, struct str subject,
		      size_t start, struct regex_match *m_r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* How POSIX patterns become PCRE2's, and where their compiled code lies. */
#include "core/script/regex.h"
#include "core/base/buf.h"
#include "core/base/mac.h"

#include <errno.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* --- this process's code of the constants -------------------------------------------------------------------------------------------- */

struct set {
	uint64_t id;
	pcre2_code **
		codes; /* two for each pattern, see REGEX_SHORT; NULL: not made in this process yet */
	uint32_t n, cap;
	struct set *next;
};

/* Private to the process; copied by fork with all that was made before it. */
static struct set *sets;
static pcre2_match_data *match_data;
static pcre2_match_context *match_context;
static struct work {
	size_t at, left;
} work; /* of the match that runs */

uint64_t regex_set_new(void)
{
	uint64_t id = 0;

	/* drawn, not counted: a configuration may be made by any process and must not be taken for another in a third */
	while (!id)
		random_bytes(&id, sizeof(id));
	return id;
}

static struct set *set_find(uint64_t id)
{
	struct set *s = sets;

	while (s && s->id != id)
		s = s->next;
	return s;
}

static struct set *set_make(uint64_t id)
{
	struct set *s = set_find(id);

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->id = id;
	s->next = sets;
	sets = s;
	return s;
}

static pcre2_code **set_place(struct set *s, uint32_t index)
{
	if (index >= s->cap) {
		uint32_t cap = index < 32 ? 64 : index * 2;
		pcre2_code **codes = realloc(s->codes, cap * sizeof(pcre2_code *));

		if (!codes)
			return NULL;
		memset(codes + s->cap, 0, (cap - s->cap) * sizeof(pcre2_code *));
		s->codes = codes;
		s->cap = cap;
	}
	if (index >= s->n)
		s->n = index + 1;
	return &s->codes[index];
}

void regex_set_drop(uint64_t set)
{
	struct set **at = &sets;
	struct set *s;

	while (*at && (*at)->id != set)
		at = &(*at)->next;
	s = *at;
	if (!s)
		return;
	*at = s->next;
	for (uint32_t i = 0; i < s->n; i++)
		pcre2_code_free(s->codes[i]);
	free(s->codes);
	free(s);
	if (!sets) {
		pcre2_match_data_free(match_data);
		pcre2_match_context_free(match_context);
		match_data = NULL;
		match_context = NULL;
	}
}

/* --- compiling ----------------------------------------------------------------------------------------------------------------------- */

/* Lines of messages end with CRLF: '$' matches before it and '.' does not match its CR. */
static int lines_end_with_crlf(struct pool *p, struct str *text)
{
	struct str mark = STR("(*ANYCRLF)");
	struct buf b = buf_over(pool_alloc(p, mark.n + text->n), mark.n + text->n);

	if (!b.p)
		return -ENOMEM;
	buf_str_put(&b, mark);
	buf_str_put(&b, *text);
	*text = buf_str(&b);
	return 0;
}

/* COUNTED, beside enum regex_flag: the work of a match is counted. */
#define COUNTED 0x100u

static int compile(struct str pattern, unsigned flags, struct pool *scratch,
		   pcre2_compile_context *cc, pcre2_code **code_r, struct regex_error *e)
{
	uint32_t options = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
	PCRE2_SIZE at;
	int code, r;
	struct str text;

	r = regex_translate(scratch, pattern, &text, NULL, e);
	if (!r && flags & REGEX_MULTILINE)
		r = lines_end_with_crlf(scratch, &text);
	if (r < 0)
		return r;
	options |= flags & REGEX_CASE ? 0 : PCRE2_CASELESS;
	options |= flags & COUNTED ? PCRE2_AUTO_CALLOUT : 0;
	options |= flags & REGEX_MULTILINE ? PCRE2_MULTILINE : PCRE2_DOTALL;
	*code_r =
		pcre2_compile((PCRE2_SPTR)(text.p ? text.p : ""), text.n, options, &code, &at, cc);
	if (*code_r)
		return 0;
	if (code == PCRE2_ERROR_HEAP_FAILED)
		return -ENOMEM;
	/* the offset is that of the translation: near enough only at the start */
	e->offset = 0;
	if (pcre2_get_error_message(code, (PCRE2_UCHAR *)e->text, sizeof(e->text)) < 0)
		e->text[0] = '\0';
	return -EINVAL;
}

static int compile_private(struct str pattern, unsigned flags, pcre2_code **code_r,
			   struct regex_error *e)
{
	struct pool *scratch = pool_new(1024, 256 * 1024);
	int r;

	if (!scratch)
		return -ENOMEM;
	r = compile(pattern, flags, scratch, NULL, code_r, e);
	pool_drop(&scratch);
	return r;
}

int regex_add(uint64_t set, struct arena *arena, struct str pattern, unsigned flags,
	      const struct regex **re_r, struct regex_error *e)
{
	struct set *s = set_make(set);
	pcre2_code *code;
	struct regex *re;
	int r;

	if (!s)
		return -ENOMEM;
	r = compile_private(pattern, flags, &code, e);
	if (r < 0)
		return r;
	re = arena_zalloc(arena, sizeof(*re));
	if (!re || !set_place(s, s->n + 1))
		goto fail;
	re->pattern = arena_str(arena, pattern);
	if (pattern.n && !re->pattern.p)
		goto fail;
	re->flags = flags;
	re->set = set;
	re->index = s->n - 2;
	s->codes[re->index] = code;
	*re_r = re;
	return 0;
fail:
	pcre2_code_free(code);
	return -ENOMEM;
}

/* PCRE2's memory from a pool, which frees it all at once. */
static void *from_pool(PCRE2_SIZE n, void *pool)
{
	return pool_alloc(pool, n);
}

static void to_pool(void *p, void *pool)
{
	(void)p;
	(void)pool;
}

int regex_new(struct pool *p, struct str pattern, unsigned flags, const struct regex **re_r,
	      struct regex_error *e)
{
	pcre2_general_context *gc = pcre2_general_context_create(from_pool, to_pool, p);
	pcre2_compile_context *cc = gc ? pcre2_compile_context_create(gc) : NULL;
	struct regex *re = pool_zalloc(p, sizeof(*re));
	pcre2_code *code;
	int r;

	if (!cc || !re)
		return -ENOMEM;
	r = compile(pattern, flags | COUNTED, p, cc, &code, e);
	if (r < 0)
		return r;
	re->pattern = pattern;
	re->flags = flags;
	re->code = code;
	*re_r = re;
	return 0;
}

/* --- matching ------------------------------------------------------------------------------------------------------------------------- */

/* The code for texts that are short, or for others. */
static pcre2_code *code_of(const struct regex *re, bool counted)
{
	struct regex_error e;
	struct set *s;
	pcre2_code **place;
	uint32_t index = re->index + counted;

	if (!re->set)
		return re->code;
	s = set_find(re->set);
	if (s && index < s->n && s->codes[index])
		return s->codes[index];
	s = set_make(re->set);
	place = s ? set_place(s, index) : NULL;
	if (!place ||
	    compile_private(re->pattern, re->flags | (counted ? COUNTED : 0), place, &e) < 0)
		return NULL;
	return *place;
}

/* PCRE2's match limit does not see what a repeat of single characters looks at: "[^ ]+@" would look at a long text without '@' from each of its places to
 * the end. So each item of a pattern is counted, and the distance to it. */
static int count_work(pcre2_callout_block *b, void *arg)
{
	struct work *w = arg;
	size_t at = b->current_position,
	       units = 1 + (at > w->at ? at - w->at : w->at - at) / REGEX_WORK_BYTES;

	w->at = at;
	if (units > w->left)
		return PCRE2_ERROR_MATCHLIMIT;
	w->left -= units;
	return 0;
}

static bool contexts_made(void)
{
	if (!match_data)
		match_data = pcre2_match_data_create(REGEX_GROUPS, NULL);
	if (!match_context) {
		match_context = pcre2_match_context_create(NULL);
		if (!match_context)
			return false;
		pcre2_set_match_limit(match_context, REGEX_STEPS_MAX);
		pcre2_set_heap_limit(match_context, 1024); /* KiB */
		pcre2_set_callout(match_context, count_work, &work);
	}
	return match_data;
}

static void fill(struct regex_match *m, int n)
{
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(match_data);

	m->n = n > 0 ? (unsigned)n : REGEX_GROUPS;
	for (unsigned i = 0; i < REGEX_GROUPS; i++) {
		m->group[i].from = i < m->n ? v[2 * i] : SIZE_MAX;
		m->group[i].to = i < m->n ? v[2 * i + 1] : SIZE_MAX;
	}
}

int regex_exec(const struct regex *re, struct str subject, size_t start, struct regex_match *m_r)
{
	return regex_exec_within(&REGEX_BUDGET, re, subject, start, m_r);
}

int regex_exec_within(struct regex_budget *budget, const struct regex *re, struct str subject,
		      size_t start, struct regex_match *m_r)
{
	pcre2_code *code;
	int r;

	if (!contexts_made())
		return -ENOMEM;
	code = code_of(re, budget->begun || subject.n - start > REGEX_SHORT);
	if (!code)
		return -ENOMEM;
	work = (struct work){ .at = start, .left = budget->left };
	r = pcre2_match(code, (PCRE2_SPTR)(subject.p ? subject.p : ""), subject.n, start, 0,
			match_data, match_context);
	budget->begun = true;
	budget->left = work.left;
	if (r >= 0) {
		if (m_r)
			fill(m_r, r);
		return 1;
	}
	if (r == PCRE2_ERROR_NOMATCH)
		return 0;
	return r == PCRE2_ERROR_NOMEMORY ? -ENOMEM : -ELOOP;
}

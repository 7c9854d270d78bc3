/* SPDX-License-Identifier: BSD-2-Clause */
/* What a message may cost in the script, and regular expressions, which cost the most. */
#include "core/base/clock.h"
#include "core/script/machine.h"

#include <errno.h>

#define STEPS_OF_MATCH	 200u
#define STEPS_OF_PATTERN 1000u
#define PAYMENTS_A_LOOK	 4u /* the slowest functions take some milliseconds */
#define CPU_US_MAX	 25000u /* of one run, until it ends or waits; more when more steps are allowed */
#define STEPS_A_US	 40u

/* What one function costs cannot be told in steps: turns of loops and calls of routes look at the clock now and then. Most scripts end before the
 * first look. */
static bool takes_too_long(struct machine *m)
{
	uint64_t us;

	if (++m->payments % PAYMENTS_A_LOOK ||
	    m->trace) /* who follows costs more than the script */
		return false;
	us = clock_cpu_us();
	if (!m->cpu_us)
		m->cpu_us = us;
	return us - m->cpu_us > CPU_US_MAX && us - m->cpu_us > m->program->max_steps / STEPS_A_US;
}

bool machine_spend(struct machine *m, uint64_t steps)
{
	struct str why = STR_NULL;

	if (m->steps > steps && !takes_too_long(m)) {
		m->steps -= steps;
		return true;
	}
	if (m->steps > steps)
		why = STR("what it calls takes too long");
	m->steps = 0;
	machine_error(m, "the script takes too many steps", why);
	return false;
}

bool machine_match(struct machine *m, const struct regex *re, const struct value *v)
{
	struct str subject;
	int r;

	if (value_text(m->ctx->pool, v, &subject) < 0 ||
	    !machine_spend(m, STEPS_OF_MATCH + subject.n / 16))
		return false;
	r = regex_exec(re, subject, 0, NULL);
	if (r >= 0)
		return r;
	machine_error(m, "a regular expression takes too many steps", re->pattern);
	machine_spend(m, REGEX_STEPS_MAX);
	return false;
}

bool machine_match_text(struct machine *m, const struct value *pattern, const struct value *v)
{
	const struct regex *re;
	struct regex_error e;
	struct str text;
	int r;

	if (value_text(m->ctx->pool, pattern, &text) < 0 || !text.n ||
	    !machine_spend(m, STEPS_OF_PATTERN))
		return false;
	r = regex_new(m->ctx->pool, text, 0, &re, &e);
	if (r == 0)
		return machine_match(m, re, v);
	machine_error(m, "cannot use a text as a regular expression",
		      r == -EINVAL ? str_z(e.text) : STR("no memory left for this message"));
	return false;
}

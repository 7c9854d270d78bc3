/* SPDX-License-Identifier: BSD-2-Clause */
/* A module's test: the router without sockets, and the one value that the module exports. */
#ifndef TEST_MODULE_H
#define TEST_MODULE_H

#include "test/unit/core/msg/fake.h"

#include "core/mod/api.h"

extern const struct module_def serac_module;

/* The script runs once on a message that comes over UDP. What was sent; null: nothing was. */
static inline struct str test_run(struct str message, enum script_result (*script)(struct ctx *ctx))
{
	fake_module(&serac_module);
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, message);
	assert_int_equal(fake.runs, 1);
	return fake.sent_n ? fake_out(0) : STR_NULL;
}

/* --- a variable that functions write into --------------------------------------------------------------------------------------------- */
static struct value test_written;

static inline int test_variable_get(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	(void)ctx;
	(void)arg;
	*v_r = test_written;
	return 0;
}

static inline int test_variable_set(struct ctx *ctx, const struct attr_arg *arg,
				    const struct value *v)
{
	(void)ctx;
	(void)arg;
	test_written = *v;
	return 0;
}

static const struct attr_def test_variable_def = { .pv = "v",
						   .get = test_variable_get,
						   .set = test_variable_set };
static const struct attr_use test_variable_use = { .def = &test_variable_def };

/* --- calls with texts, as scripts make them -------------------------------------------------------------------------------------------- */
/* Arguments as the row's letters ask: numbers for i, patterns for r, the variable for a (whatever stands there), texts else. */
static inline int test_call_n(struct ctx *ctx, const char *name_z, unsigned argc,
			      const char *const *args)
{
	const struct func_def *f = fake_func(serac_module.functions, name_z, argc);
	const char *letter = f->args;
	struct value argv[8] = { 0 };

	for (unsigned i = 0; i < argc; i++) {
		struct regex_error e;
		int64_t n = 0;

		letter += *letter == '|';
		argv[i] = value_str(str_z(args[i]));
		if (*letter == 'i') {
			assert_int_equal(str_int(str_z(args[i]), &n), 0);
			argv[i] = value_int(n);
		} else if (*letter == 'a') {
			argv[i] = (struct value){ .type = VALUE_ATTR, .attr = &test_variable_use };
		} else if (*letter == 'r') {
			argv[i] = (struct value){ .type = VALUE_REGEX };
			assert_int_equal(regex_new(ctx->pool, str_z(args[i]), 0, &argv[i].re, &e),
					 0);
		}
		letter++;
	}
	return f->call(ctx, argv, argc);
}

#define TEST_ARGS(...) ((const char *const[]){ NULL, ##__VA_ARGS__ })
#define TEST_CALL(CTX, NAME, ...)                                                         \
	test_call_n(CTX, NAME, sizeof(TEST_ARGS(__VA_ARGS__)) / sizeof(const char *) - 1, \
		    TEST_ARGS(__VA_ARGS__) + 1)

/* A module's own attribute by its name: its value, null if there is none. */
static inline struct value test_attr(struct ctx *ctx, const char *pv_z, const char *key_z)
{
	struct attr_arg arg = { .has_key = key_z != NULL, .key = str_z(key_z) };
	struct value v = value_null();

	for (const struct attr_def *a = serac_module.attrs; a && a->get; a++) {
		if (a->pv && !strcmp(a->pv, pv_z)) {
			arg.tag = a->tag;
			assert_int_equal(a->get(ctx, &arg, &v), 0);
			return v;
		}
	}
	fail_msg("no attribute $%s", pv_z);
	return v;
}

#endif

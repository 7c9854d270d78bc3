/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/hdr.h"

static const struct {
	enum hdr_id id;
	const char *name_z;
	char compact;
	unsigned flags;
} rows[] = {
#define X(id, name, compact, flags) { HDR_##id, name, compact, flags },
	HDR_TABLE(X)
#undef X
};

static void each_name_is_found_in_any_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str name = text_alone(str_z(rows[i].name_z));
		char *p = (char *)(uintptr_t)name.p;

		assert_int_equal(hdr_id_of(name), rows[i].id);
		for (size_t k = 0; k < name.n; k++)
			p[k] = char_lower(p[k]);
		assert_int_equal(hdr_id_of(name), rows[i].id);
		for (size_t k = 0; k < name.n; k++)
			p[k] = p[k] >= 'a' && p[k] <= 'z' ? (char)(p[k] - 32) : p[k];
		assert_int_equal(hdr_id_of(name), rows[i].id);
		text_free(name);
		assert_str(hdr_name(rows[i].id), rows[i].name_z);
		assert_int_equal(hdr_flags(rows[i].id), rows[i].flags);
	}
}

static void compact_forms_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char small = rows[i].compact, big = (char)(small - 32);

		if (!small)
			continue;
		assert_int_equal(hdr_id_of(str_of(&small, 1)), rows[i].id);
		assert_int_equal(hdr_id_of(str_of(&big, 1)), rows[i].id);
	}
}

/* One byte changed in any way makes another name: the case is folded for letters only. */
static void near_names_are_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str name = text_alone(str_z(rows[i].name_z));
		char *p = (char *)(uintptr_t)name.p;

		for (size_t k = 0; k < name.n; k++) {
			char kept = p[k];

			for (unsigned c = 0; c < 256; c++) {
				p[k] = (char)c;
				if (char_lower(p[k]) == char_lower(kept))
					assert_int_equal(hdr_id_of(name), rows[i].id);
				else if (name.n > 2)
					assert_int_not_equal(hdr_id_of(name), rows[i].id);
			}
			p[k] = kept;
		}
		if (name.n > 2)
			assert_int_not_equal(hdr_id_of(str_head(name, name.n - 1)), rows[i].id);
		text_free(name);
	}
}

static void unknown_names_are_other(void **state)
{
	static const char *const names[] = {
		"",
		"q",
		"1",
		"!",
		"[",
		"{",
		"@",
		"`",
		"Vias",
		"Vi",
		"X-Via",
		"C%6Fntact",
		"Unknown-LongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLongLong-Name",
		"abcdefghijklmnopqrstuvwx",
		"abcdefghijklmnopqrstuvwxy",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct str name = text_alone(str_z(names[i]));

		assert_int_equal(hdr_id_of(name), HDR_OTHER);
		text_free(name);
	}
	assert_int_equal(hdr_id_of(STR_NULL), HDR_OTHER);
	/* a zero byte is no end, and what makes a capital small makes a control character no '-' */
	assert_int_equal(hdr_id_of(STR("Via\0")), HDR_OTHER);
	assert_int_equal(hdr_id_of(STR("v\0")), HDR_OTHER);
	assert_int_equal(hdr_id_of(STR("Call\rID")), HDR_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_is_found_in_any_case),
		cmocka_unit_test(compact_forms_are_found),
		cmocka_unit_test(near_names_are_other),
		cmocka_unit_test(unknown_names_are_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

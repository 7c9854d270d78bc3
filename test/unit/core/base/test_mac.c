/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/base/base_test.h"

#include "core/base/mac.h"

static const struct mac_key key = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } };

/* From the authors' reference implementation (vectors_sip64): the input is 00 01 02 … of n bytes. */
static void the_published_vectors(void **state)
{
	static const uint64_t expected[16] = {
		0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
		0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
		0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
		0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
	};
	char in[16];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (char)i;
	for (size_t n = 0; n < COUNT(expected); n++)
		assert_true(mac_of(&key, str_of(in, n)) == expected[n]);
}

static void pieces_make_no_difference(void **state)
{
	char in[64];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 7);
	for (size_t first = 0; first <= sizeof(in); first++) {
		for (size_t second = 0; first + second <= sizeof(in); second += 5) {
			struct mac m;

			mac_init(&m, &key);
			mac_add(&m, in, first);
			mac_add(&m, in + first, second);
			mac_add(&m, in + first + second, sizeof(in) - first - second);
			assert_true(mac_done(&m) == mac_of(&key, str_of(in, sizeof(in))));
		}
	}
}

static void a_tail_counts_as_text_behind_the_text(void **state)
{
	char in[40];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (char)(i * 37 + 200);
	for (size_t n = 0; n + 8 <= sizeof(in); n++) {
		for (unsigned tail_n = 0; tail_n <= 8; tail_n++) {
			uint64_t tail = 0;

			memcpy(&tail, in + n, tail_n);
			assert_true(mac_of_both(&key, str_of(in, n), tail, tail_n) ==
				    mac_of(&key, str_of(in, n + tail_n)));
		}
	}
}

static uint64_t fields(const char *a, const char *b)
{
	struct mac m;

	mac_init(&m, &key);
	mac_field(&m, str_z(a));
	mac_field(&m, str_z(b));
	return mac_done(&m);
}

static void fields_are_delimited(void **state)
{
	(void)state;
	assert_true(fields("ab", "c") != fields("a", "bc"));
	assert_true(fields("", "abc") != fields("abc", ""));
	assert_true(fields("ab", "c") == fields("ab", "c"));
}

static void another_key_gives_another_mac(void **state)
{
	struct mac_key other = key;

	(void)state;
	other.k[15] ^= 1;
	assert_true(mac_of(&key, STR("x")) != mac_of(&other, STR("x")));
}

static void random_bytes_differ_and_stay_in_their_place(void **state)
{
	unsigned char a[40] = { 0 }, b[40] = { 0 };

	(void)state;
	random_bytes(a, 32);
	random_bytes(b, 32);
	assert_memory_not_equal(a, b, 32);
	for (size_t i = 32; i < sizeof(a); i++)
		assert_int_equal(a[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors),
		cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(a_tail_counts_as_text_behind_the_text),
		cmocka_unit_test(fields_are_delimited),
		cmocka_unit_test(another_key_gives_another_mac),
		cmocka_unit_test(random_bytes_differ_and_stay_in_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

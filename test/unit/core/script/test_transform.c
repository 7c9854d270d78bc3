/* SPDX-License-Identifier: BSD-2-Clause */
/* What transformations make of values. The expected ones are Kamailio 5.6.3's, but where it contradicts its manual (rbefore, rafter, fmtlines, saor,
 * duri) or reads beyond the value. */
#include "fake.h"

#include "core/script/transform.h"

#define FULL                                                                                      \
	"sip:u:pw@h.com:5070;transport=tcp;lr;ttl=3;user=phone;maddr=1.2.3.4;method=INVITE;r2=on" \
	"?a=b"

struct change {
	const char *from, *by, *to; /* NULL: null */
};

static void change_all(const struct change *c, size_t n)
{
	struct arena *arena = arena_new(fake_shm, 0, 65536, 1 << 24);
	struct conf conf = { .arena = arena };
	struct names names = { .conf = &conf, .regex_set = regex_set_new() };

	assert_non_null(arena);
	fake_ctx_begin(&conf, str_z(fake_invite));
	for (; n--; c++) {
		const struct transform *t;
		struct str text = str_z(c->by), got;
		struct value v = value_str(str_z(c->from));
		char why_text[256];
		struct buf why = BUF_ON(why_text);

		if (transform_read(&names, &text, &t, &why) || text.n)
			fail_msg("%s: %s", c->by, buf_z(&why));
		assert_int_equal(transform_run(t, &fake.ctx, &v), 0);
		assert_int_equal(value_text(fake.pool, &v, &got), 0);
		if (!str_eq(got, str_z(c->to)) || str_is_null(got) != !c->to)
			fail_msg("\"%s\" %s -> \"" STRF "\", expected \"%s\"", c->from, c->by,
				 STRA(got), c->to ? c->to : "null");
		pool_reset(fake.pool);
	}
	regex_set_drop(names.regex_set);
	arena_drop(&arena);
}
#define CHANGE_ALL(c) change_all((c), sizeof(c) / sizeof(*(c)))

static const struct change of_strings[] = {
	{ "", "{s.len}", "0" },
	{ "abc", "{s.len}", "3" },
	{ "-12x", "{s.int}", NULL },
	{ "12", "{s.int}", "12" },
	{ "abcdef", "{s.substr,0,3}", "abc" },
	{ "abcdef", "{s.substr,-3,2}", "de" },
	{ "abcdef", "{s.substr,-3,4}", "def" },
	{ "abcdef", "{s.substr,6,1}", NULL },
	{ "abcdef", "{s.substr,2,0}", "cdef" },
	{ "abcdef", "{s.substr,-7,2}", NULL },
	{ "", "{s.substr,0,1}", NULL },
	{ "a,b,c", "{s.select,1,,}", "b" },
	{ "a,b,c", "{s.select,-1,,}", "c" },
	{ "a,b,c", "{s.select,-3,,}", "a" },
	{ "a,b,c", "{s.select,-4,,}", "" },
	{ "a,b,c", "{s.select,3,,}", "" },
	{ "", "{s.select,0,,}", "" },
	{ "", "{s.select,-1,,}", "" },
	{ "a\tb", "{s.select,1,\\t}", "b" },
	{ "abc", "{s.md5}", "900150983cd24fb0d6963f7d28e17f72" },
	{ "abc", "{s.sha256}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abc", "{s.encode.hexa}", "616263" },
	{ "616263", "{s.decode.hexa}", "abc" },
	{ "61626", "{s.decode.hexa}", "ab" },
	{ "6g", "{s.decode.hexa}", NULL },
	{ "hello world", "{s.encode.7bit}", "E8329BFD06DDDF723619" },
	{ "E8329BFD06DDDF723619", "{s.decode.7bit}", "hello world" },
	{ "hello", "{s.encode.7bit}", "E8329BFD06" },
	{ "hello wo", "{s.encode.7bit}", "E8329BFD06DDDF" },
	{ "hello w", "{s.encode.7bit}", "E8329BFD06DD01" },
	{ "040/123-456", "{s.numeric}", "040123456" },
	{ "hello", "{s.encode.base58}", "Cn8eVZg" },
	{ "Cn8eVZg", "{s.decode.base58}", "hello" },
	{ "hello", "{s.encode.base64}", "aGVsbG8=" },
	{ "aGVsbG8=", "{s.decode.base64}", "hello" },
	{ "aGVsbG8", "{s.decode.base64}", NULL },
	{ "hello", "{s.encode.base64t}", "aGVsbG8" },
	{ "aGVsbG8", "{s.decode.base64t}", "hello" },
	{ "hi\?\?>>", "{s.encode.base64url}", "aGk_Pz4-" },
	{ "hi", "{s.encode.base64url}", "aGk=" },
	{ "aGk_Pz4-", "{s.decode.base64url}", "hi\?\?>>" },
	{ "hi", "{s.encode.base64urlt}", "aGk" },
	{ "aGk", "{s.decode.base64urlt}", "hi" },
	{ "!!!", "{s.decode.base64}", NULL },
	{ "a'b\\\"c\\\\", "{s.escape.common}", "a\\'b\\\\\\\"c\\\\\\\\" },
	{ "a\\'b", "{s.unescape.common}", "a'b" },
	{ "a b@c/\303\251", "{s.escape.user}", NULL },
	{ "a b@c/", "{s.escape.user}", "a%20b%40c%2f" },
	{ "a%20b", "{s.unescape.user}", "a b" },
	{ "a%zz", "{s.unescape.user}", NULL },
	{ "a%01", "{s.unescape.user}", NULL },
	{ "a b=;[/", "{s.escape.param}", "a%20b%3d%3b[/" },
	{ "a%3db", "{s.unescape.param}", "a=b" },
	{ "a\"b", "{s.escape.csv}", "\"a\"\"b\"" },
	{ "", "{s.escape.csv}", "\"\"" },
	{ "abc", "{s.strip,1}", "bc" },
	{ "abc", "{s.strip,3}", "" },
	{ "abc", "{s.strip,-1}", "abc" },
	{ "abc", "{s.striptail,2}", "a" },
	{ "abc", "{s.stripto,b}", "bc" },
	{ "abc", "{s.stripto,x}", "" },
	{ "abc", "{s.prefixes}", "a,ab,abc" },
	{ "abc", "{s.prefixes,2}", "a,ab" },
	{ "abc", "{s.prefixes.quoted}", "'a','ab','abc'" },
	{ "", "{s.prefixes}", "" },
	{ "abcabc", "{s.replace,bc,XYZ}", "aXYZaXYZ" },
	{ "abcabc", "{s.replace,a,}", "bcbc" },
	{ "0", "{s.ftime,%Y}", "1970" },
	{ "x", "{s.ftime,%Y}", NULL },
	{ "  a b ", "{s.trim}", "a b" },
	{ "  a b ", "{s.rtrim}", "  a b" },
	{ "  a b ", "{s.ltrim}", "a b " },
	{ "abab", "{s.rm,b}", "aa" },
	{ "a\tb", "{s.rm,\\t}", "ab" },
	{ "a b c", "{s.rmws}", "abc" },
	{ "abc", "{s.corehash}", "7167810" },
	{ "abcde", "{s.corehash,16}", "1" },
	{ "", "{s.corehash}", "0" },
	{ "'a'", "{s.unquote}", "a" },
	{ "\"a\"", "{s.unquote}", "a" },
	{ "\"a", "{s.unquote}", "\"a" },
	{ "<a>", "{s.unbracket}", "a" },
	{ "(a", "{s.unbracket}", "(a" },
	{ "a,b,c", "{s.count,,}", "2" },
	{ "a:b", "{s.before,:}", "a" },
	{ "ab", "{s.before,:}", "ab" },
	{ "a:b:c", "{s.after,:}", "b:c" },
	{ "ab", "{s.after,:}", "" },
	{ "a:b:c", "{s.rafter,c}", "" },
	{ "a b&c/\303\274~_", "{s.urlencode.param}", "a%20b%26c%2f%c3%bc~_" },
	{ "a%20b+c%zz", "{s.urldecode.param}", NULL },
	{ "abcdef", "{s.fmtlines,2,1}", "ab\r\n cd\r\n ef" },
	{ "aBc", "{s.toupper}", "ABC" },
	{ "aBc", "{s.tolower}", "abc" },
	{ "aBc", "{s.TOUPPER}", "ABC" },
	{ "abcdef", "{s.rbefore,c}", "ab" },
	{ "a:b:c", "{s.rafter,:}", "c" },
	{ "abcdef", "{s.fmtlinet,4,2}", "abcd\r\n\t\tef" },
	{ "abc", "{s.sha384}",
	  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca1"
	  "34c825a7" },
	{ "hello ", "{s.encode.7bit}", "E8329BFD0601" },
	{ "", "{s.encode.base64}", "" },
	{ "", "{s.encode.hexa}", "" },
	{ "abcdefgh", "{s.corehash}", "3610933276" },
	{ "hi there", "{s.substr,0,0}{s.len}{s.strip,1}", "" },
};

static void strings(void **state)
{
	(void)state;
	CHANGE_ALL(of_strings);
}

static const struct change of_uris[] = {
	{ "sip:u%20x;p=1:pw@h.com:5070;transport=tcp;lr;ttl=3;user=phone;maddr=1.2.3.4;method="
	  "INVITE;r2=on\?a=b",
	  "{uri.user}", "u%20x" },
	{ FULL, "{uri.params}",
	  "transport=tcp;lr;ttl=3;user=phone;maddr=1.2.3.4;method=INVITE;r2=on" },
	{ FULL, "{uri.headers}", "a=b" },
	{ FULL, "{uri.saor}", "sip:u@h.com" },
	{ FULL, "{uri.suri}", "sip:u@h.com:5070;transport=tcp" },
	{ FULL, "{uri.duri}", "sip:h.com:5070;transport=tcp" },
	{ FULL, "{uri.lr}", "" },
	{ FULL, "{uri.uparam}", "phone" },
	{ FULL, "{uri.param,TTL}", "3" },
	{ "sip:u:pw@h.com:5070;transport=tcp;lr;ttl=3", "{uri.tosocket}", "tcp:h.com:5070" },
	{ "sips:h.com", "{uri.tosocket}", "" },
	{ "sip:h.com", "{uri.tosocket}", "" },
	{ "sip:h.com", "{uri.port}", "0" },
	{ "sip:h.com:5080", "{uri.port}", "5080" },
	{ "sip:h.com", "{uri.user}", "" },
	{ "tel:+12;a=b", "{uri.user}", "+12" },
	{ "tel:+12;a=b", "{uri.params}", "a=b" },
	{ "tel:+12;a=b", "{uri.host}", "" },
	{ "x", "{uri.host}", NULL },
	{ "", "{uri.host}", NULL },
	{ "sip:h.com;", "{uri.host}", "h.com" },
	{ "sip:h.com;x=1;", "{uri.params}", "x=1" },
	{ "sip:u@h.com", "{uri.scheme}", "sip" },
	{ "sip:u@h", "{uri.param,x}", "" },
	{ "sip:u:pw@h", "{uri.passwd}", "pw" },
	{ "urn:service:sos", "{uri.host}", "" },
	{ "urn:service:sos", "{uri.user}", "" },
};

static void uris(void **state)
{
	(void)state;
	CHANGE_ALL(of_uris);
}

static const struct change of_params[] = {
	{ "a=1;b=2;c", "{param.value,b}", "2" },
	{ "a=1;b=2;c", "{param.value,c}", "" },
	{ "a=1;b=2;c", "{param.value,x}", "" },
	{ "a=1;b=2;c", "{param.in,b}", "1" },
	{ "a=1;b=2;c", "{param.in,x}", "0" },
	{ "a=1;b=2;c", "{param.count}", "3" },
	{ "a=1;b=2;c", "{param.name,0}", "a" },
	{ "a=1;b=2;c", "{param.name,-1}", "c" },
	{ "a=1;b=2;c", "{param.name,3}", "" },
	{ "a=1;b=2;c", "{param.valueat,1}", "2" },
	{ "a=1;b=2;c", "{param.valueat,-3}", "1" },
	{ "a=1,b=2", "{param.count,,}", "2" },
	{ "a = \"x;y\" ; b='q'", "{param.value,a}", "x;y" },
	{ "a = \"x;y\" ; b='q'", "{param.value,b}", "q" },
	{ "a = x y;b", "{param.value,a}", NULL },
	{ "A=1", "{param.value,a}", "1" },
	{ ";a=1", "{param.value,a}", "1" },
	{ "a=1;;b=2", "{param.value,b}", "2" },
	{ "a=1;", "{param.count}", "1" },
	{ "a=1&b=2", "{param.value,b,&}", "2" },
	{ "=1;b=2", "{param.value,b}", "2" },
	{ "a=;b=2", "{param.value,a}", NULL },
	{ "a=\"x\\\"y\"", "{param.value,a}", "x\\\"y" },
};

static void params(void **state)
{
	(void)state;
	CHANGE_ALL(of_params);
}

static const struct change of_nameaddrs[] = {
	{ "\"Al B\" <sip:a@b>;tag=1", "{nameaddr.name}", "\"Al B\" " },
	{ "\"Al B\" <sip:a@b>;tag=1", "{nameaddr.uri}", "sip:a@b" },
	{ "\"Al B\" <sip:a@b>;tag=1", "{nameaddr.len}", "16" },
	{ "Al <sip:a@b>", "{nameaddr.name}", "Al " },
	{ "Al <sip:a@b>", "{nameaddr.len}", "12" },
	{ "<sip:a@b>", "{nameaddr.name}", "" },
	{ "<sip:a@b>", "{nameaddr.len}", "9" },
	{ "sip:a@b;x=1", "{nameaddr.uri}", "sip:a@b;x=1" },
	{ "sip:a@b;x=1", "{nameaddr.len}", "11" },
	{ "", "{nameaddr.uri}", NULL },
	{ "\"a<b\" <sip:a@b>", "{nameaddr.uri}", "sip:a@b" },
	{ "  Al  <sip:a@b>  ", "{nameaddr.name}", "  Al  " },
	{ "  Al  <sip:a@b>  ", "{nameaddr.len}", "15" },
	{ "\"a <sip:x>", "{nameaddr.uri}", "\"a <sip:x>" },
	{ "<sip:a", "{nameaddr.uri}", NULL },
};

static void nameaddrs(void **state)
{
	(void)state;
	CHANGE_ALL(of_nameaddrs);
}

static const struct change of_to_bodies[] = {
	{ "\"Al B\" <sip:a@b:5070>;tag=1;x=2", "{tobody.uri}", "sip:a@b:5070" },
	{ "\"Al B\" <sip:a@b:5070>;tag=1;x=2", "{tobody.tag}", "1" },
	{ "\"Al B\" <sip:a@b:5070>;tag=1;x=2", "{tobody.display}", "\"Al B\"" },
	{ "\"Al B\" <sip:a@b:5070>;tag=1;x=2", "{tobody.user}", "a" },
	{ "\"Al B\" <sip:a@b:5070>;tag=1;x=2", "{tobody.host}", "b" },
	{ "\"Al B\" <sip:a@b:5070>;tag=1;x=2", "{tobody.params}", "tag=1;x=2" },
	{ "sip:a@b;tag=1", "{tobody.uri}", "sip:a@b" },
	{ "sip:a@b;tag=1", "{tobody.params}", "tag=1" },
	{ "<sip:a@b>", "{tobody.params}", "" },
	{ "<sip:a@b>", "{tobody.tag}", "" },
	{ "x", "{tobody.uri}", NULL },
	{ "Al <x>", "{tobody.uri}", NULL },
};

static void to_bodies(void **state)
{
	(void)state;
	CHANGE_ALL(of_to_bodies);
}

static const struct change of_lines[] = {
	{ "a\r\nb\r\nc", "{line.count}", "3" },
	{ "a\nb\n", "{line.count}", "2" },
	{ "a\r\nb\r\nc", "{line.at,0}", "a" },
	{ "a\r\nb\r\nc", "{line.at,1}", "b" },
	{ "a\r\nb\r\nc", "{line.at,2}", "c" },
	{ "a\r\nb\r\nc", "{line.at,3}", "" },
	{ "a\r\nb\r\nc", "{line.at,-1}", "c" },
	{ "a\r\nb\r\nc", "{line.at,-2}", "b" },
	{ "a\r\nb\r\nc", "{line.at,-3}", "a" },
	{ "a\r\nb\r\nc", "{line.at,-4}", "" },
	{ "aa\r\nbb\r\n", "{line.at,-1}", "bb" },
	{ "aa\r\nbb\r\n", "{line.at,-2}", "aa" },
	{ "aa\r\nbb\r\n", "{line.at,2}", "" },
	{ "v=0\r\nm=audio 1\r\nm=video", "{line.sw,m=}", "m=audio 1" },
	{ "v=0\r\nm=audio 1\r\nm=video", "{line.sw,x}", "" },
	{ "v=0\r\nm=audio 1\r\nm=video", "{line.sw,v}", "v=0" },
	{ "", "{line.count}", NULL },
};

static void lines(void **state)
{
	(void)state;
	CHANGE_ALL(of_lines);
}

static const struct change of_expressions[] = {
	{ "abc", "{re.subst,/b/X/}", "aXc" },
	{ "abcb", "{re.subst,/b/X/g}", "aXcX" },
	{ "aBc", "{re.subst,/b/X/i}", "aXc" },
	{ "abc", "{re.subst,/x/X/}", "abc" },
	{ "abc", "{re.subst,/(b)(c)/\\2\\1/}", "acb" },
	{ "sip:a@b", "{re.subst,/^sip:([^@]*)@.*$/\\1/}", "a" },
	{ "", "{re.subst,/x/y/}", NULL },
};

static void expressions(void **state)
{
	(void)state;
	CHANGE_ALL(of_expressions);
}

static const struct change of_aliases[] = {
	{ "sip:10.0.0.1:5070", "{urialias.encode}", "10.0.0.1~5070~1" },
	{ "sip:[::1]:5070;transport=tcp", "{urialias.encode}", "[::1]~5070~2" },
	{ "alias=10.0.0.1~5070~1", "{urialias.decode}", "sip:alias=10.0.0.1:5070" },
	{ "10.0.0.1~5070~2", "{urialias.decode}", "sip:10.0.0.1:5070;transport=tcp" },
	{ "sip:u@h;transport=tls", "{urialias.encode}", "h~5061~3" },
	{ "sip:u@1.2.3.4", "{urialias.encode}", "1.2.3.4~5060~1" },
	{ "alias=1.2.3.4~5060~9", "{urialias.decode}", "" },
};

static void aliases(void **state)
{
	(void)state;
	CHANGE_ALL(of_aliases);
}

static const struct change of_values_or_null[] = {
	{ "x\"y", "{val.json}", "x\\\"y" }, { "x", "{val.jsonqe}", "\"x\"" },
	{ NULL, "{val.n0}", "0" },	    { NULL, "{val.ne}", "" },
	{ "x", "{val.ne}", "x" },	    { NULL, "{val.json}", "" },
	{ NULL, "{val.jsonqe}", "\"\"" },   { NULL, "{val.ne}{s.len}", "0" },
	{ NULL, "{s.len}", NULL },
};

static void values_or_null(void **state)
{
	(void)state;
	CHANGE_ALL(of_values_or_null);
}

static void parameters_may_be_variables(void **state)
{
	static const struct vector v[] = {
		{ "$var(u) = 'sip:bob@Example.com'; $var(n) = 2; t($(var(u){s.substr,1,$var(n)})); "
		  "t($(var(u){s.substr,$(var(n)),$var(n)}));",
		  "ip p:" },
		{ "$var(n) = 'x'; t($(ru{s.substr,1,$var(n)}));", "<null>" },
		{ "$var(c) = 'b'; t($(ru{s.before,$var(c)})); $var(c) = ''; "
		  "t($(ru{s.before,$var(c)}));",
		  "a <null>" },
		{ "$var(e) = '/b/al/'; t($(ru{re.subst,$var(e)})); $var(e) = '/(/'; "
		  "t($(ru{re.subst,$var(e)}));",
		  "aalc <null>" },
		{ "$var(u) = 'sip:Example.com'; t($(var(u){uri.host}{s.tolower})); "
		  "fmt('<$(var(u){uri.host})>'); if ($(var(u){uri.port}) == 0) t('none'); "
		  "ti($(ru{s.len}) + 1);",
		  "example.com <Example.com> none 4" },
	};

	(void)state;
	RUN_ALL(v);
}

/* What each row says of itself is true: its usage has as many parameters as its letters. */
static void rows_are_sound(void **state)
{
	(void)state;
	for (const struct transform_def *const *table = transform_tables; *table; table++) {
		for (const struct transform_def *d = *table; d->name; d++) {
			unsigned letters = 0, commas = 0;

			for (const char *p = d->args; *p; p++)
				letters += *p != '|';
			for (const char *p = d->usage; *p; p++)
				commas += *p == ',';
			assert_int_equal(letters, commas);
			assert_true(letters <= TRANSFORM_ARGS_MAX);
			assert_non_null(d->help);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),	  cmocka_unit_test(uris),
		cmocka_unit_test(params),	  cmocka_unit_test(nameaddrs),
		cmocka_unit_test(to_bodies),	  cmocka_unit_test(lines),
		cmocka_unit_test(expressions),	  cmocka_unit_test(aliases),
		cmocka_unit_test(values_or_null), cmocka_unit_test(parameters_may_be_variables),
		cmocka_unit_test(rows_are_sound),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

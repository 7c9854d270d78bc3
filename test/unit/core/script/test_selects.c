/* SPDX-License-Identifier: BSD-2-Clause */
/* Every select of SER's lineage, one a line in selects.txt, is known here, or belongs to a module that stands in the table below. */
#include "fake.h"

#include "core/msg/api.h"
#include "core/script/names.h"

/* What begins so has its reason. */
static const struct {
	const char *prefix, *reason;
} elsewhere[] = {
	{ "@tls", "module tls" },
	{ "@tm", "module tm" },
	{ "@db.", "module db_ops" },
	{ "@timer.", "module timer" },
	{ "@nathelper.", "module nathelper" },
	{ "@cnxcc.", "module cnxcc" },
	{ "@xmlrpc.", "module xmlrpc" },
	{ "@attr.", "written $f.name and its like" },
	{ "@attribute.", "written $f.name and its like" },
	{ "@avp.", "written $f.name and its like" },
	{ "@branch.uriq{[integer]}.name", "a target has no name" },
	{ "@branch.uriq{[integer]}.params", "a target has no parameter but @branch.q" },
	{ "@hf_value2.", "values of the form \"scheme a=b, c=d\": module textops" },
	{ "@hf_value_exists", "module textops" },
	{ "@msg.body.sdp", "module sdpops" },
	{ "@message.body.sdp", "module sdpops" },
	{ "@msg.content.sdp", "module sdpops" },
	{ "@message.content.sdp", "module sdpops" },
	{ "@next_hop.src_ip", "known when it is sent: $sndfrom(ip)" },
	{ "@msg.h\n", "begins other names" },
	{ "@msg.header\n", "begins other names" },
	{ "@msg.req\n", "begins other names" },
	{ "@msg.request\n", "begins other names" },
	{ "@msg.res\n", "begins other names" },
	{ "@msg.response\n", "begins other names" },
	{ "@message.h\n", "begins other names" },
	{ "@message.header\n", "begins other names" },
	{ "@message.req\n", "begins other names" },
	{ "@message.request\n", "begins other names" },
	{ "@message.res\n", "begins other names" },
	{ "@message.response\n", "begins other names" },
	{ "@cfg_", "settings of the script's own and of modules: core/script/own.c" },
};

static bool is_elsewhere(const char *line_z)
{
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (!strncmp(line_z, elsewhere[i].prefix, strlen(elsewhere[i].prefix)))
			return true;
	return false;
}

/* Puts text for each "[integer]", "["string"]" and "<string>"; what stands in braces only with optional. */
static void written(const char *line_z, bool optional, struct buf *out)
{
	bool left_out = false;

	for (const char *p = line_z; *p; p++) {
		if (*p == '{' || *p == '}')
			left_out = *p == '{' && !optional;
		else if (left_out || *p == '*' || *p == '\n')
			continue;
		else if (!strncmp(p, "[integer]", 9)) {
			buf_lit(out, "[2]");
			p += 8;
		} else if (!strncmp(p, "<string>", 8)) {
			buf_lit(out, "Some");
			p += 7;
		} else
			buf_char(out, *p);
	}
}

static unsigned missing(const struct names *n, const char *line_z, bool optional)
{
	char text[256], why_text[256];
	struct buf b = BUF_ON(text), why = BUF_ON(why_text);
	struct attr_use use;

	written(line_z, optional, &b);
	if (!names_attribute(n, buf_str(&b), &use, &why))
		return 0;
	print_error("%s: %s\n", buf_z(&b), buf_z(&why));
	return 1;
}

static void every_select_has_its_place(void **state)
{
	const struct module_def *modules[] = { &msg_module };
	struct arena *arena = arena_new(fake_shm, 0, 1 << 20, 1 << 24);
	struct conf conf = { .arena = arena };
	struct names names = { .modules = modules, .modules_n = 1, .conf = &conf };
	FILE *f = fopen("test/unit/core/script/selects.txt", "re");
	char line[256];
	unsigned seen = 0, wrong = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (line[0] != '@' || is_elsewhere(line))
			continue;
		seen++;
		wrong += missing(&names, line, false);
		wrong += strchr(line, '{') ? missing(&names, line, true) : 0;
	}
	fclose(f);
	arena_drop(&arena);
	assert_true(seen > 300);
	assert_int_equal(wrong, 0);
}

/* Parts of any header field, on the message of fake.h. */
static const struct {
	const char *written, *text; /* NULL: null */
} parts[] = {
	{ "@msg.header.To.nameaddr.uri.port", "5060" },
	{ "@msg.header.To[-1].nameaddr.uri.user", "bob" },
	{ "@hf_value.From.params[\"tag\"]", "1" },
	{ "@hf_value.From.tag", "1" },
	{ "@hf_value.From[1].p[\"none\"]", NULL },
	{ "@hf_value.From.name", "Al" },
	{ "@hf_value.From", "\"Al\" <sip:alice@10.0.0.1>;tag=1" },
	{ "@hf_value.Via[1].branch", "z9hG4bKx" },
	{ "@hf_value.Via[2].branch", NULL },
	{ "@hf_value.Max_Forwards", "70" },
	{ "@msg.header.Call_ID[-1]", "c1" },
	{ "@msg.header[\"Call-ID\"]", "c1" },
	{ "@hf_value.None.uri", NULL },
	{ "$sel(hf_value.from.uri.user)", "alice" },
	{ "$(sel(@msg.header.To.nameaddr.uri){s.len})", "22" },
};

static void parts_of_header_fields(void **state)
{
	const struct module_def *modules[] = { &msg_module };
	struct arena *arena = arena_new(fake_shm, 0, 65536, 1 << 24);
	struct conf conf = { .arena = arena };
	struct names names = { .modules = modules, .modules_n = 1, .conf = &conf };

	(void)state;
	fake_ctx_begin(&conf, str_z(fake_invite));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char why_text[256];
		struct buf why = BUF_ON(why_text);
		struct attr_use use;
		struct value v;
		struct str text;

		if (names_attribute(&names, str_z(parts[i].written), &use, &why))
			fail_msg("%s: %s", parts[i].written, buf_z(&why));
		assert_int_equal(attr_use_get(&fake.ctx, &use, &v), 0);
		assert_int_equal(value_text(fake.pool, &v, &text), 0);
		if (!str_eq(text, str_z(parts[i].text)) || str_is_null(text) != !parts[i].text)
			fail_msg("%s is \"" STRF "\", not \"%s\"", parts[i].written, STRA(text),
				 parts[i].text ? parts[i].text : "null");
	}
	arena_drop(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_select_has_its_place),
		cmocka_unit_test(parts_of_header_fields),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters, listen and alias, modules: what a configuration holds after a script was read. */
#include "fake.h"

static const struct conf *load_good(const char *text_z)
{
	const struct conf *conf;

	if (fake_load_text(str_z(text_z), false, &conf) < 0)
		fail_msg("%s\n%s", text_z, fake_said);
	return conf;
}

/* With a main route behind it. */
static const struct conf *load_settings(const char *text_z)
{
	static char text[8192];

	snprintf(text, sizeof(text), "%s\nroute { }\n", text_z);
	return load_good(text);
}

static void parameters_have_defaults(void **state)
{
	const struct conf *conf = load_settings("");
	const struct fake_conf *f = CONF_SECTION(conf, &fake_module, struct fake_conf);

	(void)state;
	assert_int_equal(f->children, 4);
	assert_int_equal(f->timeout, 5000);
	assert_true(f->flag);
	assert_true(str_eq(f->name, STR("default")));
	assert_true(shm_has(fake_shm, f));
	assert_int_equal(conf->generation, 7);
	assert_int_equal(*fake_module.index, 2);
	assert_ptr_equal(conf->modules[2], &fake_module);
	script_drop(&conf);
}

static void parameters_are_set(void **state)
{
	static const struct {
		const char *text;
		int64_t children, debug, timeout;
		bool flag;
		const char *name;
	} v[] = {
		{ "children=7", 7, 0, 5000, true, "default" },
		{ "children = \"7\"; debug=-2;", 7, -2, 5000, true, "default" },
		{ "children=0x10 debug=5", 16, 5, 5000, true, "default" },
		{ "debug=yes", 4, 1, 5000, true, "default" },
		{ "timeout=7", 4, 0, 7000, true, "default" },
		{ "timeout=700ms", 4, 0, 700, true, "default" },
		{ "timeout=\"2s\"", 4, 0, 2000, true, "default" },
		{ "timeout=1m", 4, 0, 60000, true, "default" },
		{ "timeout=\"9\"", 4, 0, 9000, true, "default" },
		{ "mhomed_flag=no", 4, 0, 5000, false, "default" },
		{ "mhomed_flag=0 mhomed_flag=on", 4, 0, 5000, true, "default" },
		{ "mhomed_flag=\"off\"", 4, 0, 5000, false, "default" },
		{ "server_name=\"a \" 'b'", 4, 0, 5000, true, "a b" },
		{ "server_name=word", 4, 0, 5000, true, "word" },
		{ "server_name=host.example.com", 4, 0, 5000, true, "host.example.com" },
		{ "server_name=12", 4, 0, 5000, true, "12" },
		{ "server_name=''", 4, 0, 5000, true, "" },
		{ "children=1\nchildren=2", 2, 0, 5000, true, "default" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		const struct conf *conf = load_settings(v[i].text);
		const struct fake_conf *f = CONF_SECTION(conf, &fake_module, struct fake_conf);

		assert_int_equal(f->children, v[i].children);
		assert_int_equal(f->debug, v[i].debug);
		assert_int_equal(f->timeout, v[i].timeout);
		assert_int_equal(f->flag, v[i].flag);
		assert_true(str_eq(f->name, str_z(v[i].name)));
		script_drop(&conf);
	}
}

static void a_parameter_that_a_layer_has_is_needed(void **state)
{
	const struct conf *conf = load_settings("max_branches=12\nsip_warning=0");

	(void)state;
	assert_int_equal(CONF_SECTION(conf, &fake_module, struct fake_conf)->branches, 12);
	assert_int_equal(fake_warnings, 1);
	assert_non_null(strstr(fake_said, "\"sip_warning\" is not needed here"));
	script_drop(&conf);
}

static void calls_see_each_occurrence(void **state)
{
	const struct conf *conf = load_settings("each=1 each=\"two\" each=three");
	const struct fake_conf *f = CONF_SECTION(conf, &fake_module, struct fake_conf);

	(void)state;
	assert_int_equal(f->calls, 3);
	assert_true(str_eq(f->last, STR("three")));
	assert_true(shm_has(fake_shm, f->last.p));
	script_drop(&conf);
}

static void modparam_takes_a_pattern(void **state)
{
	const struct conf *conf = load_settings(
		"loadmodule \"sl\"\nloadmodule \"./x/other.so\"\n"
		"modparam(\"sl|other\", \"children\", 9)\nmodparam(\"OTHER\", \"debug\", 2)");
	const struct fake_conf *sl = CONF_SECTION(conf, &fake_sl, struct fake_conf);
	const struct fake_conf *other = CONF_SECTION(conf, &fake_other, struct fake_conf);
	const struct fake_conf *core = CONF_SECTION(conf, &fake_module, struct fake_conf);

	(void)state;
	assert_int_equal(sl->children, 9);
	assert_int_equal(other->children, 9);
	assert_int_equal(other->debug, 2);
	assert_int_equal(sl->debug, 0);
	assert_int_equal(core->children, 4);
	script_drop(&conf);
	/* a pattern matches whole names only */
	assert_int_equal(
		fake_load_text(STR("loadmodule \"sl\"\nmodparam(\"s\", \"debug\", 1)\nroute { }"),
			       false, &conf),
		-EINVAL);
}

static void mpath_is_relative_to_its_file(void **state)
{
	const struct conf *conf = load_settings("loadmodule \"sl\"");

	(void)state;
	assert_true(str_eq(fake_mpath, STR("modules")));
	script_drop(&conf);
	conf = load_settings("mpath=\"/a/b:/c\"\nloadmodule \"sl\"");
	assert_true(str_eq(fake_mpath, STR("/a/b:/c:modules")));
	script_drop(&conf);
	conf = load_settings("loadpath \"nowhere\"\nloadmodule \"sl\"");
	assert_true(str_eq(fake_mpath, STR("nowhere:modules")));
	script_drop(&conf);
}

/* All listens of a script as "transport host port adv:port name flags", null parts as "-". */
static const char *listens(const struct conf *conf)
{
	static char text[4096];
	struct buf b = BUF_ON(text);

	for (const struct conf_listen *l = NET_CONF(conf)->listens; l; l = l->next) {
		const struct listen_def *d = &l->def;

		buf_fmt(&b, STRF " " STRF " %u", STRA(d->transport.p ? d->transport : STR("-")),
			STRA(d->host), d->port);
		if (d->adv_host.p)
			buf_fmt(&b, " adv " STRF ":%u", STRA(d->adv_host), d->adv_port);
		if (d->name.p)
			buf_fmt(&b, " name " STRF, STRA(d->name));
		buf_fmt(&b, "%s%s|", d->is_virtual ? " virtual" : "",
			d->ip_free_bind ? " free" : "");
	}
	return buf_z(&b);
}

static void listen_has_many_forms(void **state)
{
	static const char *const v[][2] = {
		{ "listen=udp:127.0.0.1:5060", "udp 127.0.0.1 5060|" },
		{ "listen = udp:127.0.0.1:5060;", "udp 127.0.0.1 5060|" },
		{ "listen=\"tcp:127.0.0.1\"", "tcp 127.0.0.1 0|" },
		{ "listen=127.0.0.1", "- 127.0.0.1 0|" },
		{ "listen=eth0", "- eth0 0|" },
		{ "listen=udp:eth0:5064", "udp eth0 5064|" },
		{ "listen=host.example.com:5060", "- host.example.com 5060|" },
		{ "listen=*", "- * 0|" },
		{ "listen=udp:*:5070", "udp * 5070|" },
		{ "listen=[::1]:5060", "- [::1] 5060|" },
		{ "listen=udp:[2001:db8::1]", "udp [2001:db8::1] 0|" },
		{ "listen=::1", "- ::1 0|" },
		{ "listen=UDP:1.2.3.4:5060 # comment", "UDP 1.2.3.4 5060|" },
		{ "listen=udp:1.2.3.4:5060 // comment", "udp 1.2.3.4 5060|" },
		{ "listen=udp:1.2.3.4:5060 tcp:1.2.3.4:5061",
		  "udp 1.2.3.4 5060|tcp 1.2.3.4 5061|" },
		{ "listen=udp:1.2.3.4\nlisten=udp:1.2.3.5\n", "udp 1.2.3.4 0|udp 1.2.3.5 0|" },
		{ "listen=udp:1.2.3.4 advertise 5.6.7.8:5070", "udp 1.2.3.4 0 adv 5.6.7.8:5070|" },
		{ "listen=udp:1.2.3.4 advertise sip.example.com",
		  "udp 1.2.3.4 0 adv sip.example.com:0|" },
		{ "listen=udp:1.2.3.4 advertise \"[2001:db8::1]:5\" name \"s 1\"",
		  "udp 1.2.3.4 0 adv [2001:db8::1]:5 name s 1|" },
		{ "listen=udp:1.2.3.4 name s1 virtual", "udp 1.2.3.4 0 name s1 virtual|" },
		{ "listen=udp:1.2.3.4 ip_free_bind\nchildren=3", "udp 1.2.3.4 0 free|" },
		{ "listen=(udp:1.2.3.4, tcp:1.2.3.5:7) name x",
		  "udp 1.2.3.4 0 name x|tcp 1.2.3.5 7 name x|" },
		{ "listen=udp:(1.2.3.4, 1.2.3.5):5060", "udp 1.2.3.4 5060|udp 1.2.3.5 5060|" },
		{ "listen=udp:(1.2.3.4,\n   eth0)\nlisten=tcp:1.1.1.1",
		  "udp 1.2.3.4 0|udp eth0 0|tcp 1.1.1.1 0|" },
		{ "listen=\n  udp:1.2.3.4:5060", "udp 1.2.3.4 5060|" },
		{ "#!define IP 9.9.9.9\nlisten=IP\nlisten=udp:IP:5060 advertise IP:1",
		  "- 9.9.9.9 0|udp 9.9.9.9 5060 adv 9.9.9.9:1|" },
		{ "listen=any:1.2.3.4:5060", "- 1.2.3.4 5060|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		const struct conf *conf = load_settings(v[i][0]);

		if (strcmp(listens(conf), v[i][1]))
			fail_msg("%s\n%s\n%s", v[i][0], listens(conf), v[i][1]);
		script_drop(&conf);
	}
}

static void alias_has_many_forms(void **state)
{
	static const struct {
		const char *text;
		unsigned n;
		const char *host; /* of the last */
		uint16_t port;
	} v[] = {
		{ "alias=example.com", 1, "example.com", 0 },
		{ "alias=\"example.com\"", 1, "example.com", 0 },
		{ "alias=example.com:5061", 1, "example.com", 5061 },
		{ "alias=udp:example.com:5061", 1, "example.com", 5061 },
		{ "alias=a.example b.example \"c.example:7\"", 3, "c.example", 7 },
		{ "alias=a.example, b.example\nchildren=2", 2, "b.example", 0 },
		{ "alias=[::1]:5060", 1, "[::1]", 5060 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		const struct conf *conf = load_settings(v[i].text);
		const struct conf_alias *a = NET_CONF(conf)->aliases;
		unsigned n = 0;

		assert_true(str_eq(a->host, str_z(v[i].host)));
		assert_int_equal(a->port, v[i].port);
		for (; a; a = a->next)
			n++;
		assert_int_equal(n, v[i].n);
		script_drop(&conf);
	}
}

static void a_configuration_can_be_dumped(void **state)
{
	const struct conf *conf =
		load_settings("loadmodule \"sl\"\nchildren=3\nserver_name='a\"b'\ntimeout=1m\n"
			      "listen=udp:127.0.0.1:5060 advertise 1.2.3.4:5 name 'x' "
			      "virtual\nalias=tcp:a.example:7");
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	script_dump(conf, out);
	fclose(out);
	assert_non_null(strstr(text, "\nchildren = 3\n"));
	assert_non_null(strstr(text, "\nserver_name = \"a\\\"b\"\n"));
	assert_non_null(strstr(text, "\ntimeout = 60000ms\n"));
	assert_non_null(strstr(
		text, "\nlisten = udp:127.0.0.1:5060 advertise 1.2.3.4:5 name \"x\" virtual\n"));
	assert_non_null(strstr(text, "\nalias = tcp:a.example:7\n"));
	assert_non_null(strstr(text, "\nloadmodule \"sl\"\n"));
	assert_non_null(strstr(text, "\nsl.children = 4\n"));
	free(text);
	script_drop(&conf);
}

static void two_configurations_live_side_by_side(void **state)
{
	const struct conf *a = load_good("children=2\nroute { if (uri =~ '^sip:bob') t('a'); }");
	const struct conf *b = load_good("children=3\nroute { if (uri =~ '^sip:bob') t('b'); }");

	(void)state;
	fake_run(a, str_z(fake_invite));
	assert_string_equal(fake_traced(), "a");
	fake_run(b, str_z(fake_invite));
	assert_string_equal(fake_traced(), "b");
	script_drop(&a);
	fake_run(b, str_z(fake_invite));
	assert_string_equal(fake_traced(), "b");
	assert_int_equal(CONF_SECTION(b, &fake_module, struct fake_conf)->children, 3);
	script_drop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_have_defaults),
		cmocka_unit_test(parameters_are_set),
		cmocka_unit_test(a_parameter_that_a_layer_has_is_needed),
		cmocka_unit_test(calls_see_each_occurrence),
		cmocka_unit_test(modparam_takes_a_pattern),
		cmocka_unit_test(mpath_is_relative_to_its_file),
		cmocka_unit_test(listen_has_many_forms),
		cmocka_unit_test(alias_has_many_forms),
		cmocka_unit_test(a_configuration_can_be_dumped),
		cmocka_unit_test(two_configurations_live_side_by_side),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

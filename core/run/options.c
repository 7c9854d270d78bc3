/* SPDX-License-Identifier: BSD-2-Clause */
/* One table of flags, from which parsing and help come. */
#include "core/run/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
	OPT_LENIENT = 256,
	OPT_ALLOW_KEYLOG,
	OPT_DUMP,
	OPT_HELP_FUNCTIONS,
	OPT_HELP_ATTRIBUTES,
	OPT_HELP_PARAMS,
	OPT_HELP_WORDS,
	OPT_HELP_MODULE,
	OPT_JSON,
	OPT_LIST_FAULTS,
	OPT_TRY,
	OPT_FROM,
	OPT_TO,
	OPT_TLS_PEER,
	OPT_REPLY,
	OPT_DNS,
	OPT_TEST,
	OPT_TRACE,
	OPT_JUNIT
};

struct flag {
	int letter; /* or one of OPT_ */
	const char *long_z;
	const char *argument_z; /* NULL: takes none */
	const char *help;
};

static const struct flag flags[] = {
	{ 'f', "file", "FILE", "the configuration (default " SERAC_CFG ")" },
	{ 'c', "check", NULL, "check the configuration and exit: 0 good, 1 errors" },
	{ 'W', "warnings", NULL, "with -c: exit with 2 when there are warnings" },
	{ OPT_DUMP, "dump", NULL, "print the configuration as understood and exit" },
	{ OPT_HELP_FUNCTIONS, "help-functions", NULL,
	  "print the functions of the core and of all modules" },
	{ OPT_HELP_ATTRIBUTES, "help-attributes", NULL, "print selects and pseudo-variables" },
	{ OPT_HELP_PARAMS, "help-params", NULL, "print parameters" },
	{ OPT_HELP_WORDS, "help-words", NULL,
	  "print the words of the family's scripts and what each is here" },
	{ OPT_HELP_MODULE, "help-module", "NAME", "print all that one module (or \"core\") has" },
	{ OPT_JSON, "json", NULL, "print it as JSON; also with --try" },
	{ OPT_TRY, "try", "MESSAGE",
	  "run the message in that file (-: standard input) through the script, send nothing, "
	  "show what happens" },
	{ OPT_FROM, "from", "PLACE", "with --try: where it comes from, udp:192.0.2.1:5060" },
	{ OPT_TO, "to", "PLACE", "with --try: the socket that it comes to" },
	{ OPT_TLS_PEER, "tls-peer", "FILE", "with --try: the peer's certificate" },
	{ OPT_REPLY, "reply", "FILE",
	  "with --try: then this answers what was sent (may be repeated)" },
	{ OPT_DNS, "dns", "NAME=ADDRESS",
	  "with --try: what a name server would say (may be repeated)" },
	{ OPT_TEST, "test", NULL,
	  "run the tests in the files and folders named: --test etc/tests" },
	{ OPT_TRACE, "trace", NULL, "with --test: show what happened in tests that failed" },
	{ OPT_JUNIT, "junit", "FILE", "with --test: write the results there, too, as JUnit's XML" },
	{ OPT_LENIENT, "lenient", NULL, "modules that do not exist here are warnings" },
	{ OPT_ALLOW_KEYLOG, "allow-keylog", NULL,
	  "keylog_file of module tls may be written: secrets of one peer's connections" },
	{ 'l', "listen", "ADDRESS", "listen there too: udp:127.0.0.1:5060 (may be repeated)" },
	{ 'A', "define", "NAME[=TEXT]",
	  "as #!define NAME TEXT before the first line (may be repeated)" },
	{ 'n', "children", "N", "workers (default: one for each core)" },
	{ 'm', "shm", "MB", "shared memory (default: half of the memory)" },
	{ 'L', "mpath", "FOLDER", "where the modules are" },
	{ 'u', "user", "USER", "become that user once the sockets are open" },
	{ 'g', "group", "GROUP", "become that group" },
	{ 'w', "wdir", "FOLDER", "working directory" },
	{ 'P', "pid-file", "FILE", "write the process id of main there" },
	{ 'd', "debug", NULL, "log more (may be repeated)" },
	{ 'D', "foreground", NULL, "stay in the foreground (always so)" },
	{ 'E', "stderr", NULL, "log to standard error (the default)" },
	{ 'e', "color", NULL, "accepted, not needed" },
	{ 'N', "tcp-children", "N", "accepted, not needed: every worker serves every transport" },
	{ 'M', "pkg", "MB", "accepted, not needed: private memory has no fixed size" },
	{ 'V', "version", NULL, "print the version and what it was built with" },
	{ 'v', NULL, NULL, "the same" },
	{ 'I', NULL, NULL, "the same" },
	{ 'h', "help", NULL, "print this" },
	{ OPT_LIST_FAULTS, "list-faults", NULL, "print the names of fault places (fault build)" },
};

#define FLAGS (sizeof(flags) / sizeof(flags[0]))

void options_help(const char *program_z)
{
	printf("usage: %s [-f FILE] [options]\n\n", program_z);
	for (size_t i = 0; i < FLAGS; i++) {
		char left_z[64];
		const struct flag *f = &flags[i];

		snprintf(left_z, sizeof(left_z), "%s%c%s%s%s %s", f->letter < 256 ? "-" : " ",
			 f->letter < 256 ? f->letter : ' ',
			 f->long_z && f->letter < 256 ? ", " : "  ", f->long_z ? "--" : "",
			 f->long_z ? f->long_z : "", f->argument_z ? f->argument_z : "");
		printf("  %-28s %s\n", left_z, f->help);
	}
	printf("\nsignals: TERM drains and stops, HUP loads the configuration again, USR1 opens "
	       "the log file again, USR2 writes the status to the log\n");
}

static int number(const char *text_z, const char *what_z, int64_t max, int64_t *value_r)
{
	uint64_t v;

	if (str_uint(str_z(text_z), (uint64_t)max, &v)) {
		fprintf(stderr, "serac: %s takes a number from 0 to %lld, not \"%s\"\n", what_z,
			(long long)max, text_z);
		return -EINVAL;
	}
	*value_r = (int64_t)v;
	return 0;
}

/* Flags whose argument is kept as it is. */
static const struct text_flag {
	int letter;
	size_t offset; /* of a const char * */
} text_flags[] = {
	{ 'f', offsetof(struct options, path_z) },
	{ 'L', offsetof(struct options, mpath_z) },
	{ 'w', offsetof(struct options, wdir_z) },
	{ 'P', offsetof(struct options, pid_z) },
	{ 'u', offsetof(struct options, user_z) },
	{ 'g', offsetof(struct options, group_z) },
	{ OPT_TRY, offsetof(struct options, try_z) },
	{ OPT_FROM, offsetof(struct options, from_z) },
	{ OPT_TO, offsetof(struct options, to_z) },
	{ OPT_TLS_PEER, offsetof(struct options, tls_peer_z) },
	{ OPT_HELP_MODULE, offsetof(struct options, help_module_z) },
	{ OPT_JUNIT, offsetof(struct options, junit_z) },
};

/* Flags that may be repeated. */
static const struct list_flag {
	int letter;
	const char *what_z;
	size_t list, count; /* offsets of an array of const char * and of its unsigned */
	unsigned max;
} list_flags[] = {
	{ 'A', "-A", offsetof(struct options, defines_z), offsetof(struct options, defines_n),
	  OPTIONS_DEFINES_MAX },
	{ 'l', "-l", offsetof(struct options, listen_z), offsetof(struct options, listen_n),
	  OPTIONS_LISTEN_MAX },
	{ OPT_REPLY, "--reply", offsetof(struct options, replies_z),
	  offsetof(struct options, replies_n), OPTIONS_REPLIES_MAX },
	{ OPT_DNS, "--dns", offsetof(struct options, dns_z), offsetof(struct options, dns_n),
	  OPTIONS_DNS_MAX },
};

static int list_add(struct options *o, const struct list_flag *f, const char *arg_z)
{
	const char **list = (const char **)((char *)o + f->list);
	unsigned *n = (unsigned *)((char *)o + f->count);

	if (*n == f->max) {
		fprintf(stderr, "serac: more than %u %s\n", f->max, f->what_z);
		return -EINVAL;
	}
	list[(*n)++] = arg_z;
	return 0;
}

static int take(struct options *o, int letter, const char *arg_z)
{
	if (letter == 'n')
		return number(arg_z, "-n", 256, &o->children);
	if (letter == 'm')
		return number(arg_z, "-m", 1 << 20, &o->shm_mem);
	for (size_t i = 0; i < sizeof(text_flags) / sizeof(text_flags[0]); i++) {
		if (text_flags[i].letter != letter)
			continue;
		*(const char **)((char *)o + text_flags[i].offset) = arg_z;
		return 0;
	}
	for (size_t i = 0; i < sizeof(list_flags) / sizeof(list_flags[0]); i++)
		if (list_flags[i].letter == letter)
			return list_add(o, &list_flags[i], arg_z);
	return -ENOENT;
}

static int take_switch(struct options *o, int letter)
{
	switch (letter) {
	case 'c':
		o->check = true;
		return 0;
	case 'W':
		o->warnings_count = true;
		return 0;
	case OPT_DUMP:
		o->dump = true;
		return 0;
	case OPT_HELP_FUNCTIONS:
		o->help_functions = true;
		return 0;
	case OPT_HELP_ATTRIBUTES:
		o->help_attributes = true;
		return 0;
	case OPT_HELP_PARAMS:
		o->help_params = true;
		return 0;
	case OPT_HELP_WORDS:
		o->help_words = true;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_LENIENT:
		o->lenient = true;
		return 0;
	case OPT_ALLOW_KEYLOG:
		o->allow_keylog = true;
		return 0;
	case OPT_TEST:
		o->test = true;
		return 0;
	case OPT_TRACE:
		o->trace = true;
		return 0;
	case OPT_LIST_FAULTS:
		o->list_faults = true;
		return 0;
	case 'd':
		o->verbose++;
		return 0;
	case 'V':
	case 'v':
	case 'I':
		o->version = true;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	default: /* D E e N M: as in the family, nothing to do here */
		return strchr("DEeNM", letter) ? 0 : -EINVAL;
	}
}

int options_parse(int argc, char *const argv[], struct options *options_r)
{
	struct options o = { .path_z = SERAC_CFG, .children = -1, .shm_mem = -1 };
	struct option longs[FLAGS + 1];
	char shorts_z[2 * FLAGS + 1];
	size_t n = 0, m = 0;
	int letter, err;

	memset(longs, 0, sizeof(longs));
	for (size_t i = 0; i < FLAGS; i++) {
		const struct flag *f = &flags[i];

		if (f->letter < 256) {
			shorts_z[n++] = (char)f->letter;
			if (f->argument_z)
				shorts_z[n++] = ':';
		}
		if (f->long_z)
			longs[m++] = (struct option){ f->long_z, f->argument_z != NULL, NULL,
						      f->letter };
	}
	shorts_z[n] = '\0';
	while ((letter = getopt_long(argc, argv, shorts_z, longs, NULL)) != -1) {
		err = take(&o, letter, optarg);
		if (err == -ENOENT)
			err = letter == '?' ? -EINVAL : take_switch(&o, letter);
		if (err)
			return err;
	}
	o.paths_z = argv + optind;
	o.paths_n = (unsigned)(argc - optind);
	if (o.test && !o.paths_n) {
		fprintf(stderr, "serac: --test needs files or folders: --test etc/tests\n");
		return -EINVAL;
	}
	if (optind < argc && !o.test) {
		fprintf(stderr, "serac: \"%s\" is not an option; -h lists them\n", argv[optind]);
		return -EINVAL;
	}
	*options_r = o;
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line, with the flags of the SER family. */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include "core/base/str.h"

#define OPTIONS_LISTEN_MAX  32u
#define OPTIONS_DEFINES_MAX 256u
#define OPTIONS_REPLIES_MAX 32u
#define OPTIONS_DNS_MAX	    32u

struct options {
	const char *path_z;			  /* -f */
	const char *mpath_z;			  /* -L; NULL: found by itself */
	const char *wdir_z;			  /* -w */
	const char *pid_z;			  /* -P */
	const char *user_z;			  /* -u */
	const char *group_z;			  /* -g */
	const char *listen_z[OPTIONS_LISTEN_MAX]; /* -l */
	unsigned listen_n;
	const char *defines_z[OPTIONS_DEFINES_MAX]; /* -A */
	unsigned defines_n;
	int64_t children;    /* -n; -1: not given */
	int64_t shm_mem;     /* -m; -1: not given */
	int verbose;	     /* -d, each raises the log level by one */
	bool check;	     /* -c */
	bool warnings_count; /* -W: -c exits with 2 when there are warnings */
	bool lenient;	     /* --lenient */
	bool dump;	     /* --dump */
	bool help_functions, help_attributes, help_params, help_words; /* --help-functions ... */
	const char *help_module_z;				       /* --help-module */
	bool json;						       /* --json: what is printed */
	bool version;						       /* -V, -v, -I */
	bool help;						       /* -h */
	bool allow_keylog;					       /* --allow-keylog */
	bool list_faults;					       /* --list-faults */

	const char *try_z;			    /* --try */
	const char *from_z;			    /* --from */
	const char *to_z;			    /* --to */
	const char *tls_peer_z;			    /* --tls-peer */
	const char *replies_z[OPTIONS_REPLIES_MAX]; /* --reply */
	unsigned replies_n;
	const char *dns_z[OPTIONS_DNS_MAX]; /* --dns */
	unsigned dns_n;
	bool test;	      /* --test */
	bool trace;	      /* --trace */
	const char *junit_z;  /* --junit */
	char *const *paths_z; /* --test: files and folders */
	unsigned paths_n;
};

/* 0; -EINVAL: the command line is wrong and standard error says how. The texts live as long as argv. */
int options_parse(int argc, char *const argv[], struct options *options_r);
void options_help(const char *program_z);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Values that a script gives names to before it runs: settings of its own ("group.name = value"), definitions, the environment. */
#ifndef SCRIPT_OWN_H
#define SCRIPT_OWN_H

#include "core/script/ast.h"

struct arena;
struct script_conf;

/* One of them, in the configuration's arena. */
struct own_value {
	struct own_value *next;
	struct str name; /* "group.name", or that of a #!define */
	struct value value;
};

/* Notes a setting. -EEXIST: there is one of that name; -ENOMEM. */
int own_set(struct script_conf *section, struct arena *arena, const struct setting *s);
/* Keeps what the names stand for, for $def(NAME). -ENOMEM. */
int own_define(struct script_conf *section, struct arena *arena, const struct define *defines);

/* For the rows of @cfg_get.group.name, $def(NAME), $env(NAME): what they stand for is found when the script is loaded. */
const char *own_prepare_setting(struct attr_arg *arg, const struct conf *conf);
const char *own_prepare_define(struct attr_arg *arg, const struct conf *conf);
const char *own_prepare_env(struct attr_arg *arg, const struct conf *conf);
int own_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

#endif

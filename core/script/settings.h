/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters and modules of a script: which modules it loads, and what it sets in them. */
#ifndef SCRIPT_SETTINGS_H
#define SCRIPT_SETTINGS_H

#include "core/script/check.h"
#include "core/script/script.h"

/* Loads what the script asks for; fills c->names (modules lie in the pool). -ENOMEM. */
int settings_modules(struct checker *c, const struct script_options *o);
/* "./modules/tls/tls.so", "modules/sl/sl.so", "tm": the base name alone counts. */
struct str settings_base_name(struct str path);
/* Makes the sections of all modules and sets what the script says. conf has its arena. -ENOMEM. */
int settings_apply(struct checker *c, struct conf *conf);
/* What modules say to all of it together, once nothing more is set and every single value is good. */
void settings_check(struct checker *c, const struct conf *conf);
/* Routes that modules run by themselves are known as such; those that there are not are told. */
void settings_routes(struct checker *c, const struct conf *conf);
/* The part of it about listen= and alias=. */
void settings_listens(struct checker *c, struct conf *conf);

#endif

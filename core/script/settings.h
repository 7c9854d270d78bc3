/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters and modules of a script: which modules it loads, and what it sets in them. */
#ifndef SCRIPT_SETTINGS_H
#define SCRIPT_SETTINGS_H

#include "core/script/check.h"
#include "core/script/script.h"

/* Loads what the script asks for; fills c->names (modules lie in the pool). -ENOMEM. */
int settings_modules(struct checker *c, const struct script_options *o);
/* Makes the sections of all modules, sets what the script says, checks. conf has its arena. -ENOMEM. */
int settings_apply(struct checker *c, struct conf *conf);
/* The part of it about listen= and alias=. */
void settings_listens(struct checker *c, struct conf *conf);

#endif

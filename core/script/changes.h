/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration that is to take the place of another in the running router: what both must have in common. */
#ifndef SCRIPT_CHANGES_H
#define SCRIPT_CHANGES_H

#include "core/script/check.h"

/* The module of that name that the running router has, or NULL. */
const struct module_def *changes_module(const struct conf *like, struct str name);
/* Modules that are missing are errors. */
void changes_modules(struct checker *c, const struct conf *like);
/* Each value that differs and cannot change is an error. conf has like's modules in like's order. */
void changes_check(struct checker *c, const struct conf *conf, const struct conf *like);

#endif

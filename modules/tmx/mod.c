/* SPDX-License-Identifier: BSD-2-Clause */
/* tmx: a name that scripts load. What it has elsewhere is in tm. */
#include "core/mod/api.h"

static const char *const needs[] = { "tm", NULL };

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "tmx",
	.help = "nothing of its own: its functions and variables are in tm",
	.needs = needs,
	.index = &section_index,
};

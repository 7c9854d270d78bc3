/* SPDX-License-Identifier: BSD-2-Clause */
/* How modules find each other. */
#include "core/run/rows.h"

#include <string.h>

const void *module_api(const struct conf *conf, const char *name_z)
{
	for (unsigned i = 0; i < conf->sections_n; i++) {
		if (!strcmp(conf->modules[i]->name, name_z))
			return conf->modules[i]->api;
	}
	return NULL;
}

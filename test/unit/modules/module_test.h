/* SPDX-License-Identifier: BSD-2-Clause */
/* A module's test: the router without sockets, and the one value that the module exports. */
#ifndef TEST_MODULE_H
#define TEST_MODULE_H

#include "test/unit/core/msg/fake.h"

#include "core/mod/api.h"

extern const struct module_def serac_module;

#endif

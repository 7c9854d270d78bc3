/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking into a shared object without opening it: opening would run its constructors. */
#ifndef MOD_ELF_H
#define MOD_ELF_H

#include "core/base/str.h"

/* 1: the file exports a symbol of that name; 0: it does not; -ENOEXEC: it is no shared object of this machine; other -errno. */
int elf_exports(const char *path_z, struct str symbol);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* $shv(name): variables of the script that all workers share and that outlive a reload.
 *
 * A variable lives in a row of shared memory, with its name, from the load of the first configuration that names it until no configuration in
 * use does. Scripts know it by the row's index, which the loader resolves. A value is read without a lock; one that is set replaces the other by one store,
 * under a lock that is held for copying at most SHV_TEXT_MAX bytes. A death with the lock held leaves the old value or the new one. */
#ifndef MSG_SHV_H
#define MSG_SHV_H

#include "core/run/rows.h"
#include "core/mem/shm.h"

#define SHV_MAX	     1024u /* variables */
#define SHV_NAME_MAX 64u
#define SHV_TEXT_MAX 1000u /* bytes of a string */

struct shvs;

/* Before the first fork. NULL: no memory. */
struct shvs *shvs_new(struct shm *s);

/* --- while a configuration is made, by one process at a time ------------------------------------------------------------------------ */
/* The variable of that name for conf: the one that other configurations in use have, else a new one with value initial (NULL: the integer 0). A second
 * initial value for a new one replaces the first. 0; -ENOSPC: SHV_MAX are in use, or conf has no store; -EINVAL: the name is empty or longer than SHV_NAME_MAX; -EMSGSIZE: initial is too
 * long; -ENOMEM. */
int shv_declare(const struct conf *conf, struct str name, const struct value *initial,
		unsigned *index_r);
/* "name=i:5" or "name=s:text" taken apart, as modparam("pv", "shvset", …) has it. NULL or what is wrong. */
const char *shv_initial_parse(struct str text, struct str *name_r, struct value *value_r);
/* The configuration at that place (struct conf) is gone, or could not be made. Takes no lock. */
void shvs_release(struct shvs *all, unsigned place);
/* After the death of a process that made a configuration in slot's name: what it was adding. */
void shvs_recover(struct shvs *all, unsigned slot);

/* --- at run time ---------------------------------------------------------------------------------------------------------------------- */
/* Text is copied into ctx's pool. 0; -ENOMEM. */
int shv_get(struct ctx *ctx, unsigned index, struct value *value_r);
/* Null makes it the integer 0, as in Kamailio. 0; -EMSGSIZE: text above SHV_TEXT_MAX bytes, the old value stays. */
int shv_set(struct ctx *ctx, unsigned index, const struct value *value);

#endif

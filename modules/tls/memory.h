/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose memory GnuTLS uses: between heap_enter and heap_leave that of one heap in shared memory, else libc's. Which it was a block's address tells.
 *
 * A heap is entered around each call of GnuTLS on a session that lies in it, and around nothing else: credentials, certificates and trust lists are
 * private, and made outside of it. Full, it gives NULL, as malloc does: the session fails, nothing else. But for each record GnuTLS takes some buffers that
 * it frees in the same call: these may be private, so that what is established goes on when no shared memory is left. */
#ifndef TLS_MEMORY_H
#define TLS_MEMORY_H

#include "core/mod/api.h"
#include "core/mod/stream.h"

/* Sets GnuTLS' hooks (malloc and its kin, mutexes that do nothing, its own import of free) for heaps in shm. Before the process's first call of GnuTLS on a
 * session, and before the first fork: children inherit it. Again: with
 * the same shm nothing; NULL: there is no shared memory any more. */
void memory_start(struct shm *shm);
/* Changes with the shared memory: pointers into it from before are void. */
unsigned memory_era(void);
/* How many places of the library were led to our free(); 0: it has no such import, or this machine's kind of relocation is not known. */
unsigned memory_redirected(void);

/* None is entered. */
void heap_enter(struct heap *h);
/* False: there was no shared memory for a large block, so that it was private, and GnuTLS did not free it: it is freed here, and what was called must not be
 * called again, nor given to a deinit. */
bool heap_leave(void);
/* For callbacks, which do something of their own in between: what is entered (NULL: libc's) is left for a while. */
struct heap *heap_pause(void);
void heap_resume(struct heap *h);
/* What is entered, NULL: libc's. */
struct heap *heap_entered(void);

/* The n-th allocation from a heap from now on fails, once, in this process; 0: none. For the self-test. */
void memory_fail_at(unsigned n);
/* Did it, of the last n? */
bool memory_failed(void);

#endif

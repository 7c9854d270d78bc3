/* SPDX-License-Identifier: BSD-2-Clause */
/* What a module with a stream layer sees besides core/mod/api.h: the rows of connections, and their heaps. */
#ifndef MOD_STREAM_H
#define MOD_STREAM_H

#include "core/mem/heap.h"
#include "core/net/conn.h"
#include "core/net/layer.h"
#include "core/net/session.h"

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the machine tells about a script that runs, put into words. */
#ifndef TRY_TRACE_H
#define TRY_TRACE_H

#include "core/script/machine.h"
#include "core/try/record.h"

struct trace {
	struct script_trace script; /* for struct worker */
	struct record **record;	    /* where it is written; NULL there: nowhere */
	unsigned depth;
	const char *file_z; /* where the script is */
	uint32_t line;
	const char *told_file_z; /* the line that was told last ... */
	uint32_t told_line;	 /* ... 0: none in this route */
};

void trace_init(struct trace *t, struct record **record);
/* The event that was added last happened where the script is now. */
void trace_place(struct trace *t);
/* A line of the log, among the rest. */
void trace_log(struct trace *t, struct str line);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines: "level area message key=value …", or JSON. One write for one line, never blocking: what a pipe or socket does not take is counted,
 * and the count is the next line. */
#ifndef RUN_LOG_H
#define RUN_LOG_H

#include "core/base/addr.h"

/* The numbers are those of the SER family's `debug` parameter: a line is written when its level is at most `debug`. */
enum log_level { LOG_ERR = -1, LOG_WARN = 0, LOG_NOTICE = 1, LOG_INFO = 2, LOG_DEBUG = 3 };

enum log_kind { LOG_END, LOG_KIND_STR, LOG_KIND_INT, LOG_KIND_ADDR, LOG_KIND_ID, LOG_KIND_TEXT };

struct log_kv {
	enum log_kind kind;
	const char *key;
	union {
		struct str s;
		int64_t i;
		const struct addr *a;
	};
};

/* Peer data may be given: text is escaped and cut at 256 bytes. */
#define KV_STR(k, v) ((struct log_kv){ LOG_KIND_STR, (k), { .s = (v) } })
/* The same cut at 640 bytes: what a script says on purpose. */
#define KV_TEXT(k, v) ((struct log_kv){ LOG_KIND_TEXT, (k), { .s = (v) } })
#define KV_Z(k, v)    ((struct log_kv){ LOG_KIND_STR, (k), { .s = str_z(v) } })
#define KV_INT(k, v)  ((struct log_kv){ LOG_KIND_INT, (k), { .i = (int64_t)(v) } })
#define KV_ADDR(k, v) ((struct log_kv){ LOG_KIND_ADDR, (k), { .a = (v) } })
#define KV_ID(k, v)   ((struct log_kv){ LOG_KIND_ID, (k), { .i = (int64_t)(v) } })
/* reason="connection refused" from a positive errno */
#define KV_ERRNO(e) KV_Z("reason", log_errno_z(e))

const char *log_errno_z(int e);

/* area: the part of the router ("tcp", "script", a module's name); message: constant text after the rules of STYLE (lower case, no full stop). */
void log_write(enum log_level level, const char *area, const char *message,
	       const struct log_kv *kv);
bool log_wants(enum log_level level);

/* A line that others parse: record is printable text without line end, at most LOG_RECORD_MAX bytes. In a text log it stands behind level and area as it
 * is, and nothing behind it; in JSON it is the message (cut, where its escapes do not fit), or, being JSON itself, a member "record". Written whatever the
 * level is: who has records asks log_wants() if he wants to. */
#define LOG_RECORD_MAX 3800u
void log_record(enum log_level level, const char *area, struct str record, bool is_json);

#define log_at(level, area, message, ...)                                                   \
	do {                                                                                \
		if (log_wants(level))                                                       \
			log_write((level), (area), (message),                               \
				  (struct log_kv[]){                                        \
					  __VA_ARGS__ __VA_OPT__(, ){ .kind = LOG_END } }); \
	} while (0)
#define log_err(area, ...)    log_at(LOG_ERR, area, __VA_ARGS__)
#define log_warn(area, ...)   log_at(LOG_WARN, area, __VA_ARGS__)
#define log_notice(area, ...) log_at(LOG_NOTICE, area, __VA_ARGS__)
#define log_info(area, ...)   log_at(LOG_INFO, area, __VA_ARGS__)
#define log_debug(area, ...)  log_at(LOG_DEBUG, area, __VA_ARGS__)

/* For what a peer can cause: at most 10 lines of this site a second in this process; the next line let through says suppressed=n. */
struct log_limit {
	uint64_t second;
	unsigned count;
	unsigned suppressed;
};
bool log_limit_pass(struct log_limit *limit);
#define log_limited(level, area, message, ...)                                                     \
	do {                                                                                       \
		static struct log_limit log_limit_;                                                \
		if (log_wants(level) && log_limit_pass(&log_limit_)) {                             \
			log_write((level), (area), (message),                                      \
				  (struct log_kv[]){ __VA_ARGS__ __VA_OPT__(, ) KV_INT(            \
							     "suppressed", log_limit_.suppressed), \
						     { .kind = LOG_END } });                       \
			log_limit_.suppressed = 0;                                                 \
		}                                                                                  \
	} while (0)

enum log_format { LOG_TEXT, LOG_JSON };
void log_level_set(int level);
/* Another level for this process alone, which a new configuration does not change; false: as configured. */
void log_level_override(bool on, int level);
void log_format_set(enum log_format format);
/* The file that lines go to; NULL: stderr. 0 or -errno; on error the old one stays. log_reopen opens the same name again (USR1). */
int log_file_set(const char *path_z);
int log_reopen(void);
/* Lines carry it: "main", "worker 3". Constant text. */
void log_process_set(const char *name_z, int number);
/* From now on the lines of this process go to take, without a line end, time or limit; NULL: to where they went before. */
void log_taker_set(void (*take)(void *arg, struct str line), void *arg);
/* Lines that could not be written since the start. */
uint64_t log_lost(void);

#endif

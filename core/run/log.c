/* SPDX-License-Identifier: BSD-2-Clause */
/* How a log line looks and how it is written without ever waiting for a reader. */
#include "core/run/log.h"

#include "core/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* At most PIPE_BUF, so that a pipe takes a line whole or not at all. */
#define LINE_MAX_BYTES	4096u
#define VALUE_MAX_BYTES 256u
#define TEXT_MAX_BYTES	640u /* six times as much, escaped, fits into a line */

/* This process's; inherited over the fork. */
static struct log_state {
	int level;
	int configured; /* level, unless overridden */
	bool overridden;
	enum log_format format;
	int fd; /* -1: not opened yet */
	bool is_socket;
	bool must_poll; /* fd may block: ask first */
	bool is_file;
	char path_z[1024]; /* empty: stderr */
	const char *process_z;
	int number; /* -1: none */
	uint64_t lost, lost_told;
	void (*take)(void *arg, struct str line); /* NULL: nobody */
	void *take_arg;
} log_state = { .level = LOG_INFO, .configured = LOG_INFO, .fd = -1, .number = -1 };

static const char *level_z(enum log_level level)
{
	switch (level) {
	case LOG_ERR:
		return "error";
	case LOG_WARN:
		return "warning";
	case LOG_NOTICE:
		return "notice";
	case LOG_INFO:
		return "info";
	default:
		return "debug";
	}
}

const char *log_errno_z(int e)
{
	const char *text_z = strerrordesc_np(e < 0 ? -e : e);

	return text_z ? text_z : "unknown error";
}

void log_level_set(int level)
{
	log_state.configured = level;
	if (!log_state.overridden)
		log_state.level = level;
}

void log_level_override(bool on, int level)
{
	log_state.overridden = on;
	log_state.level = on ? level : log_state.configured;
}

void log_format_set(enum log_format format)
{
	log_state.format = format;
}

void log_process_set(const char *name_z, int number)
{
	log_state.process_z = name_z;
	log_state.number = number;
}

bool log_wants(enum log_level level)
{
	return (int)level <= log_state.level;
}

void log_taker_set(void (*take)(void *arg, struct str line), void *arg)
{
	log_state.take = take;
	log_state.take_arg = arg;
}

uint64_t log_lost(void)
{
	return log_state.lost;
}

/* A second open of what stderr is gives an open file of our own, whose O_NONBLOCK does not touch the terminal or pipe of others. */
static int stderr_open(void)
{
	struct stat st;
	int fd = -1;

	log_state.is_socket = log_state.is_file = log_state.must_poll = false;
	if (fstat(STDERR_FILENO, &st) == 0) {
		log_state.is_socket = S_ISSOCK(st.st_mode);
		log_state.is_file = S_ISREG(st.st_mode);
	}
	if (!log_state.is_socket && !log_state.is_file)
		fd = open("/proc/self/fd/2",
			  O_WRONLY | O_NONBLOCK | O_APPEND | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
		log_state.must_poll = !log_state.is_socket && !log_state.is_file;
	}
	return fd;
}

static int path_open(const char *path_z)
{
	return open(path_z, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		    0640);
}

static void fd_replace(int fd)
{
	if (log_state.fd >= 0)
		close(log_state.fd);
	log_state.fd = fd;
}

int log_file_set(const char *path_z)
{
	int fd;

	if (!path_z || !*path_z) {
		log_state.path_z[0] = '\0';
		fd_replace(stderr_open());
		return log_state.fd < 0 ? -errno : 0;
	}
	if (strlen(path_z) >= sizeof(log_state.path_z))
		return -ENAMETOOLONG;
	fd = path_open(path_z);
	if (fd < 0)
		return -errno;
	fd_replace(fd);
	strcpy(log_state.path_z, path_z);
	log_state.is_socket = log_state.must_poll = false;
	log_state.is_file = true;
	return 0;
}

int log_reopen(void)
{
	char same_z[sizeof(log_state.path_z)];

	if (!log_state.path_z[0])
		return 0;
	strcpy(same_z, log_state.path_z);
	return log_file_set(same_z);
}

static bool line_write(const char *p, size_t n)
{
	struct pollfd pf = { .fd = log_state.fd, .events = POLLOUT };
	ssize_t done;

	if (log_state.must_poll && poll(&pf, 1, 0) != 1)
		return false;
	do {
		if (log_state.is_socket)
			done = send(log_state.fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			done = write(log_state.fd, p, n);
	} while (done < 0 && errno == EINTR);
	return done == (ssize_t)n;
}

static void time_put(struct buf *b)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	buf_fmt(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
}

static bool needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c > 126 || c == '"' || c == '\\' || c == '=')
			return true;
	}
	return s.n == 0;
}

static void text_str(struct buf *b, struct str s, size_t max)
{
	if (!needs_quotes(s) && s.n <= max) {
		buf_str_put(b, s);
		return;
	}
	buf_char(b, '"');
	buf_escaped(b, s, max);
	buf_char(b, '"');
}

static void json_str(struct buf *b, struct str s, size_t max)
{
	buf_char(b, '"');
	buf_json(b, str_head(s, max));
	buf_char(b, '"');
}

static void value_put(struct buf *b, const struct log_kv *kv,
		      void (*string)(struct buf *, struct str, size_t))
{
	char text[ADDR_TEXT_MAX];
	struct buf t = BUF_ON(text);

	switch (kv->kind) {
	case LOG_KIND_INT:
		buf_int(b, kv->i);
		return;
	case LOG_KIND_ADDR:
		addr_port_put(&t, kv->a);
		string(b, buf_str(&t), VALUE_MAX_BYTES);
		return;
	case LOG_KIND_ID:
		buf_hex(&t, (uint64_t)kv->i, 16);
		string(b, buf_str(&t), VALUE_MAX_BYTES);
		return;
	default:
		string(b, kv->s, kv->kind == LOG_KIND_TEXT ? TEXT_MAX_BYTES : VALUE_MAX_BYTES);
	}
}

/* A line as text: level and area, and when it was if nobody else says that. */
static void text_begin(struct buf *b, enum log_level level, const char *area)
{
	if (log_state.is_file && !log_state.take) {
		time_put(b);
		buf_char(b, ' ');
	}
	buf_fmt(b, "%s %s ", level_z(level), area);
}

static void line_text(struct buf *b, enum log_level level, const char *area, const char *message,
		      const struct log_kv *kv)
{
	text_begin(b, level, area);
	buf_str_put(b, str_z(message));
	for (; kv->kind != LOG_END; kv++) {
		struct buf before = *b;

		buf_fmt(b, " %s=", kv->key);
		value_put(b, kv, text_str);
		if (!buf_ok(b)) { /* what does not fit is left out, the line stays whole */
			*b = before;
			break;
		}
	}
	if (log_state.number >= 0)
		buf_fmt(b, " worker=%d", log_state.number);
}

/* What a line begins with, up to its message. */
static void json_begin(struct buf *b, enum log_level level, const char *area)
{
	buf_lit(b, "{\"time\":\"");
	time_put(b);
	buf_fmt(b, "\",\"level\":\"%s\",\"area\":\"%s\",", level_z(level), area);
}

static void json_process(struct buf *b)
{
	if (log_state.process_z)
		buf_fmt(b, ",\"process\":\"%s\"", log_state.process_z);
	if (log_state.number >= 0)
		buf_fmt(b, ",\"worker\":%d", log_state.number);
}

static void line_json(struct buf *b, enum log_level level, const char *area, const char *message,
		      const struct log_kv *kv)
{
	json_begin(b, level, area);
	buf_lit(b, "\"message\":");
	json_str(b, str_z(message), VALUE_MAX_BYTES);
	json_process(b);
	for (; kv->kind != LOG_END; kv++) {
		struct buf before = *b;

		buf_fmt(b, ",\"%s\":", kv->key);
		value_put(b, kv, json_str);
		if (!buf_ok(b)) {
			*b = before;
			break;
		}
	}
	buf_char(b, '}');
}

static void record_json(struct buf *b, enum log_level level, const char *area, struct str record,
			bool is_json)
{
	struct buf before;

	json_begin(b, level, area);
	before = *b;
	if (is_json) {
		buf_lit(b, "\"record\":");
		buf_str_put(b, record);
	}
	for (size_t n = record.n; !is_json; n /= 2) {
		buf_lit(b, "\"message\":");
		json_str(b, record, n);
		if (buf_ok(b) || !n)
			break;
		*b = before;
	}
	json_process(b);
	buf_char(b, '}');
}

/* The line's text is in b, at the start of LINE_MAX_BYTES. */
static bool line_send(struct buf *b)
{
	if (log_state.take) {
		log_state.take(log_state.take_arg, buf_str(b));
		return true;
	}
	b->over = false;
	b->cap = LINE_MAX_BYTES;
	buf_char(b, '\n');
	return line_write(b->p, b->n);
}

static bool message_send(enum log_level level, const char *area, const char *message,
			 const struct log_kv *kv)
{
	char line[LINE_MAX_BYTES];
	struct buf b = buf_over(line, sizeof(line) - 64);

	if (log_state.format == LOG_JSON)
		line_json(&b, level, area, message, kv);
	else
		line_text(&b, level, area, message, kv);
	return line_send(&b);
}

/* Before every line: somewhere to write it to, and what could not be written before it. */
static void line_prepare(void)
{
	if (log_state.fd < 0 && !log_state.take)
		fd_replace(stderr_open());
	if (log_state.lost > log_state.lost_told) {
		const struct log_kv lost[] = {
			KV_INT("lines", log_state.lost - log_state.lost_told), { .kind = LOG_END }
		};

		if (message_send(LOG_WARN, "log", "lines were lost, nobody read them", lost))
			log_state.lost_told = log_state.lost;
	}
}

void log_write(enum log_level level, const char *area, const char *message, const struct log_kv *kv)
{
	int saved = errno;

	line_prepare();
	if (!message_send(level, area, message, kv))
		log_state.lost++;
	errno = saved;
}

void log_record(enum log_level level, const char *area, struct str record, bool is_json)
{
	char line[LINE_MAX_BYTES];
	struct buf b = buf_over(line, sizeof(line) - 64);
	int saved = errno;

	line_prepare();
	record = str_head(record, LOG_RECORD_MAX);
	if (log_state.format == LOG_JSON) {
		record_json(&b, level, area, record, is_json);
	} else {
		text_begin(&b, level, area);
		buf_str_put(&b, record);
	}
	if (!line_send(&b))
		log_state.lost++;
	errno = saved;
}

bool log_limit_pass(struct log_limit *limit)
{
	uint64_t second = clock_ms() / 1000;

	if (log_state.take)
		return true;
	if (limit->second != second) {
		limit->second = second;
		limit->count = 0;
	}
	if (limit->count >= 10) {
		limit->suppressed++;
		return false;
	}
	limit->count++;
	return true;
}

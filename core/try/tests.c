/* SPDX-License-Identifier: BSD-2-Clause */
/* The tests of one file after the other, and what is told of them. */
#include "core/try/junit.h"
#include "core/try/runner.h"
#include "core/try/message.h"

#include "core/base/clock.h"
#include "core/run/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_MAX     1024u
#define TEST_FILE_MAX (4u << 20)
#define POOL_MAX      (64u << 20)
#define FOLDERS_DEEP  16u

struct session {
	struct run *run;
	const struct options *o;
	const struct try_ops *ops;
	struct pool *pool; /* of the names and texts of test files */
	const struct results *files[FILES_MAX];
	unsigned files_n, passed, failed;
};

/* --- one file ----------------------------------------------------------------------------------------------------------------------------- */
/* The process that runs a file has died: the test that it was at is to blame. */
static void died(struct results *r, int status)
{
	char text[128];
	struct buf b = BUF_ON(text);
	struct outcome *o = &r->whole;

	for (unsigned i = 0; i < r->file.cases_n; i++)
		if (r->cases[i].state == OUTCOME_RUNS)
			o = &r->cases[i];
	if (WIFSIGNALED(status))
		buf_fmt(&b, "serac died of it: signal %d (%s)\n", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		buf_fmt(&b, "serac ended with status %d\n", WEXITSTATUS(status));
	results_tell(r, o, buf_str(&b));
	o->state = OUTCOME_FAILED;
}

static void run_apart(struct session *s, struct results *r)
{
	uint64_t since = clock_us();
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		runner_run(r, s->run, s->o, s->ops);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		results_tell(r, &r->whole, STR("could not start a process for these tests\n"));
		r->whole.state = OUTCOME_FAILED;
	} else if (status) {
		died(r, status);
	}
	r->whole.us = clock_us() - since;
}

static void told(struct str text, FILE *out)
{
	struct str line;

	while (text.n && str_split(&text, '\n', &line))
		if (line.n || text.n)
			fprintf(out, "        " STRF "\n", STRA(line));
}

static void file_print(struct session *s, const struct results *r)
{
	unsigned i = 0;

	printf("%s\n", r->path_z);
	if (r->whole.state == OUTCOME_FAILED) {
		printf("  FAIL  the tests could not be run\n");
		told(results_text(r, &r->whole), stdout);
		if (!r->file.cases_n)
			s->failed++;
	}
	for (const struct test_case *c = r->file.cases; c; c = c->next, i++) {
		const struct outcome *o = &r->cases[i];
		bool good = o->state == OUTCOME_PASSED;

		s->passed += good;
		s->failed += !good;
		printf("  %s  " STRF "%s\n", good ? "ok  " : "FAIL", STRA(c->name),
		       o->state == OUTCOME_NOT_RUN ? " (not run)" : "");
		if (!good)
			told(results_text(r, o), stdout);
	}
}

static void file_wrong(struct results *r, struct str why)
{
	r->file.cases = NULL;
	r->file.cases_n = 0;
	r->whole.state = OUTCOME_FAILED;
	results_tell(r, &r->whole, why);
}

/* 0 or -ENOMEM. */
static int file_run(struct session *s, const char *path_z)
{
	struct case_file f = { .path_z = path_z };
	struct results *r;
	struct str text;
	char *told_z = NULL;
	size_t told_n = 0;
	FILE *out = open_memstream(&told_z, &told_n);
	unsigned errors = 1;
	int err = out ? message_read(s->pool, path_z, TEST_FILE_MAX, &text) : -ENOMEM;

	if (!err)
		errors = case_file_parse(s->pool, path_z, text, out, &f);
	else if (out)
		fprintf(out, "could not read the file: %s\n", log_errno_z(err));
	if (out)
		fclose(out);
	r = s->files_n < FILES_MAX ? results_new(&f) : NULL;
	if (r) {
		s->files[s->files_n++] = r;
		if (errors)
			file_wrong(r, str_of(told_z, told_n));
		else
			run_apart(s, r);
		file_print(s, r);
	}
	free(told_z);
	return r ? 0 : -ENOMEM;
}

/* --- folders ------------------------------------------------------------------------------------------------------------------------------ */
static int is_wanted(const struct dirent *d)
{
	struct str name = str_z(d->d_name);

	if (d->d_name[0] == '.')
		return 0;
	if (d->d_type == DT_DIR)
		return 1;
	return name.n > 5 && str_eq(str_skip(name, name.n - 5), STR(".test"));
}

static int path_run(struct session *s, const char *path_z, unsigned depth);

static int folder_run(struct session *s, const char *path_z, unsigned depth)
{
	struct dirent **names;
	int n = depth < FOLDERS_DEEP ? scandir(path_z, &names, is_wanted, alphasort) : 0;
	int err = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		struct buf b = buf_over(pool_alloc(s->pool, 4096), 4096);

		if (b.p && !err) {
			buf_fmt(&b, "%s/%s", path_z, names[i]->d_name);
			err = path_run(s, buf_z(&b), depth + 1);
		}
		free(names[i]);
	}
	if (n >= 0 && depth < FOLDERS_DEEP)
		free(names);
	return err;
}

static int path_run(struct session *s, const char *path_z, unsigned depth)
{
	struct stat st;

	if (!stat(path_z, &st) && S_ISDIR(st.st_mode))
		return folder_run(s, path_z, depth);
	return file_run(s, path_z);
}

int try_tests(struct run *run, const struct options *o, const struct try_ops *ops)
{
	struct session s = { .run = run, .o = o, .ops = ops };
	int err;

	s.pool = pool_new(65536, POOL_MAX);
	err = s.pool ? 0 : -ENOMEM;
	for (unsigned i = 0; i < o->paths_n && !err; i++)
		err = path_run(&s, o->paths_z[i], 0);
	if (err)
		fprintf(stderr, "serac: could not run all tests: %s\n", log_errno_z(err));
	if (!err && !s.files_n) {
		fprintf(stderr, "serac: there is no file *.test in \"%s\"\n", o->paths_z[0]);
		err = -ENOENT;
	}
	if (o->junit_z && junit_write(o->junit_z, s.files, s.files_n)) {
		fprintf(stderr, "serac: could not write the results to %s\n", o->junit_z);
		err = -EIO;
	}
	printf("%u passed, %u failed\n", s.passed, s.failed);
	for (unsigned i = 0; i < s.files_n; i++)
		results_drop(&(struct results *){ (struct results *)(uintptr_t)s.files[i] });
	pool_drop(&s.pool);
	return err || s.failed ? 1 : 0;
}

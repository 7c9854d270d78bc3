/* SPDX-License-Identifier: BSD-2-Clause */
/* <testsuites>, <testsuite> for a file, <testcase> for a test. */
#include "core/try/junit.h"

#include "core/base/buf.h"

#include <errno.h>
#include <libxml/xmlwriter.h>

#define TEXT_MAX 65536u

/* What XML cannot hold: bytes that are no UTF-8 become U+FFFD, as U+FFFE and U+FFFF do, control characters '?'. A long text is cut. */
static const xmlChar *xml_text(struct str s, char *text_z)
{
	struct buf b = buf_over(text_z, TEXT_MAX - 1);

	buf_utf8(&b, s);
	text_z[b.n] = '\0';
	for (char *p = text_z; p < text_z + b.n; p++) {
		unsigned char c = (unsigned char)*p;

		if ((c < ' ' && c != '\n' && c != '\t') || c == 127)
			*p = '?';
		else if (!memcmp(p, "\xef\xbf", 2) && (unsigned char)p[2] > 0xbd)
			p[2] = '\xbd';
	}
	return (const xmlChar *)text_z;
}

static bool attribute(xmlTextWriterPtr w, const char *name_z, struct str value)
{
	static char text_z[TEXT_MAX];

	return xmlTextWriterWriteAttribute(w, (const xmlChar *)name_z, xml_text(value, text_z)) >=
	       0;
}

static bool number(xmlTextWriterPtr w, const char *name_z, unsigned n)
{
	return xmlTextWriterWriteFormatAttribute(w, (const xmlChar *)name_z, "%u", n) >= 0;
}

static bool seconds(xmlTextWriterPtr w, uint64_t us)
{
	return xmlTextWriterWriteFormatAttribute(w, (const xmlChar *)"time", "%.6f",
						 (double)us / 1e6) >= 0;
}

static bool failure(xmlTextWriterPtr w, const char *kind_z, struct str text)
{
	static char text_z[TEXT_MAX];
	ssize_t end = str_chr(text, '\n');

	return xmlTextWriterStartElement(w, (const xmlChar *)kind_z) >= 0 &&
	       attribute(w, "message", str_trim(end < 0 ? text : str_head(text, (size_t)end))) &&
	       xmlTextWriterWriteString(w, xml_text(text, text_z)) >= 0 &&
	       xmlTextWriterEndElement(w) >= 0;
}

static bool case_write(xmlTextWriterPtr w, const struct results *r, struct str name,
		       const struct outcome *o)
{
	bool good = xmlTextWriterStartElement(w, (const xmlChar *)"testcase") >= 0 &&
		    attribute(w, "name", name) && attribute(w, "classname", str_z(r->path_z)) &&
		    seconds(w, o->us);

	if (good && o->state != OUTCOME_PASSED)
		good = failure(w, o->state == OUTCOME_FAILED ? "failure" : "error",
			       o->n ? results_text(r, o) : STR("the test was not run"));
	return good && xmlTextWriterEndElement(w) >= 0;
}

static bool file_write(xmlTextWriterPtr w, const struct results *r)
{
	unsigned failed = 0, i = 0;
	bool good = xmlTextWriterStartElement(w, (const xmlChar *)"testsuite") >= 0;

	for (unsigned k = 0; k < r->file.cases_n; k++)
		failed += r->cases[k].state == OUTCOME_FAILED;
	good = good && attribute(w, "name", str_z(r->path_z)) &&
	       number(w, "tests", r->file.cases_n ? r->file.cases_n : 1) &&
	       number(w, "failures", failed) && seconds(w, r->whole.us);
	for (const struct test_case *c = r->file.cases; c && good; c = c->next)
		good = case_write(w, r, c->name, &r->cases[i++]);
	if (good && !r->file.cases_n)
		good = case_write(w, r, STR("the file"), &r->whole);
	return good && xmlTextWriterEndElement(w) >= 0;
}

int junit_write(const char *path_z, const struct results *const *files, unsigned n)
{
	xmlTextWriterPtr w = xmlNewTextWriterFilename(path_z, 0);
	bool good;

	if (!w)
		return -EIO;
	good = xmlTextWriterSetIndent(w, 1) >= 0 &&
	       xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL) >= 0 &&
	       xmlTextWriterStartElement(w, (const xmlChar *)"testsuites") >= 0;
	for (unsigned i = 0; i < n && good; i++)
		good = file_write(w, files[i]);
	good = good && xmlTextWriterEndDocument(w) >= 0;
	xmlFreeTextWriter(w);
	return good ? 0 : -EIO;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The dynamic symbols of an ELF file, read with every offset checked: the file may be anything. */
#include "core/mod/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 20)

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#endif

/* n rows of size bytes at offset; NULL when they are not inside the file. */
static const void *inside(struct str file, uint64_t offset, uint64_t n, uint64_t size)
{
	uint64_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || offset > file.n || bytes > file.n - offset)
		return NULL;
	return file.p + offset;
}

static bool is_ours(struct str file, Elf64_Ehdr *h_r)
{
	const void *p = inside(file, 0, 1, sizeof(*h_r));

	if (!p)
		return false;
	memcpy(h_r, p, sizeof(*h_r));
	return memcmp(h_r->e_ident, ELFMAG, SELFMAG) == 0 && h_r->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h_r->e_ident[EI_DATA] == ELFDATA2LSB && h_r->e_machine == MACHINE &&
	       h_r->e_type == ET_DYN && h_r->e_shentsize == sizeof(Elf64_Shdr);
}

static bool section_at(struct str file, const Elf64_Ehdr *h, uint64_t index, Elf64_Shdr *s_r)
{
	const char *all = inside(file, h->e_shoff, h->e_shnum, sizeof(*s_r));

	if (!all || index >= h->e_shnum)
		return false;
	memcpy(s_r, all + index * sizeof(*s_r), sizeof(*s_r));
	return true;
}

/* A symbol of that name that is defined here. */
static bool table_has(struct str file, const Elf64_Shdr *table, const Elf64_Shdr *names,
		      struct str symbol)
{
	uint64_t n = table->sh_size / sizeof(Elf64_Sym);
	const char *rows = inside(file, table->sh_offset, n, sizeof(Elf64_Sym));
	const char *text = inside(file, names->sh_offset, 1, names->sh_size);

	for (uint64_t i = 0; rows && text && i < n; i++) {
		Elf64_Sym s;

		memcpy(&s, rows + i * sizeof(s), sizeof(s));
		if (s.st_shndx == SHN_UNDEF || s.st_name >= names->sh_size)
			continue;
		if (names->sh_size - s.st_name > symbol.n && text[s.st_name + symbol.n] == '\0' &&
		    !memcmp(text + s.st_name, symbol.p, symbol.n))
			return true;
	}
	return false;
}

static int search(struct str file, struct str symbol)
{
	Elf64_Ehdr h;
	Elf64_Shdr table, names;

	if (!is_ours(file, &h))
		return -ENOEXEC;
	for (uint64_t i = 0; section_at(file, &h, i, &table); i++)
		if (table.sh_type == SHT_DYNSYM && section_at(file, &h, table.sh_link, &names) &&
		    table_has(file, &table, &names, symbol))
			return 1;
	return 0;
}

int elf_exports(const char *path_z, struct str symbol)
{
	int fd = open(path_z, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;
	int r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > FILE_MAX) {
		close(fd);
		return -ENOEXEC;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	r = -errno;
	close(fd);
	if (p == MAP_FAILED)
		return r;
	r = search(str_of(p, (size_t)st.st_size), symbol);
	munmap(p, (size_t)st.st_size);
	return r;
}

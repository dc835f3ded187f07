/* carry.c: bytes that an executable carries besides its code, as an object file that any linker of the machine takes.
 *
 * C compilers take seconds for some megabytes of text, so what is large goes past them: an ELF file with the pieces in
 * a row in .rodata, where the symbol ion_carried begins.
 *
 *   file   header | the pieces | symbols | names of symbols | names of sections | section headers
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "ionc.h"

#if defined __x86_64__
#define MACHINE EM_X86_64
#elif defined __aarch64__
#define MACHINE EM_AARCH64
#endif

bool carry_possible(void)
{
#ifdef MACHINE
    return true;
#else
    return false;
#endif
}

enum { NONE, RODATA, NOTE, SYMBOLS, NAMES, SECTION_NAMES, SECTIONS };

#define NAMES_TEXT   "\0ion_carried"
#define SECTION_TEXT "\0.rodata\0.note.GNU-stack\0.symtab\0.strtab\0.shstrtab"
enum { AT_RODATA = 1, AT_NOTE = 9, AT_SYMTAB = 25, AT_STRTAB = 33, AT_SHSTRTAB = 41 };

uint64_t carried_size(const c_code *code)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < code->ncarried; i++)
        n += code->carried[i].n;
    return n;
}

#ifdef MACHINE
static bool put(FILE *f, const void *data, size_t n)
{
    return fwrite(data, 1, n, f) == n;
}

int carry_write(const c_code *code, const char *path)
{
    static const char zeros[8];
    uint64_t size = carried_size(code), pad = -size % 8;
    Elf64_Sym symbols[2] = {[1] = {.st_name = 1,
                                   .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                                   .st_other = STV_HIDDEN,
                                   .st_shndx = RODATA,
                                   .st_size = size}};
    uint64_t at = sizeof(Elf64_Ehdr) + size + pad;
    Elf64_Shdr sections[SECTIONS] = {
        [RODATA] = {AT_RODATA, SHT_PROGBITS, SHF_ALLOC, 0, sizeof(Elf64_Ehdr), size, 0, 0, 16, 0},
        [NOTE] = {AT_NOTE, SHT_PROGBITS, 0, 0, at, 0, 0, 0, 1, 0},
        [SYMBOLS] = {AT_SYMTAB, SHT_SYMTAB, 0, 0, at, sizeof symbols, NAMES, 1, 8, sizeof *symbols},
        [NAMES] = {AT_STRTAB, SHT_STRTAB, 0, 0, at + sizeof symbols, sizeof NAMES_TEXT, 0, 0, 1, 0},
        [SECTION_NAMES] = {AT_SHSTRTAB, SHT_STRTAB, 0, 0, at + sizeof symbols + sizeof NAMES_TEXT, sizeof SECTION_TEXT,
                           0, 0, 1, 0}};
    uint64_t names = sizeof NAMES_TEXT + sizeof SECTION_TEXT, names_pad = -names % 8;
    Elf64_Ehdr head = {.e_type = ET_REL,
                       .e_machine = MACHINE,
                       .e_version = EV_CURRENT,
                       .e_shoff = at + sizeof symbols + names + names_pad,
                       .e_ehsize = sizeof head,
                       .e_shentsize = sizeof *sections,
                       .e_shnum = SECTIONS,
                       .e_shstrndx = SECTION_NAMES};
    memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_CLASS] = ELFCLASS64;
    head.e_ident[EI_DATA] = ELFDATA2LSB;
    head.e_ident[EI_VERSION] = EV_CURRENT;
    FILE *f = fopen(path, "we");
    if (!f)
        return errno;
    bool good = put(f, &head, sizeof head);
    for (uint32_t i = 0; i < code->ncarried; i++)
        good = good && put(f, code->carried[i].data, code->carried[i].n);
    good = good && put(f, zeros, pad) && put(f, symbols, sizeof symbols) && put(f, NAMES_TEXT, sizeof NAMES_TEXT) &&
           put(f, SECTION_TEXT, sizeof SECTION_TEXT) && put(f, zeros, names_pad) && put(f, sections, sizeof sections);
    int why = good ? 0 : errno;
    if (fclose(f) != 0 && good)
        why = errno;
    return why;
}
#else
int carry_write(const c_code *code, const char *path)
{
    (void)code, (void)path;
    return ENOTSUP;
}
#endif

const char *carry_together(compilation *c, const c_code *code)
{
    if (code->ncarried == 1)
        return code->carried->data;
    char *all = arena_alloc(c, carried_size(code) + 1), *at = all;
    for (uint32_t i = 0; i < code->ncarried; i++) {
        memcpy(at, code->carried[i].data, code->carried[i].n);
        at += code->carried[i].n;
    }
    return all;
}

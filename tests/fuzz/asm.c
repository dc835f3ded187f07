/* asm.c: libFuzzer target for the assembler and the disassembler.
 *
 *   clang -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Icompiler -Iinclude tests/fuzz/asm.c
 *         compiler/{base,package,manifest,decode,dialect,verify,encode,lex,number,asm,asm_value,asm_operand,disasm}.c
 *         -lzip -o fuzz-asm
 *   ./fuzz-asm -max_len=4096 CORPUS
 *
 * The bytes are taken for a source, and for a class file. A source is refused with a message of one line, or its
 * classes can be written, and what is written can be printed and assembled to the very same bytes. So can whatever
 * class file can be read.
 */
#include "ionc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *to, const char *line)
{
    (void)to;
    if (!line)
        abort();
}

static compilation *start(void)
{
    compilation *c = compilation_new("fuzz", NULL, ignore, NULL);
    if (!c)
        abort();
    return c;
}

static void finish(compilation *c)
{
    if (c->message && (*c->message == 0 || strchr(c->message, '\n')))
        abort();
    compilation_free(c);
}

/* Printing and assembling must succeed here: a message is a fault. */
static void must_survive(const class *k, text bytes)
{
    compilation *c = start();
    if (!COMPILATION_TRY(c))
        abort();
    buffer listing = {.c = c};
    source s = {0};
    disasm_class(&listing, k);
    source_assemble(c, &s, "listing", (text){listing.data, (uint32_t)listing.len}, "T");
    if (s.n != 1 || !text_equal(s.classes[0]->name, k->name) || !text_equal(class_encode(c, s.classes[0]), bytes))
        abort();
    finish(c);
}

static void read_source(text data)
{
    compilation *c = start();
    if (COMPILATION_TRY(c)) {
        source s = {0};
        source_assemble(c, &s, "fuzz", data, "Main");
        for (uint32_t i = 0; i < s.n; i++)
            must_survive(s.classes[i], class_encode(c, s.classes[i]));
    }
    finish(c);
}

static void read_class(text data)
{
    compilation *c = start();
    if (COMPILATION_TRY(c))
        must_survive(class_read(c, "fuzz", text_of("K"), data, ALL_DIALECTS, true), data);
    finish(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = calloc(1, size + 1);
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    read_source((text){copy, (uint32_t)size});
    read_class((text){copy, (uint32_t)size});
    free(copy);
    return 0;
}

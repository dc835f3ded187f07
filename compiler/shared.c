/* shared.c: packages as shared objects: the C that goes with the program's, and how the loader connects it to the runtime. See
 * shared.h. */
#include "shared.h"

#include "ionc.h"
#include "jit.h"

static const char *const names[] = {
#define ION_RT(result, name, parameters) #name,
#include "ion/runtime.def"
#undef ION_RT
};
enum { ENTRIES = sizeof names / sizeof *names };

ion_u64 shared_abi(void)
{
    ion_u64 hash = 0xCBF29CE484222325ul; /* FNV-1a */
    for (const char *at = ion_abi_text; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001B3ul;
    return hash;
}

const char *shared_text(compilation *c)
{
    buffer b = {.c = c};
    buf_printf(&b, "\n__attribute__((visibility(\"hidden\"))) const void *ion_entries[%d];\n"
                   "__attribute__((visibility(\"hidden\"))) ion_u32 *ion_setattr_place;\n__asm__(\".text\\n\"\n",
               ENTRIES);
    for (int i = 0; i < ENTRIES; i++)
        buf_printf(&b, "    \".globl %s\\n.hidden %s\\n.type %s, @function\\n%s: jmp *ion_entries+%d(%%rip)\\n\"\n",
                   names[i], names[i], names[i], names[i], 8 * i);
    /* what few programs refer to: the loader puts the runtime's own into its copy of the table */
    buf_puts(&b, "    \".globl ion_natives_load\\n.hidden ion_natives_load\\nion_natives_load: ud2\\n\"\n"
                 "    \".globl ion_ffi\\n.hidden ion_ffi\\n.globl ion_memory\\n.hidden ion_memory\\n\"\n"
                 "    \"ion_ffi: ion_memory: .quad 0\\n\"\n");
    buf_puts(&b, ");\n");
    buf_printf(&b, "__attribute__((visibility(\"default\"))) const struct {\n"
                   "    ion_u64 abi, nentries;\n    const void **entries;\n    ion_u32 **setattr_seen;\n"
                   "    const ion_program *program;\n} " SHARED_SYMBOL " = {%luul, %d, ion_entries, &ion_setattr_place,\n"
                   "    &ion_main_program};\n",
               (unsigned long)shared_abi(), ENTRIES);
    return b.data;
}

int shared_connect(const shared_package *s, ion_program *program)
{
    if (s->abi != shared_abi() || s->nentries != ENTRIES)
        return 0;
    const void **at = s->entries;
#define ION_RT(result, name, parameters) *at++ = (const void *)(uintptr_t)name;
#include "ion/runtime.def"
#undef ION_RT
    *s->setattr_seen = &ion_setattr_seen;
    *program = *s->program;
    if (program->natives_load)
        program->natives_load = ion_natives_load;
    if (program->ffi)
        program->ffi = &ion_ffi;
    if (program->memory)
        program->memory = &ion_memory;
    return 1;
}

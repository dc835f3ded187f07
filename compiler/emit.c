/* emit.c: the program as C: names, function by function its tables and its body, the constants, the resources, and the
 * table that the runtime loads. emit_units.c puts declarations in front.
 */
#include <ctype.h>
#include <string.h>

#include "ionc.h"

static bool is_upper_hex(int ch)
{
    return isdigit(ch) || (ch >= 'A' && ch <= 'F');
}

static void put_escaped(buffer *b, text t, bool keep_underscore)
{
    for (uint32_t i = 0; i < t.n; i++) {
        unsigned char ch = (unsigned char)t.s[i];
        bool plain = ch < 128 && isalnum(ch);
        if (ch == '_' && keep_underscore) {
            int next = i + 1 < t.n ? t.s[i + 1] : 0, next2 = i + 2 < t.n ? t.s[i + 2] : 0;
            plain = next != '_' && next != 0 && i > 0 && !(is_upper_hex(next) && is_upper_hex(next2));
        }
        if (plain)
            buf_put(b, &t.s[i], 1);
        else
            buf_printf(b, "_%02X", ch);
    }
}

const char *function_c_name(compilation *c, const function *f, bool shadowed)
{
    buffer b = {.c = c};
    if (f->class->name.n == 0 || isdigit((unsigned char)f->class->name.s[0]))
        buf_puts(&b, "x_"); /* not what an escape begins with, and no identifier may start with a digit */
    put_escaped(&b, f->class->name, false);
    buf_puts(&b, "__");
    put_escaped(&b, f->name, true);
    if (shadowed || !f->has_name)
        buf_printf(&b, "__%u", f->index);
    return b.data;
}

static void name_functions(emitter *e)
{
    const program *p = e->p;
    e->names = arena_alloc(e->keep, (p->n + 1) * sizeof *e->names);
    textmap taken = {0};
    for (uint32_t i = p->n; i-- > 0;) { /* the last of a name keeps it */
        const char *plain = function_c_name(e->keep, p->functions[i], false);
        bool shadowed = textmap_get(&taken, text_of(plain)) != NOT_FOUND;
        textmap_put(e->c, &taken, text_of(plain), i);
        e->names[i] = shadowed ? function_c_name(e->keep, p->functions[i], true) : plain;
    }
    for (uint32_t i = 0; e->split && i < p->n; i++)
        e->names[i] = arena_format(e->keep, "ionp_%s", e->names[i]);
    compilation_empty(e->c);
}

static void put_constants(emitter *e, buffer *b)
{
    if (e->nswitches) {
        buf_put(b, e->switch_rows.data, e->switch_rows.len);
        buf_puts(b, "static const ion_switch switches[] = {\n");
        buf_put(b, e->switches.data, e->switches.len);
        buf_puts(b, "};\n\n");
    }
    if (e->nvalues) {
        buf_puts(b, "static const ion_const constants[] = {\n");
        buf_put(b, e->consts.data, e->consts.len);
        buf_puts(b, "};\n\n");
    }
    if (e->npatterns) {
        buf_puts(b, "static const ion_const pattern_constants[] = {\n");
        buf_put(b, e->patterns.data, e->patterns.len);
        buf_puts(b, "};\n\n");
    }
}

void emit_bytes(emitter *e, buffer *b, text data)
{
    enum { SMALL = 4096 };
    if (!e->how.carry || data.n < SMALL) {
        emit_c_string(b, data);
        return;
    }
    buf_printf(b, "ion_carried + %llu", (unsigned long long)e->carried_size);
    e->carried = GROW(e->keep, e->carried, e->ncarried, e->cap_carried);
    e->carried[e->ncarried++] = (piece){data.s, data.n};
    e->carried_size += data.n;
}

/* The program's own by their paths, those of what it depends on by `package/path`. */
static uint32_t put_resources(emitter *e, buffer *b)
{
    static const char prefix[] = "resources/";
    uint32_t n = 0;
    for (uint32_t k = 0; k < e->p->npacks; k++) {
        const package *files = e->p->packs[k]->files;
        for (uint32_t i = 0; i < files->n; i++) {
            const entry *entry = &files->entries[i];
            if (strncmp(entry->name, prefix, strlen(prefix)) != 0)
                continue;
            const char *path = entry->name + strlen(prefix);
            if (n++ == 0)
                buf_puts(b, "static const ion_resource resources[] = {\n");
            buf_puts(b, "    {");
            emit_c_string(b, text_of(k ? arena_format(e->keep, "%s/%s", e->p->packs[k]->name, path) : path));
            buf_puts(b, ", ");
            emit_bytes(e, b, entry->data);
            buf_printf(b, ", %u},\n", entry->data.n);
        }
    }
    if (n)
        buf_puts(b, "};\n\n");
    return n;
}

static uint32_t put_function_list(emitter *e, buffer *b)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->p->n; i++) {
        if (e->p->functions[i]->native)
            continue;
        buf_puts(b, n++ ? ",\n    " : "static const ion_function *const functions[] = {\n    ");
        buf_printf(b, "&%s__f", emit_name(e, i));
    }
    if (n)
        buf_puts(b, "};\n\n");
    return n;
}

static void put_needs(emitter *e, buffer *b)
{
    const program *p = e->p;
    for (uint32_t i = 0; i < p->nneeds; i++) {
        buf_puts(b, i ? "    {" : "static const ion_need needs[] = {\n    {");
        emit_c_string(b, text_of(p->needs[i].capability));
        buf_puts(b, ", ");
        emit_c_string(b, text_of(p->needs[i].what));
        buf_printf(b, ", &%s__f},\n", emit_name(e, p->needs[i].function));
    }
    if (p->nneeds)
        buf_puts(b, "};\n\n");
}

static void put_list(buffer *b, const char *field, const char *list)
{
    if (!list)
        return;
    buf_printf(b, "    .%s = ", field);
    emit_c_string(b, text_of(list));
    buf_puts(b, ",\n");
}

static void put_program(emitter *e, buffer *b, uint32_t nresources, uint32_t nfunctions)
{
    const options *o = &e->c->opt;
    buf_puts(b, "const ion_program ion_main_program = {\n    .abi = ION_ABI,\n");
    buf_printf(b, "    .timeslice = %u,\n    .schedulers = %u,\n    .exact = %d,\n    .trace = %d,\n    .print_result = %d,\n    .name = ",
               o->timeslice, o->schedulers, o->exact, o->trace, o->print_result);
    emit_c_string(b, text_of(e->p->name));
    buf_puts(b, ",\n");
    for (int i = 0; i < LIMITS; i++)
        if (o->limit[i])
            buf_printf(b, "    .limits[%d] = %lu, /* %s */\n", i, (unsigned long)o->limit[i], limit_rows[i].name);
    if (e->p->entry != NOT_FOUND)
        buf_printf(b, "    .entry = &%s__f,\n", e->names[e->p->entry]);
    if (nfunctions)
        buf_printf(b, "    .functions = functions,\n    .nfunctions = %u,\n", nfunctions);
    if (e->nvalues)
        buf_printf(b, "    .consts = constants,\n    .nconsts = %u,\n    .values = K,\n    .nvalues = %u,\n",
                   e->nconsts, e->nvalues);
    if (e->npatterns)
        buf_printf(b,
                   "    .pattern_consts = pattern_constants,\n    .npattern_consts = %u,\n    .patterns = M,\n"
                   "    .npatterns = %u,\n",
                   e->npattern_rows, e->npatterns);
    if (e->nswitches)
        buf_printf(b, "    .switches = switches,\n    .nswitches = %u,\n", e->nswitches);
    emit_natives_fields(e, b);
    if (nresources)
        buf_printf(b, "    .resources = resources,\n    .nresources = %u,\n", nresources);
    if (e->p->nneeds)
        buf_printf(b, "    .needs = needs,\n    .nneeds = %u,\n", e->p->nneeds);
    put_list(b, "allow", o->allow);
    put_list(b, "deny", o->deny);
    buf_puts(b, "};\n");
}

static void put_function(emitter *e, const function *f)
{
    emit_function(e, f);
    if (f->types && f->types->fast)
        emit_fast(e, f);
    if (f->types && (f->types->leaf || f->types->early))
        units_leaf(e, f);
    e->shown_of = e->matches_of = NULL;
    compilation_empty(e->c);
}

c_code *program_emit(compilation *c, const program *p, const package *pack, emit_options how)
{
    (void)pack;
    emitter e = {.c = compilation_inner(c), .keep = c, .p = p, .how = how};
    e.leaves.c = e.consts.c = e.patterns.c = e.switch_rows.c = e.switches.c = c;
    units_start(&e);
    name_functions(&e);
    emit_names(&e);
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->functions[i]->native)
            continue;
        units_enter(&e, p->functions[i]);
        put_function(&e, p->functions[i]);
    }
    units_enter(&e, NULL);
    put_constants(&e, &e.out);
    emit_natives(&e, &e.out);
    uint32_t nresources = put_resources(&e, &e.out);
    uint32_t nfunctions = put_function_list(&e, &e.out);
    put_needs(&e, &e.out);
    put_program(&e, &e.out, nresources, nfunctions);
    c_code *code = units_end(&e);
    code->carried = e.carried;
    code->ncarried = e.ncarried;
    return code;
}

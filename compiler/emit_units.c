/* emit_units.c: the translation units of a program: which functions go into which, and what stands at the head of each.
 *
 * A small program is one unit in which everything is static. A large one is split, so that C compilers can work on the
 * units side by side, none of them needs much memory, and one that takes time out of proportion to a unit's size does
 * no harm. Then what other units may refer to is external, but hidden: descriptions of functions and optimised bodies,
 * constants, caches. Its names begin with `ionp_`, as no other names in an executable do. The last unit holds the
 * tables that the runtime loads.
 *
 * A unit declares what it refers to, and no more: emit_name notes it. So the heads of all units together stay in
 * proportion to the program.
 */
#include <stdlib.h>

#include "ionc.h"

/* Instructions in a unit, where nothing else is said; gcc takes about a millisecond for each, and 60 KB. */
enum { UNIT_SIZE = 5000 };

/* Functions that are referred to. */
typedef struct references {
    uint32_t *list, n, cap;
    uint32_t stamp; /* in `seen` of those that are in the list */
} references;

typedef struct leaf_text {
    size_t at, n; /* in emitter->leaves */
    references uses;
} leaf_text;

typedef struct part {
    unit unit;
    buffer tables;
    references uses;
    uint32_t first, end; /* indexes of its functions */
} part;

typedef struct units {
    part *parts;
    uint32_t n, cap;
    uint32_t size, most; /* instructions in the last one, and those that it may have */
    uint32_t *seen;      /* per function: of the list that it was last added to */
    uint32_t nstamps;
    references *uses; /* what emit_name adds to */
    leaf_text *leaf;  /* per function */
} units;

static references new_references(units *u)
{
    return (references){.stamp = ++u->nstamps};
}

static void add(emitter *e, references *r, uint32_t index)
{
    units *u = e->units;
    if (u->seen[index] == r->stamp)
        return;
    u->seen[index] = r->stamp;
    r->list = GROW(e->keep, r->list, r->n, r->cap);
    r->list[r->n++] = index;
}

const char *emit_name(emitter *e, uint32_t index)
{
    add(e, e->units->uses, index);
    return e->names[index];
}

void units_start(emitter *e)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < e->p->n; i++)
        total += e->p->functions[i]->n;
    uint32_t size = e->c->opt.unit_size ? e->c->opt.unit_size : UNIT_SIZE;
    e->split = e->how.split && total >= 2 * (uint64_t)size;
    e->linkage = e->split ? "ION_PART " : "static ";
    e->units = arena_alloc(e->keep, sizeof *e->units);
    e->units->most = size;
    e->units->seen = arena_alloc(e->keep, (e->p->n + 1) * sizeof *e->units->seen);
    e->units->leaf = arena_alloc(e->keep, (e->p->n + 1) * sizeof *e->units->leaf);
    e->declared.c = e->keep;
}

/* What has been emitted since the last unit began becomes its. */
static void close_part(emitter *e)
{
    units *u = e->units;
    if (u->n == 0)
        return;
    u->parts[u->n - 1].unit.body = e->out;
    u->parts[u->n - 1].tables = e->tables;
}

static void open_part(emitter *e, uint32_t first)
{
    units *u = e->units;
    close_part(e);
    u->parts = GROW(e->keep, u->parts, u->n, u->cap);
    u->parts[u->n++] = (part){.unit.head.c = e->keep, .uses = new_references(u), .first = first, .end = first};
    u->size = 0;
    e->out = e->tables = (buffer){.c = e->keep};
}

void units_enter(emitter *e, const function *f)
{
    units *u = e->units;
    if (u->n == 0 || (e->split && (!f || (uint64_t)u->size + f->n > u->most)))
        open_part(e, f ? f->index : e->p->n);
    u->uses = &u->parts[u->n - 1].uses;
    if (!f)
        return;
    u->size += f->n;
    u->parts[u->n - 1].end = f->index + 1;
    emit_name(e, f->index);
}

uint32_t units_number(const emitter *e)
{
    return e->units->n;
}

void units_leaf(emitter *e, const function *f)
{
    units *u = e->units;
    leaf_text *leaf = &u->leaf[f->index];
    references *uses = u->uses;
    *leaf = (leaf_text){.at = e->leaves.len, .uses = new_references(u)};
    u->uses = &leaf->uses;
    emit_leaf(e, f);
    leaf->n = e->leaves.len - leaf->at;
    u->uses = uses;
}

/* ---- heads ---- */

static void put_banner(emitter *e, buffer *b)
{
    buf_puts(b, "/* ");
    emit_comment(b, text_of(e->p->name));
    buf_printf(b, " %s, compiled by ionc " IONC_VERSION " */\n", e->p->manifest->version);
    buf_puts(b, "#ifndef ION_ABI_H\n#include \"ion/abi.h\"\n#endif\n\n");
}

/* The tables that the loader fills in; they lie in the last unit. */
static void put_tables(emitter *e, buffer *b, bool last)
{
    if (e->split)
        buf_puts(b, "#define ION_PART __attribute__((visibility(\"hidden\")))\n#define K ionp_K\n#define C ionp_C\n"
                    "#define M ionp_M\n#define F ionp_F\n");
    if (e->split && !last) {
        buf_puts(b, "extern ION_PART ion_value K[];\nextern ION_PART ion_cache C[];\n"
                    "extern ION_PART const ion_pattern *M[];\n");
        if (e->nnatives)
            buf_puts(b, "extern ION_PART ion_native F[];\n");
        return;
    }
    if (e->nvalues)
        buf_printf(b, "%sion_value K[%u]; /* constants, filled in when the program is loaded */\n", e->linkage,
                   e->nvalues);
    if (e->ncaches)
        buf_printf(b, "%sion_cache C[%u]; /* inline caches */\n", e->linkage, e->ncaches);
    if (e->npatterns)
        buf_printf(b, "%sconst ion_pattern *M[%u]; /* patterns, likewise */\n", e->linkage, e->npatterns);
    if (e->nnatives)
        buf_printf(b, "%sion_native F[%u]; /* native functions */\n", e->linkage, e->nnatives);
}

static void put_prototypes(emitter *e, buffer *b, const function *f, bool own)
{
    if (own)
        buf_printf(b, "static ion_code %s;\n", e->names[f->index]);
    buf_printf(b, "%s%sconst ion_function %s__f;\n", e->split ? "extern " : "", e->linkage, e->names[f->index]);
    if (f->types && f->types->fast)
        emit_fast_prototypes(e, f, b, own);
}

static int compare_indexes(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Declares all that the unit refers to, also through leaves, and puts the leaves there. */
static void put_declarations(emitter *e, const part *at, buffer *b)
{
    units *u = e->units;
    references all = new_references(u);
    for (uint32_t k = 0; k < at->uses.n; k++)
        add(e, &all, at->uses.list[k]);
    for (uint32_t k = 0; k < all.n; k++)
        for (uint32_t i = 0; i < u->leaf[all.list[k]].uses.n; i++)
            add(e, &all, u->leaf[all.list[k]].uses.list[i]);
    if (all.n)
        qsort(all.list, all.n, sizeof *all.list, compare_indexes);
    bool any = false;
    for (uint32_t k = 0; k < all.n; k++) {
        put_prototypes(e, b, e->p->functions[all.list[k]], all.list[k] >= at->first && all.list[k] < at->end);
        any |= u->leaf[all.list[k]].n != 0;
    }
    buf_puts(b, "\n");
    if (any)
        buf_puts(b, "/* Small functions in place of their calls: 1, or 0 where nothing has been done and the call has "
                    "to be made. */\n");
    for (uint32_t k = 0; k < all.n; k++)
        buf_put(b, e->leaves.data + u->leaf[all.list[k]].at, u->leaf[all.list[k]].n);
}

c_code *units_end(emitter *e)
{
    units *u = e->units;
    close_part(e);
    c_code *code = arena_alloc(e->keep, sizeof *code);
    code->n = u->n;
    code->units = arena_alloc(e->keep, u->n * sizeof *code->units);
    for (uint32_t i = 0; i < u->n; i++) {
        part *at = &u->parts[i];
        buffer *head = &at->unit.head;
        put_banner(e, head);
        put_tables(e, head, i + 1 == u->n);
        buf_put(head, at->tables.data, at->tables.len);
        if (i + 1 == u->n)
            buf_put(head, e->declared.data, e->declared.len);
        put_declarations(e, at, head);
        code->units[i] = at->unit;
    }
    return code;
}

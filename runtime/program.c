/* program.c: a program's constants and patterns, made once from the preorder tables of generated C.
 *
 * All constants of a table lie in one piece of memory that is never freed. It fills from both ends: from below what is
 * immutable (strings, complex numbers, tuples of such, patterns), from above the templates, i.e. everything that holds
 * an array, an object or a name to be looked up at each execution. Each table is read backwards, so that parts are
 * finished before what they are part of, and need no recursion: finished parts wait on a stack, the first on top. As
 * templates grow downwards, one that is among a program's values is a contiguous run of objects with its root in front:
 * a copy is a copy of bytes and a walk that moves addresses.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>

#include "atom.h"
#include "mem.h"
#include "messages.h"
#include "native.h"
#include "object.h"
#include "ops.h"
#include "program.h"
#include "visit.h"

typedef struct part {
    ion_value value;
    const ion_pattern *pattern; /* NULL: a value, or a key */
    uint32_t flags;             /* of a key */
} part;

typedef struct builder {
    const ion_program *program;
    const ion_const *consts;
    char *low, *high;
    char *run_end; /* end of the template being made */
    part *stack;
    size_t depth;
    uint64_t units; /* values in the run being read */
    bool root;      /* the next object is a program's value: literal_info comes in front */
    ion_value *strings; /* those made so far, hashed, so that equal ones are one */
    uint32_t string_mask;
} builder;

/* The programs loaded so far. */
typedef struct loaded {
    struct loaded *next;
    const ion_program *program;
    void *memory[2]; /* of the constants, of the patterns */
} loaded;

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static loaded *programs; /* guarded by `loading` */

static const ion_pattern wildcard = {.kind = PATTERN_WILDCARD};

static bool is_vm(ion_value v)
{
    return (v & ~(ion_value)15) == ION_VM(0);
}

/* ---- memory ---- */

static uint64_t parts_of(const ion_const *c)
{
    switch ((ion_const_kind)c->kind) {
    case ION_C_TUPLE:
    case ION_C_ARRAY:
    case ION_C_P_TUPLE:
    case ION_C_P_ARRAY: return c->n;
    case ION_C_OBJECT: return 2 * (uint64_t)c->n;
    case ION_C_TAGGED: return 1;
    default: return 0;
    }
}

static size_t pattern_size(uint64_t n)
{
    return sizeof(ion_pattern) + n * sizeof(const ion_pattern *);
}

static size_t items_size(uint64_t n)
{
    return sizeof(store) + (n ? n : 1) * sizeof(ion_value);
}

/* The most that a constant can take, besides its parts. */
static size_t most_of(const ion_const *c)
{
    switch ((ion_const_kind)c->kind) {
    case ION_C_STRING: return sizeof(literal_info) + sizeof(string) + round8(c->n);
    case ION_C_COMPLEX: return sizeof(complex_number);
    case ION_C_TUPLE: return items_size(c->n);
    case ION_C_ARRAY: return array_bytes(c->n);
    case ION_C_OBJECT:
        return sizeof(object) + (dict_room(c->n) > items_size(c->n) ? dict_room(c->n) : items_size(c->n));
    case ION_C_P_TUPLE:
    case ION_C_P_ARRAY:
    case ION_C_TAGGED: return pattern_size(parts_of(c)) + parts_of(c) * pattern_size(0); /* with its parts' wrapping */
    default: return 0;
    }
}

/* Memory for one object, its literal_info in front where it needs one. `copied`: it is, or belongs to, a template. */
static void *take(builder *b, bool copied, size_t size)
{
    literal_info info = {0, b->units};
    char *at;
    if (copied) {
        at = b->high -= size;
        info.bytes = (uint64_t)(b->run_end - at);
        if (b->root)
            b->high -= sizeof info;
    } else {
        at = b->root ? b->low + sizeof info : b->low;
        b->low = at + size;
    }
    if (b->root)
        memcpy(at - sizeof info, &info, sizeof info);
    return at;
}

static bool must_copy(const builder *b, ion_value v)
{
    return is_vm(v) || (ION_IS_HEAP(v) && (char *)as_thing(v) >= b->high);
}

/* ---- constants ---- */

static uint64_t shared_head(kind k, uint64_t count)
{
    return HEAD(k, count) | HEAD_CONSTANT;
}

static uint64_t template_head(kind k, uint64_t count)
{
    return HEAD(k, count) | HEAD_CONSTANT | HEAD_TEMPLATE;
}

/* Part i of the compound whose parts end on top of the stack. */
static const part *part_at(const builder *b, uint64_t i)
{
    return &b->stack[b->depth - 1 - i];
}

/* Where the string of a text stands, or would. */
static ion_value *string_place(builder *b, const char *text, size_t n)
{
    uint32_t at = text_hash(text, n) & b->string_mask;
    while (b->strings[at] && (string_len(b->strings[at]) != n || memcmp(string_bytes(b->strings[at]), text, n) != 0))
        at = (at + 1) & b->string_mask;
    return &b->strings[at];
}

/* Equal strings are one, so that most comparisons in MATCH need no look at the text; each may be a program's value. */
static ion_value make_string(builder *b, const ion_const *c)
{
    ion_value *shared = string_place(b, c->p, c->n);
    if (*shared)
        return *shared;
    uint64_t units = b->units;
    bool root = b->root;
    b->units = 0;
    b->root = true;
    string *s = take(b, false, sizeof(string) + round8(c->n));
    b->units = units;
    b->root = root;
    s->head = shared_head(KIND_STRING, text_hash(c->p, c->n));
    s->len = c->n;
    memcpy(s->bytes, c->p, c->n);
    memset(s->bytes + c->n, 0, round8(c->n) - c->n);
    *shared = value_boxed(s);
    return value_boxed(s);
}

static double real_number(uint32_t odd, double d)
{
    return odd == ION_NAN ? (double)NAN : odd == ION_INF ? HUGE_VAL : odd == ION_MINUS_INF ? -HUGE_VAL : d;
}

static ion_value make_complex(builder *b, const ion_const *c)
{
    complex_number *z = take(b, false, sizeof(complex_number));
    *z = (complex_number){shared_head(KIND_COMPLEX, 0), real_number(c->n & 15, c->d),
                          real_number(c->n >> 4, c->imaginary)};
    return value_boxed(z);
}

static ion_value make_tuple(builder *b, uint32_t n)
{
    bool copied = false;
    for (uint32_t i = 0; i < n && !copied; i++)
        copied = must_copy(b, part_at(b, i)->value);
    tuple *t = take(b, copied, items_size(n));
    t->head = copied ? template_head(KIND_TUPLE, n) : shared_head(KIND_TUPLE, n);
    t->items[0] = ION_UNDEFINED;
    for (uint32_t i = 0; i < n; i++)
        t->items[i] = part_at(b, i)->value;
    return value_boxed(t);
}

static ion_value make_array(builder *b, uint32_t n)
{
    array *a = array_place_new(take(b, true, array_bytes(n)), n);
    a->head |= HEAD_CONSTANT | HEAD_TEMPLATE;
    if (n > INSIDE_MOST)
        a->store->head |= HEAD_CONSTANT | HEAD_TEMPLATE;
    for (uint32_t i = 0; i < n; i++)
        a->store->items[i] = part_at(b, i)->value;
    return value_array(a);
}

/* The prototype that the `__proto__` pairs give: as a write would, the last one that can be one counts. */
static ion_value find_proto(const builder *b, uint32_t n)
{
    ion_value proto = ION_UNDEFINED;
    for (uint32_t i = 0; i < n; i++) {
        ion_value v = part_at(b, 2 * (uint64_t)i + 1)->value;
        if (part_at(b, 2 * (uint64_t)i)->value == ATOM(proto) &&
            (ION_IS_OBJECT(v) || v == ION_UNDEFINED || v == ION_VM(ION_VM_THIS)))
            proto = v;
    }
    return proto;
}

/* The distinct properties of an object of at most SHAPE_MAX pairs, each at its first place with its last value; how
 * many. */
static uint32_t distinct_pairs(const builder *b, uint32_t n, shape_key keys[SHAPE_MAX], ion_value values[SHAPE_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const part *name = part_at(b, 2 * (uint64_t)i);
        if (name->value == ATOM(proto))
            continue;
        uint32_t at = 0;
        while (at < count && keys[at].atom != name->value)
            at++;
        keys[at] = (shape_key){name->value, name->flags};
        values[at] = part_at(b, 2 * (uint64_t)i + 1)->value;
        count += at == count;
    }
    return count;
}

static ion_value make_shaped(builder *b, const shape *s, const ion_value *values)
{
    object *o = object_place_new(take(b, true, object_bytes(s->count)), s->id, s->count);
    o->head |= HEAD_CONSTANT | HEAD_TEMPLATE;
    if (s->count)
        memcpy(o->slots->items, values, s->count * sizeof(ion_value));
    return value_object(o);
}

static ion_value make_dictionary(builder *b, uint32_t n)
{
    object *o = take(b, true, sizeof(object) + dict_room(n));
    *o = (object){.head = template_head(KIND_OBJECT, SHAPE_NONE), .dict = dict_place(o + 1, n)};
    for (uint32_t i = 0; i < n; i++) {
        const part *name = part_at(b, 2 * (uint64_t)i);
        if (name->value != ATOM(proto))
            dict_append(o->dict, name->value, part_at(b, 2 * (uint64_t)i + 1)->value, name->flags);
    }
    ((thing *)(void *)o->dict)->head |= HEAD_CONSTANT | HEAD_TEMPLATE;
    return value_object(o);
}

static ion_value make_object(builder *b, uint32_t n)
{
    const shape *s = n <= SHAPE_MAX ? shape_empty() : NULL;
    ion_value values[SHAPE_MAX];
    if (s) {
        shape_key keys[SHAPE_MAX];
        uint32_t count = distinct_pairs(b, n, keys, values);
        for (uint32_t i = 0; i < count && s; i++)
            s = shape_add(s, keys[i].atom, keys[i].flags);
    }
    /* no shape: too many properties, too many shapes, or no memory for one: a dictionary serves as well */
    ion_value o = s ? make_shaped(b, s, values) : make_dictionary(b, n);
    AS(object, o)->proto = find_proto(b, n);
    return o;
}

/* A library function; 0 when memory is out. */
static ion_value make_library(const ion_const *c, bool quiet)
{
    const ion_function *f = library_find(c->p, c->n);
    if (f)
        return ION_FUNCTION(f);
    f = library_missing(c->p, c->n, quiet);
    return f ? ION_FUNCTION(f) : 0;
}

/* Tables are read backwards, warnings come in the order of the constants. */
static bool warn_missing(const ion_program *p, bool quiet)
{
    for (ion_u32 i = 0; i < p->nconsts; i++)
        if (p->consts[i].kind == ION_C_LIBRARY && !make_library(&p->consts[i], quiet))
            return false;
    return true;
}

/* ---- patterns ---- */

static ion_pattern *new_pattern(builder *b, pattern_kind k, uint32_t n, ion_value v)
{
    ion_pattern *p = take(b, false, pattern_size(n));
    p->kind = k;
    p->n = n;
    p->value = v;
    return p;
}

static const ion_pattern *as_pattern(builder *b, const part *p)
{
    return p->pattern ? p->pattern : new_pattern(b, PATTERN_VALUE, 0, p->value);
}

static const ion_pattern *make_pattern(builder *b, pattern_kind k, uint32_t n, ion_value v)
{
    ion_pattern *p = new_pattern(b, k, n, v);
    for (uint32_t i = 0; i < n; i++)
        p->items[i] = as_pattern(b, part_at(b, i));
    return p;
}

/* ---- the tables ---- */

static ion_value make_atom(const char *text, size_t len)
{
    return atom_make(len ? text : "", len);
}

/* One constant, its parts being on the stack. False when memory is out. */
static bool make_part(builder *b, const ion_const *c, part *p)
{
    const char *text = c->p;
    *p = (part){0};
    switch ((ion_const_kind)c->kind) {
    case ION_C_NUMBER: p->value = value_number(real_number(c->n, c->d)); break;
    case ION_C_FALSE: p->value = ION_FALSE; break;
    case ION_C_TRUE: p->value = ION_TRUE; break;
    case ION_C_UNIT: p->value = ION_UNIT; break;
    case ION_C_UNDEFINED: p->value = ION_UNDEFINED; break;
    case ION_C_ATOM: return (p->value = make_atom(text, c->n)) != 0;
    case ION_C_STRING: p->value = make_string(b, c); break;
    case ION_C_COMPLEX: p->value = make_complex(b, c); break;
    case ION_C_FUNCTION: p->value = ION_FUNCTION(c->p); break;
    case ION_C_LIBRARY: return (p->value = make_library(c, true)) != 0; /* warn_missing has been here */
    case ION_C_NATIVE: p->value = ION_FUNCTION(b->program->natives[c->n].fn); break;
    case ION_C_VM: p->value = ION_VM(c->n); break;
    case ION_C_TUPLE: p->value = make_tuple(b, c->n); break;
    case ION_C_ARRAY: p->value = make_array(b, c->n); break;
    case ION_C_OBJECT: p->value = make_object(b, c->n); break;
    case ION_C_KEY: p->flags = c->n >> 24; return (p->value = make_atom(text, c->n & 0xFFFFFF)) != 0;
    case ION_C_WILDCARD: p->pattern = &wildcard; break;
    case ION_C_P_TUPLE: p->pattern = make_pattern(b, PATTERN_TUPLE, c->n, ION_UNDEFINED); break;
    case ION_C_P_ARRAY: p->pattern = make_pattern(b, PATTERN_ARRAY, c->n, ION_UNDEFINED); break;
    case ION_C_TAGGED: {
        bool colon = c->n && text[0] == ':';
        ion_value tag = make_atom(text + colon, c->n - colon);
        if (tag)
            p->pattern = make_pattern(b, PATTERN_TAGGED, 1, tag);
        return tag != 0;
    }
    }
    return true;
}

/* The constants first..end-1: one with all its parts. It is left as the only one on the stack. */
static bool make_run(builder *b, uint32_t first, uint32_t end, bool literal)
{
    uint32_t top = b->consts[first].kind;
    b->depth = 0;
    b->run_end = b->high;
    b->units = 0;
    if (top == ION_C_TUPLE || top == ION_C_ARRAY || top == ION_C_OBJECT)
        for (uint32_t i = first; i < end; i++)
            b->units += b->consts[i].kind != ION_C_KEY;
    for (uint32_t i = end; i-- > first;) {
        part p;
        b->root = literal && i == first;
        if (!make_part(b, &b->consts[i], &p))
            return false;
        b->depth -= parts_of(&b->consts[i]);
        b->stack[b->depth++] = p;
    }
    b->root = false;
    return true;
}

/* Where the constants that are no part of another begin; returns the memory that all take at most. */
static size_t find_runs(const ion_const *consts, uint32_t n, uint32_t *starts, uint32_t nstarts)
{
    size_t bytes = nstarts * (sizeof(literal_info) + pattern_size(0));
    uint64_t open = 0;
    uint32_t runs = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!open && runs < nstarts)
            starts[runs++] = i;
        open = (open ? open - 1 : 0) + parts_of(&consts[i]);
        bytes += most_of(&consts[i]);
    }
    starts[nstarts] = n;
    return bytes;
}

static bool make_room_for_strings(builder *b, uint32_t n)
{
    uint32_t strings = 0, size = 4;
    for (uint32_t i = 0; i < n; i++)
        strings += b->consts[i].kind == ION_C_STRING;
    while (size < 2 * strings)
        size *= 2;
    b->string_mask = size - 1;
    b->strings = mem_zalloc(size * sizeof *b->strings);
    return b->strings != NULL;
}

/* Makes the values (or the patterns, where `values` is NULL) of a table. *memory is to be kept; on failure it is freed.
 */
static bool make_table(const ion_program *program, const ion_const *consts, uint32_t nconsts, ion_value *values, const ion_pattern **patterns,
                       uint32_t n, void **memory)
{
    builder b = {.program = program, .consts = consts};
    uint32_t *starts = mem_alloc(((size_t)n + 1) * sizeof *starts);
    size_t bytes = starts ? find_runs(consts, nconsts, starts, n) : 0;
    bool done = starts && (b.stack = mem_alloc(nconsts * sizeof *b.stack)) && (b.low = mem_alloc(bytes)) &&
                make_room_for_strings(&b, nconsts);
    *memory = b.low;
    b.high = b.low + (b.low ? bytes : 0);
    for (uint32_t i = n; done && i-- > 0;) {
        done = make_run(&b, starts[i], starts[i + 1], values != NULL);
        if (done && values)
            values[i] = b.stack[0].value;
        else if (done)
            patterns[i] = as_pattern(&b, &b.stack[0]);
    }
    mem_free(starts);
    mem_free(b.stack);
    mem_free(b.strings);
    if (!done) {
        mem_free(*memory);
        *memory = NULL;
    }
    return done;
}

static bool make_program(loaded *l, bool quiet)
{
    const ion_program *p = l->program;
    if (!warn_missing(p, quiet) || (p->nnatives && !p->natives_load(p, NULL, quiet)))
        return false;
    if (p->nvalues && !make_table(p, p->consts, p->nconsts, p->values, NULL, p->nvalues, &l->memory[0]))
        return false;
    if (p->npatterns &&
        !make_table(p, p->pattern_consts, p->npattern_consts, NULL, p->patterns, p->npatterns, &l->memory[1])) {
        mem_free(l->memory[0]);
        return false;
    }
    match_load(p);
    return true;
}

static bool load(const ion_program *program, bool quiet)
{
    if (!atoms_init())
        return false;
    pthread_mutex_lock(&loading);
    loaded *l = programs;
    while (l && l->program != program)
        l = l->next;
    bool done = l != NULL;
    if (!done && (l = mem_zalloc(sizeof *l))) {
        l->program = program;
        done = make_program(l, quiet);
        if (done) {
            l->next = programs;
            programs = l;
        } else {
            mem_free(l);
        }
    }
    pthread_mutex_unlock(&loading);
    return done;
}

bool program_open(const ion_program *program, const grants *may, bool quiet)
{
    if (!program->nnatives)
        return true;
    pthread_mutex_lock(&loading);
    bool done = program->natives_load(program, may, quiet);
    pthread_mutex_unlock(&loading);
    return done;
}

bool program_load(const ion_program *program)
{
    return load(program, false);
}

bool program_load_quietly(const ion_program *program)
{
    return load(program, true);
}

void program_unload(const ion_program *program)
{
    pthread_mutex_lock(&loading);
    loaded **at = &programs, *l;
    while (*at && (*at)->program != program)
        at = &(*at)->next;
    if ((l = *at)) {
        *at = l->next;
        mem_free(l->memory[0]);
        mem_free(l->memory[1]);
        mem_free(l);
    }
    pthread_mutex_unlock(&loading);
}

/* ---- copies of templates ---- */

typedef struct placing {
    uintptr_t from, bytes;
    intptr_t by; /* how far it moves */
    const ion_value *vm;
} placing;

static void move_value(void *context, ion_value *v)
{
    const placing *m = context;
    if (is_vm(*v))
        *v = m->vm[*v & 15];
    else if (ION_IS_HEAP(*v) && (uintptr_t)as_thing(*v) - m->from < m->bytes)
        *v += (ion_value)m->by;
}

static void *moved(const placing *m, void *p)
{
    return p ? (char *)p + m->by : NULL;
}

/* The collector passes over what a dictionary holds besides addresses; names to be looked up are such. */
static void look_up_names(const placing *m, dict *d)
{
    dict_entry *e;
    for (uint32_t i = 0; (e = dict_next(d, &i));)
        if (is_vm(e->value))
            e->value = m->vm[e->value & 15];
}

static void move_thing(placing *m, thing *t)
{
    t->head &= ~(HEAD_CONSTANT | HEAD_TEMPLATE);
    switch (HEAD_KIND(t->head)) {
    case KIND_ARRAY: ((array *)t)->store = moved(m, ((array *)t)->store); break;
    case KIND_OBJECT: ((object *)t)->slots = moved(m, ((object *)t)->slots); break;
    case KIND_DICT: look_up_names(m, (dict *)(void *)t); break;
    default: break;
    }
    thing_visit(t, t->head, move_value, m);
    if (HEAD_KIND(t->head) == KIND_OBJECT && !ION_IS_OBJECT(((object *)t)->proto))
        ((object *)t)->proto = ION_UNDEFINED; /* `this` may stand for none */
}

ion_value literal_place(void *to, ion_value constant, const ion_value vm[ION_VM_COUNT])
{
    const char *from = (const char *)as_thing(constant);
    size_t bytes = literal_of(constant)->bytes;
    placing m = {(uintptr_t)from, bytes, (intptr_t)((uintptr_t)to - (uintptr_t)from), vm};
    memcpy(to, from, bytes);
    for (char *at = to, *end = at + bytes; at < end;) {
        thing *t = (thing *)(void *)at;
        move_thing(&m, t);
        at += thing_size(t);
    }
    return constant + (ion_value)m.by;
}

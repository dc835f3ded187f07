/* link.c: names → functions. Takes the classes of a package and gives a program: every function numbered, every atom
 * and function reference in a constant marked with what it stands for (value->meaning, value->target), the entry found.
 *
 * Atoms keep their meaning PLAIN inside patterns; function references are resolved there too. Values form trees that
 * the decoder has bounded in depth, so walking them may recurse.
 */
#include <string.h>
#include <strings.h>

#include "ionc.h"

static const char *const library_names[] = {
#define ION_LIB(Name, min, max, types, work) #Name,
#include "ion/library.def"
#undef ION_LIB
};
#define LIBRARY_COUNT (sizeof library_names / sizeof *library_names)

static uint32_t library_find(text name)
{
    for (uint32_t i = 0; i < LIBRARY_COUNT; i++)
        if (text_equal(name, text_of(library_names[i])))
            return i;
    for (uint32_t i = 0; i < LIBRARY_COUNT; i++)
        if (strlen(library_names[i]) == name.n && strncasecmp(library_names[i], name.s, name.n) == 0)
            return i;
    return NOT_FOUND;
}

bool library_has(text name)
{
    return library_find(name) != NOT_FOUND;
}

/* What resolving needs to know: functions by class and name, and by name alone. */
typedef struct linker {
    compilation *c;
    program *p;
    textmap classes;  /* class name → index in p->classes */
    textmap *members; /* per class: function name → program index, the last one of a name */
    textmap names;    /* function name → program index, or AMBIGUOUS */
} linker;
#define AMBIGUOUS (NOT_FOUND - 1)

/* Where a reference stands, for messages. */
typedef struct site {
    const function *f;
    const instr *i;
} site;

static text text_from(text t, uint32_t start)
{
    return (text){t.s + start, t.n - start};
}

static bool starts_with(text t, const char *prefix)
{
    size_t n = strlen(prefix);
    return t.n >= n && memcmp(t.s, prefix, n) == 0;
}

static void index_functions(linker *l)
{
    program *p = l->p;
    l->members = arena_alloc(l->c, (p->nclasses + 1) * sizeof *l->members);
    for (uint32_t k = 0; k < p->nclasses; k++) {
        class *class = p->classes[k];
        textmap_put(l->c, &l->classes, class->name, k);
        for (uint32_t i = 0; i < class->n; i++) {
            function *f = &class->functions[i];
            f->class = class;
            f->index = p->n;
            p->functions[p->n++] = f;
            if (!f->has_name)
                continue;
            if (textmap_get(&l->members[k], f->name) != NOT_FOUND)
                warn(l->c, class->entry, "two functions are called %s; the last one counts", f->name.s);
            bool seen =
                textmap_get(&l->names, f->name) != NOT_FOUND && textmap_get(&l->members[k], f->name) == NOT_FOUND;
            textmap_put(l->c, &l->members[k], f->name, f->index);
            textmap_put(l->c, &l->names, f->name, seen ? AMBIGUOUS : f->index);
        }
    }
}

/* "Main:start, Main:work, ...": the functions of a class, or of all classes, that a message can offer. */
static const char *list_functions(linker *l, uint32_t class, const text *named)
{
    buffer b = {.c = l->c};
    uint32_t shown = 0;
    for (uint32_t i = 0; i < l->p->n && shown < 20; i++) {
        const function *f = l->p->functions[i];
        if (!f->has_name || (class != NOT_FOUND && f->class != l->p->classes[class]) ||
            (named && !text_equal(f->name, *named)))
            continue;
        buf_printf(&b, "%s%s:%s", shown++ ? ", " : "", f->class->name.s, f->name.s);
    }
    return shown ? b.data : "none";
}

/* The function `name` as seen from class `k`; NOT_FOUND where a bare name means nothing. */
static uint32_t resolve(linker *l, text name, uint32_t k, site at)
{
    for (uint32_t colon = 0; colon < name.n; colon++) { /* class names hold no colon by habit, but may */
        if (name.s[colon] != ':')
            continue;
        uint32_t class = textmap_get(&l->classes, (text){arena_string(l->c, name.s, colon), colon});
        if (class == NOT_FOUND)
            continue;
        uint32_t f = textmap_get(&l->members[class], text_from(name, colon + 1));
        if (f != NOT_FOUND)
            return f;
        fail(l->c, at.f->class->entry, at.i->at, "no function %s in class %s; it has: %s", name.s + colon + 1,
             l->p->classes[class]->name.s, list_functions(l, class, NULL));
    }
    uint32_t f = textmap_get(&l->members[k], name);
    if (f != NOT_FOUND)
        return f;
    f = textmap_get(&l->names, name);
    if (f == AMBIGUOUS)
        fail(l->c, at.f->class->entry, at.i->at, "function %s could be any of: %s", name.s,
             list_functions(l, NOT_FOUND, &name));
    if (f != NOT_FOUND)
        return f;
    uint32_t class = textmap_get(&l->classes, name);
    if (class != NOT_FOUND && l->p->classes[class]->n == 1)
        return l->p->classes[class]->functions[0].index;
    fail(l->c, at.f->class->entry, at.i->at, "no function %s; there are: %s", name.s,
         list_functions(l, NOT_FOUND, NULL));
}

static void mean_library(value *v, text name)
{
    uint32_t index = library_find(name);
    v->meaning = M_LIBRARY;
    v->library = index == NOT_FOUND ? name : text_of(library_names[index]);
}

static void mean_function(linker *l, value *v, text name, uint32_t k, site at)
{
    uint32_t index = resolve(l, name, k, at);
    const function *f = l->p->functions[index];
    if (f->native) { /* another name for a library function */
        mean_library(v, f->native_name);
        return;
    }
    v->meaning = M_FUNCTION;
    v->target = index;
}

static void mean_atom(linker *l, value *v, uint32_t k, site at)
{
    static const struct {
        const char *name;
        meaning meaning;
    } vm[] = {{"__vm:self", M_SELF},
              {"self", M_SELF},
              {"__vm:pid", M_PID},
              {"__vm:processes", M_PROCESSES},
              {"__vm:scheduler_passes", M_PASSES},
              {"__vm:this", M_THIS}};
    text t = v->text;
    for (size_t i = 0; i < sizeof vm / sizeof *vm; i++) {
        if (text_equal(t, text_of(vm[i].name))) {
            v->meaning = vm[i].meaning;
            return;
        }
    }
    if (starts_with(t, "__vm:")) {
        v->meaning = M_UNDEFINED;
    } else if (starts_with(t, "__function_ref:")) {
        mean_function(l, v, text_from(t, strlen("__function_ref:")), k, at);
    } else if (starts_with(t, "function:")) {
        mean_function(l, v, text_from(t, strlen("function:")), k, at);
    } else if (starts_with(t, "__stdlib:")) {
        mean_library(v, text_from(t, strlen("__stdlib:")));
    }
}

static void mean_value(linker *l, value *v, uint32_t k, site at, bool pattern)
{
    switch (v->tag) {
    case V_ATOM:
        if (!pattern)
            mean_atom(l, v, k, at);
        break;
    case V_FUNCTION: mean_function(l, v, v->text, k, at); break;
    case V_ARRAY:
    case V_TUPLE:
        for (uint32_t i = 0; i < v->n; i++)
            mean_value(l, v->items[i], k, at, pattern);
        break;
    case V_OBJECT:
        for (uint32_t i = 0; i < v->n; i++)
            mean_value(l, v->props[i].value, k, at, pattern);
        break;
    default: break;
    }
}

static void mean_pattern(linker *l, pattern *p, uint32_t k, site at)
{
    if (p->kind == P_VALUE)
        mean_value(l, p->value, k, at, true);
    for (uint32_t i = 0; i < p->n; i++)
        mean_pattern(l, p->items[i], k, at);
}

static void link_function(linker *l, function *f, uint32_t k)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        instr *i = &f->code[pc];
        site at = {f, i};
        if (i->op == OP_LOAD_CONST)
            mean_value(l, i->value, k, at, false);
        for (uint32_t j = 0; i->op == OP_OBJECT_INIT && j < i->n; j++)
            if (i->props[j].value)
                mean_value(l, i->props[j].value, k, at, false);
        for (uint32_t j = 0; i->op == OP_MATCH && j < i->n; j++)
            mean_pattern(l, i->cases[j].pattern, k, at);
    }
}

static uint32_t find_entry(linker *l)
{
    const manifest *m = l->p->manifest;
    const char *where = "META-INF/MANIFEST.ion";
    if (!m->main_class)
        return NOT_FOUND;
    uint32_t k = textmap_get(&l->classes, text_of(m->main_class));
    if (k == NOT_FOUND)
        fail(l->c, where, NO_OFFSET, "Main-Class %s is not in the package", m->main_class);
    const class *class = l->p->classes[k];
    const char *name = m->entry_point ? m->entry_point : "main";
    uint32_t f = textmap_get(&l->members[k], text_of(name));
    if (f == NOT_FOUND && m->entry_point)
        fail(l->c, where, NO_OFFSET, "Entry-Point %s is not in class %s; it has: %s", name, m->main_class,
             list_functions(l, k, NULL));
    for (uint32_t i = 0; f == NOT_FOUND && i < class->n; i++)
        if (class->functions[i].arity == 0)
            f = class->functions[i].index;
    if (f == NOT_FOUND)
        fail(l->c, where, NO_OFFSET,
             "no entry function: class %s has no main and no function without arguments; it has: %s", m->main_class,
             list_functions(l, k, NULL));
    if (l->p->functions[f]->native)
        fail(l->c, where, NO_OFFSET, "entry function %s is a native function", l->p->functions[f]->name.s);
    return f;
}

program *program_link(compilation *c, const package *pack, const manifest *m, class **classes, uint32_t n)
{
    (void)pack;
    program *p = arena_alloc(c, sizeof *p);
    *p = (program){.name = m->name, .manifest = m, .classes = classes, .nclasses = n};
    uint32_t total = 0;
    for (uint32_t k = 0; k < n; k++)
        total += classes[k]->n;
    p->functions = arena_alloc(c, (total + 1) * sizeof *p->functions);
    p->dialect = n ? classes[0]->dialect : 0;
    linker l = {.c = c, .p = p};
    index_functions(&l);
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t i = 0; i < classes[k]->n; i++)
            if (!classes[k]->functions[i].native)
                link_function(&l, &classes[k]->functions[i], k);
    p->entry = find_entry(&l);
    return p;
}

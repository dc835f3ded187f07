/* link.c: names → functions. Takes the packages of a program and gives the program: every class read, every function
 * numbered, every atom and function reference in a constant marked with what it stands for (value->meaning,
 * value->target), the entry found. Each package sees its own classes and the exported ones of those that it depends on.
 *
 * Atoms keep their meaning PLAIN inside patterns; function references are resolved there too. Values form trees that
 * the decoder has bounded in depth, so walking them may recurse.
 */
#include <string.h>
#include <strings.h>

#include "ionc.h"

#define MANIFEST "META-INF/MANIFEST.ion"

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

/* What a package's own functions may refer to by name, besides what it takes from others. */
typedef struct scope {
    textmap classes; /* class name → index in p->classes */
    textmap names;   /* function name → program index, or AMBIGUOUS */
    uint32_t *uses;  /* packages that it may refer to, each once */
    uint32_t nuses;
} scope;

/* What resolving needs to know: functions by class and name, and by name alone. */
typedef struct linker {
    compilation *c;
    program *p;
    scope *scopes;    /* per package */
    textmap *members; /* per class: function name → program index, the last one of a name */
    text *plain;      /* per class: its name without its package's */
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

static void index_class(linker *l, uint32_t k)
{
    program *p = l->p;
    class *class = p->classes[k];
    scope *own = &l->scopes[class->pack];
    textmap_put(l->c, &own->classes, class->name, k);
    for (uint32_t i = 0; i < class->n; i++) {
        function *f = &class->functions[i];
        f->class = class;
        f->index = p->n;
        p->functions[p->n++] = f;
        if (!f->has_name)
            continue;
        bool again = textmap_get(&l->members[k], f->name) != NOT_FOUND;
        if (again)
            warn(l->c, class->entry, "two functions are called %s; the last one counts", f->name.s);
        bool seen = textmap_get(&own->names, f->name) != NOT_FOUND && !again;
        textmap_put(l->c, &l->members[k], f->name, f->index);
        textmap_put(l->c, &own->names, f->name, seen ? AMBIGUOUS : f->index);
    }
}

/* Without the key everything is exported. */
static void find_exports(linker *l, const pack *k, const scope *own)
{
    const char *list = k->manifest->exports;
    for (uint32_t i = 0; i < k->nclasses; i++)
        l->p->classes[k->first_class + i]->exported = !list;
    while (list) {
        list += strspn(list, " \t,");
        size_t n = strcspn(list, ","), used = n;
        while (used && (list[used - 1] == ' ' || list[used - 1] == '\t'))
            used--;
        if (!n)
            return;
        uint32_t class = textmap_get(&own->classes, (text){arena_string(l->c, list, used), (uint32_t)used});
        if (class == NOT_FOUND)
            warn(l->c, package_place(l->c, k->files, MANIFEST), "Exports: there is no class %.*s", (int)used, list);
        else
            l->p->classes[class]->exported = true;
        list += n;
    }
}

static void find_uses(linker *l, const pack *k, scope *own)
{
    own->uses = arena_alloc(l->c, (k->nneeds + 1) * sizeof *own->uses);
    for (uint32_t i = 0; i < k->nneeds; i++) {
        bool seen = k->uses[i] == NOT_FOUND;
        for (uint32_t j = 0; j < own->nuses && !seen; j++)
            seen = own->uses[j] == k->uses[i];
        if (!seen)
            own->uses[own->nuses++] = k->uses[i];
    }
}

static void index_functions(linker *l)
{
    program *p = l->p;
    l->members = arena_alloc(l->c, (p->nclasses + 1) * sizeof *l->members);
    l->plain = arena_alloc(l->c, (p->nclasses + 1) * sizeof *l->plain);
    l->scopes = arena_alloc(l->c, p->npacks * sizeof *l->scopes);
    for (uint32_t k = 0; k < p->nclasses; k++) {
        index_class(l, k);
        class *class = p->classes[k];
        l->plain[k] = class->name;
        if (class->pack) {
            char *name = arena_format(l->c, "%s/%s", p->packs[class->pack]->name, class->name.s);
            class->name = text_of(name);
        }
    }
    for (uint32_t i = 0; i < p->npacks; i++) {
        find_exports(l, p->packs[i], &l->scopes[i]);
        find_uses(l, p->packs[i], &l->scopes[i]);
    }
}

/* Whether package `from` may refer to a class. */
static bool visible(const linker *l, const class *k, uint32_t from)
{
    if (k->pack == from)
        return true;
    const scope *own = &l->scopes[from];
    for (uint32_t i = 0; i < own->nuses; i++)
        if (own->uses[i] == k->pack)
            return k->exported;
    return false;
}

/* "Main:start, Main:work, ...": the functions of a class, or of all that package `from` sees, that a message can offer. */
static const char *list_functions(linker *l, uint32_t class, uint32_t from, const text *named)
{
    buffer b = {.c = l->c};
    uint32_t shown = 0;
    for (uint32_t i = 0; i < l->p->n && shown < 20; i++) {
        const function *f = l->p->functions[i];
        if (!f->has_name || (class != NOT_FOUND && f->class != l->p->classes[class]) || !visible(l, f->class, from) ||
            (named && !text_equal(f->name, *named)))
            continue;
        buf_printf(&b, "%s%s:%s", shown++ ? ", " : "", f->class->name.s, f->name.s);
    }
    return shown ? b.data : "none";
}

/* The class `name` of what package `from` takes from others; AMBIGUOUS where several export one. */
static uint32_t imported_class(const linker *l, text name, uint32_t from)
{
    const scope *own = &l->scopes[from];
    uint32_t found = NOT_FOUND;
    for (uint32_t i = 0; i < own->nuses; i++) {
        uint32_t k = textmap_get(&l->scopes[own->uses[i]].classes, name);
        if (k != NOT_FOUND && l->p->classes[k]->exported)
            found = found == NOT_FOUND ? k : AMBIGUOUS;
    }
    return found;
}

/* `package/Class`, where package `from` may refer to it, or is that package. */
static uint32_t qualified_class(const linker *l, text name, uint32_t from)
{
    const scope *own = &l->scopes[from];
    for (uint32_t i = 0; i <= own->nuses; i++) {
        uint32_t pack = i < own->nuses ? own->uses[i] : from;
        const char *prefix = l->p->packs[pack]->name;
        uint32_t n = (uint32_t)strlen(prefix);
        if (name.n <= n || memcmp(name.s, prefix, n) != 0 || name.s[n] != '/')
            continue;
        uint32_t k = textmap_get(&l->scopes[pack].classes, text_from(name, n + 1));
        if (k != NOT_FOUND && (pack == from || l->p->classes[k]->exported))
            return k;
    }
    return NOT_FOUND;
}

/* The class that package `from` calls `name`: its own, then `package/Class`, then one that it takes from others. */
static uint32_t find_class(linker *l, text name, uint32_t from, site at)
{
    uint32_t k = textmap_get(&l->scopes[from].classes, name);
    if (k == NOT_FOUND)
        k = qualified_class(l, name, from);
    if (k == NOT_FOUND)
        k = imported_class(l, name, from);
    if (k != AMBIGUOUS)
        return k;
    buffer b = {.c = l->c};
    for (uint32_t i = 0; i < l->p->nclasses; i++)
        if (text_equal(l->plain[i], name) && visible(l, l->p->classes[i], from))
            buf_printf(&b, "%s%s", b.len ? ", " : "", l->p->classes[i]->name.s);
    fail(l->c, at.f->class->entry, at.i->at, "class %s could be any of: %s", name.s, b.data);
}

/* Why package `from` does not see a class that there is; NULL: there is none. */
static const char *why_hidden(linker *l, text name, uint32_t from)
{
    for (uint32_t i = 0; i < l->p->nclasses; i++) {
        const class *k = l->p->classes[i];
        if (k->pack == from || (!text_equal(l->plain[i], name) && !text_equal(k->name, name)))
            continue;
        const char *pack = l->p->packs[k->pack]->name;
        return k->exported ? arena_format(l->c, "class %s is of package %s, which is not among the Dependencies of %s",
                                          l->plain[i].s, pack, l->p->packs[from]->name)
                           : arena_format(l->c, "class %s of package %s is not among its Exports", l->plain[i].s, pack);
    }
    return NULL;
}

/* A function by its name alone: of package `from`, else of the classes that it takes from others. */
static uint32_t find_function(const linker *l, text name, uint32_t from)
{
    const scope *own = &l->scopes[from];
    uint32_t found = textmap_get(&own->names, name);
    if (found != NOT_FOUND)
        return found;
    for (uint32_t i = 0; i < own->nuses; i++) {
        const pack *other = l->p->packs[own->uses[i]];
        for (uint32_t k = other->first_class; k < other->first_class + other->nclasses; k++) {
            uint32_t f = l->p->classes[k]->exported ? textmap_get(&l->members[k], name) : NOT_FOUND;
            if (f != NOT_FOUND)
                found = found == NOT_FOUND ? f : AMBIGUOUS;
        }
    }
    return found;
}

/* The function `name` as seen from class `k`; fails where it means nothing. */
static uint32_t resolve_name(linker *l, text name, uint32_t k, site at)
{
    uint32_t from = l->p->classes[k]->pack;
    const char *why = NULL;
    for (uint32_t colon = 0; colon < name.n; colon++) { /* class names hold no colon by habit, but may */
        if (name.s[colon] != ':')
            continue;
        text prefix = {arena_string(l->c, name.s, colon), colon};
        uint32_t class = find_class(l, prefix, from, at);
        if (class == NOT_FOUND) {
            why = why ? why : why_hidden(l, prefix, from);
            continue;
        }
        uint32_t f = textmap_get(&l->members[class], text_from(name, colon + 1));
        if (f != NOT_FOUND)
            return f;
        fail(l->c, at.f->class->entry, at.i->at, "no function %s in class %s; it has: %s", name.s + colon + 1,
             l->p->classes[class]->name.s, list_functions(l, class, from, NULL));
    }
    uint32_t f = textmap_get(&l->members[k], name);
    if (f != NOT_FOUND)
        return f;
    f = find_function(l, name, from);
    if (f == AMBIGUOUS)
        fail(l->c, at.f->class->entry, at.i->at, "function %s could be any of: %s", name.s,
             list_functions(l, NOT_FOUND, from, &name));
    if (f != NOT_FOUND)
        return f;
    uint32_t class = find_class(l, name, from, at);
    if (class != NOT_FOUND && l->p->classes[class]->n == 1)
        return l->p->classes[class]->functions[0].index;
    why = why ? why : why_hidden(l, name, from);
    if (why)
        fail(l->c, at.f->class->entry, at.i->at, "no function %s: %s", name.s, why);
    fail(l->c, at.f->class->entry, at.i->at, "no function %s; there are: %s", name.s,
         list_functions(l, NOT_FOUND, from, NULL));
}

static uint32_t library_exactly(text name)
{
    for (uint32_t i = 0; i < LIBRARY_COUNT; i++)
        if (text_equal(name, text_of(library_names[i])))
            return i;
    return NOT_FOUND;
}

/* A native function, or what the standard library calls a name that is none. Names of the library go first, as they are
 * written there, and last, ignoring case. */
static void mean_native(linker *l, value *v, text name, site at)
{
    uint32_t index = native_find(l->p->natives, at.f->class->pack, name);
    if (index == NATIVE_AMBIGUOUS)
        fail(l->c, at.f->class->entry, at.i->at, "native function %s could be any of: %s", name.s,
             natives_list(l->c, l->p->natives, at.f->class->pack, name));
    v->meaning = index == NOT_FOUND ? M_LIBRARY : M_NATIVE;
    v->target = index;
    v->library = index == NOT_FOUND ? name : l->p->natives->list[index].name;
}

static void mean_library(linker *l, value *v, text name, site at)
{
    if (library_exactly(name) == NOT_FOUND && native_find(l->p->natives, at.f->class->pack, name) != NOT_FOUND) {
        mean_native(l, v, name, at);
        return;
    }
    uint32_t index = library_find(name);
    v->meaning = M_LIBRARY;
    v->library = index == NOT_FOUND ? name : text_of(library_names[index]);
}

static void mean_function(linker *l, value *v, text name, uint32_t k, site at)
{
    uint32_t index = resolve_name(l, name, k, at);
    const function *f = l->p->functions[index];
    if (f->native) { /* another name for a library function */
        mean_library(l, v, f->native_name, at);
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
        mean_library(l, v, text_from(t, strlen("__stdlib:")), at);
    } else if (starts_with(t, "__ffi:")) {
        mean_native(l, v, text_from(t, strlen("__ffi:")), at);
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
    const char *where = MANIFEST;
    if (!m->main_class)
        return NOT_FOUND;
    uint32_t k = textmap_get(&l->scopes[0].classes, text_of(m->main_class));
    if (k == NOT_FOUND)
        fail(l->c, where, NO_OFFSET, "Main-Class %s is not in the package", m->main_class);
    const class *class = l->p->classes[k];
    const char *name = m->entry_point ? m->entry_point : "main";
    uint32_t f = textmap_get(&l->members[k], text_of(name));
    if (f == NOT_FOUND && m->entry_point)
        fail(l->c, where, NO_OFFSET, "Entry-Point %s is not in class %s; it has: %s", name, m->main_class,
             list_functions(l, k, 0, NULL));
    for (uint32_t i = 0; f == NOT_FOUND && i < class->n; i++)
        if (class->functions[i].arity == 0)
            f = class->functions[i].index;
    if (f == NOT_FOUND)
        fail(l->c, where, NO_OFFSET,
             "no entry function: class %s has no main and no function without arguments; it has: %s", m->main_class,
             list_functions(l, k, 0, NULL));
    if (l->p->functions[f]->native)
        fail(l->c, where, NO_OFFSET, "entry function %s is a native function", l->p->functions[f]->name.s);
    return f;
}

/* The classes of all packages, package by package. */
static void read_classes(linker *l)
{
    program *p = l->p;
    uint32_t cap = 0;
    uint64_t total = 0;
    for (uint32_t i = 0; i < p->npacks; i++) {
        pack *k = p->packs[i];
        if (!k->classes)
            k->classes = classes_read(l->c, k->files, &k->nclasses);
        k->first_class = p->nclasses;
        for (uint32_t j = 0; j < k->nclasses; j++) {
            k->classes[j]->pack = i;
            total += k->classes[j]->n;
            p->classes = GROW(l->c, p->classes, p->nclasses, cap);
            p->classes[p->nclasses++] = k->classes[j];
        }
    }
    p->functions = arena_alloc(l->c, (total + 1) * sizeof *p->functions);
    p->dialect = p->packs[0]->nclasses ? p->classes[0]->dialect : 0;
}

static linker start(compilation *c, const packs *all)
{
    program *p = arena_alloc(c, sizeof *p);
    const manifest *m = all->list[0]->manifest;
    *p = (program){.name = m->name, .manifest = m, .packs = all->list, .npacks = all->n};
    linker l = {.c = c, .p = p};
    read_classes(&l);
    index_functions(&l);
    return l;
}

program *program_index(compilation *c, const packs *all)
{
    linker l = start(c, all);
    l.p->entry = find_entry(&l);
    return l.p;
}

program *program_link(compilation *c, const packs *all)
{
    linker l = start(c, all);
    l.p->natives = ffi_read(c, l.p);
    for (uint32_t k = 0; k < l.p->nclasses; k++)
        for (uint32_t i = 0; i < l.p->classes[k]->n; i++)
            if (!l.p->classes[k]->functions[i].native)
                link_function(&l, &l.p->classes[k]->functions[i], k);
    l.p->entry = find_entry(&l);
    return l.p;
}

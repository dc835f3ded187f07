/* link.c: gives every name in a program's constants what it stands for, and finds the entry function.
 *
 * After it each node of a constant has a value or a meaning, each pattern its value, each function its callable, and
 * every text that the program has as an atom, a key or a tag is known as one.
 */
#include <string.h>

#include "code.h"
#include "lib.h"
#include "object.h"
#include "vm.h"

typedef struct linker {
    program *program;
    class *class;   /* whose constants are being linked */
    name **missing; /* library functions warned about */
    size_t missing_n, missing_cap;
} linker;

/* The function of this name in a class, the last one where there are several; or NULL. */
static function *in_class(class *k, const name *wanted)
{
    for (uint32_t i = k->n; i-- > 0;)
        if (k->functions[i].name == wanted)
            return &k->functions[i];
    return NULL;
}

static class *find_class(program *p, const char *s, size_t n)
{
    for (size_t i = 0; i < p->nclasses; i++)
        if (strlen(p->classes[i].name) == n && memcmp(p->classes[i].name, s, n) == 0)
            return &p->classes[i];
    return NULL;
}

/* What a reference without a class means: here, else the only one anywhere, else a class that is one function. */
static function *find_bare(linker *l, const name *wanted)
{
    function *f = in_class(l->class, wanted);
    if (f)
        return f;
    size_t found = 0;
    for (size_t i = 0; i < l->program->nclasses; i++) {
        function *other = in_class(&l->program->classes[i], wanted);
        if (other) {
            f = other;
            found++;
        }
    }
    if (found)
        return found == 1 ? f : NULL;
    class *k = find_class(l->program, wanted->text, wanted->len);
    return k && k->n == 1 ? &k->functions[0] : NULL;
}

/* `Class:name`, by the first colon whose left side is a class; or a name alone. */
static function *find_function(linker *l, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        class *k = s[i] == ':' ? find_class(l->program, s, i) : NULL;
        if (k)
            return in_class(k, name_of(s + i + 1, n - i - 1));
    }
    return find_bare(l, name_of(s, n));
}

/* The rest of the text behind a prefix, or NULL. */
static const char *behind(const name *a, const char *prefix, size_t *n)
{
    size_t len = strlen(prefix);
    if (a->len < len || memcmp(a->text, prefix, len) != 0)
        return NULL;
    *n = a->len - len;
    return a->text + len;
}

static void warn_missing(linker *l, const callable *f)
{
    if (f->library >= 0)
        return;
    for (size_t i = 0; i < l->missing_n; i++)
        if (l->missing[i] == f->library_name)
            return;
    l->missing = mem_room(l->missing, l->missing_n, &l->missing_cap, sizeof *l->missing);
    l->missing[l->missing_n++] = f->library_name;
    report(MSG_WARN_NO_FUNCTION, f->library_name->text);
}

static bool link_function_node(linker *l, node *v, const char *s, size_t n)
{
    function *f = find_function(l, s, n);
    if (!f)
        return false;
    v->value = v_function(f->callable);
    return true;
}

static bool link_atom(linker *l, node *v)
{
    static const struct {
        const char *text;
        meaning meaning;
    } special[] = {{"self", M_SELF},
                   {"__vm:self", M_SELF},
                   {"__vm:pid", M_PID},
                   {"__vm:processes", M_PROCESSES},
                   {"__vm:scheduler_passes", M_PASSES},
                   {"__vm:this", M_THIS}};
    size_t n;
    const char *s;
    if ((s = behind(v->text, "__function_ref:", &n)) || (s = behind(v->text, "function:", &n)))
        return link_function_node(l, v, s, n);
    if ((s = behind(v->text, "__stdlib:", &n))) {
        v->value = v_function(library_callable(s, n));
        warn_missing(l, v->value.function);
        return true;
    }
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        if (name_is(v->text, special[i].text)) {
            v->meaning = (uint8_t)special[i].meaning;
            return true;
        }
    }
    if (behind(v->text, "__vm:", &n))
        v->value = v_undefined();
    else
        v->text->atom = true;
    return true;
}

/* Finds the extent of each node, and the tuples that need to be made only once. Children come behind their parents. */
static void find_fixed(constant *c)
{
    for (size_t i = c->n; i-- > 0;) {
        node *v = &c->nodes[i];
        bool fixed = v->tag != TAG_ARRAY && v->tag != TAG_OBJECT && v->meaning == M_PLAIN;
        v->span = 1;
        for (uint32_t k = 0; k < v->n; k++) {
            const node *child = v + v->span;
            fixed = fixed && child->fixed;
            v->span += child->span;
        }
        v->fixed = fixed;
    }
}

/* `pattern`: atoms are themselves. */
static bool link_constant(linker *l, constant *c, bool pattern)
{
    for (size_t i = 0; i < c->n; i++) {
        node *v = &c->nodes[i];
        if (v->key)
            v->key->atom = true;
        if (v->tag == TAG_FUNCTION && !link_function_node(l, v, v->text->text, v->text->len))
            return false;
        if (v->tag != TAG_ATOM)
            continue;
        if (pattern)
            v->text->atom = true;
        else if (!link_atom(l, v))
            return false;
    }
    find_fixed(c);
    return true;
}

static bool link_match(linker *l, instr *i)
{
    for (uint32_t k = 0; k < i->n; k++) {
        for (size_t j = 0; j < i->cases[k].n; j++) {
            pattern_node *p = &i->cases[k].nodes[j];
            if (p->tag) /* known without its colon */
                name_of(p->tag->text + (p->tag->text[0] == ':'), p->tag->len - (p->tag->text[0] == ':'))->atom = true;
            if (p->kind != P_VALUE)
                continue;
            if (!link_constant(l, &p->constant, true))
                return false;
            p->value = constant_make(NULL, &p->constant);
        }
    }
    return true;
}

static bool link_code(linker *l, function *f)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        instr *i = &f->code[pc];
        if (!link_constant(l, &i->constant, false))
            return false;
        if (i->op == OP_MATCH && !link_match(l, i))
            return false;
        for (uint32_t k = 0; i->op == OP_OBJECT_INIT && k < i->n; k++) {
            i->props[k].key->atom = true;
            if (!link_constant(l, &i->props[k].constant, false))
                return false;
        }
    }
    return true;
}

static void make_callables(program *p)
{
    for (size_t k = 0; k < p->nclasses; k++) {
        for (uint32_t i = 0; i < p->classes[k].n; i++) {
            function *f = &p->classes[k].functions[i];
            f->callable = mem_alloc(sizeof(callable));
            f->callable->kind = CODE;
            f->callable->code = f;
            if (f->native) {
                callable *lib = library_callable(f->native_name->text, f->native_name->len);
                f->callable->library = lib->library;
                f->callable->library_name = lib->library_name;
            }
        }
    }
}

static bool link_all(program *p)
{
    static const char *const runtime_atoms[] = {
        "__proto__", "__tag",       "__slots",     "__add__",  "__sub__",  "__mul__",     "__div__", "__radd__",
        "__rsub__",  "__rmul__",    "__rdiv__",    "__eq__",   "__lt__",   "__le__",      "__not__", "__call__",
        "__str__",   "__getattr__", "__setattr__", "exit",     "down",     "normal",      "kill",    "noproc",
        "pid",       "function",    "state",       "mailbox",  "heap",     "reductions",  "links",   "monitors",
        "priority",  "processes",   "schedulers",  "switches", "messages", "collections", "memory",  "memory_peak",
        "running",   "runnable",    "waiting",     "",         "processes_most",        "steals", "bytes_copied",
        "timers",    "timers_fired", "pauses", "longest_wait"};
    for (size_t i = 0; i < sizeof runtime_atoms / sizeof *runtime_atoms; i++)
        name_from(runtime_atoms[i])->atom = true;
    linker l = {.program = p};
    make_callables(p);
    for (size_t k = 0; k < p->nclasses; k++) {
        l.class = &p->classes[k];
        for (uint32_t i = 0; i < l.class->n; i++) {
            if (l.class->functions[i].native)
                warn_missing(&l, l.class->functions[i].callable);
            if (!link_code(&l, &l.class->functions[i]))
                return false;
        }
    }
    return true;
}

static const function *find_entry(program *p, const manifest *m)
{
    class *k = m->main_class ? find_class(p, m->main_class, strlen(m->main_class)) : NULL;
    if (!k)
        return NULL;
    function *f = in_class(k, name_from(m->entry_point ? m->entry_point : "main"));
    for (uint32_t i = 0; !f && !m->entry_point && i < k->n; i++)
        if (k->functions[i].arity == 0)
            f = &k->functions[i];
    return f;
}

bool program_read(const char *path, int dialect, program *out)
{
    manifest m;
    *out = (program){0};
    if (!pack_read(path, &out->pack) || !manifest_read(&out->pack, &m) ||
        !classes_read(&out->pack, dialect, &out->classes, &out->nclasses))
        return false;
    out->name = m.name;
    out->entry = find_entry(out, &m);
    return out->entry && link_all(out);
}

/* value.c: names, constructors, and what can be asked of a value without knowing anything else.
 *
 * The table of names holds each text once; a name's address stands for its text from then on.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

static name **names;
static size_t names_cap, names_count;

static uint64_t hash_bytes(const char *s, size_t n)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 1099511628211u;
    return h ^ (h >> 29);
}

static void names_grow(void)
{
    size_t cap = names_cap ? names_cap * 2 : 256;
    name **bigger = calloc(cap, sizeof *bigger);
    if (!bigger)
        abort();
    for (size_t i = 0; i < names_cap; i++) {
        for (name *a = names[i], *next; a; a = next) {
            next = a->next;
            a->next = bigger[a->hash & (cap - 1)];
            bigger[a->hash & (cap - 1)] = a;
        }
    }
    free(names);
    names = bigger;
    names_cap = cap;
}

name *name_of(const char *text, size_t len)
{
    if (names_count >= names_cap)
        names_grow();
    uint64_t h = hash_bytes(text, len);
    for (name *a = names[h & (names_cap - 1)]; a; a = a->next)
        if (a->hash == h && a->len == len && (len == 0 || memcmp(a->text, text, len) == 0))
            return a;
    name *a = mem_alloc(sizeof(name) + len + 1);
    a->len = len;
    a->hash = h;
    if (len)
        memcpy(a->text, text, len);
    a->next = names[h & (names_cap - 1)];
    names[h & (names_cap - 1)] = a;
    names_count++;
    return a;
}

name *name_from(const char *text)
{
    return name_of(text, strlen(text));
}

void names_release(void)
{
    free(names);
    names = NULL;
    names_cap = names_count = 0;
}

value v_undefined(void)
{
    return (value){.type = T_UNDEFINED};
}

value v_unit(void)
{
    return (value){.type = T_UNIT};
}

value v_boolean(bool b)
{
    return (value){.type = T_BOOLEAN, .boolean = b};
}

value v_number(double d)
{
    return (value){.type = T_NUMBER, .number = d};
}

value v_complex(double re, double im)
{
    cnumber *c = mem_alloc(sizeof *c);
    *c = (cnumber){re, im};
    return (value){.type = T_COMPLEX, .complex = c};
}

value v_atom(name *a)
{
    return (value){.type = T_ATOM, .atom = a};
}

string *string_make(size_t n)
{
    string *s = mem_alloc(sizeof(string) + n + 1);
    s->len = n;
    return s;
}

value v_string(const char *bytes, size_t n)
{
    string *s = string_make(n);
    if (n)
        memcpy(s->text, bytes, n);
    return (value){.type = T_STRING, .string = s};
}

value v_function(callable *f)
{
    return (value){.type = T_FUNCTION, .function = f};
}

value v_object(object *o)
{
    return (value){.type = T_OBJECT, .object = o};
}

value v_process(uint64_t id)
{
    return (value){.type = T_PROCESS, .process = id};
}

value v_list(type t, size_t n)
{
    list *l = mem_alloc(sizeof *l);
    l->len = l->cap = n;
    l->items = n ? mem_alloc(n * sizeof(value)) : NULL;
    return (value){.type = t, .list = l};
}

void list_push(list *l, value v)
{
    l->items = mem_room(l->items, l->len, &l->cap, sizeof(value));
    l->items[l->len++] = v;
}

bool truthy(value v)
{
    switch (v.type) {
    case T_UNDEFINED:
    case T_UNIT: return false;
    case T_BOOLEAN: return v.boolean;
    case T_NUMBER: return v.number != 0;
    case T_STRING: return v.string->len > 0;
    case T_ATOM: return v.atom->len > 0;
    default: return true;
    }
}

const char *type_name(type t)
{
    static const char *const names_of[] = {
        [T_UNDEFINED] = "Undefined", [T_UNIT] = "Unit",     [T_BOOLEAN] = "Boolean",   [T_NUMBER] = "Number",
        [T_COMPLEX] = "Complex",     [T_ATOM] = "Atom",     [T_STRING] = "String",     [T_TUPLE] = "Tuple",
        [T_ARRAY] = "Array",         [T_OBJECT] = "Object", [T_FUNCTION] = "Function", [T_PROCESS] = "Process",
    };
    return names_of[t];
}

const char *type_name_lower(type t)
{
    static const char *const names_of[] = {
        [T_UNDEFINED] = "undefined", [T_UNIT] = "unit",     [T_BOOLEAN] = "boolean",   [T_NUMBER] = "number",
        [T_COMPLEX] = "complex",     [T_ATOM] = "atom",     [T_STRING] = "string",     [T_TUPLE] = "tuple",
        [T_ARRAY] = "array",         [T_OBJECT] = "object", [T_FUNCTION] = "function", [T_PROCESS] = "process",
    };
    return names_of[t];
}

bool is_text(value v)
{
    return v.type == T_STRING || v.type == T_ATOM;
}

const char *text_of(value v, size_t *n)
{
    if (v.type == T_STRING) {
        *n = v.string->len;
        return v.string->text;
    }
    *n = v.atom->len;
    return v.atom->text;
}

bool name_is(const name *a, const char *c)
{
    return a->len == strlen(c) && memcmp(a->text, c, a->len) == 0;
}

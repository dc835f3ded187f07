/* value.c: types of values. */
#include "value.h"

static type boxed_type(ion_value v)
{
    switch (HEAD_KIND(as_thing(v)->head)) {
    case KIND_STRING:
    case KIND_LONG: return TYPE_STRING;
    case KIND_COMPLEX: return TYPE_COMPLEX;
    case KIND_TUPLE: return TYPE_TUPLE;
    default: return TYPE_FUNCTION;
    }
}

type type_of(ion_value v)
{
    if (ION_IS_NUMBER(v))
        return TYPE_NUMBER;
    switch (v & ION_TAG_MASK) {
    case ION_TAG_ATOM: return TYPE_ATOM;
    case ION_TAG_FUNCTION: return TYPE_FUNCTION;
    case ION_TAG_PROCESS: return TYPE_PROCESS;
    case ION_TAG_OBJECT: return TYPE_OBJECT;
    case ION_TAG_ARRAY: return TYPE_ARRAY;
    case ION_TAG_BOXED: return boxed_type(v);
    default: return v == ION_UNIT ? TYPE_UNIT : v == ION_TRUE || v == ION_FALSE ? TYPE_BOOLEAN : TYPE_UNDEFINED;
    }
}

/* In the order of enum type. */
const char *const type_names[] = {"Number",    "Boolean", "Atom",  "String", "Unit",     "Complex",
                                  "Undefined", "Tuple",   "Array", "Object", "Function", "Process"};
const char *const type_names_lower[] = {"number",    "boolean", "atom",  "string", "unit",     "complex",
                                        "undefined", "tuple",   "array", "object", "function", "process"};
_Static_assert(sizeof type_names / sizeof *type_names == TYPE_PROCESS + 1, "one name a type");
_Static_assert(sizeof type_names_lower / sizeof *type_names_lower == TYPE_PROCESS + 1, "one name a type");

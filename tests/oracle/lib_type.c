/* lib_type.c: types and conversions. */
#include <math.h>

#include "lib.h"

static bool is(const frame *f, type t, value *out)
{
    *out = v_boolean(f->regs[0].type == t);
    return true;
}

bool lib_IsNumber(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_NUMBER, out);
}

bool lib_IsString(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_STRING, out);
}

bool lib_IsBool(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_BOOLEAN, out);
}

bool lib_IsArray(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_ARRAY, out);
}

bool lib_IsAtom(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_ATOM, out);
}

bool lib_IsTuple(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_TUPLE, out);
}

bool lib_IsObject(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_OBJECT, out);
}

bool lib_IsFunction(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_FUNCTION, out);
}

bool lib_IsProcess(process *p, frame *f, value *out)
{
    (void)p;
    return is(f, T_PROCESS, out);
}

bool lib_TypeOf(process *p, frame *f, value *out)
{
    (void)p;
    const name *a = name_from(type_name(f->regs[0].type));
    *out = v_string(a->text, a->len);
    return true;
}

bool lib_ToNumber(process *p, frame *f, value *out)
{
    (void)p;
    value v = f->regs[0];
    size_t n;
    if (v.type == T_NUMBER) {
        *out = v;
    } else if (v.type == T_BOOLEAN) {
        *out = v_number(v.boolean);
    } else if (is_text(v)) {
        const char *s = text_of(v, &n);
        *out = v_number(parse_number(s, n));
    } else {
        *out = v_number(NAN);
    }
    return true;
}

bool lib_ToAtom(process *p, frame *f, value *out)
{
    (void)p;
    name *a = key_of(f->regs[0]);
    *out = a->atom ? v_atom(a) : v_undefined();
    return true;
}

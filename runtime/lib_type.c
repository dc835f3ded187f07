/* lib_type.c: the library's types and conversions. */
#include <math.h>

#include "atom.h"
#include "native.h"
#include "number.h"
#include "show.h"
#include "str.h"

#define TEST(Name, test)                                                                                               \
    ion_value lib_##Name(ion_process *p, ion_frame *fp, ion_u32 argc)                                                  \
    {                                                                                                                  \
        (void)p, (void)argc;                                                                                           \
        ion_value v = fp->r[0].v;                                                                                      \
        return ION_BOOL(test);                                                                                         \
    }
TEST(IsNumber, ION_IS_NUMBER(v))
TEST(IsString, is_string(v))
TEST(IsBool, v == ION_TRUE || v == ION_FALSE)
TEST(IsArray, ION_IS_ARRAY(v))
TEST(IsAtom, ION_IS_ATOM(v))
TEST(IsTuple, is_tuple(v))
TEST(IsObject, ION_IS_OBJECT(v))
TEST(IsFunction, is_callable(v))
TEST(IsProcess, ION_IS_PROCESS(v))
#undef TEST

ion_value lib_TypeOf(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    const char *name = type_names[type_of(fp->r[0].v)];
    return str_new(p, fp, name, strlen(name));
}

static show_next next_value(show *s, ion_value *v)
{
    *v = s->values[0];
    return s->at ? SHOW_END : SHOW_VALUE;
}

ion_value lib_ToString(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    static const show_kind kind = {next_value, show_string};
    if (argc != ION_RESUMED && is_string(fp->r[0].v))
        return fp->r[0].v;
    return show_values(p, fp, argc, &kind, &fp->r[0].v, 1, ION_UNDEFINED, NULL);
}

ion_value lib_ToNumber(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)p, (void)argc;
    ion_value v = fp->r[0].v;
    const char *text;
    size_t len;
    double d = NAN;
    if (ION_IS_NUMBER(v))
        return v;
    if (v == ION_TRUE || v == ION_FALSE)
        return value_number(v == ION_TRUE);
    if (text_view(v, &text, &len) && !number_parse(text, len, &d))
        d = NAN;
    return value_number(d);
}

ion_value lib_ToAtom(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)p, (void)argc;
    const char *text = string_bytes(fp->r[0].v);
    size_t len = string_len(fp->r[0].v);
    ion_value atom = atom_find(text, len, text_hash(text, len));
    return atom ? atom : ION_UNDEFINED;
}

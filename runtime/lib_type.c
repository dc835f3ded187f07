/* lib_type.c: the library's types and conversions. */
#include <math.h>

#include "atom.h"
#include "native.h"
#include "number.h"
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

static NOT_INLINE ion_value to_string(ion_process *p, ion_frame *fp, printed *what)
{
    if (is_string(what->values[0])) {
        printed_free(what);
        return what->values[0];
    }
    char storage[512];
    outbuf o = out_start(storage, sizeof storage);
    print_value(&o, what->values[0], &what->texts);
    ion_value v = o.failed ? native_out_failed(p, fp, &o) : str_new(p, fp, o.data, o.len);
    out_free(&o);
    printed_free(what);
    return v;
}

ion_value lib_ToString(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    printed what;
    ion_value v =
        argc == ION_RESUMED ? ask_resumed(p, fp, &what) : ask_str(p, fp, &fp->r[0].v, 1, ION_UNDEFINED, &what);
    return v == ION_UNIT ? to_string(p, fp, &what) : v;
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

/* arith.c: operators on values that are not (or need not be) two numbers: arithmetic, comparisons, NOT.
 *
 * Each first does what its operands' types say by themselves, then looks for a magic method. What a method returns is
 * handed on as it is; generated code makes a boolean of it where one is due.
 */
#include "atom.h"
#include "object.h"
#include "ops.h"
#include "str.h"

typedef struct cplx {
    double re, im;
} cplx;

/* A number, widened, or a complex number; false for anything else. */
static bool complex_of(ion_value v, cplx *c)
{
    if (ION_IS_NUMBER(v)) {
        *c = (cplx){number_of(v), 0};
        return true;
    }
    if (!is_boxed(v, KIND_COMPLEX))
        return false;
    *c = (cplx){AS(complex_number, v)->re, AS(complex_number, v)->im};
    return true;
}

static ion_value complex_new(ion_process *p, ion_frame *fp, double re, double im)
{
    if (!gc_reserve(p, fp, sizeof(complex_number), NULL, 0))
        return proc_no_memory(p, fp);
    complex_number *c = heap_take(&proc_of(p)->heap, sizeof *c);
    c->head = HEAD(KIND_COMPLEX, 0);
    c->re = re;
    c->im = im;
    return value_boxed(c);
}

/* Asks a for `left`(b), else b for `right`(a); undefined if nobody answers. Pass the same names to ask both alike. */
static ion_value ask(ion_process *p, ion_frame *fp, ion_value a, ion_value b, ion_value left, ion_value right,
                     ion_value otherwise)
{
    ion_value method = ION_IS_OBJECT(a) ? object_method(a, left) : 0;
    if (method)
        return call_value(p, fp, method, a, &b, 1);
    method = right && ION_IS_OBJECT(b) ? object_method(b, right) : 0;
    if (method)
        return call_value(p, fp, method, b, &a, 1);
    return otherwise;
}

/* What a string costs is charged when it is there; a long one's in advance, as it may not come by way of here. */
static bool charged(ion_process *p, uint64_t len)
{
    bool now = str_long(p, len);
    if (now)
        proc_charge(p, len);
    return now;
}

static ion_value charge_string(ion_process *p, ion_value s)
{
    if (s != ION_LEAVE)
        proc_charge(p, string_len(s));
    return s;
}

static ion_value concat(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    uint64_t len = string_len(a) + string_len(b);
    if (len <= STRING_MAX && charged(p, len))
        return str_concat(p, fp, a, b);
    return charge_string(p, str_concat(p, fp, a, b));
}

static ion_value repeat(ion_process *p, ion_frame *fp, ion_value s, double times)
{
    double len = times >= 1 ? __builtin_trunc(times) * (double)string_len(s) : 0;
    if (len <= (double)STRING_MAX && charged(p, (uint64_t)len))
        return str_repeat(p, fp, s, times);
    return charge_string(p, str_repeat(p, fp, s, times));
}

ion_value ion_add(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    cplx x, y;
    if (ION_IS_NUMBER(a) && ION_IS_NUMBER(b))
        return value_number(number_of(a) + number_of(b));
    if (is_string(a) && is_string(b))
        return concat(p, fp, a, b);
    if (complex_of(a, &x) && complex_of(b, &y))
        return complex_new(p, fp, x.re + y.re, x.im + y.im);
    return ask(p, fp, a, b, ATOM(add), ATOM(radd), ION_UNDEFINED);
}

ion_value ion_sub(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    cplx x, y;
    if (ION_IS_NUMBER(a) && ION_IS_NUMBER(b))
        return value_number(number_of(a) - number_of(b));
    if (complex_of(a, &x) && complex_of(b, &y))
        return complex_new(p, fp, x.re - y.re, x.im - y.im);
    return ask(p, fp, a, b, ATOM(sub), ATOM(rsub), ION_UNDEFINED);
}

ion_value ion_mul(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    cplx x, y;
    if (ION_IS_NUMBER(a) && ION_IS_NUMBER(b))
        return value_number(number_of(a) * number_of(b));
    if (is_string(a) && ION_IS_NUMBER(b))
        return repeat(p, fp, a, number_of(b));
    if (ION_IS_NUMBER(a) && is_string(b))
        return repeat(p, fp, b, number_of(a));
    if (complex_of(a, &x) && complex_of(b, &y))
        return complex_new(p, fp, x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re);
    return ask(p, fp, a, b, ATOM(mul), ATOM(rmul), ION_UNDEFINED);
}

ion_value ion_div(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    cplx x, y;
    if (ION_IS_NUMBER(b) && number_of(b) == 0 && complex_of(a, &x))
        return ION_UNDEFINED;
    if (ION_IS_NUMBER(a) && ION_IS_NUMBER(b))
        return value_number(number_of(a) / number_of(b));
    if (complex_of(a, &x) && complex_of(b, &y)) {
        double s = y.re * y.re + y.im * y.im;
        return complex_new(p, fp, (x.re * y.re + x.im * y.im) / s, (x.im * y.re - x.re * y.im) / s);
    }
    return ask(p, fp, a, b, ATOM(div), ATOM(rdiv), ION_UNDEFINED);
}

static NOT_INLINE ion_value equal(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    ion_value v = ask(p, fp, a, b, ATOM(eq), ATOM(eq), ION_ABSENT);
    if (v != ION_ABSENT)
        return v;
    return equal_structure(p, fp, a, b);
}

/* What needs neither a magic method nor a look inside. */
ion_value ion_equal(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    if (ION_IS_NUMBER(a) && ION_IS_NUMBER(b))
        return ION_BOOL(number_of(a) == number_of(b));
    if (!ION_IS_HEAP(a) && !ION_IS_HEAP(b))
        return ION_BOOL(a == b);
    if ((ION_IS_ARRAY(a) && ION_IS_PLAIN(b)) || (ION_IS_PLAIN(a) && ION_IS_ARRAY(b)))
        return ION_FALSE;
    if (!is_string(a) || !is_string(b))
        return equal(p, fp, a, b);
    uint64_t n = string_len(a);
    if (n != string_len(b))
        return ION_FALSE;
    proc_charge(p, n + 1);
    return ION_BOOL(a == b || memcmp(string_bytes(a), string_bytes(b), n) == 0);
}

/* The order of two strings or two atoms by bytes, as memcmp gives it; false for other values. */
static bool text_order(ion_process *p, ion_value a, ion_value b, int *order)
{
    const char *s, *t;
    size_t n, m;
    if (ION_IS_ATOM(a) != ION_IS_ATOM(b) || !text_view(a, &s, &n) || !text_view(b, &t, &m))
        return false;
    size_t shorter = n < m ? n : m;
    *order = memcmp(s, t, shorter);
    if (*order == 0)
        *order = (n > m) - (n < m);
    proc_charge(p, shorter);
    return true;
}

ion_value ion_less(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    int order;
    if (ION_IS_NUMBER(a) && ION_IS_NUMBER(b))
        return ION_BOOL(number_of(a) < number_of(b));
    if (text_order(p, a, b, &order))
        return ION_BOOL(order < 0);
    return ask(p, fp, a, b, ATOM(lt), 0, ION_FALSE);
}

ion_value ion_less_equal(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    int order;
    if (ION_IS_NUMBER(a) && ION_IS_NUMBER(b))
        return ION_BOOL(number_of(a) <= number_of(b));
    if (text_order(p, a, b, &order))
        return ION_BOOL(order <= 0);
    return ask(p, fp, a, b, ATOM(le), 0, ION_FALSE);
}

int ion_truthy(ion_value v)
{
    if (ION_IS_NUMBER(v))
        return number_of(v) != 0;
    if (v == ION_FALSE || v == ION_UNIT || v == ION_UNDEFINED || v == ATOM(empty))
        return 0;
    return !(is_string(v) && string_len(v) == 0);
}

ion_value ion_not(ion_process *p, ion_frame *fp, ion_value a)
{
    ion_value method = ION_IS_OBJECT(a) ? object_method(a, ATOM(not_)) : 0;
    if (method)
        return call_value(p, fp, method, a, NULL, 0);
    return ION_BOOL(!ion_truthy(a));
}

/* operator.c: the instructions that may call a magic method.
 *
 * Each either writes its result and moves on to the next instruction, or calls, and what becomes of the method's
 * result is said by the frame's `ret`; it moves on when the method returns.
 */
#include <math.h>
#include <string.h>

#include "lib.h"
#include "vm.h"

static void done(process *p, uint32_t dst, value v)
{
    p->top->regs[dst] = v;
    p->top->pc++;
}

/* Calls an object's magic method with one argument; false if v is no object or has none. */
static bool magic(process *p, value v, const char *method, value arg, ret r, uint32_t dst)
{
    callable *f = v.type == T_OBJECT ? object_magic(v.object, name_from(method)) : NULL;
    if (f)
        frame_call(p, f, v.object, &arg, 1, r, dst);
    return f != NULL;
}

static bool is_numeric(value v)
{
    return v.type == T_NUMBER || v.type == T_COMPLEX;
}

static cnumber widen(value v)
{
    return v.type == T_COMPLEX ? *v.complex : (cnumber){v.number, 0};
}

static value complex_arithmetic(uint8_t op, cnumber x, cnumber y)
{
    double a = x.re, b = x.im, c = y.re, d = y.im;
    switch (op) {
    case OP_ADD: return v_complex(a + c, b + d);
    case OP_SUB: return v_complex(a - c, b - d);
    case OP_MUL: return v_complex(a * c - b * d, a * d + b * c);
    default: {
        double s = c * c + d * d;
        return v_complex((a * c + b * d) / s, (b * c - a * d) / s);
    }
    }
}

static value numeric(uint8_t op, value a, value b)
{
    if (a.type == T_COMPLEX || b.type == T_COMPLEX)
        return complex_arithmetic(op, widen(a), widen(b));
    switch (op) {
    case OP_ADD: return v_number(a.number + b.number);
    case OP_SUB: return v_number(a.number - b.number);
    case OP_MUL: return v_number(a.number * b.number);
    default: return v_number(a.number / b.number);
    }
}

/* A string that an operator makes; it ends the process when it would be too long. */
static bool string_result(process *p, uint32_t dst, double size, string **out)
{
    if (size > (double)STRING_MOST) {
        process_crash_message(p, MSG_LIMIT, "allocation");
        return false;
    }
    *out = string_make((size_t)size);
    charge_units(p, (uint64_t)size);
    done(p, dst, (value){.type = T_STRING, .string = *out});
    return true;
}

static void join(process *p, uint32_t dst, const string *a, const string *b)
{
    string *s;
    if (!string_result(p, dst, (double)a->len + (double)b->len, &s))
        return;
    memcpy(s->text, a->text, a->len);
    memcpy(s->text + a->len, b->text, b->len);
}

static void repeat(process *p, uint32_t dst, const string *a, double times)
{
    string *s;
    times = times >= 1 ? trunc(times) : 0;
    if (!string_result(p, dst, a->len ? (double)a->len * times : 0, &s))
        return;
    for (size_t at = 0; at < s->len; at += a->len)
        memcpy(s->text + at, a->text, a->len);
}

void op_arithmetic(process *p, const instr *i)
{
    static const char *const left[] = {"__add__", "__sub__", "__mul__", "__div__"};
    static const char *const right[] = {"__radd__", "__rsub__", "__rmul__", "__rdiv__"};
    const value *r = p->top->regs;
    value a = r[i->reg[1]], b = r[i->reg[2]];
    uint32_t dst = i->reg[0];
    if (i->op == OP_DIV && is_numeric(a) && b.type == T_NUMBER && b.number == 0)
        done(p, dst, v_undefined());
    else if (is_numeric(a) && is_numeric(b))
        done(p, dst, numeric(i->op, a, b));
    else if (i->op == OP_ADD && a.type == T_STRING && b.type == T_STRING)
        join(p, dst, a.string, b.string);
    else if (i->op == OP_MUL && a.type == T_STRING && b.type == T_NUMBER)
        repeat(p, dst, a.string, b.number);
    else if (i->op == OP_MUL && a.type == T_NUMBER && b.type == T_STRING)
        repeat(p, dst, b.string, a.number);
    else if (!magic(p, a, left[i->op - OP_ADD], b, RET_STORE, dst) &&
             !magic(p, b, right[i->op - OP_ADD], a, RET_STORE, dst))
        done(p, dst, v_undefined());
}

void op_equality(process *p, const instr *i)
{
    const value *r = p->top->regs;
    value a = r[i->reg[1]], b = r[i->reg[2]];
    ret how = i->op == OP_EQUAL ? RET_TRUTH : RET_NOT_TRUTH;
    if (magic(p, a, "__eq__", b, how, i->reg[0]) || magic(p, b, "__eq__", a, how, i->reg[0]))
        return;
    comparison c = {0};
    bool equal = values_equal(a, b, &c);
    charge_units(p, c.pairs + c.bytes);
    done(p, i->reg[0], v_boolean(equal == (i->op == OP_EQUAL)));
}

static bool ordered(process *p, value a, value b, bool or_equal)
{
    if (a.type == T_NUMBER && b.type == T_NUMBER)
        return or_equal ? a.number <= b.number : a.number < b.number;
    if (!is_text(a) || a.type != b.type)
        return false;
    size_t an, bn;
    text_of(a, &an);
    text_of(b, &bn);
    charge_units(p, an < bn ? an : bn);
    int order = text_order(a, b);
    return or_equal ? order <= 0 : order < 0;
}

void op_order(process *p, const instr *i)
{
    const value *r = p->top->regs;
    bool swapped = i->op == OP_GREATER_THAN || i->op == OP_GREATER_EQUAL;
    bool or_equal = i->op == OP_LESS_EQUAL || i->op == OP_GREATER_EQUAL;
    value a = r[i->reg[swapped ? 2 : 1]], b = r[i->reg[swapped ? 1 : 2]];
    if (!magic(p, a, or_equal ? "__le__" : "__lt__", b, RET_TRUTH, i->reg[0]))
        done(p, i->reg[0], v_boolean(ordered(p, a, b, or_equal)));
}

void op_not(process *p, const instr *i)
{
    value v = p->top->regs[i->reg[1]];
    callable *f = v.type == T_OBJECT ? object_magic(v.object, name_from("__not__")) : NULL;
    if (f)
        frame_call(p, f, v.object, NULL, 0, RET_STORE, i->reg[0]);
    else
        done(p, i->reg[0], v_boolean(!truthy(v)));
}

/* The element that a key means: a whole number, or its digits as text. */
static bool element_of(value key, uint64_t *index)
{
    if (is_text(key)) {
        size_t n;
        const char *s = text_of(key, &n);
        return parse_index(s, n, index);
    }
    if (key.type != T_NUMBER || !(key.number >= 0) || key.number > 0x1p53 || key.number != trunc(key.number))
        return false;
    *index = (uint64_t)key.number;
    return true;
}

static value bind(object *self, value v)
{
    if (v.type != T_FUNCTION || callable_bound(v.function))
        return v;
    callable *f = mem_alloc(sizeof *f);
    f->kind = BOUND;
    f->inner = v.function;
    f->self = self;
    return v_function(f);
}

static void get_from_object(process *p, const instr *i, object *o, value key)
{
    uint32_t dst = i->reg[0];
    name *k = key_of(key);
    if (name_is(k, "__proto__")) {
        done(p, dst, o->proto ? v_object(o->proto) : v_undefined());
        return;
    }
    const property *found = object_find(o, k);
    if (!found) {
        if (!magic(p, v_object(o), "__getattr__", key, RET_STORE, dst))
            done(p, dst, v_undefined());
    } else if ((found->flags & HIDDEN) && p->top->self != o) {
        process_crash_message(p, MSG_HIDDEN_READ, k->text);
    } else {
        done(p, dst, bind(o, found->value));
    }
}

void op_get_prop(process *p, const instr *i)
{
    value v = p->top->regs[i->reg[1]], key = p->top->regs[i->reg[2]];
    uint64_t index;
    if (v.type == T_OBJECT && is_text(key))
        get_from_object(p, i, v.object, key);
    else if ((v.type == T_ARRAY || v.type == T_TUPLE) && element_of(key, &index) && index < v.list->len)
        done(p, i->reg[0], v.list->items[index]);
    else
        done(p, i->reg[0], v_undefined());
}

/* Writes past the end of an array append, or end the process. False in the second case. */
static bool set_element(process *p, list *l, value key, value v)
{
    uint64_t index = 0;
    bool is_index = element_of(key, &index);
    if (!is_index && key.type != T_NUMBER)
        return true;
    if (is_index && index < l->len) {
        l->items[index] = v;
    } else if (is_index && index == l->len) {
        list_push(l, v);
    } else {
        process_crash_message(p, MSG_INDEX_RANGE, printed(key).string->text, (unsigned long)l->len);
        return false;
    }
    return true;
}

static bool set_proto(process *p, object *o, value v)
{
    if (v.type == T_OBJECT && proto_cycle(o, v.object)) {
        process_crash_message(p, MSG_PROTO_CYCLE);
        return false;
    }
    object_define(o, name_from("__proto__"), v, ALL_ON);
    return true;
}

/* The plain write of an own property. False if it ended the process. */
static bool set_own(process *p, instr *i, object *o, name *key, value v)
{
    if (name_is(key, "__proto__"))
        return set_proto(p, o, v);
    property *own = object_own(o, key);
    if (!own) {
        object_define(o, key, v, ALL_ON);
    } else if ((own->flags & HIDDEN) && p->top->self != o) {
        process_crash_message(p, MSG_HIDDEN_WRITE, key->text);
        return false;
    } else if (own->flags & WRITABLE) {
        own->value = v;
    } else if (!i->warned) {
        const frame *f = p->top;
        i->warned = true;
        report(MSG_WARN_READONLY, f->code->class->name, function_label(f->code), f->pc, key->text);
    }
    return true;
}

/* Is the running function the object's own `__setattr__`, at work on it? */
static bool in_setattr(const frame *f, const object *o, const callable *method)
{
    while (method->kind == CLOSURE || method->kind == BOUND)
        method = method->inner;
    return f->self == o && method->kind == CODE && f->code == method->code;
}

void op_set_prop(process *p, instr *i)
{
    const value *r = p->top->regs;
    value o = r[i->reg[0]], key = r[i->reg[1]], v = r[i->reg[2]];
    if (o.type == T_ARRAY) {
        if (set_element(p, o.list, key, v))
            p->top->pc++;
        return;
    }
    if (o.type != T_OBJECT || !is_text(key)) {
        p->top->pc++;
        return;
    }
    callable *f = object_magic(o.object, name_from("__setattr__"));
    if (f && !in_setattr(p->top, o.object, f)) {
        value args[] = {key, v};
        frame_call(p, f, o.object, args, 2, RET_DISCARD, 0);
        return;
    }
    if (set_own(p, i, o.object, key_of(key), v))
        p->top->pc++;
}

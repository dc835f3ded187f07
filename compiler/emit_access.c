/* emit_access.c: GET_PROP and SET_PROP in optimised bodies: properties through inline caches, elements of arrays in
 * place. Whatever a test in place does not allow goes to the runtime, which knows all rules.
 */
#include "ionc.h"

/* Asks whether register r holds what the access in place is for, unless that is known; " && " at the end. */
static const char *is_held(const fast *x, uint32_t r, access_plan plan)
{
    held_kind need = plan.kind == ACCESS_CACHED ? HELD_OBJECT : HELD_ARRAY;
    if (fast_web(x, r)->held == need)
        return "";
    return arena_format(x->b.e->c, need == HELD_OBJECT ? "ION_IS_OBJECT(%s) && " : "ION_IS_ARRAY(%s) && ",
                        fast_boxed(x, r));
}

/* The C condition under which the access has been done in place, at a site that `plan` allows one for; the macros are
 * `property`, `element` and `map`, `value` what is written or empty. */
static const char *in_place(fast *x, access_plan plan, uint32_t object, uint32_t key, uint32_t cache,
                            const char *property, const char *element, const char *map, const char *value)
{
    compilation *c = x->b.e->c;
    const char *o = fast_boxed(x, object), *comma = *value ? ", " : "";
    const char *test = is_held(x, object, plan);
    if (plan.kind == ACCESS_CACHED)
        return arena_format(c, "%s%s(%s, C[%u]%s%s)", test, property, o, cache, comma, value);
    const char *found = !plan.map ? "" : arena_format(c, "%s(%s, R(%u)%s%s)", map, o, key, comma, value);
    if (plan.kind == ACCESS_DYNAMIC)
        return found;
    if (fast_web(x, key)->place != PLACE_NUMBER)
        test = arena_format(c, "%sION_IS_NUMBER(R(%u)) && ", test, key);
    if (!fast_web(x, key)->whole)
        test = arena_format(c, "%sION_WHOLE(%s) && ", test, fast_number(x, key));
    return arena_format(c, "%s%s%s%s(%s, %s%s%s)%s", found, plan.map ? " || (" : "", test, element, o,
                        fast_number(x, key), comma, value, plan.map ? ")" : "");
}

static uint32_t new_cache(fast *x, uint32_t pc, access_plan plan)
{
    if (plan.kind != ACCESS_CACHED)
        return 0;
    return x->b.f->types->cache[pc] = x->b.e->ncaches++;
}

void emit_get(fast *x, uint32_t pc, uint32_t k)
{
    const uint32_t *r = x->b.f->code[pc].reg;
    compilation *c = x->b.e->c;
    access_plan plan = access_how(c, x->b.f, pc, x->now);
    bool to_number = fast_written(x, pc)->place == PLACE_NUMBER;
    uint32_t cache = new_cache(x, pc, plan);
    const char *more = plan.kind == ACCESS_CACHED ? arena_format(c, ", &C[%u]", cache) : "";
    bool method = method_partner(x->b.g, pc) != NOT_FOUND;
    const char *call = arena_format(c, "ion_%s%s(p, fp, %s, %s%s)", method ? "method" : "get", *more ? "_at" : "",
                                    fast_boxed(x, r[1]), fast_boxed(x, r[2]), more);
    if (plan.kind == ACCESS_DYNAMIC && !plan.map) {
        fast_runtime_call(x, k, call);
        fast_result(x, pc, k);
        return;
    }
    if (method && plan.kind == ACCESS_CACHED)
        buf_printf(&x->text, "    if (ION_UNLIKELY(!(%s(ION_METHOD(%s, C[%u]) || ION_OWN_METHOD(%s, C[%u]))))) {\n",
                   is_held(x, r[1], plan), fast_boxed(x, r[1]), cache, fast_boxed(x, r[1]), cache);
    else
        buf_printf(&x->text, "    if (ION_UNLIKELY(!(%s))) {\n",
                   in_place(x, plan, r[1], r[2], cache, to_number ? "ION_OWN_NUMBER" : "ION_OWN",
                            to_number ? "ION_AT_NUMBER" : "ION_AT", to_number ? "ION_FIND_NUMBER" : "ION_FIND", ""));
    fast_runtime_call(x, k, call);
    if (to_number) {
        fast_need_deopt(x, k);
        buf_printf(&x->text, "    if (!ION_IS_NUMBER(v))\n        goto D%u;\n    }\n    t.v = v;\n", k);
        fast_set_number(x, pc, "t.d");
        return;
    }
    buf_puts(&x->text, "    ;\n    }\n");
    fast_result(x, pc, k);
}

void emit_set(fast *x, uint32_t pc, uint32_t k)
{
    const uint32_t *r = x->b.f->code[pc].reg;
    compilation *c = x->b.e->c;
    access_plan plan = access_how(c, x->b.f, pc, x->now);
    uint32_t cache = new_cache(x, pc, plan);
    const char *value = fast_boxed(x, r[2]);
    const char *more = plan.kind == ACCESS_CACHED ? arena_format(c, ", &C[%u]", cache) : "";
    const char *call = arena_format(c, "ion_set%s(p, fp, %s, %s, %s%s)", *more ? "_at" : "", fast_boxed(x, r[0]),
                                    fast_boxed(x, r[1]), value, more);
    bool test = plan.kind != ACCESS_DYNAMIC || plan.map;
    if (test)
        buf_printf(&x->text, "    if (ION_UNLIKELY(!(%s))) {\n",
                   in_place(x, plan, r[0], r[1], cache, "ION_PUT", "ION_PUT_AT", "ION_REPLACE", value));
    fast_runtime_call(x, k, call);
    buf_puts(&x->text, test ? "    (void)v;\n    }" : "    (void)v;");
}

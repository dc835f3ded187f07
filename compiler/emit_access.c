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

/* The C condition under which the access at pc has been done in place, at a site that `plan` allows one for; the macros are
 * `property`, `element` and `map`, `value` what is written or empty. */
static const char *in_place(fast *x, uint32_t pc, access_plan plan, uint32_t object, uint32_t key, uint32_t cache,
                            const char *property, const char *element, const char *map, const char *value)
{
    compilation *c = x->b.e->c;
    const char *kept = fast_kept(x, pc), *o = kept ? kept : fast_boxed(x, object), *comma = *value ? ", " : "";
    const char *test = kept ? "" : is_held(x, object, plan), *of = kept ? "_OF" : "";
    if (plan.kind == ACCESS_CACHED)
        return arena_format(c, "%s%s(%s, C[%u]%s%s)", test, property, o, cache, comma, value);
    const char *found = !plan.map ? "" : arena_format(c, "%s(%s, R(%u)%s%s)", map, o, key, comma, value);
    if (plan.kind == ACCESS_DYNAMIC)
        return found;
    if (fast_web(x, key)->place != PLACE_NUMBER)
        test = arena_format(c, "%sION_IS_NUMBER(R(%u)) && ", test, key);
    if (!fast_web(x, key)->whole)
        test = arena_format(c, "%sION_WHOLE(%s) && ", test, fast_number(x, key));
    return arena_format(c, "%s%s%s%s%s(%s, %s%s%s)%s", found, plan.map ? " || (" : "", test, element, of, o,
                        fast_number(x, key), comma, value, plan.map ? ")" : "");
}

uint32_t fast_cache(fast *x, uint32_t pc)
{
    uint32_t *cache = &x->b.f->types->cache[pc];
    return *cache == NOT_FOUND ? *cache = x->b.e->ncaches++ : *cache;
}

static uint32_t cache_of(fast *x, uint32_t pc, access_plan plan)
{
    return plan.kind == ACCESS_CACHED ? fast_cache(x, pc) : 0;
}

/* What is done where `test` fails: up to the closing brace, or, in a loop's second version, all of it. */
static void put_otherwise(fast *x, uint32_t k, const char *test)
{
    if (x->loop) {
        buf_printf(&x->text, "    if (ION_UNLIKELY(!(%s)))\n        goto %s;\n", test, fast_unkept(x, k));
        return;
    }
    buf_printf(&x->text, "    if (ION_UNLIKELY(!(%s))) {\n", test);
    fast_label_unkept(x, k);
}

void emit_get(fast *x, uint32_t pc, uint32_t k)
{
    const uint32_t *r = x->b.f->code[pc].reg;
    compilation *c = x->b.e->c;
    access_plan plan = access_how(c, x->b.f, pc, x->now);
    bool to_number = fast_written(x, pc)->place == PLACE_NUMBER;
    uint32_t cache = cache_of(x, pc, plan);
    const char *more = plan.kind == ACCESS_CACHED ? arena_format(c, ", &C[%u]", cache) : "";
    bool method = method_partner(x->b.g, pc) != NOT_FOUND;
    const char *call = arena_format(c, "ion_%s%s(p, fp, %s, %s%s)", method ? "method" : "get", *more ? "_at" : "",
                                    fast_boxed(x, r[1]), fast_boxed(x, r[2]), more);
    if (plan.kind == ACCESS_DYNAMIC && !plan.map) {
        fast_runtime_call(x, k, call);
        fast_result(x, pc, k);
        return;
    }
    if (plan.kind == ACCESS_CACHED && fast_kept(x, pc)) {
        fast_set_number(x, pc, fast_kept(x, pc));
        return;
    }
    if (method && plan.kind == ACCESS_CACHED)
        buf_printf(&x->text, "    if (ION_UNLIKELY(!(%s(ION_METHOD(%s, C[%u]) || ION_OWN_METHOD(%s, C[%u]))))) {\n",
                   is_held(x, r[1], plan), fast_boxed(x, r[1]), cache, fast_boxed(x, r[1]), cache);
    else
        put_otherwise(x, k,
                      in_place(x, pc, plan, r[1], r[2], cache, to_number ? "ION_OWN_NUMBER" : "ION_OWN",
                               to_number ? "ION_AT_NUMBER" : "ION_AT", to_number ? "ION_FIND_NUMBER" : "ION_FIND", ""));
    if (!x->loop) {
        fast_runtime_call(x, k, call);
        if (to_number) {
            fast_need_deopt(x, k);
            buf_printf(&x->text, "    if (!ION_IS_NUMBER(v))\n        goto D%u;\n    }\n", k);
        } else {
            buf_puts(&x->text, "    ;\n    }\n");
        }
    }
    if (to_number) {
        buf_puts(&x->text, "    t.v = v;\n");
        fast_set_number(x, pc, "t.d");
    } else {
        fast_result(x, pc, k);
    }
}

void emit_set(fast *x, uint32_t pc, uint32_t k)
{
    const uint32_t *r = x->b.f->code[pc].reg;
    compilation *c = x->b.e->c;
    access_plan plan = access_how(c, x->b.f, pc, x->now);
    uint32_t cache = cache_of(x, pc, plan);
    const char *value = fast_boxed(x, r[2]);
    const char *more = plan.kind == ACCESS_CACHED ? arena_format(c, ", &C[%u]", cache) : "";
    const char *call = arena_format(c, "ion_set%s(p, fp, %s, %s, %s%s)", *more ? "_at" : "", fast_boxed(x, r[0]),
                                    fast_boxed(x, r[1]), value, more);
    bool test = plan.kind != ACCESS_DYNAMIC || plan.map;
    if (plan.kind == ACCESS_CACHED && fast_kept(x, pc)) {
        buf_printf(&x->text, "    %s = %s;", fast_kept(x, pc), fast_number(x, r[2]));
        return;
    }
    if (test)
        put_otherwise(x, k,
                      in_place(x, pc, plan, r[0], r[1], cache, "ION_PUT", "ION_PUT_AT", "ION_REPLACE", value));
    if (x->loop)
        return;
    fast_runtime_call(x, k, call);
    buf_puts(&x->text, test ? "    (void)v;\n    }" : "    (void)v;");
}

/* native.c: the host's functions: their table, by the numbers that the library gives to names it does not have, and calls of them.
 *
 * An argument is read where it lies, in the caller's frame; a result is made in the caller's heap, which may collect: texts that have
 * been read may move then, and nothing else is kept across it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "atom.h"
#include "embed.h"
#include "messages.h"
#include "native.h"
#include "number.h"
#include "str.h"

enum { FAIL_TEXT = 200 };

struct ion_args {
    ion_runtime *rt;
    ion_process *p;
    ion_frame *fp;
    uint32_t argc;
    ion_value result;
    bool no_memory; /* for a result: the caller ends of it */
    char text[FAIL_TEXT + 1];
};

/* ---- calls ---- */

static ion_value denied(ion_process *p, ion_frame *fp, const host_entry *e)
{
    return native_error(p, fp, MSG_FFI_DENIED, e->name, e->capability);
}

ion_value native_call(ion_process *p, ion_frame *fp, ion_u32 argc, uint32_t number)
{
    ion_runtime *rt = of_runtime(runtime_of(proc_of(p)));
    const host_entry *e = number < rt->nfunctions ? rt->functions[number] : NULL;
    if (!e)
        return ION_ABSENT;
    if (!e->granted)
        return denied(p, fp, e);
    if (e->types) {
        ion_value v = native_check(p, fp, argc, e->types, e->least, e->most);
        if (v != ION_UNIT)
            return v;
    }
    count_add(proc_of(p)->on, COUNT_NATIVE, 1);
    ion_args call;
    call.rt = rt;
    call.p = p;
    call.fp = fp;
    call.argc = argc;
    call.result = ION_UNDEFINED;
    call.no_memory = false;
    call.text[0] = 0;
    p->fp = fp;
    ion_status s = e->function(&call, e->user);
    if (call.no_memory)
        return proc_no_memory(p, fp);
    if (s == ION_OK)
        return call.result;
    return native_error(p, fp, "%s: %s", e->name, call.text[0] ? call.text : ion_status_text(s));
}

/* ---- arguments ---- */

static ion_value argument(const ion_args *call, size_t i)
{
    return i < call->argc ? call->fp->r[i].v : ION_ABSENT;
}

size_t ion_args_count(const ion_args *call)
{
    return call->argc;
}

ion_kind ion_args_kind(const ion_args *call, size_t i)
{
    static const ion_kind kinds[] = {
        [TYPE_NUMBER] = ION_KIND_NUMBER,       [TYPE_BOOLEAN] = ION_KIND_BOOLEAN, [TYPE_ATOM] = ION_KIND_ATOM,
        [TYPE_STRING] = ION_KIND_STRING,       [TYPE_UNIT] = ION_KIND_UNIT,       [TYPE_COMPLEX] = ION_KIND_COMPLEX,
        [TYPE_UNDEFINED] = ION_KIND_UNDEFINED, [TYPE_TUPLE] = ION_KIND_TUPLE,     [TYPE_ARRAY] = ION_KIND_ARRAY,
        [TYPE_OBJECT] = ION_KIND_OBJECT,       [TYPE_FUNCTION] = ION_KIND_FUNCTION, [TYPE_PROCESS] = ION_KIND_PROCESS,
    };
    ion_value v = argument(call, i);
    return v == ION_ABSENT ? ION_KIND_UNDEFINED : kinds[type_of(v)];
}

bool ion_args_number(const ion_args *call, size_t i, double *x)
{
    ion_value v = argument(call, i);
    if (!ION_IS_NUMBER(v))
        return false;
    *x = number_of(v);
    return true;
}

bool ion_args_boolean(const ion_args *call, size_t i, bool *yes)
{
    ion_value v = argument(call, i);
    *yes = v == ION_TRUE;
    return v == ION_TRUE || v == ION_FALSE;
}

bool ion_args_process(const ion_args *call, size_t i, ion_pid *pid)
{
    ion_value v = argument(call, i);
    *pid = v & ION_PAYLOAD;
    return ION_IS_PROCESS(v);
}

bool ion_args_text(const ion_args *call, size_t i, const char **bytes, size_t *size)
{
    return text_view(argument(call, i), bytes, size);
}

ion_status ion_args_data(const ion_args *call, size_t i, ion_data *d)
{
    ion_value v = argument(call, i);
    *d = ion_undefined();
    return v == ION_ABSENT ? ION_E_MISSING : data_out(v, d);
}

ion_runtime *ion_args_runtime(const ion_args *call)
{
    return call->rt;
}

ion_pid ion_args_caller(const ion_args *call)
{
    return proc_of(call->p)->id;
}

void ion_args_charge(ion_args *call, uint64_t reductions)
{
    call->p->reds -= (ion_i64)(reductions < INT32_MAX ? reductions : INT32_MAX);
}

/* ---- results ---- */

void ion_args_return_number(ion_args *call, double x)
{
    call->result = value_number(x);
}

void ion_args_return_boolean(ion_args *call, bool yes)
{
    call->result = ION_BOOL(yes);
}

ion_status ion_args_return(ion_args *call, const ion_data *d)
{
    fragment f;
    ion_status s = data_in(d, 1, &call->result, &f);
    if (s) {
        call->result = ION_UNDEFINED;
        return s;
    }
    /* as if it had been made there: within the limits */
    if (f.bytes && !gc_reserve(call->p, call->fp, f.bytes, NULL, 0)) {
        fragment_free(&f);
        call->result = ION_UNDEFINED;
        call->no_memory = true;
        return ION_E_LIMITED;
    }
    proc_charge(call->p, f.units);
    heap_adopt(&proc_of(call->p)->heap, &f);
    return ION_OK;
}

ion_status ion_args_fail(ion_args *call, const char *text)
{
    snprintf(call->text, sizeof call->text, "%s", text ? text : "");
    return ION_E_INVALID;
}

/* ---- the table ---- */

static void entry_free(host_entry *e)
{
    if (!e)
        return;
    free(e->name);
    free(e->types);
    free(e->capability);
    free(e);
}

void native_free(ion_runtime *rt)
{
    for (uint32_t i = 0; i < rt->nfunctions; i++)
        entry_free(rt->functions[i]);
    free(rt->functions);
    rt->functions = NULL;
    rt->nfunctions = 0;
}

static bool is_type(const char *word, size_t n)
{
    static const char *const types[] = {"Number", "String",  "Any",     "Array",    "Sequence", "Atom",
                                        "Object", "Key",     "Function", "Boolean", "Process",  "Prototype"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i]) == n && memcmp(types[i], word, n) == 0)
            return true;
    return false;
}

/* Counts the types, and takes the dots of the last one away; false: one is none. */
static bool read_types(host_entry *e)
{
    e->most = 0;
    for (char *word = e->types; *word;) {
        size_t n = strcspn(word, " ");
        bool rest = n > 3 && memcmp(word + n - 3, "...", 3) == 0;
        if (!is_type(word, n - (rest ? 3 : 0)) || (rest && word[n]))
            return false;
        e->most++;
        if (rest) {
            word[n - 3] = 0;
            e->least = e->most - 1;
            e->most = -1;
            return true;
        }
        word += n + (word[n] == ' ' && word[n + 1]);
        if (*word == ' ')
            return false;
    }
    e->least = e->most;
    return true;
}

static char *joined(const char *module, const char *name)
{
    size_t size = (module ? strlen(module) + 1 : 0) + strlen(name) + 1;
    char *all = malloc(size);
    if (all)
        snprintf(all, size, "%s%s%s", module ? module : "", module ? ":" : "", name);
    return all;
}

static host_entry *entry_new(ion_runtime *rt, const char *module, const ion_function_info *f, ion_status *s)
{
    host_entry *e = calloc(1, sizeof *e);
    *s = ION_E_MEMORY;
    if (!e)
        return NULL;
    e->function = f->function;
    e->user = f->user;
    e->most = -1;
    e->granted = !f->capability || runtime_allows(rt, f->capability);
    e->name = joined(module, f->name);
    e->types = f->types ? strdup(f->types) : NULL;
    e->capability = f->capability ? strdup(f->capability) : NULL;
    bool there = e->name && (!f->types || e->types) && (!f->capability || e->capability);
    if (there && (!e->types || read_types(e)))
        return e;
    if (there)
        *s = ION_E_INVALID;
    entry_free(e);
    return NULL;
}

static ion_status put(ion_runtime *rt, host_entry *e)
{
    uint32_t number = library_number(e->name, strlen(e->name));
    if (number == UINT32_MAX)
        return ION_E_MEMORY;
    if (number >= rt->nfunctions) {
        host_entry **more = realloc(rt->functions, (number + 1) * sizeof *more);
        if (!more)
            return ION_E_MEMORY;
        memset(more + rt->nfunctions, 0, (number + 1 - rt->nfunctions) * sizeof *more);
        rt->functions = more;
        rt->nfunctions = number + 1;
    }
    entry_free(rt->functions[number]);
    rt->functions[number] = e;
    return ION_OK;
}

ion_status ion_runtime_register(ion_runtime *rt, const char *module, const ion_function_info *functions, size_t n)
{
    ion_status s = ION_OK;
    _Atomic uint64_t *before;
    if (!rt || (n && !functions))
        return ION_E_INVALID;
    if (!drive_enter(rt, &before))
        return runtime_fail(rt, ION_E_BUSY, "the runtime is in use");
    for (size_t i = 0; i < n && !s; i++) {
        const ion_function_info *f = &functions[i];
        if (!f->name || !*f->name || !f->function) {
            s = runtime_fail(rt, ION_E_INVALID, "function %zu has no name, or nothing to call", i);
            break;
        }
        host_entry *e = entry_new(rt, module, f, &s);
        if (e && (s = put(rt, e)))
            entry_free(e);
        if (s)
            runtime_fail(rt, s, "%s: %s", f->name, s == ION_E_INVALID ? "its types cannot be read" : "out of memory");
    }
    drive_leave(rt, before);
    return s;
}

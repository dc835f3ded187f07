/* native_value.c: what include/ion/native.h offers to C: values by reference, copies that live on their own, ports.
 *
 * A reference is a place in a tuple that lies in the last slot of the call's frame: so the collector finds and moves
 * what C refers to, whoever calls whom meanwhile. The tuple is replaced by a larger one when it is full.
 */
#include <stdio.h>

#include "atom.h"
#include "foreign.h"
#include "mem.h"
#include "native_env.h"
#include "object.h"
#include "outside.h"
#include "signals.h"
#include "str.h"

enum { REFS_LEAST = 14 };

static struct env *env_of(ion_env *env)
{
    return (struct env *)(void *)env;
}

static ion_value *slot_of(const struct env *e)
{
    return &e->call->fp->r[e->call->f->sig.n].v;
}

static tuple *refs_of(const struct env *e)
{
    return AS(tuple, *slot_of(e));
}

static ion_value value_of(const struct env *e, ion_ref r)
{
    return r < e->n ? refs_of(e)->items[r] : ION_UNDEFINED;
}

/* A tuple of n places, the first ones as in the old one. `v` is kept safe. */
static bool refs_grow(struct env *e, uint32_t n, ion_value *v)
{
    foreign_call *c = e->call;
    if (!gc_reserve(c->p, c->fp, sizeof(tuple) + n * sizeof(ion_value), v, 1)) {
        (void)proc_no_memory(c->p, c->fp);
        c->ended = true;
        return false;
    }
    tuple *t = heap_take(&proc_of(c->p)->heap, sizeof *t + n * sizeof(ion_value));
    t->head = HEAD(KIND_TUPLE, n);
    for (uint32_t i = 0; i < n; i++)
        t->items[i] = i < e->n ? refs_of(e)->items[i] : ION_UNDEFINED;
    *slot_of(e) = value_boxed(t);
    return true;
}

uint32_t values_ref(struct env *e, ion_value v)
{
    if (v == ION_LEAVE) {
        e->call->ended = true;
        return 0;
    }
    if (v == ION_UNDEFINED || e->call->ended)
        return 0;
    if (e->n == HEAD_COUNT(refs_of(e)->head) && !refs_grow(e, 2 * e->n, &v))
        return 0;
    refs_of(e)->items[e->n] = v;
    return e->n++;
}

const grants *values_grants(const struct env *e)
{
    return &runtime_of(proc_of(e->call->p))->set.may;
}

/* ---- making ---- */

static ion_ref make_unit(ion_env *env)
{
    return values_ref(env_of(env), ION_UNIT);
}

static ion_ref make_boolean(ion_env *env, int x)
{
    return values_ref(env_of(env), ION_BOOL(x));
}

static ion_ref make_number(ion_env *env, double x)
{
    return values_ref(env_of(env), value_number(x));
}

static ion_ref make_complex(ion_env *env, double re, double im)
{
    struct env *e = env_of(env);
    foreign_call *c = e->call;
    if (c->ended || !gc_reserve(c->p, c->fp, sizeof(complex_number), NULL, 0))
        return values_ref(e, c->ended ? ION_LEAVE : proc_no_memory(c->p, c->fp));
    complex_number *z = heap_take(&proc_of(c->p)->heap, sizeof *z);
    *z = (complex_number){HEAD(KIND_COMPLEX, 0), number_of(value_number(re)), number_of(value_number(im))};
    return values_ref(e, value_boxed(z));
}

static ion_ref make_atom(ion_env *env, const char *text, size_t len)
{
    struct env *e = env_of(env);
    ion_value v = atom_make(len ? text : "", len);
    return values_ref(e, v ? v : e->call->ended ? ION_LEAVE : proc_no_memory(e->call->p, e->call->fp));
}

static ion_ref make_string(ion_env *env, const char *bytes, size_t len)
{
    struct env *e = env_of(env);
    return values_ref(e, e->call->ended ? ION_LEAVE : str_new(e->call->p, e->call->fp, bytes, len));
}

static ion_ref make_array(ion_env *env, const ion_ref *items, size_t n)
{
    struct env *e = env_of(env);
    ion_value v = e->call->ended ? ION_LEAVE : native_array(e->call->p, e->call->fp, n, 0, NULL, 0);
    for (size_t i = 0; v != ION_LEAVE && i < n; i++)
        AS(array, v)->store->items[i] = value_of(e, items[i]);
    return values_ref(e, v);
}

static ion_ref make_tuple(ion_env *env, const ion_ref *items, size_t n)
{
    struct env *e = env_of(env);
    foreign_call *c = e->call;
    size_t bytes = sizeof(tuple) + (n ? n : 1) * sizeof(ion_value);
    if (n > UINT32_MAX >> 4 && !c->ended)
        return values_ref(e, proc_limit(c->p, c->fp, "allocation"));
    if (c->ended || !gc_reserve(c->p, c->fp, bytes, NULL, 0))
        return values_ref(e, c->ended ? ION_LEAVE : proc_no_memory(c->p, c->fp));
    tuple *t = heap_take(&proc_of(c->p)->heap, bytes);
    t->head = HEAD(KIND_TUPLE, n);
    t->items[0] = ION_UNDEFINED;
    for (size_t i = 0; i < n; i++)
        t->items[i] = value_of(e, items[i]);
    return values_ref(e, value_boxed(t));
}

static ion_ref make_object(ion_env *env)
{
    struct env *e = env_of(env);
    return values_ref(e, e->call->ended ? ION_LEAVE : object_new(e->call->p, e->call->fp, 4));
}

/* ---- looking ---- */

static ion_type get_type(ion_env *env, ion_ref r)
{
    static const ion_type types[] = {
        [TYPE_NUMBER] = ION_NUMBER_TYPE, [TYPE_BOOLEAN] = ION_BOOLEAN_TYPE,     [TYPE_ATOM] = ION_ATOM_TYPE,
        [TYPE_STRING] = ION_STRING_TYPE, [TYPE_UNIT] = ION_UNIT_TYPE,           [TYPE_COMPLEX] = ION_COMPLEX_TYPE,
        [TYPE_TUPLE] = ION_TUPLE_TYPE,   [TYPE_UNDEFINED] = ION_UNDEFINED_TYPE, [TYPE_ARRAY] = ION_ARRAY_TYPE,
        [TYPE_OBJECT] = ION_OBJECT_TYPE, [TYPE_FUNCTION] = ION_FUNCTION_TYPE,   [TYPE_PROCESS] = ION_PROCESS_TYPE,
    };
    return types[type_of(value_of(env_of(env), r))];
}

static double get_number(ion_env *env, ion_ref r)
{
    ion_value v = value_of(env_of(env), r);
    return ION_IS_NUMBER(v) ? number_of(v) : is_boxed(v, KIND_COMPLEX) ? AS(complex_number, v)->re : 0;
}

static double get_imaginary(ion_env *env, ion_ref r)
{
    ion_value v = value_of(env_of(env), r);
    return is_boxed(v, KIND_COMPLEX) ? AS(complex_number, v)->im : 0;
}

static int get_boolean(ion_env *env, ion_ref r)
{
    return value_of(env_of(env), r) == ION_TRUE;
}

static size_t get_length(ion_env *env, ion_ref r)
{
    ion_value v = value_of(env_of(env), r);
    const char *bytes;
    size_t len;
    return text_view(v, &bytes, &len) ? len
           : ION_IS_ARRAY(v)          ? AS(array, v)->len
           : is_tuple(v)              ? HEAD_COUNT(as_thing(v)->head)
           : ION_IS_OBJECT(v)         ? object_count(AS(object, v))
                                      : 0;
}

static size_t get_text(ion_env *env, ion_ref r, size_t from, char *to, size_t room)
{
    const char *bytes;
    size_t len;
    if (!text_view(value_of(env_of(env), r), &bytes, &len) || from >= len)
        return 0;
    size_t n = len - from < room ? len - from : room;
    memcpy(to, bytes + from, n);
    return n;
}

static ion_ref get_item(ion_env *env, ion_ref r, size_t i)
{
    struct env *e = env_of(env);
    ion_value v = value_of(e, r);
    if (ION_IS_ARRAY(v) && i < AS(array, v)->len)
        return values_ref(e, AS(array, v)->store->items[i]);
    if (is_tuple(v) && i < HEAD_COUNT(as_thing(v)->head))
        return values_ref(e, AS(tuple, v)->items[i]);
    return 0;
}

static ion_ref get_property(ion_env *env, ion_ref r, const char *name)
{
    struct env *e = env_of(env);
    ion_value key = atom_find(name, strlen(name), text_hash(name, strlen(name))), v = value_of(e, r);
    found f = {0};
    if (ION_IS_OBJECT(v) && key)
        f = object_find(AS(object, v), key);
    return f.yes && !(f.flags & ION_HIDDEN) ? values_ref(e, f.value) : 0;
}

static ion_ref get_key(ion_env *env, ion_ref r, size_t i)
{
    struct env *e = env_of(env);
    ion_value v = value_of(e, r), key = 0;
    found f;
    uint32_t at = 0;
    if (!ION_IS_OBJECT(v))
        return 0;
    while (object_next(AS(object, v), &at, &key, &f))
        if (i-- == 0)
            break;
        else
            key = 0;
    if (key && ION_IS_ATOM(key))
        return make_string(env, atom_get(key)->text, atom_get(key)->len);
    return key ? values_ref(e, key) : 0;
}

static int are_equal(ion_env *env, ion_ref a, ion_ref b)
{
    uint64_t units = 0;
    return values_equal(value_of(env_of(env), a), value_of(env_of(env), b), false, &units) > 0;
}

/* ---- changing ---- */

static int set_item(ion_env *env, ion_ref r, size_t i, ion_ref to)
{
    struct env *e = env_of(env);
    ion_value v = value_of(e, r);
    if (!ION_IS_ARRAY(v) || i >= AS(array, v)->len)
        return 0;
    AS(array, v)->store->items[i] = value_of(e, to);
    return 1;
}

static int set_property(ion_env *env, ion_ref r, const char *name, ion_ref to)
{
    struct env *e = env_of(env);
    foreign_call *c = e->call;
    ion_value v = value_of(e, r), key = atom_make(*name ? name : "", strlen(name));
    if (!ION_IS_OBJECT(v) || !key || c->ended || key == ATOM(proto))
        return 0;
    found f = object_own(AS(object, v), key);
    if (f.yes && (f.flags & ION_HIDDEN || !(f.flags & ION_WRITABLE)))
        return 0;
    if (object_put(c->p, c->fp, v, key, value_of(e, to), ION_ALL))
        return 1;
    (void)proc_no_memory(c->p, c->fp);
    c->ended = true;
    return 0;
}

/* ---- calls ---- */

static ion_ref call_back(ion_env *env, ion_ref function, const ion_ref *args, size_t n, int *ok)
{
    struct env *e = env_of(env);
    ion_value values[NATIVE_PARAMS], v = ION_UNDEFINED, callee = value_of(e, function);
    *ok = 0;
    if (!is_callable(callee) || n > NATIVE_PARAMS)
        return 0;
    for (size_t i = 0; i < n; i++)
        values[i] = value_of(e, args[i]);
    *ok = foreign_run(e->call, callee, values, (uint32_t)n, &v);
    return *ok ? values_ref(e, v) : 0;
}

static void raise_error(ion_env *env, const char *text)
{
    foreign_error(env_of(env)->call, "%s", text);
}

/* ---- what is kept ---- */

struct ion_kept {
    post post; /* first: it is freed on a scheduler's thread, where memory is counted */
    _Atomic uint32_t holders;
    outside *to;
    ion_value value;
    fragment frag;
};

/* Copies what several threads may have: a copy borrows the headers of what it copies. */
static bool copy_shared(fragment *f, const ion_value *from, ion_value *to)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    bool done = copy_values(f, from, to, 1);
    pthread_mutex_unlock(&lock);
    return done;
}

static void kept_free(post *p)
{
    ion_kept *k = (ion_kept *)(void *)p;
    outside *to = k->to;
    fragment_free(&k->frag);
    mem_free(k);
    outside_drop(to);
}

static void kept_run(scheduler *s, post *p)
{
    (void)s;
    kept_free(p);
}

static ion_kept *keep(ion_env *env, ion_ref r)
{
    struct env *e = env_of(env);
    ion_value v = value_of(e, r);
    ion_kept *k = mem_zalloc(sizeof *k);
    if (!k || !copy_values(&k->frag, &v, &k->value, 1)) {
        mem_free(k);
        return NULL;
    }
    k->post.run = kept_run;
    k->post.drop = kept_free;
    atomic_init(&k->holders, 1);
    k->to = outside_hold(runtime_of(proc_of(e->call->p)));
    return k;
}

static ion_ref from_kept(ion_env *env, const ion_kept *k)
{
    struct env *e = env_of(env);
    fragment f = {0};
    ion_value v;
    if (e->call->ended || !copy_shared(&f, &k->value, &v))
        return values_ref(e, e->call->ended ? ION_LEAVE : proc_no_memory(e->call->p, e->call->fp));
    heap_adopt(&proc_of(e->call->p)->heap, &f);
    return values_ref(e, v);
}

static void kept_release(ion_kept *k)
{
    if (k && atomic_fetch_sub_explicit(&k->holders, 1, memory_order_acq_rel) == 1)
        outside_post(k->to, &k->post);
}

/* ---- ports ---- */

struct ion_port {
    outside *to;
    uint64_t process;
};

/* A message on its way in. */
typedef struct mail_post {
    post post; /* first */
    uint64_t process;
    size_t n;
    ion_item items[];
} mail_post;

static void mail_post_free(post *p)
{
    mail_post *m = (mail_post *)(void *)p;
    for (size_t i = 0; i < m->n; i++)
        if (m->items[i].kept)
            kept_release((ion_kept *)(uintptr_t)m->items[i].kept);
    mem_free(m);
}

/* The value of an item; what it takes of memory is for copy_values to find again. *scratch: a long string that is none
 * of any heap's. */
static bool item_value(const ion_item *i, ion_value *v, long_string *scratch)
{
    if (i->kept) {
        *v = i->kept->value;
        return true;
    }
    switch (i->type) {
    case ION_NUMBER_TYPE: *v = value_number(i->number); return true;
    case ION_BOOLEAN_TYPE: *v = ION_BOOL(i->number != 0); return true;
    case ION_UNIT_TYPE: *v = ION_UNIT; return true;
    case ION_ATOM_TYPE: return (*v = atom_make(i->len ? i->text : "", i->len)) != 0;
    case ION_STRING_TYPE:
        *scratch = (long_string){HEAD(KIND_LONG, 0), i->len, text_new(i->len), NULL};
        if (!scratch->buffer)
            return false;
        memcpy(scratch->buffer->bytes, i->text, i->len);
        scratch->buffer->used = i->len;
        *v = value_boxed(scratch);
        return true;
    default: *v = ION_UNDEFINED; return true;
    }
}

/* The message as a value, copied as a whole. */
static bool mail_value(const mail_post *m, fragment *f, ion_value *v)
{
    size_t n = m->n;
    bool done = true;
    long_string *scratch = mem_zalloc(n * sizeof *scratch);
    tuple *t = mem_alloc(sizeof *t + n * sizeof(ion_value));
    if (scratch && t) {
        t->head = HEAD(KIND_TUPLE, n);
        for (size_t i = 0; i < n && done; i++)
            done = item_value(&m->items[i], &t->items[i], &scratch[i]);
        ion_value whole = value_boxed(t);
        done = done && copy_shared(f, n == 1 ? t->items : &whole, v);
        for (size_t i = 0; i < n; i++)
            if (scratch[i].buffer)
                text_drop(scratch[i].buffer);
    } else {
        done = false;
    }
    mem_free(scratch);
    mem_free(t);
    return done;
}

/* A full mailbox loses the message: nobody is there to wait. */
static void mail_deliver(scheduler *s, const mail_post *m)
{
    fragment f = {0};
    ion_value v;
    process *to = proc_find(s->rt, m->process);
    if (!to || !mail_value(m, &f, &v))
        return;
    bool copied = f.blocks != NULL;
    proc_signal *message = mail_new(s, copied);
    mail_room_kind room = message ? mail_reserve(to) : ROOM_NONE;
    if (room != ROOM_NONE) {
        mail_send(s, to, message, v, &f, room == ROOM_COUNTED, false);
        return;
    }
    if (message)
        mail_drop(s, message, copied);
    fragment_free(&f);
}

static void mail_run(scheduler *s, post *p)
{
    mail_deliver(s, (const mail_post *)(void *)p);
    mail_post_free(p);
}

static ion_port *port_open(ion_env *env, ion_ref process_)
{
    struct env *e = env_of(env);
    process *proc = proc_of(e->call->p);
    ion_value v = value_of(e, process_);
    if (process_ && !ION_IS_PROCESS(v))
        return NULL;
    ion_port *port = mem_alloc(sizeof *port);
    if (port) {
        *port = (ion_port){outside_hold(runtime_of(proc)), process_ ? v & ION_PAYLOAD : proc->id};
        outside_expect(port->to);
    }
    return port;
}

static int port_send(ion_port *port, const ion_item *items, size_t n)
{
    size_t bytes = sizeof(mail_post) + n * sizeof *items;
    for (size_t i = 0; i < n; i++)
        bytes += items[i].kept || !items[i].text ? 0 : items[i].len;
    mail_post *m = n && n <= UINT32_MAX >> 8 ? mem_alloc(bytes) : NULL;
    if (!m)
        return 0;
    m->post = (post){NULL, mail_run, mail_post_free};
    m->process = port->process;
    m->n = n;
    char *text = (char *)&m->items[n];
    for (size_t i = 0; i < n; i++) {
        m->items[i] = items[i];
        if (items[i].kept) {
            atomic_fetch_add_explicit(&((ion_kept *)(uintptr_t)items[i].kept)->holders, 1, memory_order_relaxed);
        } else if (items[i].text) {
            m->items[i].text = memcpy(text, items[i].text, items[i].len);
            text += items[i].len;
        }
    }
    return outside_post(port->to, &m->post);
}

static void port_close(ion_port *port)
{
    if (!port)
        return;
    outside_unexpect(port->to);
    outside_drop(port->to);
    mem_free(port);
}

static ion_ref self(ion_env *env)
{
    struct env *e = env_of(env);
    return values_ref(e, ION_PROCESS(proc_of(e->call->p)->id));
}

/* ---- a call ---- */

static const struct ion_api api = {
    ION_NATIVE_VERSION, get_type,   make_unit,   make_boolean, make_number, make_complex,  make_atom,
    make_string,        make_array, make_tuple,  make_object,  get_number,  get_imaginary, get_boolean,
    get_length,         get_text,   get_item,    get_property, get_key,     are_equal,     set_item,
    set_property,       call_back,  raise_error, keep,         from_kept,   kept_release,  port_open,
    port_send,          port_close, self,
};

bool values_begin(foreign_call *c, struct env *env)
{
    const signature *s = &c->f->sig;
    *env = (struct env){{&api}, c, 0};
    c->fp->r[s->n].v = ION_UNDEFINED;
    c->fp->n = s->n + 1u;
    ion_value none = ION_UNDEFINED;
    if (!refs_grow(env, REFS_LEAST + s->n, &none))
        return false;
    env->n = 1;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->params[i] == NATIVE_VALUE)
            c->args.w[i + 1].u = values_ref(env, c->fp->r[i].v);
    c->args.w[s->n + 1u].p = env;
    c->env = env;
    return true;
}

ion_value values_result(const foreign_call *c, ion_word w)
{
    return value_of(c->env, (ion_ref)w.u);
}

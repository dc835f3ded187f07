/* Values taken and given, kept, and sent from threads of the library's own. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ion/native.h"

static const char *const names[] = {"number", "boolean", "atom",  "string", "unit",     "complex",
                                    "undefined", "tuple", "array", "object", "function", "process"};

ion_ref describe(ion_env *env, ion_ref v);
ion_ref everything(ion_env *env, ion_ref process);
ion_ref reversed(ion_env *env, ion_ref list);
ion_ref map(ion_env *env, ion_ref list, ion_ref function);
double total(ion_env *env, ion_ref list, double start);
ion_ref with(ion_env *env, ion_ref object, const char *key, ion_ref v);
_Bool set(ion_env *env, ion_ref array, size_t i, ion_ref v);
_Bool same(ion_env *env, ion_ref a, ion_ref b);
ion_ref many(ion_env *env, size_t n);
void *remember(ion_env *env, ion_ref v);
ion_ref recall(ion_env *env, void *p);
void forget(void *p);
void raises(ion_env *env, ion_ref v);
_Bool ticker(ion_env *env, ion_ref process, int n);
_Bool echo(ion_env *env, void *kept, ion_ref to);

ion_ref describe(ion_env *env, ion_ref v)
{
    const struct ion_api *api = env->api;
    char text[200];
    ion_type t = api->type(env, v);
    int n = snprintf(text, sizeof text, "%s, length %zu, number %g, imaginary %g, boolean %d", names[t],
                     api->length(env, v), api->get_number(env, v), api->get_imaginary(env, v),
                     api->get_boolean(env, v));
    if (t == ION_STRING_TYPE || t == ION_ATOM_TYPE) {
        n += snprintf(text + n, sizeof text - (size_t)n, ", text ");
        n += (int)api->get_text(env, v, 0, text + n, sizeof text - (size_t)n);
    }
    for (size_t i = 0; t == ION_OBJECT_TYPE && i < api->length(env, v); i++) {
        char name[20];
        size_t len = api->get_text(env, api->key(env, v, i), 0, name, sizeof name - 1);
        name[len] = 0;
        n += snprintf(text + n, sizeof text - (size_t)n, ", %s=%g", name,
                      api->get_number(env, api->property(env, v, name)));
    }
    return api->string(env, text, (size_t)n);
}

ion_ref everything(ion_env *env, ion_ref process)
{
    const struct ion_api *api = env->api;
    ion_ref o = api->object(env);
    api->set_property(env, o, "name", api->string(env, "value", 5));
    api->set_property(env, o, "size", api->number(env, 0.5));
    ion_ref two[] = {api->number(env, 1), api->boolean(env, 1)};
    ion_ref all[] = {api->unit(env),       api->boolean(env, 0),  api->number(env, 1.5),
                     api->complex(env, 3, -4), api->atom(env, "some_atom", 9), api->string(env, "a\0b", 3),
                     0,                    api->tuple(env, two, 2), api->array(env, two, 2),
                     o,                    process,               api->self(env),
                     api->tuple(env, two, 0), api->array(env, two, 0)};
    return api->array(env, all, sizeof all / sizeof *all);
}

ion_ref reversed(ion_env *env, ion_ref list)
{
    size_t n = env->api->length(env, list);
    ion_ref *items = malloc((n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = env->api->item(env, list, n - 1 - i);
    ion_ref r = env->api->array(env, items, n);
    free(items);
    return r;
}

ion_ref map(ion_env *env, ion_ref list, ion_ref function)
{
    size_t n = env->api->length(env, list);
    ion_ref *items = malloc((n + 1) * sizeof *items);
    int ok = 1;
    for (size_t i = 0; i < n && ok; i++) {
        ion_ref item = env->api->item(env, list, i);
        items[i] = env->api->call(env, function, &item, 1, &ok);
    }
    ion_ref r = ok ? env->api->array(env, items, n) : 0;
    free(items);
    return r;
}

double total(ion_env *env, ion_ref list, double start)
{
    for (size_t i = 0, n = env->api->length(env, list); i < n; i++)
        start += env->api->get_number(env, env->api->item(env, list, i));
    return start;
}

ion_ref with(ion_env *env, ion_ref object, const char *key, ion_ref v)
{
    return env->api->set_property(env, object, key, v) ? object : 0;
}

_Bool set(ion_env *env, ion_ref array, size_t i, ion_ref v)
{
    return env->api->set_item(env, array, i, v);
}

_Bool same(ion_env *env, ion_ref a, ion_ref b)
{
    return env->api->equal(env, a, b);
}

/* More references than there is room for at first. */
ion_ref many(ion_env *env, size_t n)
{
    ion_ref *items = malloc((n + 1) * sizeof *items);
    for (size_t i = 0; i < n; i++) {
        char text[32];
        items[i] = env->api->string(env, text, (size_t)snprintf(text, sizeof text, "item %zu", i));
    }
    ion_ref r = env->api->array(env, items, n);
    free(items);
    return r;
}

void *remember(ion_env *env, ion_ref v)
{
    return env->api->keep(env, v);
}

static const struct ion_api *api_seen;

ion_ref recall(ion_env *env, void *p)
{
    api_seen = env->api;
    return env->api->kept(env, p);
}

void forget(void *p)
{
    api_seen->release(p);
}

void raises(ion_env *env, ion_ref v)
{
    (void)v;
    env->api->raise(env, "so it was decided");
}

/* ---- messages from another thread ---- */

struct tick {
    const struct ion_api *api;
    ion_port *port;
    int n;
};

static void *tick_main(void *context)
{
    struct tick *t = context;
    for (int i = 0; i < t->n; i++) {
        ion_item items[] = {{ION_ATOM_TYPE, 0, "tick", 4, NULL},
                            {ION_NUMBER_TYPE, i, NULL, 0, NULL},
                            {ION_STRING_TYPE, 0, "from a thread", 13, NULL},
                            {ION_BOOLEAN_TYPE, i & 1, NULL, 0, NULL},
                            {ION_UNIT_TYPE, 0, NULL, 0, NULL},
                            {ION_UNDEFINED_TYPE, 0, NULL, 0, NULL}};
        usleep(1000);
        t->api->send(t->port, items, i == t->n - 1 ? 1 : sizeof items / sizeof *items);
    }
    t->api->close(t->port);
    free(t);
    return NULL;
}

_Bool ticker(ion_env *env, ion_ref process, int n)
{
    struct tick *t = malloc(sizeof *t);
    pthread_t thread;
    *t = (struct tick){env->api, env->api->open(env, process), n};
    if (!t->port) {
        free(t);
        return 0;
    }
    return pthread_create(&thread, NULL, tick_main, t) == 0 && pthread_detach(thread) == 0;
}

static ion_port *echo_port;

static void *echo_main(void *kept)
{
    ion_item item = {ION_TUPLE_TYPE, 0, NULL, 0, kept};
    api_seen->send(echo_port, &item, 1);
    api_seen->release(kept);
    api_seen->close(echo_port);
    return NULL;
}

/* Sends what is kept, from another thread, and lets go of it there. */
_Bool echo(ion_env *env, void *kept, ion_ref to)
{
    pthread_t thread;
    echo_port = env->api->open(env, to);
    return pthread_create(&thread, NULL, echo_main, kept) == 0 && pthread_detach(thread) == 0;
}

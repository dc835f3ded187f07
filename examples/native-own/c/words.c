/* words.c: a library of our own, which the package carries: words of a text counted, and a clock that sends messages.
 *
 *     cc -shared -fPIC -I PREFIX/include words.c -o lib/linux/x86_64/words.so
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ion/native.h>

static int in_word(char c)
{
    return c != ' ' && c != '\n' && c != '\t';
}

/* Where the word begins that is at or behind `at`, and where it ends; NULL: there is none. */
static const char *next_word(const char *at, const char **end)
{
    while (*at && !in_word(*at))
        at++;
    for (*end = at; **end && in_word(**end);)
        ++*end;
    return *at ? at : NULL;
}

/* Plain C: the bytes need not end with a NUL. */
uint32_t count(const char *text, size_t n)
{
    uint32_t words = 0;
    for (size_t i = 0; i < n; i++)
        words += in_word(text[i]) && (i == 0 || !in_word(text[i - 1]));
    return words;
}

/* An object with the number of times that each word occurs. */
ion_ref count_each(ion_env *env, const char *text)
{
    const struct ion_api *ion = env->api;
    ion_ref counts = ion->object(env);
    const char *end;
    for (const char *at = text; (at = next_word(at, &end)); at = end) {
        char *word = strndup(at, (size_t)(end - at));
        double before = ion->get_number(env, ion->property(env, counts, word));
        ion->set_property(env, counts, word, ion->number(env, before + 1));
        free(word);
    }
    return counts;
}

/* An array of what the function gives for each word. */
ion_ref each_word(ion_env *env, const char *text, ion_ref function)
{
    const struct ion_api *ion = env->api;
    ion_ref results[64];
    size_t n = 0;
    int ok = 1;
    const char *end;
    for (const char *at = text; n < 64 && ok && (at = next_word(at, &end)); at = end) {
        ion_ref word = ion->string(env, at, (size_t)(end - at));
        results[n++] = ion->call(env, function, &word, 1, &ok);
    }
    return ion->array(env, results, ok ? n : 0);
}

struct alarm {
    const struct ion_api *ion;
    ion_port *port;
    int ms, times;
};

static void *alarm_main(void *context)
{
    struct alarm *a = context;
    for (int i = 1; i <= a->times; i++) {
        ion_item message[] = {{.type = ION_ATOM_TYPE, .text = "tick", .len = 4}, {.type = ION_NUMBER_TYPE, .number = i}};
        usleep((useconds_t)a->ms * 1000);
        a->ion->send(a->port, message, 2);
    }
    a->ion->close(a->port);
    free(a);
    return NULL;
}

/* Sends `(tick, i)` every so many milliseconds, from a thread of its own. */
void clock_start(ion_env *env, ion_ref process, int ms, int times)
{
    struct alarm *a = malloc(sizeof *a);
    pthread_t thread;
    *a = (struct alarm){env->api, env->api->open(env, process), ms, times};
    if (a->port && pthread_create(&thread, NULL, alarm_main, a) == 0)
        pthread_detach(thread);
    else
        env->api->raise(env, "no clock");
}

/* A map from strings to numbers: 1000 keys that are computed as the program runs, each read and written in turn. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* A table with open addressing; a place without a key is free. */
typedef struct map {
    struct {
        const char *key;
        double value;
    } * places;
    size_t used, room;
} map;

static size_t hash(const char *key)
{
    size_t h = 14695981039346656037u;
    for (; *key; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    return h;
}

__attribute__((noinline)) static double *find(const map *m, const char *key)
{
    for (size_t i = m->room ? hash(key) & (m->room - 1) : 0; m->room && m->places[i].key; i = (i + 1) & (m->room - 1))
        if (strcmp(m->places[i].key, key) == 0)
            return &m->places[i].value;
    return NULL;
}

static void set(map *m, const char *key, double value)
{
    double *old = find(m, key);
    if (old) {
        *old = value;
        return;
    }
    if (2 * m->used >= m->room) {
        map larger = {.room = m->room ? 2 * m->room : 8};
        larger.places = calloc(larger.room, sizeof *larger.places);
        for (size_t i = 0; i < m->room; i++)
            if (m->places[i].key)
                set(&larger, m->places[i].key, m->places[i].value);
        free(m->places);
        *m = larger;
    }
    size_t i = hash(key) & (m->room - 1);
    while (m->places[i].key)
        i = (i + 1) & (m->room - 1);
    m->places[i].key = key;
    m->places[i].value = value;
    m->used++;
}

__attribute__((noinline)) static double run(int keys, double rounds)
{
    char **key = malloc((size_t)keys * sizeof *key);
    map m = {0};
    for (int i = 0; i < keys; i++) {
        key[i] = malloc(20);
        snprintf(key[i], 20, "key%d", i);
        set(&m, key[i], 0);
    }
    for (double round = 0; round < rounds; round++)
        for (int i = 0; i < keys; i++)
            set(&m, key[i], *find(&m, key[i]) + i);
    double sum = 0;
    for (int i = 0; i < keys; i++) {
        sum += *find(&m, key[i]);
        free(key[i]);
    }
    free(key);
    free(m.places);
    return sum;
}

int main(void)
{
    double start = clock_ms();
    double result = run(1000, 6000);
    return report(result, start, clock_ms());
}

/* wheel_test.c: timers come in order, from any distance, and none is lost or late. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "mem.h"
#include "wheel.h"

enum { N = 20000 };

static uint64_t state = 1;

static uint64_t draw(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 20;
}

static int by_deadline(const void *a, const void *b)
{
    const wheel_timer *x = *(wheel_timer *const *)a, *y = *(wheel_timer *const *)b;
    if (x->deadline != y->deadline)
        return x->deadline < y->deadline ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Puts N timers up to `most` ns ahead, takes a third out again, and has the rest come, time going on in steps up to `step`. */
static bool in_order(uint64_t most, uint64_t step)
{
    wheel w = {0};
    wheel_timer *all = mem_zalloc(N * sizeof *all);
    wheel_timer **sorted = mem_zalloc(N * sizeof *sorted);
    size_t n = 0, came = 0;
    bool fine = true;
    for (int i = 0; i < N; i++) {
        all[i].deadline = (int64_t)(draw() % most);
        fine = fine && wheel_put(&w, &all[i]);
    }
    for (int i = 0; i < N; i++)
        if (i % 3)
            sorted[n++] = &all[i];
        else
            wheel_remove(&w, &all[i]);
    qsort(sorted, n, sizeof *sorted, by_deadline);
    int64_t now = 0, next;
    while (fine && wheel_next(&w, &next)) {
        fine = next <= sorted[came]->deadline;
        now = next > now ? next : now;
        now += (int64_t)(draw() % step);
        for (wheel_timer *t; fine && (t = wheel_due(&w, now)); came++) {
            fine = came < n && t == sorted[came];
            wheel_remove(&w, t);
        }
        fine = fine && (came == n || sorted[came]->deadline > now);
    }
    fine = fine && came == n && w.count == 0;
    wheel_free(&w);
    mem_free(all);
    mem_free(sorted);
    return fine;
}

/* One timer after the other, each set when the last has come. */
static bool one_by_one(uint64_t most)
{
    wheel w = {0};
    wheel_timer t = {0};
    int64_t now = 0, next;
    bool fine = true;
    for (int i = 0; fine && i < N; i++) {
        t = (wheel_timer){.deadline = now + (int64_t)(draw() % most)};
        fine = wheel_put(&w, &t);
        while (fine && !wheel_due(&w, now)) {
            fine = wheel_next(&w, &next) && next > now && next <= t.deadline;
            now = next;
        }
        wheel_remove(&w, &t);
        fine = fine && now == t.deadline;
    }
    wheel_free(&w);
    return fine;
}

int main(void)
{
    check(in_order(1000, 10), "timers of the same tick");
    check(in_order(1000000000, 3000000), "timers within a second");
    check(in_order(1000000000000, 7000000000), "within a quarter of an hour");
    check(in_order(1ull << 43, 1ull << 40), "within hours, in long steps");
    check(one_by_one(3000000) && one_by_one(1ull << 40), "one after the other");
    wheel w = {0};
    wheel_timer far = {.deadline = ((int64_t)1 << 62) - 1}, near = {.deadline = 5};
    int64_t next;
    check(wheel_put(&w, &far) && wheel_put(&w, &near) && !wheel_due(&w, 4) && wheel_due(&w, 5) == &near, "near before far");
    wheel_remove(&w, &near);
    check(wheel_next(&w, &next) && next > 5 && !wheel_due(&w, 1ll << 60), "the farthest");
    wheel_free(&w);
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}

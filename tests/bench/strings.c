/* Long strings, each built by appending a piece at a time. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"

typedef struct string {
    char *text;
    size_t length, room;
} string;

__attribute__((noinline)) static void append(string *s, const char *piece)
{
    size_t n = strlen(piece);
    if (s->length + n > s->room) {
        s->room = 2 * (s->length + n);
        s->text = realloc(s->text, s->room);
    }
    memcpy(s->text + s->length, piece, n);
    s->length += n;
}

__attribute__((noinline)) static string build(double pieces)
{
    string s = {0};
    for (double i = 0; i < pieces; i++)
        append(&s, "piece\n");
    return s;
}

__attribute__((noinline)) static double run(double strings, double pieces)
{
    double sum = 0;
    for (double i = 0; i < strings; i++) {
        string s = build(pieces);
        sum += (double)s.length;
        free(s.text);
    }
    return sum;
}

int main(void)
{
    double start = clock_ms();
    double result = run(40, 5000);
    return report(result, start, clock_ms());
}

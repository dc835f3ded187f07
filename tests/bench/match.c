/* Dispatch on atoms, tagged pairs and small integers. */
#include <math.h>

#include "clock.h"

typedef enum atom { NOP, HALF, ADD, SUB } atom;

typedef struct action {
    enum { ATOM, PAIR, NUMBER } kind;
    atom atom; /* of a pair the tag */
    double number;
} action;

__attribute__((noinline)) static double step(const action *a, double value)
{
    switch (a->kind) {
    case ATOM:
        switch (a->atom) {
        case NOP: return value;
        case HALF: return value * 0.5;
        default: return NAN;
        }
    case PAIR:
        switch (a->atom) {
        case ADD: return value + a->number;
        case SUB: return value - a->number;
        default: return NAN;
        }
    case NUMBER:
        if (a->number == 0)
            return value + 1;
        if (a->number == 1)
            return value - 1;
        if (a->number == 2)
            return value * 2;
    }
    return NAN;
}

__attribute__((noinline)) static double run(double rounds)
{
    static const action actions[] = {{PAIR, ADD, 7}, {ATOM, NOP, 0}, {NUMBER, 0, 0}, {ATOM, HALF, 0},
                                     {PAIR, SUB, 3}, {NUMBER, 0, 1}, {NUMBER, 0, 2}, {ATOM, NOP, 0}};
    double value = 1, sum = 0;
    for (double i = 0; i < rounds; i++) {
        for (int j = 0; j < 8; j++) {
            value = step(&actions[j], value);
            sum += value;
        }
    }
    return sum;
}

int main(void)
{
    double start = clock_ms();
    double result = run(1250000);
    return report(result, start, clock_ms());
}

/* Properties of an object read and written in a loop. */
#include "clock.h"

typedef struct point {
    double x, y, dx, dy;
} point;

__attribute__((noinline)) static double move(point *p, double steps)
{
    for (double i = 0; i < steps; i++) {
        p->x = p->x + p->dx;
        p->y = p->y + p->dy;
    }
    return p->x + p->y;
}

int main(void)
{
    double start = clock_ms();
    double result = move(&(point){0, 0, 1, 2}, 20000000);
    return report(result, start, clock_ms());
}

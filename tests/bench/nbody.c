/* The sun and its four large planets, moved step by step. */
#include <math.h>

#include "clock.h"

typedef struct body {
    double x, y, z, vx, vy, vz, m;
} body;

static body bodies[5] = {{0, 0, 0, 0, 0, 0, 39.47841760435743},
                         {4.841431442464721, -1.1603200440274284, -0.10362204447112311, 0.606326392995832,
                          2.81198684491626, -0.02521836165988763, 0.03769367487038949},
                         {8.34336671824458, 4.124798564124305, -0.4035234171143214, -1.0107743461771468,
                          1.8256623712304119, 0.008415761376584154, 0.011286326131968767},
                         {12.894369562139131, -15.111151401698631, -0.22330757889265573, 1.0827910064415354,
                          0.8687130181696082, -0.010832637401363636, 0.0017237240570597112},
                         {15.379697114850917, -25.919314609987964, 0.17925877295037118, 0.979090732243898,
                          0.5946989986476762, -0.034755955504078104, 0.0020336868699246304}};

static void offset_momentum(body *b)
{
    double x = 0, y = 0, z = 0;
    for (int i = 1; i < 5; i++) {
        x -= b[i].vx * b[i].m;
        y -= b[i].vy * b[i].m;
        z -= b[i].vz * b[i].m;
    }
    b[0].vx = x / b[0].m;
    b[0].vy = y / b[0].m;
    b[0].vz = z / b[0].m;
}

static void advance(body *bodies, double step)
{
    for (int i = 0; i < 5; i++) {
        body *a = &bodies[i];
        for (int j = i + 1; j < 5; j++) {
            body *b = &bodies[j];
            double x = a->x - b->x, y = a->y - b->y, z = a->z - b->z;
            double square = x * x + y * y + z * z;
            double d = step / (square * sqrt(square));
            double m = b->m * d;
            a->vx -= x * m;
            a->vy -= y * m;
            a->vz -= z * m;
            m = a->m * d;
            b->vx += x * m;
            b->vy += y * m;
            b->vz += z * m;
        }
        a->x += a->vx * step;
        a->y += a->vy * step;
        a->z += a->vz * step;
    }
}

static double energy(const body *bodies)
{
    double sum = 0;
    for (int i = 0; i < 5; i++) {
        const body *a = &bodies[i];
        sum += 0.5 * a->m * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
        for (int j = i + 1; j < 5; j++) {
            const body *b = &bodies[j];
            double x = a->x - b->x, y = a->y - b->y, z = a->z - b->z;
            sum -= a->m * b->m / sqrt(x * x + y * y + z * z);
        }
    }
    return sum;
}

__attribute__((noinline)) static void run(body *bodies, double steps)
{
    for (double i = 0; i < steps; i++)
        advance(bodies, 0.01);
}

int main(void)
{
    offset_momentum(bodies);
    double start = clock_ms();
    run(bodies, 400000);
    double end = clock_ms();
    return report(floor(energy(bodies) * 1e9), start, end);
}

/* Fannkuch: the flips of all permutations of 0 to n - 1. */
#include "clock.h"

enum { MOST = 16 };

__attribute__((noinline)) static double fannkuch(int n)
{
    int permutation[MOST], copy[MOST], count[MOST], checksum = 0, most = 0, sign = 1, r = n;
    for (int i = 0; i < n; i++)
        permutation[i] = i;
    for (;;) {
        for (; r != 1; r--)
            count[r - 1] = r;
        for (int i = 0; i < n; i++)
            copy[i] = permutation[i];
        int flips = 0;
        for (int first = copy[0]; first != 0; first = copy[0]) {
            for (int i = 0, j = first; i < j; i++, j--) {
                int t = copy[i];
                copy[i] = copy[j];
                copy[j] = t;
            }
            flips++;
        }
        if (flips > most)
            most = flips;
        checksum += sign * flips;
        sign = -sign;
        for (;; r++) {
            if (r == n)
                return checksum * 100.0 + most;
            int first = permutation[0];
            for (int i = 0; i < r; i++)
                permutation[i] = permutation[i + 1];
            permutation[r] = first;
            if (--count[r] > 0)
                break;
        }
    }
}

int main(void)
{
    double start = clock_ms();
    double result = fannkuch(10);
    return report(result, start, clock_ms());
}

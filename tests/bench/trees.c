/* Binary trees: built, counted and dropped, while one large tree lives on. */
#include <stdlib.h>

#include "clock.h"

typedef struct node {
    struct node *left, *right;
} node;

__attribute__((noinline)) static node *make(int depth)
{
    node *n = malloc(sizeof *n);
    n->left = depth == 0 ? NULL : make(depth - 1);
    n->right = depth == 0 ? NULL : make(depth - 1);
    return n;
}

__attribute__((noinline)) static double count(const node *n)
{
    return n->left ? count(n->left) + count(n->right) + 1 : 1;
}

__attribute__((noinline)) static void drop(node *n)
{
    if (n->left) {
        drop(n->left);
        drop(n->right);
    }
    free(n);
}

__attribute__((noinline)) static double trees(int most)
{
    node *lasting = make(most);
    double sum = 0;
    for (int depth = 4, times = 1 << most; depth <= most; depth += 2, times /= 4) {
        for (int i = 0; i < times; i++) {
            node *tree = make(depth);
            sum += count(tree);
            drop(tree);
        }
    }
    sum += count(lasting);
    drop(lasting);
    return sum;
}

int main(void)
{
    double start = clock_ms();
    double result = trees(14);
    return report(result, start, clock_ms());
}

/* print.h: values as text. */
#ifndef ION_PRINT_H
#define ION_PRINT_H
#include <stdarg.h>

#include "idmap.h"
#include "process.h"

/* A growing text outside of any heap; `failed` is set when memory is out or the text passes OUT_MAX (then `huge` is set
 * too), and further puts do nothing. All zero: an empty one. */
typedef struct outbuf {
    char *data;
    size_t len, cap;
    bool failed, huge;
    bool borrowed; /* data is not on the allocator's heap */
} outbuf;
#define OUT_MAX ((size_t)1 << 30)
/* An empty one that uses `storage` (which must outlive it) as long as that is enough. */
outbuf out_start(char *storage, size_t size);
void out_put(outbuf *o, const char *bytes, size_t n);
void out_puts(outbuf *o, const char *s);
void out_format(outbuf *o, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
void out_free(outbuf *o);

/* What stands for objects that have __str__: printing shows results[i], without asking further, in place of objects[i];
 * ION_ABSENT: the object itself after all. `places` must be filled in (replacement_index) before use. */
typedef struct replacement {
    const ion_value *objects;
    const ion_value *results;
    uint32_t n;
    idmap places; /* i + 1 */
} replacement;
/* False when memory is out. To be freed with idmap_free(&r->places); valid as long as no object moves. */
bool replacement_index(replacement *r);

/* Appends the value as Print shows it; r == NULL: no object is asked. Uses a work list; does not collect. */
void print_value(outbuf *o, ion_value v, const replacement *r);
/* `[DEBUG] Type: value` without a newline. */
void print_debug(outbuf *o, ion_value v, const replacement *r);
/* Appends to `objects`, as ion_values, those that printing the n values in a row would meet, that have a __str__ method
 * and are not in r (may be NULL): in printing order, each once. objects->failed is set when memory is out. Does not
 * collect. */
void print_collect(outbuf *objects, const ion_value *values, uint32_t n, const replacement *r);
#endif

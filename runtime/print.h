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
    bool mapped;   /* data is mem_map's, as that of long texts: growing moves no bytes */
} outbuf;
#define OUT_MAX ((size_t)1 << 30)
/* An empty one that uses `storage` (which must outlive it) as long as that is enough. */
outbuf out_start(char *storage, size_t size);
void out_put(outbuf *o, const char *bytes, size_t n);
void out_puts(outbuf *o, const char *s);
void out_format(outbuf *o, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
void out_free(outbuf *o);

/* What stands for objects that have __str__: printing shows results[i], without asking further, in place of objects[i];
 * ION_ABSENT: the object itself after all. `places` must be filled in before use. */
typedef struct replacement {
    const ion_value *objects;
    const ion_value *results;
    uint32_t n;
    idmap places; /* i + 1; to be freed with idmap_free */
} replacement;
/* Enters objects[i] into `places`; false when memory is out. Valid as long as no object moves. */
bool replacement_put(replacement *r, uint32_t i);

/* Both of the following walk a value depth first with a list of levels, one for each container that is open. They can be done
 * in steps: `left` counts what may be done yet, in units of native_step. Neither collects; between two steps no value may
 * move. */
enum { PRINT_SHALLOW = 32 };

typedef struct print_level { /* an open container */
    ion_value v;
    uint32_t i;      /* where to go on */
    bool enumerated; /* an enum value: its one part are its slots */
    bool brackets;   /* ... in parentheses */
    bool begun;      /* a part has been given */
    bool plain;      /* its parts are printed without asking */
} print_level;

typedef struct print_walk {
    print_level *list;
    uint32_t depth, cap;
    print_level few[PRINT_SHALLOW];
    idmap open;       /* 1 for what is open; in use once depth has passed PRINT_SHALLOW */
    bool tracked;     /* it will be asked whether something is open */
    bool failed;
    const char *text; /* the rest of a long text, which comes next */
    size_t text_len;
} print_walk;

/* `tracked`: for printing. */
void print_start(print_walk *w, bool tracked);
/* Moves a walk to other memory. */
void print_move(print_walk *to, const print_walk *from);
void print_end(print_walk *w);

/* Appends the value as Print shows it; r == NULL: no object is asked. */
void print_value(outbuf *o, ion_value v, const replacement *r);
/* The same in steps: begins, then goes on until it is true. */
void print_begin(outbuf *o, print_walk *w, ion_value v, const replacement *r);
bool print_some(outbuf *o, print_walk *w, const replacement *r, uint64_t *left);
/* Appends a text, at once if it is not long. */
void print_text(outbuf *o, print_walk *w, const char *text, size_t n);

/* Appends to `objects`, as ion_values, those that printing the n values in a row would meet, that have a __str__ method
 * and are not in `known` (may be NULL): in printing order, each once. objects->failed is set when memory is out. True when that
 * is all; *at counts values, from 0; the walk is not tracked, `met` empty at first. */
bool print_collect(outbuf *objects, print_walk *w, idmap *met, const ion_value *values, uint32_t n, uint64_t *at,
                   const replacement *known, uint64_t *left);
#endif

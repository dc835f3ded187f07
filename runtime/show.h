/* show.h: library functions that make a text of values (show.c). */
#ifndef ION_SHOW_H
#define ION_SHOW_H
#include "native.h"

typedef struct show show;
typedef enum show_next { SHOW_END, SHOW_VALUE, SHOW_TEXT } show_next;

/* What a function writes, and what becomes of the text. */
typedef struct show_kind {
    /* What comes next: a value; a text, which it has put (show_text); or no more. s->at counts the calls. */
    show_next (*next)(show *s, ion_value *v);
    /* The text is complete, or s->out.failed: gives the function's result, or ION_LEAVE, or sets the phase to
     * SHOW_WRITE or SHOW_COPY. */
    ion_value (*end)(ion_process *p, ion_frame *fp, show *s);
} show_kind;

typedef enum show_phase {
    SHOW_INDEX,   /* of objects that have been asked */
    SHOW_COLLECT, /* objects that are to be asked */
    SHOW_PRINT,
    SHOW_WRITE, /* the text, to standard output; it is out of here */
    SHOW_COPY   /* the text, to the string in slot 0 */
} show_phase;

struct show {
    long_work w;
    const show_kind *kind;
    show_phase phase;
    bool again;              /* objects have been asked: the state of that is in the slots */
    bool inside;             /* of a value */
    bool kept;               /* it is the process's work */
    bool in_frame;           /* the values are the slots of the call's frame, which may have moved in a pause */
    uint64_t at;             /* how far the phase is; while printing, ... */
    size_t format_at;        /* ... with a format: how far that has been taken apart */
    uint32_t format_next;    /* ... and which value is next */
    const ion_value *values; /* what is to be shown ... */
    uint32_t n;
    ion_value extra; /* ... and what else `next` needs */
    outbuf held;     /* where the values lie, if that is to be freed */
    replacement texts;
    outbuf objects; /* that have to be asked */
    idmap met;
    print_walk walk;
    outbuf out;
    char storage[512];
};

/* Runs such a function, from its beginning or resumed; gives what it is to return. values, n, extra and held count at
 * the beginning only; `held` is taken over. */
ion_value show_values(ion_process *p, ion_frame *fp, ion_u32 argc, const show_kind *kind, const ion_value *values,
                      uint32_t n, ion_value extra, outbuf *held);
/* Puts a text, which may be long. */
show_next show_text(show *s, const char *text, size_t n);
/* For show_kind.end: makes the text the string that the function returns. */
ion_value show_string(ion_process *p, ion_frame *fp, show *s);
#endif

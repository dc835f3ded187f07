/* explain.h: what the files of --explain share. */
#ifndef IONC_EXPLAIN_H
#define IONC_EXPLAIN_H

#include "ionc.h"

enum { LINKS_SHOWN = 4 }; /* so many of a list */

/* Where a web is written. */
typedef struct definition {
    uint32_t pc;
    struct definition *next;
} definition;

/* How the instructions and webs of a function hang together; made where an explanation comes by. */
typedef struct graph {
    const web ***reads;             /* per instruction: the webs it reads, as instr_reads lists them */
    definition **written, **newest; /* per web: in the order of the code */
    uint32_t *head, *tail, *next; /* per register, per register, per web: its webs in the order of their definitions */
} graph;

typedef struct explainer {
    compilation *c;
    const program *p;
    buffer *o;
    const function *f;
    graph **graphs; /* per function; NULL: not yet needed */
    uint32_t *now;
    int code_width;
} explainer;

/* How people call a function: `Class:name`; what a register may hold; what it always holds. Printable. */
const char *explain_label(compilation *c, const function *f);
const char *explain_type(compilation *c, uint8_t type);
const char *explain_constant(const explainer *x, const value *v);
const char *explain_printable(compilation *c, text t);

/* explain_why.c */
const graph *graph_of(const explainer *x, const function *f);
/* The parameter that comes in this web; NULL: none. */
const param *param_of(const function *f, const web *w);
/* Puts why a web may hold more than one kind of value (w NULL: why a function gives such), back to where it began. */
void put_causes(const explainer *x, const web *w, cause why);

#endif

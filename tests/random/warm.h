/* warm.h: what the files about programs of the kind `warm` share: programs whose sites see the same for a while, and
 * then something else.
 *
 *   warm.c           the program: the pool of objects, rounds; registers and statements
 *   warm_function.c  its functions
 *   warm_value.c     numbers and what is taken for numbers: arithmetic, comparisons, calls, arrays, messages
 *   warm_object.c    objects: properties, methods, prototypes, and what changes their shapes
 *   warm_match.c     MATCH over values that nearly fit
 *   warm_loop.c      tight loops over objects and arrays
 *
 * Most sites are in accessors: small functions that main calls again and again with objects from a pool, so that they
 * begin in their optimised bodies each time.
 *
 * Registers: r0..r5 numbers nearly always, r6..r9 anything, r10..r13 objects, r14 r15 arrays, r16 something to call,
 * r17 r18 counters of loops, r19.. scratch. Objects have `run` and `calc`, which can be called, if not of their own
 * then from a prototype; no function takes them away. A prototype of r10 is one of r11..r13, and so on, or new: so
 * there are no cycles. Only `finale` breaks these rules.
 */
#ifndef WARM_H
#define WARM_H
#include "gen.h"

enum {
    WN = 0,
    WV = 6,
    WO = 10,
    WA = 14,
    WF = 16,
    WCOUNTER = 17,
    WONE = 19,
    WFLAG = 20,
    W0 = 21,
    W1 = 22,
    W2 = 23,
    W3 = 24,
    WPRINT = 25,
    WPOOL = 26, /* main's: an array of objects, and one of these and other values */
    WODD = 27,
    WREGISTERS = 28
};
enum { SITES = 3, ACCESSORS = 6, RECURSIVE = 2, CALLABLES = 3, MAGIC = 3, POOL = 5 };

/* The function being written. */
typedef struct writing {
    double weight, cost, most; /* how often the next instruction runs; instructions run so far; the most allowed */
    int loops;                 /* around the next instruction */
    int own_from;              /* objects from this register on have been made here */
    int callee_from;           /* functions from this number on may be called */
    bool leaf;                 /* calls nothing, method or function */
    bool accessor;             /* knows one object or one array, and that is in `only` */
    int only;
    bool slim;          /* nothing but what small functions may have that are put in place of their calls */
    bool pool;          /* has WPOOL and WODD, and something to call in WF */
    int first, numbers; /* registers for numbers that are in use */
} writing;
extern writing w;
extern double site_cost[SITES];
extern const char *site_takes[SITES]; /* a letter for each parameter: n number, o object, v anything, a array */
extern bool site_checks[SITES];       /* it takes anything in the place of an object */
extern double accessor_cost[ACCESSORS];
extern double recursive_cost[RECURSIVE]; /* a level of it */
extern char accessor_takes[ACCESSORS];   /* o an object, ? anything instead, a an array or anything, n a number */
extern int profile[6];                   /* how likely are numbers, objects, methods, arrays, MATCH, calls */
extern bool texts;                       /* the program makes and adds strings in all places */

/* One instruction. */
void wput(const char *format, ...) __attribute__((format(printf, 1, 2)));
int wn(void);
int wv(void);
int wo(void);
int wa(void);
int any(void);      /* any register of these that has been written */
int wread(void);    /* one for any value, to be read */
int wcounter(void); /* of a loop around; without one, a number */
bool affordable(double cost);
void wlibrary(int d, const char *name, const char *arguments);
void wprint(int r, int s, int t);
void wstatement(int depth);
void wblock(int depth, int most);
void wloop(int depth);

/* ---- warm_value.c ---- */
void weird(int r); /* loads what is no number, mostly */
void wnumber_statement(void);
void warray_statement(void);
void wcall_statement(void);
void wmessage(void);
void waccess(void); /* a call of an accessor */
void wrecurse(void);
void wkept(void); /* a call of what is in WF */
void wclosure(void);
void wcondition(int depth);
void wflag(void); /* sets WFLAG by comparing something */

/* ---- warm_object.c ---- */
void fresh_object(int r, int proto); /* proto: a register, or -1 */
void fresh_base(int r);              /* one with `run` and `calc` */
void wobject_statement(void);
void wmethod_call(void);
void wtail_call(void); /* of a method, and the RETURN */
void wmutation(void);  /* of an object, a prototype, or what a site sees otherwise */
void whidden(int object);

/* ---- warm_loop.c ---- */
void wtight(void);

/* ---- warm_match.c ---- */
void wmatch(int depth);

/* ---- warm_function.c ---- */
void begin_function(const char *name, int i, int arity, double most); /* i: a number behind the name, or -1 */
void fill_numbers(int from);
void fill_others(void);
void fill_objects(
    int from); /* the objects from that register on, all of them with prototypes that lead to the last one */
void warm_functions(void); /* all of them, in an order that makes each one's cost known to those that call it */

/* ---- warm.c ---- */
void warm_program(void);
#endif

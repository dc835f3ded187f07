/* gen.h: what the files of the generator share.
 *
 *   write.c      random choices, registers, constants, patterns
 *   statement.c  statements on data registers, control
 *   process.c    statements about processes
 *   numeric.c    functions that compute with numbers
 *   warm*.c      programs of the kind `warm`; see warm.h
 *   gen.c        ordinary functions, methods, the program
 *
 * Registers: r0..r11 data, r12..r15 plain values of magic methods, r20 fuel, r21 r22 loop counters, r23.. scratch.
 */
#ifndef GEN_H
#define GEN_H

#include <stdbool.h>
#include <stdint.h>

enum { DATA = 12, FUEL = 20, COUNTER = 21, ONE = 23, FLAG = 24, T0 = 25, T1 = 26, T2 = 27, PRINT = 28, REGISTERS = 32 };
enum { ORDINARY = 5, CLOSURES = 2, METHODS = 3, LEAVES = 3, NUMERIC = 4, MOST_DEPTH = 3 };

/* ---- write.c ---- */

extern bool processes;              /* the program uses them */
extern int label;                   /* last one given out */
extern int loop_depth;              /* of the statement being written */
extern int calls_left, spawns_left; /* in this function */
extern bool returns;                /* it may do so early */

void seed(uint64_t from);
int below(int n);
bool chance(int percent);
#define PICK(list) ((list)[below((int)(sizeof(list) / sizeof *(list)))])
const char *a_key(void);
const char *a_number(void);
const char *a_string(void);
const char *an_atom(void);

/* A data register; one to be written, with what is known of the value; one to be read, of that kind if there is one,
 * mostly. Kinds: n number, s string, o object, a array, f function, p process, ? unknown. */
int data(void);
int target(char kind);
int operand(char kind);
void forget_kinds(void);

/* One instruction. */
void put(const char *format, ...) __attribute__((format(printf, 1, 2)));
void put_label(int l);

void function_name(int i); /* of an ordinary function, as a constant */
void scalar(void);
void load_begin(int r);
void load(int r); /* any constant */
void load_key(int r);
void pattern(int depth);
void pattern_like(int kind);
void constant(int depth);

/* ---- statement.c ---- */

void statement(int depth);
void block(int depth, int most);

/* ---- process.c ---- */

void process_statement(void);

/* ---- numeric.c ---- */

void numeric(int i); /* the function nI */
void call_numeric(void);

/* ---- gen.c ---- */

void begin(const char *prefix, int i, int arity);
/* Without fuel, which comes in that register, a function does nothing. */
void fuel_check(int fuel);

#endif

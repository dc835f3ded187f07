/* abi.h: what generated C and the runtime agree on. Generated C includes this header and no other; it compiles with
 * gcc, clang and tcc 0.9.27, so: no inline functions that must be fast (tcc inlines nothing), no atomics, no system
 * headers.
 *
 * A bytecode function is one C function of type ion_code. It runs on the C stack; its registers live in a frame on
 * the process's own stack, where the collector finds them. It can leave at a resume point (a row of its table of points): it
 * stores the point in fp->at and returns ION_LEAVE, and so does every C function above it; the frames stay where they
 * are. To go on, the innermost frame alone is entered again with argc == ION_RESUMED; when that returns, the next one is,
 * with the result in p->value.
 */
#ifndef ION_ABI_H
#define ION_ABI_H

#define ION_ABI 1

typedef unsigned char ion_u8;
typedef unsigned short ion_u16;
typedef unsigned int ion_u32;
typedef int ion_i32;
typedef unsigned long ion_u64;
typedef long ion_i64;

#if defined(__TINYC__) || !defined(__GNUC__)
#define ION_UNUSED
#define ION_INLINE
#define ION_UNLIKELY(x) (x)
#else
#define ION_UNUSED      __attribute__((unused))
#define ION_INLINE      inline __attribute__((always_inline))
#define ION_UNLIKELY(x) __builtin_expect(!!(x), 0)
#endif

/* ---- values ---- */

/* A number is its own bits; everything else has its upper 16 bits in ION_TAG_FIRST.., which no canonical number has.
 * From ION_TAG_OBJECT up the lower 48 bits are the address of something in a process's heap (or of a constant). */
typedef ion_u64 ion_value;

#define ION_TAG(t)        ((ion_u64)(t) << 48)
#define ION_TAG_FIRST     ION_TAG(0xFFF9)
#define ION_TAG_IMMEDIATE ION_TAG(0xFFF9) /* the constants below */
#define ION_TAG_ATOM      ION_TAG(0xFFFA) /* atom number */
#define ION_TAG_FUNCTION  ION_TAG(0xFFFB) /* address of an ion_function */
#define ION_TAG_PROCESS   ION_TAG(0xFFFC) /* process id */
#define ION_TAG_OBJECT    ION_TAG(0xFFFD)
#define ION_TAG_ARRAY     ION_TAG(0xFFFE)
#define ION_TAG_BOXED     ION_TAG(0xFFFF) /* string, complex, tuple, closure, bound method: the header says which */
#define ION_TAG_MASK      ION_TAG(0xFFFF)
#define ION_PAYLOAD       (~ION_TAG_MASK)

#define ION_UNDEFINED (ION_TAG_IMMEDIATE | 0)
#define ION_UNIT      (ION_TAG_IMMEDIATE | 1)
#define ION_FALSE     (ION_TAG_IMMEDIATE | 2)
#define ION_TRUE      (ION_TAG_IMMEDIATE | 3)
#define ION_ABSENT    (ION_TAG_IMMEDIATE | 4) /* a closure environment's name that has no value yet; never seen by a program */
#define ION_LEAVE     (ION_TAG_IMMEDIATE | 8) /* returned instead of a result: the process leaves the C stack */
#define ION_TAIL      (ION_TAG_IMMEDIATE | 9) /* returned instead of a result: run p->callee in the same frame */
#define ION_ELSEWHERE (ION_TAG_IMMEDIATE | 10) /* returned by a part of a long function: it goes on at instruction fp->at */
#define ION_VM(which) (ION_TAG_IMMEDIATE | 16 | (which)) /* inside constants only: looked up at each execution */

#define ION_IS_NUMBER(v)   ((v) < ION_TAG_FIRST)
#define ION_HAS_TAG(v, t)  ((v) >> 48 == (t) >> 48)
#define ION_IS_OBJECT(v)   ION_HAS_TAG(v, ION_TAG_OBJECT)
#define ION_IS_ARRAY(v)    ION_HAS_TAG(v, ION_TAG_ARRAY)
#define ION_IS_ATOM(v)     ION_HAS_TAG(v, ION_TAG_ATOM)
#define ION_IS_FUNCTION(v) ION_HAS_TAG(v, ION_TAG_FUNCTION)
#define ION_IS_PROCESS(v)  ION_HAS_TAG(v, ION_TAG_PROCESS)
#define ION_IS_HEAP(v)     ((v) >= ION_TAG_OBJECT)
#define ION_IS_PLAIN(v)    ((v) < ION_TAG_OBJECT) /* equal to what has the same bits, and to no other but a number to a number */
#define ION_IS_NO_TEXT(v)  (ION_IS_PLAIN(v) || ION_IS_ARRAY(v)) /* equal to an atom if it has the same bits */
#define ION_BOOL(x)        ((x) ? ION_TRUE : ION_FALSE)
#define ION_PROCESS(id)    (ION_TAG_PROCESS | (ion_u64)(id))
#define ION_FUNCTION(f)    (ION_TAG_FUNCTION | (ion_u64)(f))
#define ION_CALLEE(v)      ((const ion_function *)((v) & ION_PAYLOAD))

enum ion_vm { ION_VM_SELF, ION_VM_PID, ION_VM_PROCESSES, ION_VM_PASSES, ION_VM_THIS, ION_VM_COUNT };

typedef union ion_slot {
    ion_value v;
    double d; /* valid where v is a number */
} ion_slot;

#define ION_NUMBER(x) (((ion_slot){.v = (x)}).d)
#ifdef __TINYC__
#define ION_VALUE(x)  (((ion_slot){.d = (x)}).v)
#else /* in loops, gcc 12 warns of the temporary */
#define ION_VALUE(x)  ion_value_of(x)
static ION_INLINE ion_value ion_value_of(double x)
{
    ion_slot slot = {.d = x};
    return slot.v;
}
#endif

/* ---- functions, frames, processes ---- */

typedef struct ion_process ion_process;
typedef struct ion_frame ion_frame;
typedef struct ion_function ion_function;

#define ION_RESUMED 0xFFFFFFFFu
#define ION_INSIDE  0xFFFFFFFEu /* for a part of a long function: begin at instruction fp->at */

/* Enters a function: with `argc` arguments in fp->r[0..], or, argc == ION_RESUMED, at the point fp->at with p->value
 * as the result it waits for. Returns the result, ION_LEAVE or ION_TAIL. The caller has set fp->fn, fp->caller and
 * fp->self. */
typedef ion_value ion_code(ion_process *p, ion_frame *fp, ion_u32 argc);

/* A resume point: where its frame stands and which registers the collector must keep. */
typedef struct ion_point {
    ion_u32 pc;       /* instruction */
    ion_u32 live;     /* row of the function's live table */
    ion_u32 rest;     /* reductions charged ahead for the instructions behind pc */
    const char *text; /* the instruction, for traces */
} ion_point;

/* What an optimised body gives: the result, ION_LEAVE or ION_TAIL, and what is left of the slice, in two machine
 * registers. tcc is slow at that, so there p->reds has it. ION_UNPACK and ION_OUTSIDE: for one optimised body that called
 * another, and for all others. */
#ifdef __TINYC__
typedef ion_value ion_result;
#define ION_RESULT(v)     do { p->reds = reds; return (v); } while (0)
#define ION_UNPACK        v = result; reds = p->reds
#define ION_OUTSIDE(call) return call
#elif defined(ION_UNMETERED) /* below, with ION_CHECK */
typedef ion_value ion_result;
#define ION_RESULT(v)     return (v)
#define ION_UNPACK        v = result
#define ION_OUTSIDE(call) return call
#else
typedef struct ion_result {
    ion_value v;
    ion_i64 reds;
} ion_result;
#define ION_RESULT(v)     return (ion_result){(v), reds}
#define ION_UNPACK        v = result.v, reds = result.reds
#define ION_OUTSIDE(call) ion_result result = call; p->reds = result.reds; return result.v
#endif

struct ion_function {
    ion_code *code;
    const char *name;   /* "" where it has none */
    const char *class_; /* NULL: a library function */
    ion_u32 arity;
    ion_u32 regs;       /* registers in the frame */
    ion_u32 fill;       /* registers below this start as undefined where no argument reaches */
    ion_u32 size;       /* bytes: frame, and the header and arguments of the frame it calls */
    ion_u32 live_words; /* words in a row of the live table */
    const ion_u64 *live;
    const ion_point *points; /* NULL for library functions: frame.n slots are live */
    ion_u32 npoints;
    const ion_function *plain; /* in the description of an optimised body: the function; else NULL */
};

/* One activation, on the process's stack; the callee's frame begins right behind the last register. */
struct ion_frame {
    const ion_function *fn; /* whose frame it is; set by the caller, as caller and self are */
    ion_frame *caller;      /* NULL: the process ends with this frame's result */
    ion_value self;         /* `this`; undefined in plain calls */
    ion_u32 at;             /* point */
    ion_u32 n;              /* library functions: live slots */
    ion_slot r[];
};
#define ION_HEADER         ((ion_u32)sizeof(ion_frame))
#define ION_FRAME(regs)    (ION_HEADER + (regs) * (ion_u32)sizeof(ion_slot))
#define ION_BEHIND(fp, regs) ((ion_frame *)((char *)(fp) + ION_FRAME(regs)))

/* The part of a process that generated C sees. */
struct ion_process {
    ion_i64 reds;             /* left of the slice; may run below 0 */
    char *stack_end;          /* end of the current stack segment */
    ion_frame *fp;            /* innermost frame, while outside of generated C and during collections */
    union {
        ion_value value;            /* what the resumed frame gets */
        const ion_function *callee; /* with ION_TAIL: what to run in the frame just left ... */
    };
    ion_u32 argc;             /* ... and its number of arguments */
    ion_u32 ok;               /* RECEIVE_WITH_TIMEOUT's second result */
};

/* The start of its heap, right behind that; runtime/make.c asserts that heap.h agrees. */
typedef struct ion_heap {
    char *top, *end;          /* the room of the newest block */
    void *blocks;
    ion_u64 bytes, threshold; /* a collection is due when there are more bytes */
} ion_heap;
#define ION_HEAP ((ion_heap *)(p + 1))

/* ---- objects and arrays, as far as generated C looks into them; runtime/cache.c asserts that value.h agrees ---- */

typedef struct ion_items {
    ion_u64 head; /* not to be looked at: where the items are inside of their object or array this is the pointer to them */
    ion_value item[];
} ion_items;

typedef struct ion_object {
    ion_u32 head;
    ion_u32 shape; /* id; no shape's id is 0 */
    ion_value proto;
    ion_items *slots;
    ion_value inside[];
} ion_object;

typedef struct ion_array {
    ion_u32 head;
    ion_u32 len;
    ion_items *items;
    ion_value inside[];
} ion_array;

#define ION_OBJECT(v) ((ion_object *)((v) ^ ION_TAG_OBJECT)) /* only where ION_IS_OBJECT(v) */
#define ION_ARRAY(v)  ((ion_array *)((v) ^ ION_TAG_ARRAY))
#define ION_ELEMENTS(v) ((ion_slot *)((ion_u64)ION_ARRAY(v)->items + sizeof(ion_items))) /* of none: no address to look at */

/* The inline cache of one GET_PROP or SET_PROP with a known key: what was found there last. It holds no addresses and is
 * never cleared: a hit has compared the shapes, and loads the value. Each word is read once and written as a whole. Properties
 * that a program may not read or write from everywhere (hidden, read-only) never get into one. */
typedef struct ion_cache {
    ion_u64 own;   /* the object's own property: shape | slot << 32 */
    ion_u64 other; /* the same for the shape seen before, looked at out of line */
    ion_u64 chain; /* GET_PROP: a prototype's: shape | its prototype's shape << 16 | the next one's, or 0, << 32 | slot << 48;
                      SET_PROP: a new property: shape | the shape it makes << 16 */
} ion_cache;

/* Not 0 once a property named __setattr__ has been made anywhere: then no SET_PROP goes by a cache. */
extern ion_u32 ion_setattr_seen;

/* ---- constants ---- */

typedef enum ion_const_kind {
    ION_C_NUMBER, ION_C_FALSE, ION_C_TRUE, ION_C_UNIT, ION_C_UNDEFINED,
    ION_C_ATOM, ION_C_STRING, ION_C_COMPLEX, ION_C_FUNCTION, ION_C_LIBRARY,
    ION_C_VM,                           /* n: enum ion_vm */
    ION_C_TUPLE, ION_C_ARRAY,           /* n: elements, which follow */
    ION_C_OBJECT,                       /* n: pairs of a key and a value, which follow */
    ION_C_KEY,                          /* n: flags << 24 | length */
    ION_C_NATIVE,                       /* n: its place among the program's native functions */
    ION_C_WILDCARD, ION_C_P_TUPLE, ION_C_P_ARRAY, /* patterns: n patterns follow */
    ION_C_TAGGED                        /* text: tag; one pattern follows */
} ion_const_kind;

/* Constants in preorder: a compound is followed by its parts. */
typedef struct ion_const {
    ion_u32 kind;
    ion_u32 n;                          /* length of text, number of parts; ION_NAN and its like for d, << 4 for imaginary */
    const void *p;                      /* text or ion_function */
    double d, imaginary;
} ion_const;
enum { ION_NAN = 1, ION_INF = 2, ION_MINUS_INF = 3 }; /* C constants for these are not known to all compilers */
#define ION_NUMBER_C(odd, x)  {ION_C_NUMBER, odd, 0, x, 0}
#define ION_ATOM_C(n, s)      {ION_C_ATOM, n, s, 0, 0}
#define ION_STRING_C(n, s)    {ION_C_STRING, n, s, 0, 0}
#define ION_COMPLEX_C(odd, re, im) {ION_C_COMPLEX, odd, 0, re, im}
#define ION_FUNCTION_C(f)     {ION_C_FUNCTION, 0, &f, 0, 0}
#define ION_LIBRARY_C(name)   {ION_C_LIBRARY, sizeof(name) - 1, name, 0, 0}
#define ION_NATIVE_C(n)       {ION_C_NATIVE, n, 0, 0, 0}
#define ION_PLAIN_C(kind)     {kind, 0, 0, 0, 0}
#define ION_PARTS_C(kind, n)  {kind, n, 0, 0, 0}
#define ION_VM_C(which)       {ION_C_VM, which, 0, 0, 0}
#define ION_KEY_C(n, s, flags) {ION_C_KEY, (ion_u32)(flags) << 24 | (n), s, 0, 0}
#define ION_TAGGED_C(n, s)    {ION_C_TAGGED, n, s, 0, 0}

enum { ION_WRITABLE = 1, ION_ENUMERABLE = 2, ION_CONFIGURABLE = 4, ION_HIDDEN = 8, ION_ALL = 7 };

/* One property of an OBJECT_INIT: its key's place among the constants, and flags. In front of the properties stands an
 * entry for the runtime, all 0 at first: its key becomes the shape that the objects get where property i has slot i. */
typedef struct ion_init {
    ion_u32 key;
    ion_u32 flags;
} ion_init;

typedef struct ion_pattern ion_pattern;

/* A table in which a MATCH finds which of many constants a word is, or a text. Linear probing; an unused place has the
 * value and the number 0. */
typedef struct ion_case {
    ion_value value;
    ion_u32 number;                     /* from 1 */
} ion_case;

typedef struct ion_case_row {
    ion_u32 constant;                   /* its place among the constants */
    ion_u32 number;
} ion_case_row;

typedef struct ion_switch {
    ion_case *cases;                    /* 1 << bits of them, less than half of them used; filled in at load */
    const ion_case_row *rows;
    ion_u32 nrows, bits;
    ion_u32 texts;                      /* 1: strings, found by what they say; 0: words */
} ion_switch;

typedef struct ion_resource {
    const char *name;
    const char *data;
    ion_u64 size;
} ion_resource;

/* What an executable carries besides its code: large constants, from an object file or memory of their own. */
extern const char ion_carried[];

/* What has to be granted for the program to run, and the first function that needs it. */
typedef struct ion_need {
    const char *capability; /* a name of capabilities.def, or ffi:LIBRARY */
    const char *what;       /* a library function or an instruction */
    const ion_function *function;
} ion_need;

/* ---- native functions ---- */

/* A result or argument of a C function: integers, booleans and references to values widened to 64 bits, float to double. */
typedef union ion_word {
    ion_u64 u;
    ion_i64 i;
    double d;
    const void *p;
} ion_word;

/* Calls the C function at `address`, whose type it knows, with w[1], w[2] ...; the result comes to w[0]. Where values are among
 * them, an ion_env * goes in front; it stands behind the arguments. */
typedef void ion_native_call(const void *address, ion_word *w);

typedef enum ion_library_place {
    ION_LIBRARY_SYSTEM,                 /* the system knows it by its name */
    ION_LIBRARY_CARRIED,                /* data, size */
    ION_LIBRARY_FOREIGN,                /* the package has it for other systems */
    ION_LIBRARY_BUILT_IN                /* the runtime's own */
} ion_library_place;

typedef struct ion_library {
    const char *name;
    const char *data;
    ion_u64 size;
    ion_u32 place;
} ion_library;

typedef struct ion_native {
    void *address;                      /* filled in at load; 0: there is none */
    const ion_function *fn;             /* the same: the function as a value */
    const char *name;                   /* as the program has it */
    const char *declaration;
    ion_native_call *call;
    ion_u32 library;
    ion_u32 opened;                     /* address is what it will be */
} ion_native;

struct grants;

/* All of a program: made by the emitter, filled in by program_load. */
typedef struct ion_program ion_program;
struct ion_program {
    ion_u32 abi; /* ION_ABI */
    ion_u32 timeslice; /* 0: the runtime's default */
    ion_u32 schedulers; /* the same */
    ion_u32 exact, trace, print_result;
    ion_u64 limits[16]; /* by the order of limits.def; 0: none */
    const char *name;
    const ion_function *entry; /* NULL: a library package */
    const ion_function *const *functions;
    ion_u32 nfunctions;
    const ion_const *consts;
    ion_u32 nconsts;
    ion_value *values; /* one for each constant that is no part of another; filled in at load */
    ion_u32 nvalues;
    const ion_const *pattern_consts;
    ion_u32 npattern_consts;
    const ion_pattern **patterns;
    ion_u32 npatterns;
    const ion_resource *resources;
    ion_u32 nresources;
    const ion_switch *switches;
    ion_u32 nswitches;
    const ion_need *needs;
    ion_u32 nneeds;
    const char *allow, *deny; /* lists of capabilities; NULL: all are granted, none is taken away */
    const ion_library *libraries;
    ion_u32 nlibraries;
    ion_native *natives;
    ion_u32 nnatives;
    /* ion_natives_load where there are any. Makes the functions; `may`, what the program may do: and opens the libraries */
    int (*natives_load)(const ion_program *program, const struct grants *may, int quiet);
    const struct ion_ffi *ffi;          /* &ion_ffi where C is to call functions of the program; else 0 */
    const struct ion_memory *memory;    /* &ion_memory where a function of the library `ion` is called; else 0 */
};

/* Parts of the runtime that few programs need, and that an executable has only if the program refers to them. */
int ion_natives_load(const ion_program *program, const struct grants *may, int quiet);
extern const struct ion_ffi ion_ffi;
extern const struct ion_memory ion_memory;

/* ---- entry points of the runtime ---- */

#define ION_RT(result, name, parameters) result name parameters;
#include "runtime.def"
#undef ION_RT

/* ---- statements of generated C; `p`, `fp`, `out` and `v` are the function's own ---- */

#define R(i)   fp->r[i].v
#define N(i)   fp->r[i].d
#define ARG(i) out->r[i].v

/* Entry, once the arguments are in place. */
#define ION_ENTER(f)                                                                                                   \
    if (ION_UNLIKELY((char *)fp + (f).size > p->stack_end))                                                            \
    return ion_grow(p, fp, argc)
/* Registers below `n` start as undefined where no argument reaches. */
#define ION_FILL(n)                                                                                                    \
    for (; ION_UNLIKELY(argc < (n)); argc++)                                                                           \
    R(argc) = ION_UNDEFINED

/* ION_UNMETERED leaves out all charging and looking at the slice, and in optimised bodies the points that only a look
 * leads to: `make bench` measures what they cost. A program so built takes no turns with others. */
#ifdef ION_UNMETERED
#define ION_CHECK(k)
#define ION_CHARGE(n)
#define ION_CHECK_REDS(k)
#define ION_SPEND(n)
#define ION_SAVE_REDS
#define ION_LOAD_REDS
#define ION_CASE_CHECK(k)
#else

/* A look at the slice, in front of what is charged next; point k resumes behind it. */
#define ION_CHECK(k)                                                                                                   \
    if (ION_UNLIKELY(p->reds <= 0)) {                                                                                  \
        fp->at = (k);                                                                                                  \
        if (ion_slice_end(p, fp))                                                                                      \
            goto left;                                                                                                 \
    }
#define ION_CHARGE(n) p->reds -= (n)

/* Optimised bodies get what is left of the slice as an argument, count in a variable, and give back what is left then: memory would be
 * slow to hand it from call to call. p->reds is up to date wherever the runtime or a plain body may look; Y<k> is where they go when the slice is over. */
#define ION_CHECK_REDS(k)                                                                                              \
    if (ION_UNLIKELY(reds <= 0))                                                                                       \
    goto Y##k
#define ION_SPEND(n)      reds -= (n)
#define ION_SAVE_REDS     p->reds = reds
#define ION_LOAD_REDS     reds = p->reds
#define ION_CASE_CHECK(k) case k:
#endif

/* Whether the start of a function, put in place of its call, has done all of it; not with tcc, where it would be one more call. */
#ifdef __TINYC__
#define ION_EARLY(test) 0
#else
#define ION_EARLY(test) (test)
#define ION_EARLY_RETURNS
#endif
#define ION_FITS(f) ((char *)out + (f).size <= p->stack_end)

/* In place where the C compiler does it; tcc calls the runtime. */
#ifdef __TINYC__
#define ION_SQRT(x)  ion_sqrt(x)
#define ION_FABS(x)  ion_fabs(x)
#define ION_FLOOR(x) ion_floor(x)
#define ION_CEIL(x)  ion_ceil(x)
#else
#define ION_SQRT(x)  __builtin_sqrt(x)
#define ION_FABS(x)  __builtin_fabs(x)
#define ION_FLOOR(x) __builtin_floor(x)
#define ION_CEIL(x)  __builtin_ceil(x)
#endif

/* Objects and arrays are true; of false, unit and undefined there is no need to ask, either. */
#define ION_TRUTHY(x)                                                                                                  \
    ((x) == ION_TRUE || (x) - ION_TAG_OBJECT < 2 * ION_TAG(1) || ((x) - ION_UNDEFINED > 3 && ion_truthy(x)))

/* The result that a resumed frame gets; nothing keeps it alive any longer. */
#define ION_TAKE() p->value, p->value = ION_UNDEFINED

/* In all that follows, `left` is the label where a function is left with ION_LEAVE. */

/* Runtime calls at point k. The label A<k> is where the result of a called method, or of a wait, arrives. */
#define ION_TRY(k, call)                                                                                               \
    fp->at = (k);                                                                                                      \
    v = call;                                                                                                          \
    if (ION_UNLIKELY(v == ION_LEAVE))                                                                                  \
    goto left
#define ION_DO(d, k, call)                                                                                             \
    ION_TRY(k, call);                                                                                                  \
    R(d) = v
#define ION_DO_RESUMED(d, k, call)                                                                                     \
    ION_TRY(k, call);                                                                                                  \
    A##k : R(d) = v
#define ION_EFFECT_RESUMED(k, call)                                                                                    \
    ION_TRY(k, call);                                                                                                  \
    A##k:

#define ION_ARITH(d, a, b, k, op, slow)                                                                                \
    if (ION_IS_NUMBER(R(a)) && ION_IS_NUMBER(R(b))) {                                                                  \
        N(d) = N(a) op N(b);                                                                                           \
    } else {                                                                                                           \
        ION_DO_RESUMED(d, k, slow(p, fp, R(a), R(b)));                                                                 \
    }
#define ION_DIV(d, a, b, k)                                                                                            \
    if (ION_IS_NUMBER(R(a)) && ION_IS_NUMBER(R(b)) && N(b) != 0) {                                                     \
        N(d) = N(a) / N(b);                                                                                            \
    } else {                                                                                                           \
        ION_DO_RESUMED(d, k, ion_div(p, fp, R(a), R(b)));                                                              \
    }
/* `not` is empty or !; what a magic method gave is taken for its truth. */
#define ION_COMPARE(d, a, b, k, op, slow, not)                                                                         \
    if (ION_IS_NUMBER(R(a)) && ION_IS_NUMBER(R(b))) {                                                                  \
        R(d) = ION_BOOL(not(N(a) op N(b)));                                                                                 \
    } else {                                                                                                           \
        ION_TRY(k, slow(p, fp, R(a), R(b)));                                                                           \
        A##k : R(d) = ION_BOOL(not ION_TRUTHY(v));                                                                     \
    }
#define ION_NOT(d, s, k)                                                                                               \
    if (!ION_IS_OBJECT(R(s))) {                                                                                        \
        R(d) = ION_BOOL(!ION_TRUTHY(R(s)));                                                                            \
    } else {                                                                                                           \
        ION_DO_RESUMED(d, k, ion_not(p, fp, R(s)));                                                                    \
    }

/* The own property of object o that cache c remembers, in v: true if that is right. Functions have to be bound, so they do not
 * count. w and i are locals for the purpose. */
#define ION_IS_DATA(v) ((v) < ION_TAG_FUNCTION || (v) - ION_TAG_PROCESS < 3 * ION_TAG(1))
#define ION_OWN_SLOT(o, c)                                                                                             \
    (w = *(volatile ion_u64 *)&(c).own, ION_OBJECT(o)->shape == (ion_u32)w)
#define ION_OWN(o, c)        (ION_OWN_SLOT(o, c) && (v = ION_OBJECT(o)->slots->item[w >> 32], ION_IS_DATA(v)))
#define ION_OWN_NUMBER(o, c) (ION_OWN_SLOT(o, c) && (v = ION_OBJECT(o)->slots->item[w >> 32], ION_IS_NUMBER(v)))
/* The function that cache c remembers, in v, not bound yet (ION_UNBOUND is set). q is a local for the purpose. */
#define ION_UNBOUND 1ul
#define ION_METHOD(o, c)                                                                                               \
    ((w = *(volatile ion_u64 *)&(c).chain, q = ION_OBJECT(o), ION_IS_OBJECT(q->proto)) &&                              \
     (q->shape | ION_OBJECT(q->proto)->shape << 16) == (ion_u32)w && ION_NEXT_HOLDS(q = ION_OBJECT(q->proto)) &&       \
     (v = q->slots->item[w >> 48], ION_IS_FUNCTION(v)) && (v |= ION_UNBOUND))
#define ION_NEXT_HOLDS(o)                                                                                              \
    ((o), !(w >> 32 & 0xFFFF) ||                                                                                       \
              (ION_IS_OBJECT(q->proto) && (q = ION_OBJECT(q->proto), q->shape == (w >> 32 & 0xFFFF))))
#define ION_OWN_METHOD(o, c)                                                                                           \
    (ION_OWN_SLOT(o, c) && (v = ION_OBJECT(o)->slots->item[w >> 32], ION_IS_FUNCTION(v)) && (v |= ION_UNBOUND))
/* Writes x to the own property that cache c remembers. */
#define ION_PUT(o, c, x)                                                                                               \
    (!ion_setattr_seen && ION_OWN_SLOT(o, c) && (ION_OBJECT(o)->slots->item[w >> 32] = (x), 1))
/* Element x of o, which is an array, where x is a whole number; ION_WHOLE asks whether it is. What is out of an integer's range becomes some
 * integer (C11 annex F.4): it is no array's index and does not read back as x. */
#define ION_WHOLE(x) (ION_CONVERTS(x) && (double)(ion_i64)(x) == (x))
/* Nothing at run time. For a constant 2^63 compilers choose the nearest integer, which then reads back as x. */
#if defined(__TINYC__) || !defined(__GNUC__)
#define ION_CONVERTS(x) 1
#else
#define ION_CONVERTS(x) (!__builtin_constant_p(x) || (x) < 0x1p63)
#endif
#define ION_INDEX(o, x) ((i = (ion_u64)(ion_i64)(x)) < ION_ARRAY(o)->len)
#define ION_AT(o, x)         (ION_INDEX(o, x) && (v = ION_ARRAY(o)->items->item[i], 1))
#define ION_AT_NUMBER(o, x)  (ION_INDEX(o, x) && (v = ION_ARRAY(o)->items->item[i], ION_IS_NUMBER(v)))
#define ION_PUT_AT(o, x, y)  (ION_INDEX(o, x) && (ION_ARRAY(o)->items->item[i] = (y), 1))

/* Arguments of native functions: whether a number is just what an integer type holds. NaN is nothing of the kind, and what is out
 * of range is not equal to the integer that it becomes. */
#define ION_HOLDS(type, x) (ION_CONVERTS(x) && (double)(type)(ion_i64)(x) == (x))
#define ION_HOLDS_INT64(x)                                                                                              \
    (ION_CONVERTS(x) && (x) < 9223372036854775808.0 && (double)(ion_i64)(x) == (x))
#define ION_HOLDS_UINT64(x)   ((x) >= 0 && (x) < 18446744073709551616.0 && (double)(ion_u64)(x) == (x))
/* A NaN made by C may have any bits. */
#define ION_CANONICAL(t)                                                                                               \
    if (ION_UNLIKELY(t.d != t.d))                                                                                      \
    t.v = 0x7FF8000000000000ul

/* The property of object o that a string names, and writing it, where the runtime can do it without a look at the frame. */
#define ION_FIND(o, k)        (ION_IS_OBJECT(o) && (v = ion_find(o, k), v != ION_ABSENT))
#define ION_FIND_NUMBER(o, k) (ION_IS_OBJECT(o) && (v = ion_find(o, k), ION_IS_NUMBER(v)))
#define ION_REPLACE(o, k, x)  (ION_IS_OBJECT(o) && ion_replace(o, k, x))

/* New arrays and objects of n items, in place where there is room for so many bytes. Of an object's shape the runtime has noted
 * what the site makes; runtime/make.c asserts that value.h agrees. */
#define ION_ROOM(n)                                                                                                    \
    ((ion_u64)(ION_HEAP->end - ION_HEAP->top) >= (n) && ION_HEAP->bytes <= ION_HEAP->threshold)
#define ION_SHAPE(site)         (*(volatile ion_u32 *)&(site)->key)
#define ION_ARRAY_BYTES(n)      (sizeof(ion_array) + (n) * sizeof(ion_value))
#define ION_OBJECT_BYTES(n)     (sizeof(ion_object) + (n) * sizeof(ion_value))
#define ION_HEAD_ARRAY(n)       (9u | (n) << 10)
#define ION_HEAD_OBJECT(n)      (13u | (n) << 10)
#define ION_NEW_ARRAY(n)                                                                                               \
    ion_array *made = (ion_array *)ION_HEAP->top;                                                                      \
    ION_HEAP->top += ION_ARRAY_BYTES(n);                                                                               \
    made->head = ION_HEAD_ARRAY(n);                                                                                    \
    made->len = (n);                                                                                                   \
    made->items = (ion_items *)&made->items
#define ION_NEW_OBJECT(n, site)                                                                                        \
    ion_object *made = (ion_object *)ION_HEAP->top;                                                                    \
    ION_HEAP->top += ION_OBJECT_BYTES(n);                                                                              \
    made->head = ION_HEAD_OBJECT(n);                                                                                   \
    made->shape = ION_SHAPE(site);                                                                                     \
    made->proto = ION_UNDEFINED;                                                                                       \
    made->slots = (ion_items *)&made->slots

/* Loops that keep things in C variables (compiler/loops.c): the place of the number that cache c remembers; element x of
 * an array whose elements are e, l of them. */
#define ION_OWN_PLACE(o, c, at)                                                                                        \
    (ION_OWN_SLOT(o, c) && (at = (ion_slot *)&ION_OBJECT(o)->slots->item[w >> 32], ION_IS_NUMBER(at->v)))
#define ION_INDEX_OF(l, x)        ((i = (ion_u64)(ion_i64)(x)) < (l))
#define ION_AT_OF(e, l, x)        (ION_INDEX_OF(l, x) && (v = (e)[i].v, 1))
#define ION_AT_NUMBER_OF(e, l, x) (ION_INDEX_OF(l, x) && (v = (e)[i].v, ION_IS_NUMBER(v)))
#define ION_PUT_AT_OF(e, l, x, y) (ION_INDEX_OF(l, x) && ((e)[i].v = (y), 1))

/* What MATCH looks at; runtime/match.c asserts that value.h agrees. The macros are for values of the type in question. */
typedef struct ion_tuple {
    ion_u64 head;                       /* upper half: how many parts */
    ion_slot part[];
} ion_tuple;
#define ION_HEAD_KIND        0xFEul
#define ION_HEAD_TUPLE       6ul
#define ION_TUPLE(v)         ((const ion_tuple *)((v) ^ ION_TAG_BOXED))
#define ION_IS_BOXED(v)      ((v) >= ION_TAG_BOXED)
#define ION_IS_TUPLE(v)      (ION_IS_BOXED(v) && (ION_TUPLE(v)->head & ION_HEAD_KIND) == ION_HEAD_TUPLE)
#define ION_TUPLE_LENGTH(v)  (ION_TUPLE(v)->head >> 32)
#define ION_TUPLE_PARTS(v)   ION_TUPLE(v)->part
#define ION_ARRAY_LENGTH(v)  ION_ARRAY(v)->len
#define ION_ARRAY_PARTS(v)   ((const ion_slot *)ION_ARRAY(v)->items->item)

/* Whether v is a closure over a function with so many captured values, and those; runtime/call.c asserts that value.h
 * agrees. */
typedef struct ion_closure {
    ion_u64 head;
    ion_value callee;
    ion_slot value[];
} ion_closure;
#define ION_HEAD_CLOSURE(n)  (17ul | (ion_u64)(n) << 32)
#define ION_CLOSURE(v)       ((const ion_closure *)((v) ^ ION_TAG_BOXED))
#define ION_IS_CLOSURE(v, f, n)                                                                                        \
    (ION_IS_BOXED(v) && ION_CLOSURE(v)->head == ION_HEAD_CLOSURE(n) && ION_CLOSURE(v)->callee == ION_FUNCTION(f))
#define ION_CAPTURED(v, i)   ION_CLOSURE(v)->value[i]
#define ION_IS_BOOLEAN(v)    (((v) | 1) == ION_TRUE)

/* The place of a word in a table of 1 << bits places; `at` ends there, or on an unused one. */
#define ION_CASE_HASH(v, bits) ((ion_u32)(v) * 0x9E3779B1u >> (32 - (bits)))
#define ION_FIND_CASE(at, cases, bits, v)                                                                              \
    for (at = ION_CASE_HASH(v, bits); cases[at].value != (v) && cases[at].value; at = (at + 1) & ((1u << (bits)) - 1)) \
    continue

/* The tag of an object, and where its slots are: by a cache of words that say, for objects of one shape, where the two
 * lie: shape | slot of the tag << 32 | slot of the slots << 48. Shapes without either are not in it. */
#define ION_TAG_CACHE 4
#define ION_FIND_TAG(tag, seen, o, cache)                                                                              \
    seen = *(volatile ion_u64 *)&cache[ION_OBJECT(o)->shape % ION_TAG_CACHE];                                          \
    if (ION_OBJECT(o)->shape == (ion_u32)seen)                                                                         \
        tag = ION_OBJECT(o)->slots->item[seen >> 32 & 0xFFFF];                                                         \
    else                                                                                                               \
        tag = ion_tag_at(o, cache, 0)
#define ION_FIND_SLOTS(tag, parts, seen, o, cache)                                                                     \
    seen = *(volatile ion_u64 *)&cache[ION_OBJECT(o)->shape % ION_TAG_CACHE];                                          \
    if (ION_OBJECT(o)->shape == (ion_u32)seen) {                                                                       \
        tag = ION_OBJECT(o)->slots->item[seen >> 32 & 0xFFFF];                                                         \
        parts = (const ion_slot *)&ION_OBJECT(o)->slots->item[seen >> 48];                                             \
    } else {                                                                                                           \
        tag = ion_tag_at(o, cache, &parts);                                                                            \
    }

/* Calls: the arguments are in ARG(0..n-1); the result is in v. */
#define ION_CALL_BY(f, callee, this_, n, k)                                                                            \
    fp->at = (k);                                                                                                      \
    if (ION_IS_FUNCTION(R(f))) {                                                                                       \
        out->fn = ION_CALLEE(callee);                                                                                  \
        out->caller = fp;                                                                                              \
        out->self = (this_);                                                                                           \
        v = out->fn->code(p, out, n);                                                                                  \
    } else {                                                                                                           \
        v = ion_call_value(p, out, fp, R(f), n);                                                                       \
    }                                                                                                                  \
    if (ION_UNLIKELY(v == ION_TAIL))                                                                                   \
        v = ion_finish(p, out, v);                                                                                     \
    if (ION_UNLIKELY(v == ION_LEAVE))                                                                                  \
    goto left
#define ION_CALL_V(f, n, k) ION_CALL_BY(f, R(f), ION_UNDEFINED, n, k)
#define ION_CALL(d, f, n, k)                                                                                           \
    ION_CALL_V(f, n, k);                                                                                               \
    A##k : R(d) = v
/* A method found for object `this_` (see ION_METHOD) in register f is called. */
#define ION_CALL_METHOD_V(f, this_, n, k)                                                                              \
    ION_CALL_BY(f, R(f) & ~ION_UNBOUND, R(f) & ION_UNBOUND ? (this_) : ION_UNDEFINED, n, k)
#define ION_CALL_METHOD(d, f, this_, n, k)                                                                             \
    ION_CALL_METHOD_V(f, this_, n, k);                                                                                 \
    A##k : R(d) = v
#define ION_TAILCALL_METHOD(f, this_, n, k)                                                                            \
    fp->at = (k);                                                                                                      \
    v = ion_tail_method(p, fp, R(f), this_, n);                                                                        \
    A##k : return v
/* In tail position: the callee takes this frame's place; only what is no bytecode function comes back here. */
#define ION_TAILCALL(f, n, k)                                                                                          \
    fp->at = (k);                                                                                                      \
    v = ion_tail(p, fp, R(f), n);                                                                                      \
    A##k : return v
#endif

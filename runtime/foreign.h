/* foreign.h: C functions that a program calls. One descriptor says how a function is called, whoever has brought it:
 * the package, a declaration made at run time, or the program that the runtime is part of.
 *
 * Such a function is a value like any library function (foreign_value). A call checks and converts the arguments
 * (docs/native.md), calls, and converts the result; what does not fit comes back as an error atom. */
#ifndef ION_FOREIGN_H
#define ION_FOREIGN_H
#include <pthread.h>

#include "lock.h"
#include "native.h"
#include "signature.h"

typedef struct foreign foreign;
typedef struct foreign_call foreign_call;

/* A C function pointer that stands for a function of the program during one call. */
typedef struct callback {
    struct callback *next;
    foreign_call *call; /* NULL: none is under way */
    const callback_type *type;
    uint32_t slot;       /* of the function, in the frame of the call */
    void *code;          /* what C gets */
    void *closure, *cif; /* ffi.c's */
} callback;

/* What libffi does; ffi.c. A program that needs none of it is linked without. */
typedef struct ion_ffi {
    /* How foreign->call and callbacks are carried out, kept in f->cif; false when memory is out. */
    bool (*prepare)(foreign *f);
    void (*release)(foreign *f);
    void (*call)(const foreign *f, ion_word *w);
    callback *(*callback_new)(foreign *f, uint32_t which); /* NULL when memory is out */
    void (*callback_free)(callback *c);
} ion_ffi_parts;

struct foreign {
    ion_function fn;      /* first: a frame's fn leads to it */
    struct foreign *next; /* of those that live for ever */
    signature sig;
    const void *address;       /* NULL: there is none; `why` */
    ion_native_call *direct;   /* calls a function of just this type; NULL: libffi does */
    const struct ion_ffi *ffi; /* NULL: `direct` is there, and there are no callbacks */
    void *data;                /* goes in front of the arguments if has_data */
    bool has_data;
    bool plain;                /* signature_plain */
    bool pins; /* a collection may happen while C has the arguments */
    char *why; /* text of the error atom; NULL: function not found */
    void *cif; /* ffi.c's */
    _Atomic uint32_t calls; /* under way on threads of blocking.c: what they run belongs to the package */
    spinlock lock;
    callback *idle[4]; /* by callback, of those that no call uses */
    char name[];
};

/* What is known when a function is made. */
typedef struct foreign_setup {
    const char *name;        /* by which the program knows it; NULL: the declaration's */
    const char *declaration; /* as in META-INF/FFI.ion, without the library */
    const void *address;     /* of the function; NULL: calls give an error atom, */
    const char *why;         /*     `why` it is not there; NULL: function not found */
    ion_native_call *direct; /* see struct foreign */
    const struct ion_ffi *ffi;
    void *data;
    bool has_data;
} foreign_setup;

/* Makes one. NULL: *why says what is wrong with the declaration, or that memory is out. Nobody may call it any more
 * when it is freed. */
foreign *foreign_new(const foreign_setup *how, char *why, size_t space);
void foreign_free(foreign *f);
/* The same for functions that are never freed. */
foreign *foreign_for_ever(const foreign_setup *how, char *why, size_t space);
/* Frees one of those all the same: one that has `direct`, and so is nobody else's. */
void foreign_forget(foreign *f);
/* The address of a function that was not there at first, or why it is not. False when memory is out. */
bool foreign_found(foreign *f, const void *address, const char *why);
/* The same for declarations made at run time: one for equal ones. */
foreign *foreign_known(const foreign_setup *how, char *why, size_t space);
static inline ion_value foreign_value(const foreign *f)
{
    return ION_FUNCTION(&f->fn);
}

/* ---- one call ---- */

/* Arguments as C sees them, and the memory that they lie in. */
typedef struct native_args {
    ion_word w[NATIVE_PARAMS + 2]; /* result, arguments, ion_env * */
    text_buffer *held[NATIVE_PARAMS];
    struct native_copy *copies; /* texts that `space` has no room for */
    uint32_t nheld, used;
    char space[160];
} native_args;

struct foreign_call { /* on the C stack */
    ion_process *p;
    ion_frame *fp;
    const foreign *f;
    bool ended;  /* the process has: its frames above fp say where */
    char *error; /* text of the error atom that the call gives; to be freed */
    pthread_t thread;
    callback *callbacks[4];
    uint32_t ncallbacks;
    struct env *env; /* where values are passed; native_value.c */
    native_args args;
};

/* Calls a function of the program from C: a nested run, which cannot be left. False: it has not come to an end, as the
 * process ends (then c->ended), or one before has not. `args` may move. */
bool foreign_run(foreign_call *c, ion_value callee, ion_value *args, uint32_t argc, ion_value *result);
/* A callback has been called; ffi.c. Arguments in w[1..], the result comes to w[0]. */
void foreign_callback(callback *cb, ion_word *w);
/* Sets what the call gives, unless that is so already. */
void foreign_error(foreign_call *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Converts the arguments at `slots`, which are of the right types, but for values and callbacks. 0; else the number of
 * the one that does not fit, *nul: because of a NUL byte; -1: memory is out. `pin`: nothing may refer to the heap. */
int native_args_set(native_args *a, const signature *s, const ion_slot *slots, bool pin, bool *nul);
void native_args_free(native_args *a);
/* What a call gives where native_args_set has said `which`. */
ion_value foreign_misfit(ion_process *p, ion_frame *fp, const foreign *f, int which, bool nul);
/* A result, or what a callback gets, that needs no memory. */
ion_value native_word_value(native_kind k, ion_word w);
/* A number, boolean, pointer or undefined as C sees it; false: it does not fit. */
bool native_value_word(native_kind k, ion_value v, ion_word *w);
bool native_fits(native_kind k, ion_value v);
/* The value of a result of any kind but `value`. May collect. */
ion_value native_result(ion_process *p, ion_frame *fp, native_kind k, ion_word w);
/* Calls; from any thread. */
static inline void foreign_invoke(const foreign *f, ion_word *w)
{
    if (f->direct)
        f->direct(f->address, w);
    else
        f->ffi->call(f, w);
}

/* ---- blocking.c: calls on threads of their own ---- */

ion_value blocking_call(ion_process *p, ion_frame *fp, const foreign *f);
ion_value blocking_resumed(ion_process *p, ion_frame *fp, const foreign *f);

/* ---- native_value.c: what include/ion/native.h offers ---- */

/* Gives the arguments that are values to C. False when memory is out, and the process ends. */
bool values_begin(foreign_call *c, struct env *env);
ion_value values_result(const foreign_call *c, ion_word w);
/* A reference to a value, for functions of the runtime itself; and what the program may do. */
uint32_t values_ref(struct env *e, ion_value v);
const struct grants *values_grants(const struct env *e);
#endif

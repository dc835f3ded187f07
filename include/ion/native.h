/* native.h: what a C library written for ion programs can do with their values.
 *
 * A function that META-INF/FFI.ion declares with a `value` among its types gets an ion_env * in front of its arguments, and
 * an ion_ref for each value:
 *
 *     mylib.so: value reversed(value list)           ion_ref reversed(ion_env *env, ion_ref list)
 *
 * A reference is valid until the function returns, in that call alone. 0 is `undefined`; functions that make a value give 0
 * when memory is out too, and the process ends when the call returns: nothing has to be checked in between. An ion_env
 * may be used by the thread that was called, and not after the function has returned.
 *
 * What is to be kept longer is kept as a copy (ion_keep), which any process may get back. Messages may be sent from any thread,
 * through a port (ion_port). The library is not linked with anything: all goes through the env's table.
 */
#ifndef ION_NATIVE_API_H
#define ION_NATIVE_API_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t ion_ref;
typedef struct ion_env ion_env;
typedef struct ion_kept ion_kept; /* a copy of a value, on its own */
typedef struct ion_port ion_port; /* a way to a process, from any thread */

typedef enum ion_type {
    ION_NUMBER_TYPE, ION_BOOLEAN_TYPE, ION_ATOM_TYPE, ION_STRING_TYPE, ION_UNIT_TYPE, ION_COMPLEX_TYPE,
    ION_UNDEFINED_TYPE, ION_TUPLE_TYPE, ION_ARRAY_TYPE, ION_OBJECT_TYPE, ION_FUNCTION_TYPE, ION_PROCESS_TYPE
} ion_type;

/* A part of a message from another thread: a number, text (of a string or an atom), boolean (number is 0 or not), undefined, unit, or
 * (type ION_TUPLE_TYPE, as nothing is asked about it) something kept. */
typedef struct ion_item {
    ion_type type;
    double number;
    const char *text;
    size_t len;
    const ion_kept *kept;
} ion_item;

#define ION_NATIVE_VERSION 1

struct ion_env {
    const struct ion_api *api;
};

struct ion_api {
    uint32_t version; /* ION_NATIVE_VERSION; functions are only ever added at the end */
    ion_type (*type)(ion_env *, ion_ref);
    /* making; texts are copied */
    ion_ref (*unit)(ion_env *);
    ion_ref (*boolean)(ion_env *, int);
    ion_ref (*number)(ion_env *, double);
    ion_ref (*complex)(ion_env *, double re, double im);
    ion_ref (*atom)(ion_env *, const char *text, size_t len); /* lives for ever: for fixed texts */
    ion_ref (*string)(ion_env *, const char *bytes, size_t len);
    ion_ref (*array)(ion_env *, const ion_ref *items, size_t n);
    ion_ref (*tuple)(ion_env *, const ion_ref *items, size_t n);
    ion_ref (*object)(ion_env *);
    /* looking: what is of another type gives 0 */
    double (*get_number)(ion_env *, ion_ref); /* a complex number's real part too */
    double (*get_imaginary)(ion_env *, ion_ref);
    int (*get_boolean)(ion_env *, ion_ref);
    size_t (*length)(ion_env *, ion_ref); /* bytes of a string or atom, elements, an object's properties */
    /* Bytes of a string or atom from `from` on, as many as `room`; gives how many. */
    size_t (*get_text)(ion_env *, ion_ref, size_t from, char *to, size_t room);
    ion_ref (*item)(ion_env *, ion_ref, size_t i); /* of an array or tuple */
    ion_ref (*property)(ion_env *, ion_ref, const char *name); /* its own or a prototype's, no magic method asked */
    ion_ref (*key)(ion_env *, ion_ref, size_t i); /* the name of the i-th property, a string */
    int (*equal)(ion_env *, ion_ref, ion_ref);
    /* changing: 0 if it cannot be done */
    int (*set_item)(ion_env *, ion_ref array, size_t i, ion_ref);
    int (*set_property)(ion_env *, ion_ref object, const char *name, ion_ref);
    /* Calls a function of the program. What holds for callbacks holds for it: no wait. 0 in *ok: it has not come to an end, and
     * this function should return soon. */
    ion_ref (*call)(ion_env *, ion_ref function, const ion_ref *args, size_t n, int *ok);
    /* This call gives the error atom `FFI call error: Runtime error: TEXT`, whatever it returns. */
    void (*raise)(ion_env *, const char *text);
    /* copies that live longer; NULL when memory is out. released from any thread. */
    ion_kept *(*keep)(ion_env *, ion_ref);
    ion_ref (*kept)(ion_env *, const ion_kept *); /* a copy again */
    void (*release)(ion_kept *);
    /* A way to a process (`self`: 0 is the calling one). While one is open the program does not end as long as the process is
     * there: it could still get a message. */
    ion_port *(*open)(ion_env *, ion_ref process);
    /* From any thread: one item as it is, several as a tuple. 0: the program has ended, or memory is out. */
    int (*send)(ion_port *, const ion_item *items, size_t n);
    void (*close)(ion_port *); /* from any thread; nobody uses it any more */
    ion_ref (*self)(ion_env *);
};

#ifdef __cplusplus
}
#endif
#endif

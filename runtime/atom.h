/* atom.h: the table of atoms, one for the OS process. Atoms are made when a program is loaded and, for a bounded set of
 * error texts, by the library; never from a program's text. Reading takes no lock. */
#ifndef ION_ATOM_H
#define ION_ATOM_H
#include "value.h"

typedef struct atom_info {
    uint32_t len;
    uint32_t hash; /* text_hash of the text */
    const char *text; /* NUL behind */
} atom_info;

/* Atoms that the runtime itself needs, with fixed numbers: ATOM_proto is the atom of "__proto__". */
#define ATOM_LIST(X)                                                                                                   \
    X(proto, "__proto__") X(tag, "__tag") X(slots, "__slots") X(add, "__add__") X(sub, "__sub__") X(mul, "__mul__")    \
    X(div, "__div__") X(radd, "__radd__") X(rsub, "__rsub__") X(rmul, "__rmul__") X(rdiv, "__rdiv__")                  \
    X(eq, "__eq__") X(lt, "__lt__") X(le, "__le__") X(not_, "__not__") X(call, "__call__") X(str, "__str__")           \
    X(getattr, "__getattr__") X(setattr, "__setattr__") X(exit, "exit") X(down, "down") X(normal, "normal")            \
    X(kill, "kill") X(noproc, "noproc") X(pid, "pid") X(function, "function") X(state, "state") X(mailbox, "mailbox")  \
    X(heap, "heap") X(reductions, "reductions") X(links, "links") X(monitors, "monitors") X(priority, "priority")      \
    X(processes, "processes") X(schedulers, "schedulers") X(switches, "switches") X(messages, "messages")              \
    X(collections, "collections") X(memory, "memory") X(memory_peak, "memory_peak") X(running, "running")              \
    X(runnable, "runnable") X(waiting, "waiting") X(empty, "") X(processes_most, "processes_most")                     \
    X(steals, "steals") X(bytes_copied, "bytes_copied") X(timers, "timers") X(timers_fired, "timers_fired")            \
    X(pauses, "pauses") X(longest_wait, "longest_wait")
enum {
#define X(name, text) ATOM_NUMBER_##name,
    ATOM_LIST(X)
#undef X
    ATOM_FIXED
};
#define ATOM(name) (ION_TAG_ATOM | (ion_value)ATOM_NUMBER_##name)

extern uint32_t atom_proto_hash; /* text_hash of "__proto__" */

bool atoms_init(void);                           /* once; false when memory is out */
/* The atom of a text, made if need be; 0 when memory is out. The text is copied. */
ion_value atom_make(const char *text, size_t len);
/* The atom of a text, or 0 if there is none. */
ion_value atom_find(const char *text, size_t len, uint32_t hash);
const atom_info *atom_get(ion_value atom);       /* valid for ever */
/* Never 0. The same for one text throughout the OS process, another in the next. */
uint32_t text_hash(const char *text, size_t len);
/* text_hash of a string's text, which is kept in its head. */
uint32_t string_hash_new(ion_value s);
static inline uint32_t string_hash(ion_value s)
{
    uint32_t hash = HEAD_COUNT(as_thing(s)->head);
    return hash ? hash : string_hash_new(s);
}
#endif

/* ops.h: pieces of the instructions' semantics that the library needs too. */
#ifndef ION_OPS_H
#define ION_OPS_H
#include "process.h"
/* The function value with `this` = self, as a bound method; as it is where it is bound already. ION_LEAVE when memory is out. May
 * collect. */
ion_value bind_method(ion_process *p, ion_frame *fp, ion_value callee, ion_value self);
/* Whether two values are equal by structure, which is charged: a boolean, or ION_LEAVE: it takes long, then a function that has no
 * name (frame_nameless) goes on with it, and its result arrives as a magic method's would; or memory is out. */
ion_value equal_structure(ion_process *p, ion_frame *fp, ion_value a, ion_value b);
/* A fresh copy of a constant array, object or tuple, with `self` and its like looked up; other values as they are. ION_LEAVE when memory is out. May collect. */
ion_value literal_copy(ion_process *p, ion_frame *fp, ion_value constant);
/* Every string, complex number, tuple, array and object among a program's values (ion_program.values) has this right in
 * front of it. Templates are real constant heap objects: objects of more than SHAPE_MAX properties are dictionaries. */
/* What must be copied has HEAD_TEMPLATE in its head (arrays and objects always, tuples if something in them must be): that is how
 * OBJECT_INIT tells a constant from a constant tuple that happens to be in a register. */
typedef struct literal_info {
    uint64_t bytes; /* of a copy; 0: immutable throughout, the value is shared as it is */
    uint64_t units; /* values in it, itself included, as LOAD_CONST charges; 0 for strings and complex numbers */
} literal_info;
static inline const literal_info *literal_of(ion_value constant) /* for heap values among a program's values only */
{
    return (const literal_info *)(const void *)as_thing(constant) - 1;
}
/* Makes a copy in `to`: literal_of(constant)->bytes bytes, not 0, taken from a heap. vm[w] is put for ION_VM(w). Returns the copy.
 * (program.c; literal_copy reserves and takes the room; ion_literal alone charges.) */
ion_value literal_place(void *to, ion_value constant, const ion_value vm[ION_VM_COUNT]);
#endif

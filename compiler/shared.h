/* shared.h: what a package compiled to a shared object (ionc --shared) and who loads it agree on. The object asks nothing of the
 * dynamic linker: the runtime's entry points go through a table that the loader fills in, so it does for every program that
 * has the runtime inside, whether that shows its names or not. */
#ifndef IONC_SHARED_H
#define IONC_SHARED_H

#include "ion/abi.h"

#define SHARED_SYMBOL "ion_shared_package"

typedef struct shared_package {
    ion_u64 abi;                /* shared_abi() */
    ion_u64 nentries;
    const void **entries;       /* the runtime's entry points, in the order of runtime.def */
    ion_u32 **setattr_seen;
    const ion_program *program;
} shared_package;

/* Tells one state of the ABI from another: generated code made for one fits no other. */
ion_u64 shared_abi(void);
/* What stands behind a program's C in a shared object. */
struct compilation;
const char *shared_text(struct compilation *c);
/* Fills the table of entry points in, and *program, which is to be used in place of the object's own. False: the object is made for another
 * ABI. */
int shared_connect(const shared_package *s, ion_program *program);
#endif

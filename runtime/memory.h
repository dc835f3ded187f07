/* memory.h: the functions of the library `ion`. */
#ifndef ION_MEMORY_H
#define ION_MEMORY_H
#include "ion/abi.h"

struct ion_memory {
    void *(*find)(const char *name); /* NULL: there is no such function */
};
#endif

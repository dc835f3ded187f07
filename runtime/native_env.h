/* native_env.h: what the runtime knows behind an ion_env (native_value.c). */
#ifndef ION_NATIVE_ENV_H
#define ION_NATIVE_ENV_H
#include "ion/native.h"

struct foreign_call;

struct env {
    ion_env pub; /* first */
    struct foreign_call *call;
    uint32_t n; /* references given */
};
#endif

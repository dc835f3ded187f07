/* grant.c: what a program lacks of what it needs, asked before anything of it runs. */
#include <stdio.h>

#include "messages.h"
#include "sched.h"

size_t program_lacks(const ion_program *p, const grants *g, char *text, size_t size)
{
    const grants built = {.layer[GRANT_BUILD] = {p->allow, p->deny}}; /* counts also where a host has lists of its own */
    size_t len = 0;
    if (size)
        *text = 0;
    for (ion_u32 i = 0; i < p->nneeds; i++) {
        const ion_need *n = &p->needs[i];
        if (grants_named(g, n->capability) && grants_named(&built, n->capability))
            continue;
        bool room = len < size;
        int more = snprintf(room ? text + len : NULL, room ? size - len : 0, MSG_LACKS, len ? ", " : "", n->capability,
                            n->what, n->function->class_, n->function->name);
        len += more > 0 ? (size_t)more : 0;
    }
    return len;
}

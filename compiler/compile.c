/* compile.c: the passes in a row: packages with their manifests → classes (decoded and verified) → program (names resolved) →
 * control flow. */
#include "ionc.h"

program *compile_front(compilation *c, const char *path, package **pack)
{
    const packs *all = resolve(c, path);
    *pack = all->list[0]->files;
    return program_link(c, all);
}

void compile_back(compilation *c, program *p)
{
    program_reach(c, p);
    program_needs(c, p);
    program_analyse(c, p);
    if (optimise(c, OPT_INFER)) {
        program_infer(c, p);
        program_choose(c, p);
        program_loops(c, p);
    }
}

program *compile_package(compilation *c, const char *path, package **pack)
{
    program *p = compile_front(c, path, pack);
    compile_back(c, p);
    return p;
}

c_code *compile_to_c(compilation *c, const char *path, bool runnable, emit_options how)
{
    package *pack;
    program *p = compile_package(c, path, &pack);
    if (runnable && p->entry == NOT_FOUND)
        fail(c, "META-INF/MANIFEST.ion", NO_OFFSET, "no Main-Class: this is a library package, which cannot be run");
    return program_emit(c, p, pack, how);
}

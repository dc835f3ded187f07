/* start.c: where a native program begins. Its own object file, so that a host that embeds the runtime keeps its main.
 */
#include "sched.h"

extern const ion_program ion_main_program;

int main(int argc, char **argv)
{
    settings set;
    if (!settings_read(&set, &ion_main_program))
        return 2;
    return runtime_run(&ion_main_program, &set, argc > 0 ? argc - 1 : 0, argv + 1);
}

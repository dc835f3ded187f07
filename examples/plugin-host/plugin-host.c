/* plugin-host.c: a program whose plugins are Ion packages.
 *
 *   plugin-host PLUGIN.ionpack[:LIMIT=VALUE][:allow=CAPABILITIES]... < EVENTS
 *
 * Each line of standard input is an event, given to on_event of every plugin; what that returns is printed. on_load(name) and on_unload()
 * are called when a plugin is loaded and unloaded; a plugin need not have them.
 *
 * Every plugin has a runtime of its own: its limits, its capabilities, its memory, and nothing to do with the others. One that fails three
 * times in a row is disabled; one whose file changes is loaded again, and has another chance.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ion/ion.h>

enum { MOST = 32, FAILURES = 3 };
static const double milliseconds = 1000; /* for each call */

typedef struct plugin {
    char *path, *name;
    ion_options options;
    ion_package *package;
    ion_runtime *runtime;
    struct timespec changed; /* the file as it was loaded */
    int failures;            /* in a row */
    bool disabled;
    unsigned long events, failed, loads;
} plugin;

/* ---- what plugins may call: host:log(text), if they are granted host:log; host:name() ---- */

static ion_status host_log(ion_args *call, void *user)
{
    const plugin *p = user;
    const char *text;
    size_t size;
    if (!ion_args_text(call, 0, &text, &size))
        return ION_E_INVALID;
    printf("[%s] %.*s\n", p->name, (int)size, text);
    return ION_OK;
}

static ion_status host_name(ion_args *call, void *user)
{
    const plugin *p = user;
    ion_data name = ion_text(ION_KIND_STRING, p->name, strlen(p->name));
    return ion_args_return(call, &name);
}

/* ---- hooks ---- */

static void print_value(const ion_data *d)
{
    switch (d->kind) {
    case ION_KIND_NUMBER: printf("%g\n", d->as.number); break;
    case ION_KIND_BOOLEAN: printf("%s\n", d->as.boolean ? "true" : "false"); break;
    case ION_KIND_STRING:
    case ION_KIND_ATOM: printf("%.*s\n", (int)d->as.text.size, d->as.text.bytes); break;
    default: printf("(a value)\n");
    }
}

/* Calls a hook; one that a plugin does not have does nothing. */
static bool hook(plugin *p, const char *name, const char *text)
{
    ion_data argument = ion_text(ION_KIND_STRING, text ? text : "", text ? strlen(text) : 0), result;
    const ion_entry *entry = ion_package_entry(p->package, name);
    if (!entry)
        return true;
    ion_status s = ion_runtime_call(p->runtime, entry, &argument, text != NULL, &result, milliseconds);
    if (s != ION_OK) {
        printf("%s: %s: %s\n", p->name, name, ion_runtime_text(p->runtime));
        return false;
    }
    if (result.kind != ION_KIND_UNDEFINED && result.kind != ION_KIND_UNIT) {
        printf("%s: ", p->name);
        print_value(&result);
    }
    ion_data_free(&result);
    return true;
}

/* ---- loading ---- */

static void unload(plugin *p)
{
    if (p->runtime && !p->disabled)
        hook(p, "on_unload", NULL);
    ion_runtime_free(p->runtime);
    ion_package_free(p->package);
    p->runtime = NULL;
    p->package = NULL;
}

static bool load(plugin *p)
{
    const ion_function_info functions[] = {
        {"log", "String", "host:log", host_log, p},
        {"name", "", NULL, host_name, p},
    };
    struct stat s;
    p->changed = stat(p->path, &s) == 0 ? s.st_mtim : (struct timespec){0, 0};
    p->disabled = false;
    p->failures = 0;
    p->loads++;
    p->package = ion_package_open(p->path);
    p->runtime = ion_runtime_new(&p->options);
    if (!p->package || !p->runtime) {
        printf("%s: out of memory\n", p->name);
        return false;
    }
    if (ion_runtime_register(p->runtime, "host", functions, 2) != ION_OK ||
        ion_runtime_use(p->runtime, p->package) != ION_OK) {
        printf("%s: cannot be loaded: %s\n", p->name, ion_runtime_text(p->runtime));
        return false;
    }
    return hook(p, "on_load", p->name);
}

static void load_or_disable(plugin *p)
{
    if (!load(p)) {
        printf("%s: disabled\n", p->name);
        p->disabled = true;
    }
}

static void reload_if_changed(plugin *p)
{
    struct stat s;
    if (stat(p->path, &s) != 0 ||
        (s.st_mtim.tv_sec == p->changed.tv_sec && s.st_mtim.tv_nsec == p->changed.tv_nsec))
        return;
    printf("%s: has changed\n", p->name);
    unload(p);
    load_or_disable(p);
}

/* ---- events ---- */

static void give_event(plugin *p, const char *text)
{
    reload_if_changed(p);
    if (p->disabled)
        return;
    p->events++;
    if (hook(p, "on_event", text)) {
        p->failures = 0;
        return;
    }
    p->failed++;
    if (++p->failures == FAILURES) {
        printf("%s: disabled after %d failures in a row\n", p->name, FAILURES);
        p->disabled = true;
    }
}

static void print_statistics(const plugin *p)
{
    ion_counts c = {0};
    if (p->runtime)
        ion_runtime_counts(p->runtime, &c);
    printf("%s: %lu events, %lu failed, loaded %lu time(s)%s; %s, %lu calls of the host\n", p->name, p->events, p->failed,
           p->loads, p->disabled ? ", disabled" : "", c.reductions ? "some reductions" : "no reductions",
           (unsigned long)c.native_calls);
}

/* ---- the command line ---- */

static bool set_limit(plugin *p, const char *name, const char *value)
{
    static const char *const names[] = {
#define ION_LIMIT(id, name, reason, unit, what) name,
#include <ion/limits.def>
#undef ION_LIMIT
    };
    for (int i = 0; i < ION_LIMITS; i++)
        if (strcmp(names[i], name) == 0) {
            p->options.limit[i] = strtoull(value, NULL, 10);
            return true;
        }
    return false;
}

/* PATH[:NAME=VALUE]... */
static bool read_plugin(plugin *p, char *text)
{
    char *rest = NULL;
    ion_options_default(&p->options);
    p->path = strtok_r(text, ":", &rest);
    if (!p->path)
        return false;
    for (char *word; (word = strtok_r(NULL, ":", &rest));) {
        char *value = strchr(word, '=');
        if (!value)
            return false;
        *value++ = 0;
        if (strcmp(word, "allow") == 0) {
            for (char *at = value; *at; at++) /* host.log, as a colon ends it */
                *at = *at == '.' ? ':' : *at;
            p->options.allow = value;
        } else if (!set_limit(p, word, value)) {
            return false;
        }
    }
    char *slash = strrchr(p->path, '/'), *name = slash ? slash + 1 : p->path, *dot = strrchr(name, '.');
    p->name = strndup(name, dot ? (size_t)(dot - name) : strlen(name));
    return p->name != NULL;
}

int main(int argc, char **argv)
{
    static plugin plugins[MOST];
    int n = 0;
    char line[4096];
    if (argc < 2 || argc - 1 > MOST) {
        fprintf(stderr, "usage: plugin-host PLUGIN.ionpack[:LIMIT=VALUE][:allow=CAPABILITIES]... < EVENTS\n");
        return 2;
    }
    for (; n < argc - 1; n++)
        if (!read_plugin(&plugins[n], argv[n + 1])) {
            fprintf(stderr, "plugin-host: cannot understand %s\n", argv[n + 1]);
            return 2;
        }
    for (int i = 0; i < n; i++)
        load_or_disable(&plugins[i]);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        for (int i = 0; i < n; i++)
            give_event(&plugins[i], line);
        fflush(stdout);
    }
    for (int i = 0; i < n; i++)
        print_statistics(&plugins[i]);
    for (int i = 0; i < n; i++) {
        unload(&plugins[i]);
        free(plugins[i].name);
    }
    return 0;
}

/* capability_test.c: lists of capabilities, and what they grant. */
#include <string.h>

#include "capability.h"
#include "check.h"

static bool fine(const char *list)
{
    const char *bad;
    size_t n;
    return capability_list(list, &bad, &n);
}

static bool refused(const char *list, const char *want)
{
    const char *bad;
    size_t n;
    return !capability_list(list, &bad, &n) && n == strlen(want) && memcmp(bad, want, n) == 0;
}

static bool grants_these(grants g, const char *want)
{
    char got[200] = "";
    for (int i = 0; i < CAPABILITIES; i++) {
        if (grants_named(&g, capability_rows[i].name) != grants_have(&g, (capability)i))
            return false;
        if (grants_have(&g, (capability)i)) {
            strcat(got, capability_rows[i].name);
            strcat(got, " ");
        }
    }
    if (strcmp(got, want) != 0)
        printf("# got %s\n", got);
    return strcmp(got, want) == 0;
}

static grants built(const char *allow, const char *deny)
{
    return (grants){.layer[GRANT_BUILD] = {allow, deny}};
}

#define PURE "resource:read time:sleep process:spawn "
#define ALL  "io:stdout io:stderr io:stdin " PURE "ffi "

static void lists(void)
{
    check(fine("none") && fine("pure") && fine("stdio") && fine("all"), "presets are capabilities");
    check(fine("io:stdout,io:stderr,io:stdin,resource:read,time:sleep,process:spawn,ffi"), "all names in a row");
    check(fine("ffi:math.so,ffi:a b"), "libraries");
    check(refused("", ""), "an empty list");
    check(refused("io:stdout,", ""), "an empty place");
    check(refused("io:stdout,io:std,x", "io:std"), "no such name");
    check(refused("ffi:", "ffi:"), "a library without a name");
    check(refused("IO:stdout", "IO:stdout"), "names mind their case");
    check(refused("io:stdout ", "io:stdout "), "no white space");
}

static void what_they_grant(void)
{
    check(grants_these((grants){0}, ALL), "all by default");
    check(grants_these(built("all", NULL), ALL), "all");
    check(grants_these(built("none", NULL), ""), "none");
    check(grants_these(built("pure", NULL), PURE), "pure");
    check(grants_these(built("stdio", NULL), "io:stdout io:stderr io:stdin " PURE), "stdio");
    check(grants_these(built("io:stdin,none,ffi", NULL), "io:stdin ffi "), "names add up");
    check(grants_these(built(NULL, "stdio"), "ffi "), "taken from all");
    check(grants_these(built("stdio", "pure"), "io:stdout io:stderr io:stdin "), "taken from some");
    check(grants_these(built("io:stdout", "io:stdout"), ""), "to deny is stronger");
    grants g = built("io:stdout,io:stdin", NULL);
    g.layer[GRANT_ENVIRONMENT].allow = "io:stdout,io:stderr";
    check(grants_these(g, "io:stdout "), "a layer can only take away");
    g.layer[GRANT_ENVIRONMENT].allow = "all";
    check(grants_these(g, "io:stdout io:stdin "), "and not widen");
}

static void libraries(void)
{
    grants g = {0};
    check(grants_library(&g, "a.so"), "any library by default");
    g = built("stdio", NULL);
    check(!grants_library(&g, "a.so"), "none without ffi");
    g = built("ffi", "ffi:b.so");
    check(grants_library(&g, "a.so") && !grants_library(&g, "b.so"), "all but one");
    g = built("ffi:a.so,ffi:c.so", NULL);
    check(grants_library(&g, "a.so") && grants_library(&g, "c.so") && !grants_library(&g, "b.so"), "two");
    check(!grants_library(&g, "a.s") && !grants_library(&g, "a.so.1") && !grants_library(&g, ""), "names are whole");
    check(grants_named(&g, "ffi:a.so") && !grants_named(&g, "ffi:b.so") && !grants_named(&g, "ffi"), "by name");
    check(!grants_named(&g, "no such thing"), "what is no capability is not granted");
    g = built("ffi:a.so", "ffi");
    check(!grants_library(&g, "a.so"), "all denied");
}

int main(void)
{
    lists();
    what_they_grant();
    libraries();
    check(capability_of("PrintLn") == CAPABILITY_STDOUT && capability_of("Sleep") == CAPABILITY_SLEEP &&
              capability_of("Sqrt") == CAPABILITIES,
          "what functions need");
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}

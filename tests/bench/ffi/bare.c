/* The same calls made by C: through a pointer, by libffi, and a closure of libffi's that C calls. argv[1]: the library. */
#include <dlfcn.h>
#include <ffi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MANY = 20000000, FEW = 5000000 };

static double clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void report(const char *kind, double start, double calls, double result)
{
    printf("%s %f\nresult %.0f\n", kind, (clock_ns() - start) / calls, result);
}

static void called(ffi_cif *cif, void *result, void **args, void *user)
{
    (void)cif;
    (void)user;
    *(double *)result = *(double *)args[0] + 1;
}

int main(int argc, char **argv)
{
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library)
        return 1;
    double (*volatile add)(double, double) = (double (*)(double, double))dlsym(library, "add");
    int (*volatile next)(int) = (int (*)(int))dlsym(library, "next");
    size_t (*volatile length)(const char *) = (size_t(*)(const char *))dlsym(library, "length");
    double (*each)(double (*)(double), long) = (double (*)(double (*)(double), long))dlsym(library, "each");

    double start = clock_ns(), sum = 0;
    for (long i = 0; i < MANY; i++)
        sum = add(sum, (double)i);
    report("direct", start, MANY, sum);

    start = clock_ns();
    int n = 0;
    for (int i = 0; i < MANY; i++)
        n = next(i);
    report("integer", start, MANY, n);

    start = clock_ns();
    size_t len = 0;
    for (long i = 0; i < FEW; i++)
        len = length("twelve bytes");
    report("text", start, FEW, (double)len);

    ffi_cif cif;
    ffi_type *types[] = {&ffi_type_double, &ffi_type_double};
    ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_double, types);
    start = clock_ns();
    sum = 0;
    for (long i = 0; i < FEW; i++) {
        double x = (double)i;
        void *values[] = {&sum, &x};
        ffi_call(&cif, FFI_FN(add), &sum, values);
    }
    report("libffi", start, FEW, sum);

    void *code;
    ffi_cif closure_cif;
    ffi_closure *closure = ffi_closure_alloc(sizeof *closure, &code);
    ffi_prep_cif(&closure_cif, FFI_DEFAULT_ABI, 1, &ffi_type_double, types);
    if (!closure || ffi_prep_closure_loc(closure, &closure_cif, called, NULL, code) != FFI_OK)
        return 1;
    start = clock_ns();
    sum = each((double (*)(double))code, FEW);
    report("callback", start, FEW, sum);
    return 0;
}

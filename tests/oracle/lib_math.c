/* lib_math.c: numbers. */
#include <math.h>

#include "lib.h"

static double arg(const frame *f, int i)
{
    return f->regs[i].number;
}

static bool gives(value *out, double d)
{
    *out = v_number(d);
    return true;
}

bool lib_Sqrt(process *p, frame *f, value *out)
{
    (void)p;
    if (arg(f, 0) < 0) {
        *out = library_runtime_error(MSG_NEGATIVE_ROOT);
        return true;
    }
    return gives(out, sqrt(arg(f, 0)));
}

bool lib_Abs(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, fabs(arg(f, 0)));
}

bool lib_Sin(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, sin(arg(f, 0)));
}

bool lib_Cos(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, cos(arg(f, 0)));
}

bool lib_Tan(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, tan(arg(f, 0)));
}

bool lib_Exp(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, exp(arg(f, 0)));
}

bool lib_Floor(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, floor(arg(f, 0)));
}

bool lib_Ceil(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, ceil(arg(f, 0)));
}

bool lib_Round(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, round(arg(f, 0)));
}

bool lib_Log(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, arg(f, 0) > 0 ? log(arg(f, 0)) : NAN);
}

bool lib_Max(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, fmax(arg(f, 0), arg(f, 1)));
}

bool lib_Min(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, fmin(arg(f, 0), arg(f, 1)));
}

bool lib_Pow(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, pow(arg(f, 0), arg(f, 1)));
}

bool lib_Atan2(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, atan2(arg(f, 0), arg(f, 1)));
}

bool lib_Mod(process *p, frame *f, value *out)
{
    (void)p;
    return gives(out, fmod(arg(f, 0), arg(f, 1)));
}

/* SplitMix64, one step. */
bool lib_Random(process *p, frame *f, value *out)
{
    (void)f;
    uint64_t z = p->random += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return gives(out, (double)(z >> 11) * 0x1p-53);
}

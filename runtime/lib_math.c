/* lib_math.c: the library's numbers. Results pass through value_number, so that all NaNs are the one NaN. */
#include <math.h>

#include "messages.h"
#include "native.h"

static double number_arg(ion_frame *fp, int i)
{
    return fp->r[i].d;
}

ion_value lib_Sqrt(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    double x = number_arg(fp, 0);
    return x < 0 ? native_error(p, fp, MSG_FFI_RUNTIME, MSG_NEGATIVE_ROOT) : value_number(sqrt(x));
}

#define PLAIN(Name, result)                                                                                            \
    ion_value lib_##Name(ion_process *p, ion_frame *fp, ion_u32 argc)                                                  \
    {                                                                                                                  \
        (void)p, (void)argc;                                                                                           \
        double x = number_arg(fp, 0);                                                                                  \
        return value_number(result);                                                                                   \
    }
PLAIN(Abs, fabs(x))
PLAIN(Sin, sin(x))
PLAIN(Cos, cos(x))
PLAIN(Tan, tan(x))
PLAIN(Exp, exp(x))
PLAIN(Floor, floor(x))
PLAIN(Ceil, ceil(x))
PLAIN(Round, round(x))
PLAIN(Log, x > 0 ? log(x) : NAN)
#undef PLAIN

/* Of equal operands (0 and -0) the first. */
static double greater(double x, double y)
{
    return x != x || y > x ? y : x;
}

static double lesser(double x, double y)
{
    return x != x || y < x ? y : x;
}

#define PLAIN(Name, function)                                                                                          \
    ion_value lib_##Name(ion_process *p, ion_frame *fp, ion_u32 argc)                                                  \
    {                                                                                                                  \
        (void)p, (void)argc;                                                                                           \
        return value_number(function(number_arg(fp, 0), number_arg(fp, 1)));                                           \
    }
PLAIN(Max, greater)
PLAIN(Min, lesser)
PLAIN(Pow, pow)
PLAIN(Atan2, atan2)
PLAIN(Mod, fmod)
#undef PLAIN

/* One step of SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014). */
ion_value lib_Random(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)fp, (void)argc;
    uint64_t z = proc_of(p)->random += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return value_number((double)(z >> 11) * 0x1p-53);
}

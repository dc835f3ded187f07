/* lib_math.c: the library's numbers. Results pass through value_number, so that all NaNs are the one NaN. */
#include <math.h>

#include "messages.h"
#include "native.h"
#include "random.h"

static double number_arg(ion_frame *fp, int i)
{
    return fp->r[i].d;
}

/* The functions themselves, for optimised code too. Of equal operands (0 and -0) Max and Min give the first. */
#define FUNCTION(name, result)                                                                                         \
    double ion_##name(double x)                                                                                        \
    {                                                                                                                  \
        return result;                                                                                                 \
    }
FUNCTION(sqrt, sqrt(x))
FUNCTION(fabs, fabs(x))
FUNCTION(sin, sin(x))
FUNCTION(cos, cos(x))
FUNCTION(tan, tan(x))
FUNCTION(exp, exp(x))
FUNCTION(floor, floor(x))
FUNCTION(ceil, ceil(x))
FUNCTION(round, round(x))
FUNCTION(log, x > 0 ? log(x) : (double)NAN)
#undef FUNCTION

#define FUNCTION(name, result)                                                                                         \
    double ion_##name(double x, double y)                                                                              \
    {                                                                                                                  \
        return result;                                                                                                 \
    }
FUNCTION(max, x != x || y > x ? y : x)
FUNCTION(min, x != x || y < x ? y : x)
FUNCTION(pow, pow(x, y))
FUNCTION(atan2, atan2(x, y))
#undef FUNCTION

/* Of integers by division: fmod goes bit by bit. A result of 0 has the sign of x. */
double ion_fmod(double x, double y)
{
    if (fabs(x) < 0x1p53 && fabs(y) < 0x1p53) {
        int64_t a = (int64_t)x, b = (int64_t)y;
        if ((double)a == x && (double)b == y && b != 0) {
            bool small = (uint64_t)(a | b) <= UINT32_MAX; /* and not negative: the processor has a faster division */
            return copysign(small ? (double)((uint32_t)a % (uint32_t)b) : (double)(a % b), x);
        }
    }
    return fmod(x, y);
}

ion_value lib_Sqrt(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    double x = number_arg(fp, 0);
    return x < 0 ? native_error(p, fp, MSG_FFI_RUNTIME, MSG_NEGATIVE_ROOT) : value_number(sqrt(x));
}

#define PLAIN(Name, arguments)                                                                                         \
    ion_value lib_##Name(ion_process *p, ion_frame *fp, ion_u32 argc)                                                  \
    {                                                                                                                  \
        (void)p, (void)argc;                                                                                           \
        return value_number(arguments);                                                                                \
    }
PLAIN(Abs, ion_fabs(number_arg(fp, 0)))
PLAIN(Sin, ion_sin(number_arg(fp, 0)))
PLAIN(Cos, ion_cos(number_arg(fp, 0)))
PLAIN(Tan, ion_tan(number_arg(fp, 0)))
PLAIN(Exp, ion_exp(number_arg(fp, 0)))
PLAIN(Floor, ion_floor(number_arg(fp, 0)))
PLAIN(Ceil, ion_ceil(number_arg(fp, 0)))
PLAIN(Round, ion_round(number_arg(fp, 0)))
PLAIN(Log, ion_log(number_arg(fp, 0)))
PLAIN(Max, ion_max(number_arg(fp, 0), number_arg(fp, 1)))
PLAIN(Min, ion_min(number_arg(fp, 0), number_arg(fp, 1)))
PLAIN(Pow, ion_pow(number_arg(fp, 0), number_arg(fp, 1)))
PLAIN(Atan2, ion_atan2(number_arg(fp, 0), number_arg(fp, 1)))
PLAIN(Mod, ion_fmod(number_arg(fp, 0), number_arg(fp, 1)))
#undef PLAIN

ion_value lib_Random(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)fp, (void)argc;
    return value_number((double)(random_next(&proc_of(p)->random) >> 11) * 0x1p-53);
}

/* str.h: making strings. Nothing here charges reductions. */
#ifndef ION_STR_H
#define ION_STR_H
#include "process.h"

/* The longest string; making a longer one ends the process with the limit "allocation". */
#define STRING_MAX ((uint64_t)1 << 30)

/* All of these may collect; `fp` is the running function's frame. They give ION_LEAVE when memory is out (the process
 * is then ending). Values that the caller still needs must be in live registers or slots, or be passed as roots. */

/* A string of these bytes, which must not lie in the process's heap. */
ion_value str_new(ion_process *p, ion_frame *fp, const char *bytes, size_t len);
/* A string of `len` bytes to be filled in by the caller before the next allocation: *bytes points at them. `roots` as
 * for gc_reserve. */
ion_value str_make(ion_process *p, ion_frame *fp, size_t len, char **bytes, ion_value *roots, uint32_t n);
/* The following three may take long, and let others run meanwhile: then they give ION_LEAVE, too, and the string arrives as the
 * result of a call. */
/* a followed by b; both are strings. Where a ends at the end of its buffer, b is appended there. */
ion_value str_concat(ion_process *p, ion_frame *fp, ion_value a, ion_value b);
ion_value str_repeat(ion_process *p, ion_frame *fp, ion_value s, double times);
/* Bytes from .. to-1 of a string; from <= to <= its length. */
ion_value str_slice(ion_process *p, ion_frame *fp, ion_value s, size_t from, size_t to);
/* Whether so many bytes are copied in steps. */
bool str_long(ion_process *p, uint64_t len);
#define STRING_LONG ((uint64_t)128 << 10)
/* Bytes of a string or the text of an atom; false for anything else. Valid until the next allocation. */
bool text_view(ion_value v, const char **bytes, size_t *len);

/* For functions that make many strings at once: what str_place takes of the heap for one, to be reserved before. */
size_t str_room(size_t len);
/* A string made in reserved room; does not collect. The bytes may lie in the heap. 0 when memory is out. */
ion_value str_place(ion_process *p, const char *bytes, size_t len);
#endif

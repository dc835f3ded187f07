/* class_cases.c: class files that the decoder (compiler/decode.c) or the verifier (compiler/verify.c) refuses. */
#include "malformed.h"

#include <string.h>

typedef struct class_case {
    const char *name;
    int dialect; /* forced; 0: none is */
    const char *file, *want;
} class_case;

#define PAST(what, offset) "t: k: offset " #offset ": " what " runs past the end of the file"

/* A function of one LOAD_CONST r0, whose value begins at offset 19. */
#define CONST ONE "01 #0 "
/* A MATCH r0 of one case, whose pattern begins at offset 23. */
#define MATCH ONE "12 #0 #1 "
/* An OBJECT_INIT r0 of one property "k", whose kind stands at offset 28. */
#define INIT ONE "1F #0 #1 \"k\" "
/* What makes a count believable. */
#define PADDING " 40*(00)"

static const class_case cases[] = {
    /* the end of the file inside each thing */
    {"no has_name", 4, "", PAST("has_name", 0)},
    {"no name length", 4, "01 00 00", PAST("function name", 1)},
    {"no name", 4, "01 #5 'ab'", PAST("function name", 5)},
    {"no arity", 4, "00 00", PAST("arity", 1)},
    {"no extra_regs", 4, "00 #0 00", PAST("extra_regs", 5)},
    {"no kind", 4, "00 #0 #0", PAST("function kind", 9)},
    {"no native name", 4, "00 #0 #0 01 #9 'Sqrt'", PAST("native name", 14)},
    {"no instruction count", 4, FUNCTION "00 00", PAST("number of instructions", 10)},
    {"no opcode", 4, FUNCTION "#2 12 #0 #0", "t: k: offset 23: opcode runs past the end of the file"},
    {"no register", 4, ONE "02 #0 00 00", PAST("register", 19)},
    {"no jump offset", 4, ONE "0B 00", PAST("jump offset", 15)},
    {"no value", 4, CONST, PAST("value", 19)},
    {"no number", 4, CONST "01 00 00 00 00 00 00", PAST("number", 24)},
    {"no boolean", 4, CONST "02", PAST("boolean", 20)},
    {"no atom", 4, CONST "03 #2 'a'", PAST("atom", 24)},
    {"no element count", 4, CONST "06 00", PAST("number of elements", 20)},
    {"no element", 4, CONST "06 #2 06 #0", PAST("value", 29)},
    {"no property count", 4, CONST "07 00", PAST("number of properties", 20)},
    {"no property key", 4, CONST "07 #1 #9 'abcdefg'", PAST("property key", 28)},
    {"no writable flag", 4, CONST "07 #1 \"abcd\" 04", PAST("writable flag", 33)},
    {"no enumerable flag", 4, CONST "07 #1 \"abcd\" 04 01", PAST("enumerable flag", 34)},
    {"no configurable flag", 4, CONST "07 #1 \"abcd\" 04 01 01", PAST("configurable flag", 35)},
    {"no access byte", 5, CONST "07 #1 \"abcd\" 04", PAST("access byte", 33)},
    {"no function reference", 4, CONST "08 #2 'a'", PAST("function reference", 24)},
    {"no string", 4, CONST "09 #2 'a'", PAST("string", 24)},
    {"no complex number", 4, CONST "0A =1 00 00", PAST("complex number", 28)},
    {"no tuple count", 4, CONST "0B 00", PAST("number of elements", 20)},
    {"no register count", 4, ONE "20 #0 00", PAST("number of registers", 19)},
    {"no case count", 4, ONE "12 #0 00", PAST("number of cases", 19)},
    {"no pattern", 4, ONE "12 #0 #1 03 #1 05 00", PAST("pattern tag", 29)},
    {"no pattern count", 4, MATCH "03 #1 03 00 00", PAST("number of patterns", 29)},
    {"no pattern inside", 4, MATCH "03 #2 03 #0 ", PAST("pattern", 33)},
    {"no case offset", 4, MATCH "01 03 \"\"", PAST("jump offset", 29)},
    {"no kind of property", 4, ONE "1F #0 #1 \"ab\"", PAST("property kind", 29)},
    {"no property value", 4, INIT "01", PAST("value", 29)},
    {"no scope name", 5, ONE "23 #0 #0 #3 'ab'", PAST("scope name", 27)},
    {"no capture count", 5, ONE "23 #0 #0 \"s\" 00", PAST("number of captures", 28)},
    {"no capture name", 5, ONE "23 #0 #0 \"s\" #1 #9 'abcdefg'", PAST("capture name", 36)},
    {"no capture register", 5, ONE "23 #0 #0 \"s\" #1 \"abcd\" 00", PAST("register", 40)},
    {"no version", 4, "'IONBC' 01 00 00 01", PAST("version", 8)},
    {"no function count", 4, MULTI, PAST("number of functions", 12)},

    /* counts that the rest of the file cannot hold */
    {"too many functions", 4, MULTI "#2 " FUNCTION "#0",
     "t: k: offset 12: number of functions is 2, more than the rest of the file holds"},
    {"four billion functions", 4, MULTI "#4294967295 " FUNCTION "#0",
     "t: k: offset 12: number of functions is 4294967295, more than the rest of the file holds"},
    {"too many instructions", 4, FUNCTION "#3 13 13",
     "t: k: offset 10: number of instructions is 3, more than the rest of the file holds"},
    {"too many registers", 4, ONE "09 #0 #0 #2 #0",
     "t: k: offset 23: number of registers is 2, more than the rest of the file holds"},
    {"too many elements", 4, CONST "06 #4294967295" PADDING,
     "t: k: offset 20: number of elements is 4294967295, more than the rest of the file holds"},
    {"too many tuple elements", 4, CONST "0B #41" PADDING,
     "t: k: offset 20: number of elements is 41, more than the rest of the file holds"},
    {"too many properties", 4, CONST "07 #6" PADDING,
     "t: k: offset 20: number of properties is 6, more than the rest of the file holds"},
    {"too many properties of dialect 5", 5, CONST "07 #7" PADDING,
     "t: k: offset 20: number of properties is 7, more than the rest of the file holds"},
    {"too many cases", 4, ONE "12 #0 #9" PADDING,
     "t: k: offset 19: number of cases is 9, more than the rest of the file holds"},
    {"too many patterns", 4, MATCH "03 #41" PADDING,
     "t: k: offset 24: number of patterns is 41, more than the rest of the file holds"},
    {"too many array patterns", 4, MATCH "04 #41" PADDING,
     "t: k: offset 24: number of patterns is 41, more than the rest of the file holds"},
    {"too many arguments of OBJECT_INIT", 4, ONE "1F #0 #7" PADDING,
     "t: k: offset 19: number of properties is 7, more than the rest of the file holds"},
    {"too many captures", 5, ONE "23 #0 #0 \"\" #6" PADDING,
     "t: k: offset 27: number of captures is 6, more than the rest of the file holds"},

    /* bytes that mean nothing */
    {"has_name", 4, "02 #0 #0 00 #0", "t: k: offset 0: has_name is 2, not in 0..1"},
    {"kind", 4, "00 #0 #0 02 #0", "t: k: offset 9: function kind is 2, not in 0..1"},
    {"opcode 00", 4, ONE "00", "t: k: offset 14: unknown opcode 00"},
    {"opcode 24", 5, ONE "24", "t: k: offset 14: unknown opcode 24"},
    {"opcode of dialect 3 in 2", 2, ONE "15 #0 #0 #0", "t: k: offset 14: dialect 2 has no opcode 15"},
    {"opcode of dialect 4 in 3", 3, ONE "20 #0 #0", "t: k: offset 14: dialect 3 has no opcode 20"},
    {"opcode of dialect 5 in 4", 4, ONE "22 #0 #0", "t: k: offset 14: dialect 4 has no opcode 22"},
    {"value tag 00", 4, CONST "00", "t: k: offset 19: unknown value tag 00"},
    {"value tag 0C", 5, CONST "0C", "t: k: offset 19: unknown value tag 0c"},
    {"value tag of dialect 3 in 2", 2, CONST "0A =1 =2", "t: k: offset 19: unknown value tag 0a"},
    {"boolean", 4, CONST "02 02", "t: k: offset 20: boolean is 2, not in 0..1"},
    {"writable flag", 4, CONST "07 #1 \"k\" 04 02 00 00", "t: k: offset 30: writable flag is 2, not in 0..1"},
    {"enumerable flag", 4, CONST "07 #1 \"k\" 04 00 02 00", "t: k: offset 31: enumerable flag is 2, not in 0..1"},
    {"configurable flag", 4, CONST "07 #1 \"k\" 04 00 00 02", "t: k: offset 32: configurable flag is 2, not in 0..1"},
    {"access byte", 5, CONST "07 #1 \"k\" 04 04", "t: k: offset 30: access byte is 4, not in 0..3"},
    {"property kind", 4, INIT "04 #0", "t: k: offset 28: property kind is 4, not in 0..3"},
    {"flags of a register", 4, INIT "02 #0 01 01 03", "t: k: offset 35: configurable flag is 3, not in 0..1"},
    {"flags of a value", 5, INIT "03 04 FF", "t: k: offset 30: access byte is 255, not in 0..3"},
    {"pattern 00", 4, MATCH "00 #0", "t: k: offset 23: unknown pattern kind 00"},
    {"pattern 06", 4, MATCH "06 #0", "t: k: offset 23: unknown pattern kind 06"},

    /* text */
    {"name not UTF-8", 4, "01 #3 61 62 FF #0 #0 00 #0", "t: k: offset 7: function name is not UTF-8"},
    {"native name not UTF-8", 4, "00 #0 #0 01 #1 80", "t: k: offset 14: native name is not UTF-8"},
    {"atom not UTF-8", 4, CONST "03 #2 C0 80", "t: k: offset 24: atom is not UTF-8"},
    {"string not UTF-8", 4, CONST "09 #4 61 ED A0 80", "t: k: offset 25: string is not UTF-8"},
    {"string beyond Unicode", 4, CONST "09 #4 F4 90 80 80", "t: k: offset 24: string is not UTF-8"},
    {"string with an overlong form", 4, CONST "09 #3 E0 9F BF", "t: k: offset 24: string is not UTF-8"},
    {"string cut in a character", 4, CONST "09 #2 E2 82", "t: k: offset 24: string is not UTF-8"},
    {"function reference not UTF-8", 4, CONST "08 #1 FF", "t: k: offset 24: function reference is not UTF-8"},
    {"property key not UTF-8", 4, CONST "07 #1 #1 FF 04 01 01 01", "t: k: offset 28: property key is not UTF-8"},
    {"OBJECT_INIT key not UTF-8", 4, ONE "1F #0 #1 #1 FF 00 #0", "t: k: offset 27: property key is not UTF-8"},
    {"pattern tag not UTF-8", 4, MATCH "05 #1 FF 02 #0", "t: k: offset 28: pattern tag is not UTF-8"},
    {"scope name not UTF-8", 5, ONE "23 #0 #0 #1 FF #0", "t: k: offset 27: scope name is not UTF-8"},
    {"capture name not UTF-8", 5, ONE "23 #0 #0 #0 #1 #1 FF #0", "t: k: offset 35: capture name is not UTF-8"},

    /* nesting */
    {"values 1000 deep", 4, CONST "999*(06 #1) 04", "read"},
    {"values 1001 deep", 4, CONST "1000*(06 #1) 04", "t: k: offset 5019: nested more than 1000 levels deep"},
    {"tuples 1001 deep", 4, CONST "1000*(0B #1) 04", "t: k: offset 5019: nested more than 1000 levels deep"},
    {"objects 1001 deep", 5, CONST "1000*(07 #1 \"\") 04 1000*(00)",
     "t: k: offset 9019: nested more than 1000 levels deep"},
    {"patterns 1000 deep", 4, MATCH "999*(03 #1) 02 #0", "read"},
    {"patterns 1001 deep", 4, MATCH "1000*(04 #1) 02 #0", "t: k: offset 5023: nested more than 1000 levels deep"},
    {"tagged patterns 1001 deep", 4, MATCH "1000*(05 \"\") 02 #0",
     "t: k: offset 5023: nested more than 1000 levels deep"},
    {"values in patterns 1001 deep", 4, MATCH "500*(03 #1) 01 500*(06 #1) 04 #0",
     "t: k: offset 5019: nested more than 1000 levels deep"},

    /* files */
    {"magic of another version", 4, "'IONBC' 02 00 00 #1 #0", "t: k: offset 5: IONBC is not followed by 01 00 00"},
    {"version", 4, "'IONBC' 01 00 00 #2 #0", "t: k: offset 8: version 2 is not known"},
    {"a byte too many", 4, FUNCTION "#0 00", "t: k: offset 14: 1 bytes behind the end of the class"},
    {"bytes too many", 4, MULTI "#1 " FUNCTION "#0 'ION'", "t: k: offset 30: 3 bytes behind the end of the class"},
    {"bare code", 0, MULTI "#1 0A #0", "t: k: bare code without a function can only be disassembled"},

    /* the verifier */
    {"65536 registers", 4, "00 #65535 #1 00 #0", "read"},
    {"65537 registers", 4, "00 #65535 #2 00 #0", "t: k: offset 0: function 0: 65537 registers, the most is 65536"},
    {"registers beyond 32 bits", 4, "00 #4294967295 #4294967295 00 #0",
     "t: k: offset 0: function 0: 8589934590 registers, the most is 65536"},
    {"registers of a native function", 4, MULTI "#2 " FUNCTION "#0 00 #70000 #0 01 \"Sqrt\"",
     "t: k: offset 30: function 1: 70000 registers, the most is 65536"},
    {"arity of dialect 1", 1, "00 #65521 00 #0", "t: k: offset 0: function 0: 65537 registers, the most is 65536"},
    {"written register", 4, ONE "10 #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"read register", 4, ONE "0A #4294967295",
     "t: k: offset 14: instruction 0: r4294967295 is beyond the 16 registers of the function"},
    {"third register", 4, "00 #0 #300 00 #2 13 03 #0 #1 #300",
     "t: k: offset 15: instruction 1: r300 is beyond the 300 registers of the function"},
    {"listed register", 4, ONE "09 #0 #0 #2 #15 #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"spawned register", 4, ONE "0E #0 #0 #1 #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"selected register", 4, ONE "20 #0 #1 #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"register in an array", 5, ONE "22 #0 #1 #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"matched register", 4, ONE "12 #256 #0",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"register of a property", 4, INIT "00 #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"register of a property with flags", 4, INIT "02 #256 01 01 01",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"captured register", 5, ONE "23 #0 #0 \"\" #1 \"\" #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"LINK's result", 4, ONE "11 #0 #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"LINK's process may be any number", 4, ONE "11 #70000 #0", "read"},
    {"LINK without a result", 3, ONE "11 #70000", "read"},
    {"jump before the start", 4, ONE "0B #-1", "t: k: offset 14: instruction 0: jump to -1, outside 0..1"},
    {"jump beyond the end", 4, ONE "0C #0 #2", "t: k: offset 14: instruction 0: jump to 2, outside 0..1"},
    {"jump far beyond the end", 4, FUNCTION "#2 14 0D #0 #2147483647",
     "t: k: offset 15: instruction 1: jump to 2147483648, outside 0..2"},
    {"jump to the end", 4, ONE "0B #1", "read"},
    {"case before the start", 4, MATCH "02 #-1", "t: k: offset 14: instruction 0: jump to -1, outside 0..1"},
    {"case beyond the end", 4, ONE "12 #0 #2 02 #1 02 #2", "t: k: offset 14: instruction 0: jump to 2, outside 0..1"},
};

/* A class that holds one of everything, for cutting. */
static const char whole[] =
    MULTI "#2 01 \"all\" #1 #9 00 #9 01 #0 07 #1 \"k\" 0B #2 01 =1.5 02 01 02  01 #1 06 #2 09 \"s\" 0A =1 =2"
          " 12 #0 #2 05 \"T\" 03 #2 02 04 #0 #1 01 08 \"f:g\" #2  1F #0 #2 \"a\" 02 #1 03 \"b\" 01 03 \"c\""
          " 23 #0 #1 \"s\" #1 \"x\" #2  22 #0 #2 #0 #1  09 #0 #1 #1 #2  0D #0 #-1  1E #0 #1 #2"
          " 00 #1 #0 01 \"Sqrt\"";

static void run(const class_case *k)
{
    options opt = options_default();
    opt.dialect = k->dialect;
    compilation *c = start(&opt);
    bool done = COMPILATION_TRY(c);
    if (done)
        class_read(c, "k", text_of("K"), bytes(c, k->file), ALL_DIALECTS, false);
    finish(c, k->name, done, k->want);
}

/* Whether the first `at` bytes of a class are one in any dialect; *n is how many it has. */
static bool reads_cut(uint32_t at, uint32_t *n)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done) {
        text file = bytes(c, whole);
        *n = file.n;
        file = (text){arena_string(c, file.s, at), at};
        class_read(c, "k", text_of("K"), file, ALL_DIALECTS, true);
    }
    compilation_free(c);
    return done;
}

static void cut(void)
{
    uint32_t n = UINT32_MAX, at = 0;
    while (at < n && !reads_cut(at, &n))
        at++;
    report("every beginning of a class is refused", at == n, "a class");
}

void class_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run(&cases[i]);
    run(&(class_case){"one of everything", 5, whole, "read"});
    cut();
}

/* pack.h: packages, from the archive to all that a program depends on; one section a file. */
#ifndef IONC_PACK_H
#define IONC_PACK_H

#include "base.h"

/* ---- package.c: the ZIP archive (the one user of libzip) ---------------------------------------------------------- */

typedef struct entry {
    const char *name;
    text data;
} entry;

typedef struct package {
    const char *path;
    entry *entries;
    uint32_t n;
} package;

/* Reads all entries of an archive, refusing what docs/container.md says is refused. Files only, no folders. */
package *package_read(compilation *c, const char *path);
/* The same for an archive in memory; `path` is for messages, `data` is borrowed while reading. */
package *package_read_memory(compilation *c, const char *path, text data);
/* How messages name an entry (NULL: the archive itself): with the package's path where that is not c->input. */
const char *package_place(compilation *c, const package *p, const char *name);
/* Writes an archive: stored entries, fixed times, in the order given; the same input gives the same bytes. */
void package_write(compilation *c, const package *p, const char *path);
text package_bytes(compilation *c, const package *p);              /* the same archive, in memory */
const entry *package_find(const package *p, const char *name);     /* NULL if there is none */

/* ---- manifest.c --------------------------------------------------------------------------------------------------- */

typedef struct manifest {
    const char *pack_version;       /* NULL where missing */
    const char *name, *version;
    const char *main_class;         /* NULL where missing, as all below */
    const char *entry_point;
    const char *description, *author, *dependencies, *ffi_libraries, *exports;
} manifest;

/* Parses META-INF/MANIFEST.ion; fails on a line without a colon, a missing Name or Version, a wrong version. */
manifest *manifest_parse(compilation *c, const package *p);

/* ---- semver.c: versions and ranges -------------------------------------------------------------------------------- */

typedef struct version {
    uint64_t part[3];
    const char *pre;                /* what follows a `-`; "" if nothing does */
} version;
/* Reads n bytes that are a version; false if they are something else. */
bool version_parse(compilation *c, const char *s, size_t n, version *v);
int version_compare(const version *a, const version *b);

typedef struct interval {
    version low, high, named;       /* named: as it was written */
    bool has_low, has_high;
    bool low_out, high_out;         /* the ends do not belong to it */
} interval;
typedef struct range {              /* what is in all of them; none: every version */
    interval *list;
    uint32_t n, cap;
} range;
bool range_operator(const char *s);                                /* whether a piece begins with one: < > ^ ~ */
bool range_add(compilation *c, range *r, const char *s, size_t n); /* one piece; false if it is none */
bool range_has(const range *r, const version *v);

/* ---- depend.c: the manifest's Dependencies ------------------------------------------------------------------------ */

typedef struct requirement {
    const char *name;
    const char *text;               /* as it was written, without white space */
    range range;
} requirement;
/* What a package says that it needs; `where` is for messages. */
requirement *requirements_read(compilation *c, const manifest *m, const char *where, uint32_t *n);
/* Whether packages that others depend on can be called so: it is part of file names. */
bool dependency_name(const char *s, size_t n);

/* ---- search.c: the packages of a name that there are --------------------------------------------------------------- */

/* The standard library is part of the runtime, but may be listed like a package. */
#define STANDARD_LIBRARY "std"
#define STANDARD_VERSION "1.0.0"

/* One package of a program, with all that resolve.c finds out. */
typedef struct pack {
    const char *name;
    const char *version;            /* as it is written where it was found */
    version v;
    const char *path;               /* NULL: the standard library, which is part of the runtime */
    const char *sum;                /* SHA-256 of the file, in hex; NULL: not asked for */
    const char *from;               /* NULL: a folder; else what to fetch it from, once it has been chosen */
    uint32_t place;                 /* the number of the folder */
    package *files;                 /* NULL: not read yet */
    const manifest *manifest;
    requirement *needs;
    uint32_t nneeds;
    /* set by resolve.c */
    uint32_t *uses;                 /* per requirement: the index of the package that meets it */
    /* set by link.c */
    struct class **classes;         /* NULL: not read yet */
    uint32_t nclasses;
    uint32_t first_class;           /* index in program.classes */
} pack;

/* Where packages are looked for, in order: the program's own folder, -L, $ION_PATH, the user's, the system's; then a
 * registry. */
typedef struct places {
    const char **folders;
    uint32_t n, cap;
    const char *registry;           /* an address; NULL: none */
    struct index *index;            /* what it holds, once somebody asked */
    bool sums;                      /* a sum is to be had of every package that is read */
} places;
places *places_find(compilation *c, const char *path);
const char *places_list(compilation *c, const places *p);  /* for messages */
/* All packages called `name`, best first: releases, then prereleases, from the highest version down. far: those of a registry
 * with an address, too. */
pack **search(compilation *c, places *p, const char *name, bool far, uint32_t *n);
/* Reads a package that was found, unless that has been done; fails where it is not what its file name says. */
void pack_read(compilation *c, const places *p, pack *k);
/* The program's own package. */
pack *pack_open(compilation *c, const char *path);
/* The user's own folder of packages; NULL without a home. */
const char *user_packages(compilation *c);

/* ---- fetch.c (the one user of libcurl) ------------------------------------------------------------------------------ */

/* What an address holds, or fails: with `most` bytes at most. */
text fetch(compilation *c, const char *address, uint64_t most);

/* ---- crypto.c (the one user of libsodium) --------------------------------------------------------------------------- */

enum { KEY_BYTES = 32, SIGNATURE_BYTES = 64 };
const char *hex_of(compilation *c, const unsigned char *bytes, size_t n);       /* in lower case */
bool hex_read(const char *hex, unsigned char *bytes, size_t n);                 /* exactly n bytes, in lower case */
/* SHA-256, as 64 hex digits. */
const char *sha256(compilation *c, text data);
/* Ed25519. A secret key is the 32 bytes that the key pair is made from. */
void key_make(compilation *c, unsigned char seed[KEY_BYTES]);
void key_public(const unsigned char seed[KEY_BYTES], unsigned char key[KEY_BYTES]);
void signature_make(const unsigned char seed[KEY_BYTES], text message, unsigned char signature[SIGNATURE_BYTES]);
bool signature_holds(const unsigned char key[KEY_BYTES], text message, const unsigned char signature[SIGNATURE_BYTES]);

/* ---- sign.c ---------------------------------------------------------------------------------------------------------- */

typedef struct signer {
    const char *key;                /* in hex */
    const char *name;               /* what the package says of it; "" if nothing */
} signer;
/* Who signed the package; fails where nobody did, or anything of it is not as it was signed. */
signer signature_check(compilation *c, const package *p);
/* Fails unless the package is signed by one of opt.keys, where that is set. */
void signature_require(compilation *c, const package *p);
/* Makes a key pair: `path` and `path.pub`. */
void keys_write(compilation *c, const char *path, const char *name);
/* Adds the certificate and the signature, in the place of those that there are. */
void package_sign(compilation *c, package *p, const char *key_path);

/* ---- lockfile.c: what was chosen, for later builds ------------------------------------------------------------------- */

typedef struct lock_row {
    const char *name, *version, *sum;
    version v;
} lock_row;
typedef struct lockfile {
    const char *path;
    lock_row *rows;
    uint32_t n;
} lockfile;
/* The lock of the program; NULL where there is none, or --update. */
lockfile *lockfile_read(compilation *c, const char *pack_path);
const lock_row *lockfile_find(const lockfile *l, const char *name);

/* ---- resolve.c: a package and all that it depends on ----------------------------------------------------------------- */

typedef struct packs {
    pack **list;                    /* list[0] is the program's own; each stands in front of those that it uses */
    uint32_t n;
} packs;
/* Fails where a package is missing, versions exclude each other, packages go round in a circle, or one that was chosen is
 * not signed as it has to be. */
packs *resolve(compilation *c, const char *path);
/* A package alone, as if it depended on nothing. */
packs *resolve_alone(compilation *c, package *files, const manifest *m);
/* --deps: the tree, a line a package. */
text packs_tree(compilation *c, const packs *all);
/* --lock: what was chosen; writes it where later builds look for it, or to `output`. */
void packs_lock(compilation *c, const packs *all, const char *output);

#endif

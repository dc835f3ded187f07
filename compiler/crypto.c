/* crypto.c: sums and signatures; the one user of libsodium. */
#include <sodium.h>

#include "ionc.h"

const char *sha256(compilation *c, text data)
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sum, (const unsigned char *)data.s, data.n);
    char *hex = arena_alloc(c, 2 * sizeof sum + 1);
    return sodium_bin2hex(hex, 2 * sizeof sum + 1, sum, sizeof sum);
}

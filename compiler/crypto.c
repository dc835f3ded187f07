/* crypto.c: sums and signatures; the one user of libsodium. */
#include <sodium.h>

#include "ionc.h"

_Static_assert(KEY_BYTES == crypto_sign_PUBLICKEYBYTES && KEY_BYTES == crypto_sign_SEEDBYTES, "keys of Ed25519");
_Static_assert(SIGNATURE_BYTES == crypto_sign_BYTES, "signatures of Ed25519");

/* Lets libsodium choose among its ways to compute. What can fail is only the random numbers, see key_make. */
static void prepare(void)
{
    if (sodium_init() < 0)
        return;
}

const char *hex_of(compilation *c, const unsigned char *bytes, size_t n)
{
    char *hex = arena_alloc(c, 2 * n + 1);
    return sodium_bin2hex(hex, 2 * n + 1, bytes, n);
}

bool hex_read(const char *hex, unsigned char *bytes, size_t n)
{
    size_t len = 0;
    if (strlen(hex) != 2 * n || strspn(hex, "0123456789abcdef") != 2 * n)
        return false;
    return sodium_hex2bin(bytes, n, hex, 2 * n, NULL, &len, NULL) == 0 && len == n;
}

const char *sha256(compilation *c, text data)
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sum, (const unsigned char *)data.s, data.n);
    return hex_of(c, sum, sizeof sum);
}

void key_make(compilation *c, unsigned char seed[KEY_BYTES])
{
    if (sodium_init() < 0)
        fail(c, NULL, NO_OFFSET, "the system gives no random numbers");
    randombytes_buf(seed, KEY_BYTES);
}

void key_public(const unsigned char seed[KEY_BYTES], unsigned char key[KEY_BYTES])
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    prepare();
    crypto_sign_seed_keypair(key, secret, seed);
    sodium_memzero(secret, sizeof secret);
}

void signature_make(const unsigned char seed[KEY_BYTES], text message, unsigned char signature[SIGNATURE_BYTES])
{
    unsigned char key[KEY_BYTES], secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(key, secret, seed);
    crypto_sign_detached(signature, NULL, (const unsigned char *)message.s, message.n, secret);
    sodium_memzero(secret, sizeof secret);
}

bool signature_holds(const unsigned char key[KEY_BYTES], text message, const unsigned char signature[SIGNATURE_BYTES])
{
    prepare();
    return crypto_sign_verify_detached(signature, (const unsigned char *)message.s, message.n, key) == 0;
}

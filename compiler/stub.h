/* stub.h: how native.c appends a program to the stub, and the stub finds it. */
#ifndef IONC_STUB_H
#define IONC_STUB_H
#define STUB_MAGIC   "IONSTUB1" /* 8 bytes */
#define STUB_TRAILER 16        /* length of the C in front of the trailer, magic */
#endif

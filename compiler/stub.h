/* stub.h: how native.c appends a program to the stub, and the stub finds it. */
#ifndef IONC_STUB_H
#define IONC_STUB_H
#define STUB_MAGIC   "IONSTUB2" /* 8 bytes */
#define STUB_TRAILER 24        /* lengths of what is carried and of the C, in front of the trailer; magic */
#endif

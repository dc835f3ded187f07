/* messages.h: the texts of messages.def as constants MSG_…, fit for printf. */
#ifndef ION_MESSAGES_H
#define ION_MESSAGES_H
#define ION_MSG(NAME, text) static const char MSG_##NAME[] __attribute__((unused)) = text;
#include "ion/messages.def"
#undef ION_MSG
#endif

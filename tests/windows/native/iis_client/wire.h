/* Owns the FastCGI record format: numbers, headers, name-value pairs, and a byte buffer that grows.

   Does not own what is said in which order. Source: FastCGI specification 1.0, sections 3.3, 3.4 and 8.
   Written apart from the project's own protocol code, so that one's mistake cannot hide in the other. */

#ifndef WIRE_H
#define WIRE_H

#include <stddef.h>

enum {
    RECORD_BEGIN_REQUEST = 1,
    RECORD_END_REQUEST = 3,
    RECORD_PARAMS = 4,
    RECORD_STDIN = 5,
    RECORD_STDOUT = 6,
    RECORD_STDERR = 7
};

enum { ROLE_RESPONDER = 1, FLAG_KEEP_CONNECTION = 1, HEADER_BYTES = 8 };

typedef struct {
    unsigned char *bytes;
    size_t length;
    size_t room;
} Buffer;

void buffer_add(Buffer *buffer, const void *bytes, size_t length);
void buffer_clear(Buffer *buffer);
void buffer_free(Buffer *buffer);

/* One record; content and padding must fit their fields. */
void record_add(Buffer *out, int type, unsigned id, const void *content, size_t length, unsigned padding);

/* One name-value pair, each length in one byte up to 127, else in four. */
void pair_add(Buffer *out, const char *name, size_t name_length, const char *value, size_t value_length);

#endif

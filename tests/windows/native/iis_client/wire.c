/* Owns encoding of FastCGI records; see wire.h. */

#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_add(Buffer *buffer, const void *bytes, size_t length)
{
    if (buffer->length + length > buffer->room) {
        size_t room = buffer->room ? buffer->room : 4096;
        while (room < buffer->length + length)
            room *= 2;
        buffer->bytes = realloc(buffer->bytes, room);
        if (!buffer->bytes) {
            fprintf(stderr, "iis_client: out of memory: %zu bytes\n", room);
            exit(2);
        }
        buffer->room = room;
    }
    if (length)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

void buffer_clear(Buffer *buffer)
{
    buffer->length = 0;
}

void buffer_free(Buffer *buffer)
{
    free(buffer->bytes);
    memset(buffer, 0, sizeof *buffer);
}

void record_add(Buffer *out, int type, unsigned id, const void *content, size_t length, unsigned padding)
{
    static const unsigned char zeros[255];
    unsigned char header[HEADER_BYTES] = {1, (unsigned char)type, (unsigned char)(id >> 8), (unsigned char)id,
                                          (unsigned char)(length >> 8), (unsigned char)length,
                                          (unsigned char)padding, 0};
    buffer_add(out, header, sizeof header);
    buffer_add(out, content, length);
    buffer_add(out, zeros, padding);
}

static void length_add(Buffer *out, size_t length)
{
    unsigned char bytes[4] = {(unsigned char)(length >> 24 | 0x80), (unsigned char)(length >> 16),
                              (unsigned char)(length >> 8), (unsigned char)length};
    if (length <= 127)
        buffer_add(out, bytes + 3, 1);
    else
        buffer_add(out, bytes, 4);
}

void pair_add(Buffer *out, const char *name, size_t name_length, const char *value, size_t value_length)
{
    length_add(out, name_length);
    length_add(out, value_length);
    buffer_add(out, name, name_length);
    buffer_add(out, value, value_length);
}

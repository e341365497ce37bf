/* Owns reading responses; see response.h. */

#include "response.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No honest CGI head is longer. */
enum { HEAD_BYTES_MAX = 256 * 1024 };

/* Keeps the first fault; the others follow from it. */
static void fault(Response *response, const char *format, ...)
{
    va_list values;
    if (*response->fault)
        return;
    va_start(values, format);
    vsnprintf(response->fault, sizeof response->fault, format, values);
    va_end(values);
}

void response_begin(Response *response, const Request *request, const Expected *expected)
{
    response->request = request;
    response->expected = expected;
    response->header_length = 0;
    response->content_left = response->padding_left = 0;
    buffer_clear(&response->end);
    buffer_clear(&response->head);
    response->head_is_whole = response->stdout_is_closed = response->has_ended = response->is_broken = 0;
    response->body_length = 0;
    *response->fault = 0;
}

void response_free(Response *response)
{
    buffer_free(&response->end);
    buffer_free(&response->head);
}

static void compare(Response *response, const unsigned char *bytes, const void *right, size_t length)
{
    if (memcmp(bytes, right, length))
        fault(response, "the response body differs within the %zu bytes from %zu", length, response->body_length);
}

static void take_body(Response *response, const unsigned char *bytes, size_t length)
{
    const Expected *expected = response->expected;
    size_t at = response->body_length;
    if (expected->settings->expect_echo) {
        for (size_t done = 0, piece; done < length; done += piece) {
            piece = length - done;
            const unsigned char *right = body_pattern(response->request->body_start + at + done, &piece);
            compare(response, bytes + done, right, piece);
        }
    } else if (expected->settings->expect_text || expected->settings->expect_file) {
        if (at + length > expected->body.length)
            fault(response, "the response body is longer than %zu bytes: %.*s", expected->body.length,
                  (int)(length < 80 ? length : 80), (const char *)bytes);
        else
            compare(response, bytes, expected->body.bytes + at, length);
    }
    response->body_length += length;
}

/* Where the body begins after the blank line, or 0. */
static size_t head_end(const Buffer *head)
{
    for (size_t i = 0; i + 1 < head->length; i++) {
        if (head->bytes[i] != '\n')
            continue;
        if (head->bytes[i + 1] == '\n')
            return i + 2;
        if (i + 2 < head->length && head->bytes[i + 1] == '\r' && head->bytes[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

static void take_stdout(Response *response, const unsigned char *bytes, size_t length)
{
    size_t body_start;
    if (response->expected->settings->strict && response->stdout_is_closed)
        fault(response, "STDOUT after STDOUT was closed");
    if (response->head_is_whole) {
        take_body(response, bytes, length);
        return;
    }
    buffer_add(&response->head, bytes, length);
    body_start = head_end(&response->head);
    if (body_start) {
        size_t rest = response->head.length - body_start;
        response->head_is_whole = 1;
        response->head.length = body_start;
        take_body(response, response->head.bytes + body_start, rest);
    } else if (response->head.length > HEAD_BYTES_MAX) {
        fault(response, "no blank line within the first %zu bytes", response->head.length);
        response->head_is_whole = 1;
    }
}

static void take_content(Response *response, const unsigned char *bytes, size_t length)
{
    switch (response->header[1]) {
    case RECORD_STDOUT:
        take_stdout(response, bytes, length);
        break;
    case RECORD_STDERR:
        fault(response, "STDERR: %.*s", (int)(length < 180 ? length : 180), (const char *)bytes);
        break;
    default:
        buffer_add(&response->end, bytes, length);
    }
}

static void begin_record(Response *response)
{
    const unsigned char *header = response->header;
    unsigned id = header[2] << 8 | header[3];
    response->content_left = header[4] << 8 | header[5];
    response->padding_left = header[6];
    if (header[0] != 1)
        fault(response, "version %d instead of 1: not FastCGI", header[0]);
    response->is_broken |= header[0] != 1;
    if (id != response->request->id)
        fault(response, "record of type %d for request %u instead of %u", header[1], id, response->request->id);
    if (header[1] != RECORD_STDOUT && header[1] != RECORD_STDERR && header[1] != RECORD_END_REQUEST)
        fault(response, "an application sends no record of type %d", header[1]);
    if (header[1] == RECORD_STDOUT && !response->content_left) {
        if (response->expected->settings->strict && response->stdout_is_closed)
            fault(response, "STDOUT was closed twice");
        response->stdout_is_closed = 1;
    }
}

static void end_record(Response *response)
{
    const unsigned char *end = response->end.bytes;
    if (response->header[1] != RECORD_END_REQUEST)
        return;
    response->has_ended = 1;
    if (response->end.length != 8)
        fault(response, "END_REQUEST of %zu bytes", response->end.length);
    else if (end[0] | end[1] | end[2] | end[3] | end[4])
        fault(response, "appStatus %u, protocolStatus %d",
              (unsigned)end[0] << 24 | end[1] << 16 | end[2] << 8 | end[3], end[4]);
    if (response->expected->settings->strict && !response->stdout_is_closed)
        fault(response, "END_REQUEST before STDOUT was closed");
}

void response_feed(Response *response, const unsigned char *bytes, size_t length)
{
    while (length) {
        size_t piece;
        if (response->has_ended) {
            fault(response, "%zu bytes after END_REQUEST", length);
            return;
        }
        if (response->header_length < HEADER_BYTES) {
            piece = HEADER_BYTES - response->header_length;
            piece = piece < length ? piece : length;
            memcpy(response->header + response->header_length, bytes, piece);
            response->header_length += (int)piece;
            if (response->header_length == HEADER_BYTES)
                begin_record(response);
        } else if (response->content_left) {
            piece = response->content_left < length ? response->content_left : length;
            take_content(response, bytes, piece);
            response->content_left -= piece;
        } else {
            piece = response->padding_left < length ? response->padding_left : length;
            response->padding_left -= piece;
        }
        bytes += piece;
        length -= piece;
        if (response->header_length == HEADER_BYTES && !response->content_left && !response->padding_left) {
            end_record(response);
            response->header_length = 0;
        }
    }
}

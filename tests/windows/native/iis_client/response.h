/* Owns reading a response record by record, and judging whether it is the right one.

   Does not own the pipe. Nothing wrong is forgiven: what a real IIS might let pass is told here. */

#ifndef RESPONSE_H
#define RESPONSE_H

#include "request.h"
#include "settings.h"
#include "wire.h"

enum { SEEN_VALUES_MAX = 64, SEEN_VALUE_BYTES = 128, FAULT_BYTES = 240 };

/* The values that a collected header had, and how often. */
typedef struct {
    char name[SEEN_VALUE_BYTES];
    char values[SEEN_VALUES_MAX][SEEN_VALUE_BYTES];
    int counts[SEEN_VALUES_MAX];
    int length;
} Seen;

/* What is expected of every response of an instance. */
typedef struct {
    const Settings *settings;
    /* The body, from --expect-text or --expect-file. */
    Buffer body;
    char *token_header;
    Seen *seen;
} Expected;

typedef struct {
    const Request *request;
    const Expected *expected;
    /* The record being read. */
    unsigned char header[HEADER_BYTES];
    int header_length;
    size_t content_left, padding_left;
    Buffer end;
    /* The CGI head, until its blank line, and the body after it. */
    Buffer head;
    int head_is_whole;
    size_t body_length;
    int stdout_is_closed, has_ended;
    /* Not FastCGI: no use reading on. */
    int is_broken;
    /* Empty while nothing is wrong. */
    char fault[FAULT_BYTES];
} Response;

void expected_make(Expected *expected, const Settings *settings);

void response_begin(Response *response, const Request *request, const Expected *expected);

/* Takes bytes from the pipe, in whatever pieces. */
void response_feed(Response *response, const unsigned char *bytes, size_t length);

/* After END_REQUEST: checks the whole, and counts collected headers. */
void response_judge(Response *response);

void response_free(Response *response);

#endif

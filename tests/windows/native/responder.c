/* Owns the yardstick: the least that a FastCGI application on an inherited pipe can do, in the fewest calls.

   Answers /hello with 13 bytes, /large with 64 KiB of 'x', and any request with a body with that body's length.
   One read and one write for a small request; no checks, no threads but the one for the shutdown event.
   Does not own correctness: what it cannot read, it does not answer. */

#include "pipe_responder.h"

static unsigned long long body_length;
static char large[LARGE_BYTES];

/* The value of SCRIPT_NAME begins with the word. */
static int is_path(const char *word)
{
    for (size_t at = 0; at < params_length;) {
        size_t name = take_length(&at), value = take_length(&at);
        if (name == 11 && !memcmp(params + at, "SCRIPT_NAME", 11))
            return value >= strlen(word) && !memcmp(params + at + 11, word, strlen(word));
        at += name + value;
    }
    return 0;
}

static int send_body(const unsigned char id[2], const char *body, size_t length)
{
    static char whole[LARGE_BYTES + 256];
    size_t head = sprintf(whole, "Content-Type: text/plain\r\nContent-Length: %u\r\n\r\n", (unsigned)length);
    memcpy(whole + head, body, length);
    return send_answer(id, whole, head + length);
}

static int answer(const unsigned char id[2])
{
    static char counted[32];
    if (body_length)
        return send_body(id, counted, sprintf(counted, "%llu", body_length));
    return is_path("/large") ? send_body(id, large, sizeof large) : send_body(id, "Hello, world!", 13);
}

static int take_record(const unsigned char *header, const unsigned char *content, size_t length)
{
    switch (header[1]) {
    case BEGIN_REQUEST:
        params_length = 0;
        body_length = 0;
        return 1;
    case PARAMS:
        if (params_length + length > sizeof params)
            return 0;
        memcpy(params + params_length, content, length);
        params_length += length;
        return 1;
    case STDIN:
        body_length += length;
        return length || answer(header + 2);
    }
    return 1;
}

int main(void)
{
    memset(large, 'x', sizeof large);
    serve();
    return 0;
}

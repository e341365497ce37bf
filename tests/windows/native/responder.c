/* Owns the yardstick: the least that a FastCGI application on an inherited pipe can do, in the fewest calls.

   Answers /hello with 13 bytes, /large with 64 KiB of 'x', and any request with a body with that body's length.
   One read and one write for a small request; no checks, no threads but the one for the shutdown event.
   Does not own correctness: what it cannot read, it does not answer. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };
enum { LARGE_BYTES = 64 * 1024, RECORD_MAX = 65528 };

static HANDLE standard_input;
static unsigned char input[128 * 1024], params[64 * 1024], output[LARGE_BYTES + 4096];
static size_t input_length, params_length, output_length;
static unsigned long long body_length;
static char large[LARGE_BYTES];

static DWORD WINAPI end_on_signal(void *event)
{
    WaitForSingleObject(event, INFINITE);
    ExitProcess(0);
}

/* As IIS may inherit a pipe that nobody has opened yet. */
static void await_client(void)
{
    OVERLAPPED connecting = {0};
    DWORD nothing;
    connecting.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!ConnectNamedPipe(standard_input, &connecting) && GetLastError() == ERROR_IO_PENDING)
        GetOverlappedResult(standard_input, &connecting, &nothing, TRUE);
    CloseHandle(connecting.hEvent);
}

static void add_record(int type, const unsigned char id[2], const void *content, size_t length)
{
    unsigned char *header = output + output_length;
    header[0] = 1;
    header[1] = (unsigned char)type;
    header[2] = id[0];
    header[3] = id[1];
    header[4] = (unsigned char)(length >> 8);
    header[5] = (unsigned char)length;
    header[6] = header[7] = 0;
    memcpy(header + 8, content, length);
    output_length += 8 + length;
}

static void add_body(const unsigned char id[2], const char *body, size_t length)
{
    static char whole[LARGE_BYTES + 256];
    size_t head = sprintf(whole, "Content-Type: text/plain\r\nContent-Length: %u\r\n\r\n", (unsigned)length);
    memcpy(whole + head, body, length);
    for (size_t at = 0, piece, end = head + length; at < end; at += piece) {
        piece = end - at < RECORD_MAX ? end - at : RECORD_MAX;
        add_record(STDOUT, id, whole + at, piece);
    }
}

/* The value of SCRIPT_NAME begins with the word. */
static int is_path(const char *word)
{
    size_t at = 0;
    while (at < params_length) {
        size_t lengths[2];
        for (int i = 0; i < 2; i++) {
            lengths[i] = params[at++];
            if (lengths[i] & 0x80) {
                lengths[i] = (lengths[i] & 0x7f) << 24 | params[at] << 16 | params[at + 1] << 8 | params[at + 2];
                at += 3;
            }
        }
        if (lengths[0] == 11 && !memcmp(params + at, "SCRIPT_NAME", 11))
            return lengths[1] >= strlen(word) && !memcmp(params + at + 11, word, strlen(word));
        at += lengths[0] + lengths[1];
    }
    return 0;
}

static int answer(const unsigned char id[2])
{
    static char counted[32];
    DWORD written;
    output_length = 0;
    if (body_length) {
        add_body(id, counted, sprintf(counted, "%llu", body_length));
    } else if (is_path("/large")) {
        add_body(id, large, sizeof large);
    } else {
        add_body(id, "Hello, world!", 13);
    }
    add_record(STDOUT, id, "", 0);
    add_record(END_REQUEST, id, "\0\0\0\0\0\0\0", 8);
    return WriteFile(standard_input, output, (DWORD)output_length, &written, NULL);
}

/* False: the pipe is broken. */
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
    const char *event = getenv("_FCGI_SHUTDOWN_EVENT_");
    DWORD moved;
    memset(large, 'x', sizeof large);
    standard_input = GetStdHandle(STD_INPUT_HANDLE);
    if (event)
        CreateThread(NULL, 0, end_on_signal, (HANDLE)(ULONG_PTR)strtoul(event, NULL, 10), 0, NULL);
    await_client();
    while (ReadFile(standard_input, input + input_length, sizeof input - (DWORD)input_length, &moved, NULL) && moved) {
        size_t at = 0;
        input_length += moved;
        while (input_length - at >= 8) {
            size_t length = input[at + 4] << 8 | input[at + 5], whole = 8 + length + input[at + 6];
            if (input_length - at < whole)
                break;
            if (!take_record(input + at, input + at + 8, length))
                return 0;
            at += whole;
        }
        memmove(input, input + at, input_length - at);
        input_length -= at;
    }
    return 0;
}

/* Owns what both responders have of FastCGI on an inherited pipe: records in and out, the client awaited, the end told.

   Does not own what is answered: who includes this has `take_record`. A sane client only. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { BEGIN_REQUEST = 1, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };
enum { LARGE_BYTES = 64 * 1024, RECORD_MAX = 65528, HEAD_BYTES = 8192 };

static HANDLE standard_input;
static unsigned char input[128 * 1024], params[64 * 1024], output[LARGE_BYTES + HEAD_BYTES];
static size_t input_length, params_length, output_length;

/* False: the pipe is broken, or the request is more than this one takes. */
static int take_record(const unsigned char *header, const unsigned char *content, size_t length);

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

/* Head and body as records of the standard output, and the request's end, in one write. */
static int send_answer(const unsigned char id[2], const char *whole, size_t length)
{
    DWORD written;
    output_length = 0;
    for (size_t at = 0, piece; at < length; at += piece) {
        piece = length - at < RECORD_MAX ? length - at : RECORD_MAX;
        add_record(STDOUT, id, whole + at, piece);
    }
    add_record(STDOUT, id, "", 0);
    add_record(END_REQUEST, id, "\0\0\0\0\0\0\0", 8);
    return WriteFile(standard_input, output, (DWORD)output_length, &written, NULL);
}

/* The length of a name or value; the place moves behind it. */
static size_t take_length(size_t *at)
{
    size_t length = params[(*at)++];
    if (length & 0x80) {
        length = (length & 0x7f) << 24 | params[*at] << 16 | params[*at + 1] << 8 | params[*at + 2];
        *at += 3;
    }
    return length;
}

/* Until the web server closes the pipe, or says by its event that all shall end. */
static void serve(void)
{
    const char *event = getenv("_FCGI_SHUTDOWN_EVENT_");
    DWORD moved;
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
                return;
            at += whole;
        }
        memmove(input, input + at, input_length - at);
        input_length -= at;
    }
}

/* Owns the pipe of an instance and moving bytes through it, both directions at once, with a deadline.

   Does not own what the bytes mean, nor who has the other end. */

#ifndef CHANNEL_H
#define CHANNEL_H

#include <windows.h>

#include "request.h"
#include "response.h"
#include "settings.h"

typedef struct {
    wchar_t name[80];
    /* The end that the started process inherits; closed here once it has. */
    HANDLE server;
    HANDLE client;
    OVERLAPPED reading, writing;
    int is_reading, is_writing;
    unsigned char read_bytes[64 * 1024];
} Channel;

/* Makes the server end, and opens the client end if that comes before the start. False: GetLastError. */
int channel_make(Channel *channel, const Settings *settings);

int channel_connect(Channel *channel);

/* Lets go of the server end, which the started process has by now. */
void channel_give(Channel *channel);

void channel_close(Channel *channel);

typedef enum { EXCHANGE_WHOLE, EXCHANGE_PAUSED, EXCHANGE_LOST } ExchangeEnd;

/* A request on its way. */
typedef struct {
    Channel *channel;
    /* Its end in mid-request means that the request is lost, as IIS has it. */
    HANDLE process;
    const Settings *settings;
    const Request *request;
    Response *response;
    size_t sent;
} Exchange;

/* Goes on until what the stage says has happened: so much is sent and nothing more, or a response has begun.
   Then it can be called again; with STAGE_WHOLE it goes on until the response is whole. */
ExchangeEnd exchange_run(Exchange *exchange, int stage);

#endif

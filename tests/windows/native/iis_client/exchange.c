/* Owns one request and its response on the pipe; see channel.h. */

#include "channel.h"

#include <stdio.h>

static ExchangeEnd lost(Exchange *exchange, const char *what, DWORD number)
{
    char *fault = exchange->response->fault;
    if (!*fault)
        snprintf(fault, FAULT_BYTES, "%s: %lu; %zu of %zu bytes sent, %zu of the body received", what, number,
                 exchange->sent, exchange->request->bytes.length, exchange->response->body_length);
    return EXCHANGE_LOST;
}

/* 1: done, 0: pending, -1: failed. */
static int outcome(BOOL is_done)
{
    return is_done ? 1 : GetLastError() == ERROR_IO_PENDING ? 0 : -1;
}

/* Takes the result of a read that is done. */
static int take_read(Exchange *exchange)
{
    Channel *channel = exchange->channel;
    DWORD moved;
    channel->is_reading = 0;
    if (!GetOverlappedResult(channel->client, &channel->reading, &moved, FALSE))
        return 0;
    if (!moved && !*exchange->response->fault)
        snprintf(exchange->response->fault, FAULT_BYTES, "a read of 0 bytes: the application wrote nothing");
    response_feed(exchange->response, channel->read_bytes, moved);
    return 1;
}

static int take_write(Exchange *exchange)
{
    Channel *channel = exchange->channel;
    DWORD moved;
    channel->is_writing = 0;
    if (!GetOverlappedResult(channel->client, &channel->writing, &moved, FALSE))
        return 0;
    exchange->sent += moved;
    return 1;
}

/* False: the pipe is broken. */
static int go_on_writing(Exchange *exchange, size_t end)
{
    Channel *channel = exchange->channel;
    while (!channel->is_writing && exchange->sent < end) {
        size_t length = end - exchange->sent, most = exchange->settings->write_cut;
        int done = outcome(WriteFile(channel->client, exchange->request->bytes.bytes + exchange->sent,
                                     (DWORD)(length < most ? length : most), NULL, &channel->writing));
        channel->is_writing = 1;
        if (done < 0)
            channel->is_writing = 0;
        if (done < 0 || (done > 0 && !take_write(exchange)))
            return 0;
    }
    return 1;
}

static int go_on_reading(Exchange *exchange)
{
    Channel *channel = exchange->channel;
    int done;
    if (channel->is_reading)
        return 1;
    done = outcome(ReadFile(channel->client, channel->read_bytes, sizeof channel->read_bytes, NULL, &channel->reading));
    channel->is_reading = done >= 0;
    return done > 0 ? take_read(exchange) : done == 0;
}

/* Waits for whichever is first: bytes read, bytes written, the end of the process, the deadline. */
static ExchangeEnd wait(Exchange *exchange, ULONGLONG deadline)
{
    Channel *channel = exchange->channel;
    ULONGLONG now = GetTickCount64();
    HANDLE handles[3];
    DWORD count = 0, first, exit_code;
    if (channel->is_reading)
        handles[count++] = channel->reading.hEvent;
    if (channel->is_writing)
        handles[count++] = channel->writing.hEvent;
    handles[count++] = exchange->process;
    first = WaitForMultipleObjects(count, handles, FALSE, now < deadline ? (DWORD)(deadline - now) : 0);
    if (first >= count)
        return lost(exchange, "no response within milliseconds", exchange->settings->timeout_ms);
    if (handles[first] == exchange->process) {
        GetExitCodeProcess(exchange->process, &exit_code);
        return lost(exchange, "the process ended with a request in flight, exit code", exit_code);
    }
    if (handles[first] == channel->reading.hEvent ? !take_read(exchange) : !take_write(exchange))
        return lost(exchange, "the pipe broke, Windows error", GetLastError());
    return EXCHANGE_PAUSED;
}

/* What the stage asks for has happened. */
static int is_reached(const Exchange *exchange, int stage, size_t end)
{
    const Response *response = exchange->response;
    int is_sent = !exchange->channel->is_writing && exchange->sent == end;
    if (stage == STAGE_RESPONSE)
        return response->head.length || response->has_ended;
    return is_sent && (stage <= STAGE_SENT || response->has_ended);
}

ExchangeEnd exchange_run(Exchange *exchange, int stage)
{
    ULONGLONG deadline = GetTickCount64() + exchange->settings->timeout_ms;
    Channel *channel = exchange->channel;
    Response *response = exchange->response;
    size_t whole = exchange->request->bytes.length;
    size_t end = stage <= STAGE_SENT ? exchange->request->stages[stage] : whole;
    for (;;) {
        if (!go_on_writing(exchange, end))
            return lost(exchange, "the pipe broke in writing, Windows error", GetLastError());
        if (is_reached(exchange, stage, end))
            return stage == STAGE_WHOLE ? EXCHANGE_WHOLE : EXCHANGE_PAUSED;
        if (response->is_broken)
            return EXCHANGE_LOST;
        if (!response->has_ended && !(exchange->settings->read_after_write && exchange->sent < whole)) {
            int was_reading = channel->is_reading;
            if (!go_on_reading(exchange))
                return lost(exchange, "the pipe broke, Windows error", GetLastError());
            if (!was_reading && !channel->is_reading)
                continue;
        }
        if (wait(exchange, deadline) == EXCHANGE_LOST)
            return EXCHANGE_LOST;
    }
}

/* Owns making, opening and closing the pipe; see channel.h. */

#include "channel.h"

#include <rpc.h>
#include <stdlib.h>
#include <string.h>

int channel_make(Channel *channel, const Settings *settings)
{
    UUID id;
    RPC_WSTR text;
    DWORD mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE;
    memset(channel, 0, sizeof *channel);
    channel->client = INVALID_HANDLE_VALUE;
    UuidCreate(&id);
    UuidToStringW(&id, &text);
    swprintf(channel->name, sizeof channel->name / sizeof *channel->name, L"\\\\.\\pipe\\IISFCGI-%ls", (wchar_t *)text);
    RpcStringFreeW(&text);
    if (settings->pipe == PIPE_OVERLAPPED)
        mode |= FILE_FLAG_OVERLAPPED;
    channel->server = CreateNamedPipeW(channel->name, mode, PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT, 1,
                                       settings->pipe_buffer, settings->pipe_buffer, 0, NULL);
    channel->reading.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    channel->writing.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (channel->server == INVALID_HANDLE_VALUE)
        return 0;
    return settings->connect == CONNECT_AFTER || channel_connect(channel);
}

int channel_connect(Channel *channel)
{
    channel->client = CreateFileW(channel->name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                                  FILE_FLAG_OVERLAPPED, NULL);
    return channel->client != INVALID_HANDLE_VALUE;
}

void channel_give(Channel *channel)
{
    if (channel->server != INVALID_HANDLE_VALUE)
        CloseHandle(channel->server);
    channel->server = INVALID_HANDLE_VALUE;
}

/* The system must have done with our memory before it is used again. */
static void cancel(Channel *channel, OVERLAPPED *operation, int *is_pending)
{
    DWORD moved;
    if (!*is_pending)
        return;
    CancelIoEx(channel->client, operation);
    GetOverlappedResult(channel->client, operation, &moved, TRUE);
    *is_pending = 0;
}

void channel_close(Channel *channel)
{
    channel_give(channel);
    if (channel->client == INVALID_HANDLE_VALUE)
        return;
    cancel(channel, &channel->reading, &channel->is_reading);
    cancel(channel, &channel->writing, &channel->is_writing);
    CloseHandle(channel->client);
    channel->client = INVALID_HANDLE_VALUE;
}

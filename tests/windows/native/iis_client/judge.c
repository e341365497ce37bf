/* Owns whether a whole response is the expected one: status, headers, length. See response.h.

   Does not own the records, nor the body's bytes, which are compared as they come. */

#include "response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void expected_make(Expected *expected, const Settings *settings)
{
    memset(expected, 0, sizeof *expected);
    expected->settings = settings;
    if (settings->expect_text) {
        char *text = narrow(settings->expect_text, CODE_PAGE_UTF8);
        buffer_add(&expected->body, text, strlen(text));
    }
    if (settings->expect_file) {
        unsigned char piece[4096];
        size_t length;
        FILE *file = _wfopen(settings->expect_file, L"rb");
        if (!file) {
            fwprintf(stderr, L"iis_client: cannot read: %ls\n", settings->expect_file);
            exit(2);
        }
        while ((length = fread(piece, 1, sizeof piece, file)) > 0)
            buffer_add(&expected->body, piece, length);
        fclose(file);
    }
    if (settings->expect_token)
        expected->token_header = narrow(settings->expect_token, CODE_PAGE_UTF8);
    expected->seen = calloc(settings->collect.count + 1, sizeof *expected->seen);
    for (int i = 0; i < settings->collect.count; i++)
        snprintf(expected->seen[i].name, sizeof expected->seen[i].name, "%s",
                 narrow(settings->collect.words[i], CODE_PAGE_UTF8));
}

/* The value of a header, cut to the room; empty if it is missing. */
static void header_value(const Buffer *head, const char *name, char *value, size_t room)
{
    size_t name_length = strlen(name), at = 0;
    *value = 0;
    while (at < head->length) {
        const char *line = (const char *)head->bytes + at;
        const char *end = memchr(line, '\n', head->length - at);
        size_t length = end ? (size_t)(end - line) : head->length - at;
        at += length + 1;
        if (length && line[length - 1] == '\r')
            length--;
        if (length <= name_length || line[name_length] != ':' || _strnicmp(line, name, name_length))
            continue;
        line += name_length + 1;
        length -= name_length + 1;
        while (length && *line == ' ')
            line++, length--;
        snprintf(value, room, "%.*s", (int)length, line);
        return;
    }
}

static void count(Seen *seen, const char *value)
{
    int at = 0;
    while (at < seen->length && strcmp(seen->values[at], value))
        at++;
    if (at == SEEN_VALUES_MAX)
        at--;
    if (at == seen->length)
        snprintf(seen->values[seen->length++], SEEN_VALUE_BYTES, "%s",
                 at == SEEN_VALUES_MAX - 1 ? "(others)" : value);
    seen->counts[at]++;
}

static void judge_length(Response *response)
{
    const Settings *settings = response->expected->settings;
    size_t wanted = response->body_length;
    if (settings->expect_length >= 0)
        wanted = settings->expect_length;
    else if (settings->expect_echo)
        wanted = settings->body;
    else if (settings->expect_text || settings->expect_file)
        wanted = response->expected->body.length;
    if (response->body_length != wanted)
        snprintf(response->fault, sizeof response->fault, "a body of %zu bytes instead of %zu",
                 response->body_length, wanted);
}

void response_judge(Response *response)
{
    const Expected *expected = response->expected;
    char value[SEEN_VALUE_BYTES];
    int status;
    if (*response->fault)
        return;
    if (!response->head_is_whole) {
        snprintf(response->fault, sizeof response->fault, "no blank line ends the head: %.*s",
                 (int)(response->head.length < 160 ? response->head.length : 160), (char *)response->head.bytes);
        return;
    }
    header_value(&response->head, "Status", value, sizeof value);
    status = *value ? atoi(value) : 200;
    if (expected->settings->expect_status && status != expected->settings->expect_status)
        snprintf(response->fault, sizeof response->fault, "status %s", *value ? value : "200");
    else
        judge_length(response);
    if (!*response->fault && expected->token_header) {
        header_value(&response->head, expected->token_header, value, sizeof value);
        if (strcmp(value, response->request->token))
            snprintf(response->fault, sizeof response->fault, "the response to %s instead of %s", value,
                     response->request->token);
    }
    for (int i = 0; i < expected->settings->collect.count; i++) {
        header_value(&response->head, expected->seen[i].name, value, sizeof value);
        count(&expected->seen[i], value);
    }
}

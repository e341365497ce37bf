/* Owns the table of switches; see settings.h. */

#include "settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef enum { NUMBER, WORD, CHOICE, FLAG, LIST } Kind;

typedef struct {
    const wchar_t *name;
    Kind kind;
    size_t offset;
    /* For CHOICE: the words, by their number. */
    const wchar_t *choices[6];
    int number;
    const wchar_t *word;
    const wchar_t *help;
} Switch;

#define AT(field) offsetof(Settings, field)

static const Switch SWITCHES[] = {
    {L"--full-path", WORD, AT(full_path), {0}, 0, NULL, L"the program to start (IIS: fullPath)"},
    {L"--arguments", WORD, AT(arguments), {0}, 0, L"", L"its arguments, one string as IIS has them"},
    {L"--working-directory", WORD, AT(working_directory), {0}, 0, NULL, L"default: the program's folder"},
    {L"--site", WORD, AT(site), {0}, 0, L"C:\\inetpub\\wwwroot", L"the folder in APPL_PHYSICAL_PATH"},
    {L"--env", LIST, AT(environment), {0}, 0, NULL, L"NAME=VALUE for the started program"},
    {L"--instances", NUMBER, AT(instances), {0}, 1, NULL, L"processes, each with a thread of requests"},
    {L"--one-by-one", FLAG, AT(one_by_one), {0}, 0, NULL, L"start the next one after a first response"},
    {L"--pipe", CHOICE, AT(pipe), {L"overlapped", L"synchronous"}, 0, NULL, L"the inherited server end"},
    {L"--connect", CHOICE, AT(connect), {L"before", L"after"}, 0, NULL, L"the client end opens … the start"},
    {L"--connect-delay-ms", NUMBER, AT(connect_delay_ms), {0}, 0, NULL, L"pause between start and connect"},
    {L"--output", CHOICE, AT(output), {L"invalid", L"nul"}, 0, NULL, L"stdout and stderr: -1 or NUL"},
    {L"--pipe-buffer", NUMBER, AT(pipe_buffer), {0}, 4096, NULL, L"bytes of pipe buffer, each direction"},
    {L"--job", CHOICE, AT(job), {L"none", L"closed", L"breakaway"}, JOB_CLOSED, NULL,
     L"kill-on-close job, without or with JOB_OBJECT_LIMIT_BREAKAWAY_OK"},
    {L"--job-per-instance", FLAG, AT(job_per_instance), {0}, 0, NULL, L"not one job for all"},
    {L"--method", WORD, AT(method), {0}, 0, L"GET", L""},
    {L"--path", WORD, AT(path), {0}, 0, L"/", L"decoded, for SCRIPT_NAME and PATH_INFO"},
    {L"--query", WORD, AT(query), {0}, 0, L"", L"{token} becomes instance.number, as in each --var"},
    {L"--body", NUMBER, AT(body), {0}, 0, NULL, L"bytes of a generated request body"},
    {L"--code-page", CHOICE, AT(code_page), {L"ansi", L"utf8"}, 0, NULL, L"of server variables"},
    {L"--var", LIST, AT(variables), {0}, 0, NULL, L"NAME=VALUE: a server variable"},
    {L"--var-hex", LIST, AT(variables_hex), {0}, 0, NULL, L"NAME=HEX: one with any bytes"},
    {L"--without", LIST, AT(without), {0}, 0, NULL, L"NAME of a server variable not to send"},
    {L"--params-cut", NUMBER, AT(params_cut), {0}, 0, NULL, L"most bytes in a PARAMS record; 0: never cut"},
    {L"--params-padding", NUMBER, AT(params_padding), {0}, 0, NULL, L"padding bytes of each (most)"},
    {L"--stdin-cut", NUMBER, AT(stdin_cut), {0}, 65528, NULL, L"most bytes in a STDIN record"},
    {L"--stdin-padding", NUMBER, AT(stdin_padding), {0}, 0, NULL, L"padding bytes of each (most)"},
    {L"--write-cut", NUMBER, AT(write_cut), {0}, 65536, NULL, L"most bytes in one WriteFile"},
    {L"--random-cuts", FLAG, AT(random_cuts), {0}, 0, NULL, L"sizes vary from 1 (padding: 0) to the most"},
    {L"--ids", CHOICE, AT(ids), {L"fixed", L"rotating"}, 0, NULL, L"request ids"},
    {L"--seed", NUMBER, AT(seed), {0}, 1, NULL, L"of all that varies"},
    {L"--read-after-write", FLAG, AT(read_after_write), {0}, 0, NULL, L"read nothing before all is sent"},
    {L"--requests", NUMBER, AT(requests), {0}, 1, NULL, L"of each instance, after the warm-up"},
    {L"--warm-up", NUMBER, AT(warm_up), {0}, 0, NULL, L"requests of each instance before measuring"},
    {L"--seconds", NUMBER, AT(seconds), {0}, 0, NULL, L"measure that long, at most --requests"},
    {L"--timeout-ms", NUMBER, AT(timeout_ms), {0}, 60000, NULL, L"of one request"},
    {L"--expect-status", NUMBER, AT(expect_status), {0}, 200, NULL, L"0: any"},
    {L"--expect-length", NUMBER, AT(expect_length), {0}, -1, NULL, L"bytes of the response body"},
    {L"--expect-echo", FLAG, AT(expect_echo), {0}, 0, NULL, L"the response body is the request's"},
    {L"--expect-text", WORD, AT(expect_text), {0}, 0, NULL, L"the response body"},
    {L"--expect-file", WORD, AT(expect_file), {0}, 0, NULL, L"the response body is that file's"},
    {L"--expect-token", WORD, AT(expect_token), {0}, 0, NULL, L"a response header that holds {token}"},
    {L"--strict", FLAG, AT(strict), {0}, 0, NULL, L"STDOUT closed exactly once, before END_REQUEST"},
    {L"--collect", LIST, AT(collect), {0}, 0, NULL, L"a response header: report its values"},
    {L"--mishap", CHOICE, AT(mishap), {L"none", L"hang-up", L"kill", L"kill-job", L"signal"}, 0, NULL,
     L"in mid-request: close the client end, kill process or job, set the shutdown event"},
    {L"--mishap-after", NUMBER, AT(mishap_after), {0}, 0, NULL, L"complete requests"},
    {L"--mishap-stage", CHOICE, AT(mishap_stage), {L"begin", L"params", L"body", L"sent", L"response"},
     STAGE_SENT, NULL, L"how much was sent, or that a response began"},
    {L"--mishap-instances", NUMBER, AT(mishap_instances), {0}, 1000000, NULL, L"only the first ones"},
    {L"--end", CHOICE, AT(end), {L"event", L"close", L"kill"}, 0, NULL, L"how instances are told to end"},
    {L"--grace-ms", NUMBER, AT(grace_ms), {0}, 10000, NULL, L"until TerminateProcess"},
    {L"--linger-ms", NUMBER, AT(linger_ms), {0}, 5000, NULL, L"wait that long for the job to be empty"},
};

enum { SWITCH_COUNT = sizeof SWITCHES / sizeof *SWITCHES };

static void fail(const wchar_t *what, const wchar_t *which)
{
    fwprintf(stderr, L"iis_client: %ls: %ls\n", what, which);
    for (int i = 0; i < SWITCH_COUNT; i++)
        fwprintf(stderr, L"  %-22ls %ls\n", SWITCHES[i].name, SWITCHES[i].help);
    exit(2);
}

static int number_of(const Switch *known, const wchar_t *word)
{
    wchar_t *end;
    long number = wcstol(word, &end, 10);
    if (known->kind == NUMBER && *word && !*end && number >= 0)
        return (int)number;
    for (int i = 0; known->kind == CHOICE && i < 6 && known->choices[i]; i++)
        if (!wcscmp(known->choices[i], word))
            return i;
    fail(L"this value does not fit", known->name);
    return 0;
}

static void take(Settings *settings, const Switch *known, const wchar_t *word)
{
    char *place = (char *)settings + known->offset;
    WordList *list = (WordList *)place;
    switch (known->kind) {
    case FLAG:
        *(int *)place = 1;
        break;
    case NUMBER:
    case CHOICE:
        *(int *)place = number_of(known, word);
        break;
    case WORD:
        *(const wchar_t **)place = word;
        break;
    case LIST:
        list->words = realloc((void *)list->words, (list->count + 1) * sizeof *list->words);
        list->words[list->count++] = word;
        break;
    }
}

void settings_read(Settings *settings, int count, wchar_t **words)
{
    memset(settings, 0, sizeof *settings);
    for (int i = 0; i < SWITCH_COUNT; i++) {
        char *place = (char *)settings + SWITCHES[i].offset;
        if (SWITCHES[i].kind == WORD)
            *(const wchar_t **)place = SWITCHES[i].word;
        else if (SWITCHES[i].kind != LIST)
            *(int *)place = SWITCHES[i].number;
    }
    for (int i = 1; i < count; i++) {
        const Switch *known = NULL;
        for (int k = 0; k < SWITCH_COUNT; k++)
            if (!wcscmp(SWITCHES[k].name, words[i]))
                known = &SWITCHES[k];
        if (!known)
            fail(L"no such switch", words[i]);
        if (known->kind != FLAG && i + 1 == count)
            fail(L"a value is missing", words[i]);
        take(settings, known, known->kind == FLAG ? NULL : words[++i]);
    }
    if (!settings->full_path)
        fail(L"missing", L"--full-path");
    if (!settings->stdin_cut || !settings->write_cut || !settings->instances)
        fail(L"must be 1 or more", L"--stdin-cut, --write-cut, --instances");
    if (settings->mishap == MISHAP_KILL_JOB && (settings->job == JOB_NONE || !settings->job_per_instance))
        fail(L"needs --job-per-instance", L"--mishap kill-job");
    if (settings->params_cut > 65535 || settings->stdin_cut > 65535)
        fail(L"a record holds at most 65535 bytes", L"--params-cut, --stdin-cut");
    if (settings->params_padding > 255 || settings->stdin_padding > 255)
        fail(L"a record is padded with at most 255 bytes", L"--params-padding, --stdin-padding");
}

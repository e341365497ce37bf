/* Owns what the command line may say: each switch once, with its default and its sentence of help.

   Does not own what is done with it. */

#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdio.h>
#include <wchar.h>

enum { CONNECT_BEFORE, CONNECT_AFTER };
enum { PIPE_OVERLAPPED, PIPE_SYNCHRONOUS };
enum { OUTPUT_INVALID, OUTPUT_NUL };
enum { JOB_NONE, JOB_CLOSED, JOB_BREAKAWAY };
enum { IDS_FIXED, IDS_ROTATING };
enum { END_EVENT, END_CLOSE, END_KILL };
enum { MISHAP_NONE, MISHAP_HANG_UP, MISHAP_KILL, MISHAP_KILL_JOB, MISHAP_SIGNAL };
enum { STAGE_BEGIN, STAGE_PARAMS, STAGE_BODY, STAGE_SENT, STAGE_RESPONSE, STAGE_WHOLE };
enum { CODE_PAGE_ANSI, CODE_PAGE_UTF8 };

/* Words that may be given several times. */
typedef struct {
    const wchar_t **words;
    int count;
} WordList;

typedef struct {
    /* What is started, in IIS's words. */
    const wchar_t *full_path, *arguments, *working_directory, *site;
    WordList environment;
    int instances, one_by_one;
    /* How it is started. */
    int pipe, connect, connect_delay_ms, output, pipe_buffer, job, job_per_instance;
    /* What is asked. */
    const wchar_t *method, *path, *query;
    int body, code_page;
    WordList variables, variables_hex, without;
    /* How that is cut into records and writes. */
    int params_cut, params_padding, stdin_cut, stdin_padding, write_cut, random_cuts, ids, seed;
    int read_after_write;
    /* How often. */
    int requests, warm_up, seconds, timeout_ms;
    /* What must come back. */
    int expect_status, expect_length, expect_echo, strict;
    const wchar_t *expect_text, *expect_file, *expect_token;
    WordList collect;
    /* What goes wrong. */
    int mishap, mishap_after, mishap_stage, mishap_instances;
    /* How it ends. */
    int end, grace_ms, linger_ms;
} Settings;

/* Reads the command line; says on stderr what is wrong with it and ends the program with 2. */
void settings_read(Settings *settings, int count, wchar_t **words);

#endif

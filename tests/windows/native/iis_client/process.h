/* Owns starting a program as IIS starts a FastCGI process, and the job it runs in.

   Does not own the pipe, nor when the program ends. */

#ifndef PROCESS_H
#define PROCESS_H

#include <windows.h>

#include "settings.h"

typedef struct {
    HANDLE handle;
    DWORD id;
    /* Manual-reset, inherited, named to the child by its decimal value. */
    HANDLE shutdown_event;
} Process;

/* NULL without a job. */
HANDLE job_make(int kind);

/* How many processes are in the job. */
int job_population(HANDLE job);

/* False: GetLastError. */
int process_start(Process *process, const Settings *settings, HANDLE server_end, const wchar_t *pipe_name, HANDLE job);

#endif

/* Owns starting processes as IIS does; see process.h. */

#define _WIN32_WINNT 0x0602

#include "process.h"

#include <stdlib.h>
#include <string.h>

HANDLE job_make(int kind)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job;
    if (kind == JOB_NONE)
        return NULL;
    job = CreateJobObjectW(NULL, NULL);
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (kind == JOB_BREAKAWAY)
        limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_BREAKAWAY_OK;
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    return job;
}

int job_population(HANDLE job)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION facts = {0};
    QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &facts, sizeof facts, NULL);
    return (int)facts.ActiveProcesses;
}

static size_t name_length(const wchar_t *assignment)
{
    const wchar_t *equals = wcschr(assignment + 1, L'=');
    return equals ? (size_t)(equals - assignment) : wcslen(assignment);
}

static int is_overridden(const wchar_t *assignment, const WordList *ours)
{
    size_t length = name_length(assignment);
    for (int i = 0; i < ours->count; i++)
        if (name_length(ours->words[i]) == length && !_wcsnicmp(ours->words[i], assignment, length))
            return 1;
    return 0;
}

static wchar_t *append(wchar_t *end, const wchar_t *assignment)
{
    wcscpy(end, assignment);
    return end + wcslen(assignment) + 1;
}

/* The variables of IIS, then the configured ones, then the inherited ones: the order seen in dumps. */
static wchar_t *environment(const Settings *settings, const wchar_t *event, const wchar_t *pipe)
{
    wchar_t *inherited = GetEnvironmentStringsW(), *block, *end;
    const WordList *ours = &settings->environment;
    size_t room = wcslen(event) + wcslen(pipe) + 3;
    for (const wchar_t *at = inherited; *at; at += wcslen(at) + 1)
        room += wcslen(at) + 1;
    for (int i = 0; i < ours->count; i++)
        room += wcslen(ours->words[i]) + 1;
    block = end = malloc(room * sizeof *block);
    if (*event)
        end = append(end, event);
    end = append(end, pipe);
    for (int i = 0; i < ours->count; i++)
        end = append(end, ours->words[i]);
    for (const wchar_t *at = inherited; *at; at += wcslen(at) + 1)
        if (!is_overridden(at, ours))
            end = append(end, at);
    *end = 0;
    FreeEnvironmentStringsW(inherited);
    return block;
}

static wchar_t *working_directory(const Settings *settings)
{
    const wchar_t *given = settings->working_directory ? settings->working_directory : settings->full_path;
    wchar_t *copy = malloc((wcslen(given) + 1) * sizeof *copy), *slash;
    wcscpy(copy, given);
    slash = wcsrchr(copy, L'\\');
    if (!settings->working_directory && slash)
        *slash = 0;
    return copy;
}

static int spawn(Process *process, const Settings *settings, STARTUPINFOEXW *startup, wchar_t *block, HANDLE job)
{
    PROCESS_INFORMATION made;
    DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_UNICODE_ENVIRONMENT | DETACHED_PROCESS | CREATE_SUSPENDED;
    wchar_t *folder = working_directory(settings);
    size_t room = wcslen(settings->full_path) + wcslen(settings->arguments) + 4;
    wchar_t *line = malloc(room * sizeof *line);
    BOOL is_made;
    swprintf(line, room, L"\"%ls\" %ls", settings->full_path, settings->arguments);
    is_made = CreateProcessW(settings->full_path, line, NULL, NULL, TRUE, flags, block, folder, &startup->StartupInfo,
                             &made);
    free(folder);
    free(line);
    if (!is_made)
        return 0;
    process->handle = made.hProcess;
    process->id = made.dwProcessId;
    if (job && !AssignProcessToJobObject(job, made.hProcess)) {
        TerminateProcess(made.hProcess, 1);
        return 0;
    }
    ResumeThread(made.hThread);
    CloseHandle(made.hThread);
    return 1;
}

int process_start(Process *process, const Settings *settings, HANDLE server_end, const wchar_t *pipe_name, HANDLE job)
{
    SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, NULL, TRUE};
    STARTUPINFOEXW startup = {0};
    wchar_t event_text[64] = L"", pipe_text[120], *block;
    HANDLE handed[3], output = INVALID_HANDLE_VALUE;
    SIZE_T size = 0;
    DWORD count = 0, error;
    int is_started;

    memset(process, 0, sizeof *process);
    handed[count++] = server_end;
    SetHandleInformation(server_end, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    /* As with signalBeforeTerminateSeconds = 0: without a signal there is no event. */
    if (settings->end != END_KILL) {
        process->shutdown_event = CreateEventW(&inheritable, TRUE, FALSE, NULL);
        handed[count++] = process->shutdown_event;
        swprintf(event_text, 64, L"_FCGI_SHUTDOWN_EVENT_=%u", (unsigned)(ULONG_PTR)process->shutdown_event);
    }
    if (settings->output == OUTPUT_NUL) {
        output = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inheritable,
                             OPEN_EXISTING, 0, NULL);
        handed[count++] = output;
    }
    swprintf(pipe_text, 120, L"_FCGI_X_PIPE_=%ls", pipe_name);
    block = environment(settings, event_text, pipe_text);

    InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    startup.lpAttributeList = malloc(size);
    InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size);
    UpdateProcThreadAttribute(startup.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handed,
                              count * sizeof *handed, NULL, NULL);
    startup.StartupInfo.cb = sizeof startup;
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = server_end;
    startup.StartupInfo.hStdOutput = startup.StartupInfo.hStdError = output;
    is_started = spawn(process, settings, &startup, block, job);

    error = GetLastError();
    DeleteProcThreadAttributeList(startup.lpAttributeList);
    free(startup.lpAttributeList);
    free(block);
    if (output != INVALID_HANDLE_VALUE)
        CloseHandle(output);
    SetLastError(error);
    return is_started;
}

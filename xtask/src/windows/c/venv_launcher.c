/* A virtual environment's python.exe. On Windows it is no Python: it starts the one that pyvenv.cfg
 * names, tells it by __PYVENV_LAUNCHER__ for which environment, and waits for it, the two in a job,
 * so that neither outlives the other. (Tests look that the gate does without this process.) */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#define PATH_CHARS 32768

static int refuse(const char *why)
{
    fprintf(stderr, "venv launcher: %s\n", why);
    return 106;
}

/* The value of the line `home = …`, as UTF-16. */
static int read_home(const wchar_t *config, wchar_t *home)
{
    static char line[PATH_CHARS];
    FILE *file = _wfopen(config, L"rb");
    if (!file) return 0;
    int found = 0;
    while (!found && fgets(line, sizeof line, file)) {
        char *value = strchr(line, '=');
        if (strncmp(line, "home", 4) != 0 || !value) continue;
        value += 1 + strspn(value + 1, " \t");
        value[strcspn(value, "\r\n")] = 0;
        found = MultiByteToWideChar(CP_UTF8, 0, value, -1, home, PATH_CHARS);
    }
    fclose(file);
    return found;
}

int wmain(void)
{
    static wchar_t self[PATH_CHARS], config[PATH_CHARS], python[PATH_CHARS];
    GetModuleFileNameW(NULL, self, PATH_CHARS);
    wcscpy(config, self);
    *wcsrchr(config, L'\\') = 0;
    wchar_t *above = wcsrchr(config, L'\\');
    if (!above) return refuse("it lies in no environment");
    wcscpy(above, L"\\pyvenv.cfg");
    if (!read_home(config, python)) return refuse("no home is told in pyvenv.cfg");
    wcscat(python, L"\\python.exe");

    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    HANDLE job = CreateJobObjectW(NULL, NULL);
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);

    STARTUPINFOW startup;
    PROCESS_INFORMATION process;
    GetStartupInfoW(&startup);
    SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", self);
    if (!CreateProcessW(python, GetCommandLineW(), NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return refuse("the base Python cannot be started");
    AssignProcessToJobObject(job, process.hProcess);
    WaitForSingleObject(process.hProcess, INFINITE);
    DWORD status = 0;
    GetExitCodeProcess(process.hProcess, &status);
    return (int)status;
}

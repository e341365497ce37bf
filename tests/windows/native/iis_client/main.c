/* Owns the program: an IIS-shaped FastCGI client. It starts processes as IIS does, asks them, and reports.

   iis_client --full-path EXE [--arguments "..."] [switches]: prints one JSON object; the exit code is 0 if all went
   well, 1 if not, 2 if the command line is wrong. The switches are in settings.c.

   Knows nothing of our own code, so that neither can rely on the other's mistakes. What is not documented of IIS
   is a switch: whether the inherited pipe is overlapped, who is first at it, how records are cut, request ids. */

#include "instance.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>

static int population(const Run *run, const Instance *instances)
{
    int population = run->job ? job_population(run->job) : 0;
    for (int i = 0; run->settings->job_per_instance && i < run->settings->instances; i++)
        population += instances[i].job ? job_population(instances[i].job) : 0;
    return population;
}

/* Processes may outlive their instance a little; how many are left after that, and when there were none. */
static int await_empty(const Run *run, const Instance *instances, double *took_ms)
{
    double since = clock_seconds();
    int left;
    while ((left = population(run, instances)) > 0 && (clock_seconds() - since) * 1000 < run->settings->linger_ms)
        Sleep(10);
    *took_ms = (clock_seconds() - since) * 1000;
    return left;
}

int wmain(int count, wchar_t **words)
{
    static Settings settings;
    static Run run;
    Instance *instances;
    HANDLE *threads;
    int left = -1;
    double left_ms = 0;

    settings_read(&settings, count, words);
    run.settings = &settings;
    variables_make(&run.variables, &settings);
    body_pattern_make();
    run.job = settings.job_per_instance ? NULL : job_make(settings.job);
    InitializeCriticalSection(&run.starting);
    barrier_make(&run.warm, settings.instances);
    barrier_make(&run.measured, settings.instances);
    instances = calloc(settings.instances, sizeof *instances);
    threads = calloc(settings.instances, sizeof *threads);
    for (int i = 0; i < settings.instances; i++) {
        instances[i].run = &run;
        instances[i].number = i;
        threads[i] = CreateThread(NULL, 0, instance_live, &instances[i], 0, NULL);
    }
    for (int i = 0; i < settings.instances; i++)
        WaitForSingleObject(threads[i], INFINITE);
    if (settings.job != JOB_NONE)
        left = await_empty(&run, instances, &left_ms);
    return report(&run, instances, left, left_ms) ? 0 : 1;
}

/* Owns the life of an instance; see instance.h. */

#include "instance.h"

#include <stdio.h>

void barrier_make(Barrier *barrier, int count)
{
    InitializeCriticalSection(&barrier->lock);
    InitializeConditionVariable(&barrier->all_here);
    barrier->missing = count;
}

void barrier_pass(Barrier *barrier)
{
    EnterCriticalSection(&barrier->lock);
    if (--barrier->missing == 0)
        WakeAllConditionVariable(&barrier->all_here);
    while (barrier->missing > 0)
        SleepConditionVariableCS(&barrier->all_here, &barrier->lock, INFINITE);
    LeaveCriticalSection(&barrier->lock);
}

double clock_seconds(void)
{
    LARGE_INTEGER now, frequency;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return (double)now.QuadPart / (double)frequency.QuadPart;
}

static void tell(Instance *instance, const char *what, const char *where)
{
    if (instance->fault_count < FAULTS_TOLD_MAX)
        snprintf(instance->faults[instance->fault_count], FAULT_BYTES, "%s%s%s", where, *where ? ": " : "", what);
    instance->fault_count++;
}

static int fail_to_start(Instance *instance, const char *what)
{
    char text[FAULT_BYTES];
    snprintf(text, sizeof text, "%s: Windows error %lu", what, GetLastError());
    tell(instance, text, "");
    instance->lost++;
    instance->ended = "not started";
    channel_close(&instance->channel);
    return 0;
}

static int start(Instance *instance)
{
    const Settings *settings = instance->run->settings;
    instance->job = settings->job_per_instance ? job_make(settings->job) : instance->run->job;
    if (!channel_make(&instance->channel, settings))
        return fail_to_start(instance, "the pipe could not be made");
    if (!process_start(&instance->process, settings, instance->channel.server, instance->channel.name, instance->job))
        return fail_to_start(instance, "the program could not be started");
    channel_give(&instance->channel);
    if (settings->connect == CONNECT_AFTER) {
        Sleep(settings->connect_delay_ms);
        if (!channel_connect(&instance->channel))
            return fail_to_start(instance, "the pipe could not be opened");
    }
    return 1;
}

/* Waits for the process, at most `grace_ms`, then terminates it. */
static void await_end(Instance *instance, const char *word, int grace_ms)
{
    double since = clock_seconds();
    instance->ended = word;
    if (WaitForSingleObject(instance->process.handle, grace_ms) != WAIT_OBJECT_0) {
        TerminateProcess(instance->process.handle, 1);
        WaitForSingleObject(instance->process.handle, INFINITE);
        instance->ended = "terminated";
    }
    instance->ended_ms = (clock_seconds() - since) * 1000;
    GetExitCodeProcess(instance->process.handle, &instance->exit_code);
    channel_close(&instance->channel);
}

static void end(Instance *instance)
{
    const Settings *settings = instance->run->settings;
    if (WaitForSingleObject(instance->process.handle, 0) == WAIT_OBJECT_0) {
        await_end(instance, "early", 0);
    } else if (settings->end == END_KILL) {
        TerminateProcess(instance->process.handle, 1);
        await_end(instance, "killed", INFINITE);
    } else {
        if (settings->end == END_CLOSE)
            channel_close(&instance->channel);
        else
            SetEvent(instance->process.shutdown_event);
        await_end(instance, "within the grace", settings->grace_ms);
    }
}

static int is_kill(int mishap)
{
    return mishap == MISHAP_KILL || mishap == MISHAP_KILL_JOB;
}

/* Does the mishap with the request where it is. */
static ExchangeEnd happen(Instance *instance, Exchange *exchange)
{
    const Settings *settings = instance->run->settings;
    switch (settings->mishap) {
    case MISHAP_SIGNAL:
        SetEvent(instance->process.shutdown_event);
        return exchange_run(exchange, STAGE_WHOLE);
    case MISHAP_KILL:
        TerminateProcess(instance->process.handle, 1);
        break;
    case MISHAP_KILL_JOB:
        TerminateJobObject(instance->job, 1);
        break;
    default:
        channel_close(&instance->channel);
    }
    instance->cut++;
    return EXCHANGE_PAUSED;
}

static int is_mishap_due(const Instance *instance)
{
    const Settings *settings = instance->run->settings;
    return settings->mishap != MISHAP_NONE && instance->number < settings->mishap_instances &&
           instance->asked == settings->mishap_after + 1;
}

/* One request. False if the instance can take no more. */
static int ask(Instance *instance, int *count)
{
    const Settings *settings = instance->run->settings;
    Exchange exchange = {&instance->channel, instance->process.handle, settings, &instance->request,
                         &instance->response, 0};
    double since = clock_seconds(), took;
    ExchangeEnd result;
    int is_mishap;
    request_make(&instance->request, settings, &instance->run->variables, &instance->random, instance->number,
                 instance->asked++);
    response_begin(&instance->response, &instance->request, &instance->expected);
    is_mishap = is_mishap_due(instance);
    result = exchange_run(&exchange, is_mishap ? settings->mishap_stage : STAGE_WHOLE);
    if (is_mishap && result != EXCHANGE_LOST) {
        instance->had_mishap = 1;
        result = happen(instance, &exchange);
    }
    took = (clock_seconds() - since) * 1000;
    if (instance->asked == 1)
        instance->first_response_ms = took;
    else if (took > instance->slowest_ms)
        instance->slowest_ms = took;
    if (result == EXCHANGE_LOST)
        instance->lost++;
    if (result == EXCHANGE_WHOLE) {
        response_judge(&instance->response);
        ++*(*instance->response.fault ? &instance->mismatched : count);
    }
    if (*instance->response.fault && result != EXCHANGE_PAUSED)
        tell(instance, instance->response.fault, instance->request.token);
    return result == EXCHANGE_WHOLE && !is_mishap;
}

static int warm_up(Instance *instance)
{
    const Settings *settings = instance->run->settings;
    int count = settings->one_by_one && !settings->warm_up ? 1 : settings->warm_up, can_go_on = 1;
    while (can_go_on && instance->asked < count) {
        can_go_on = ask(instance, &instance->warmed);
        if (settings->one_by_one && instance->asked == 1)
            LeaveCriticalSection(&instance->run->starting);
    }
    return can_go_on;
}

DWORD WINAPI instance_live(void *given)
{
    Instance *instance = given;
    const Settings *settings = instance->run->settings;
    int is_started, can_go_on;
    random_seed(&instance->random, settings->seed, instance->number);
    expected_make(&instance->expected, settings);
    if (settings->one_by_one)
        EnterCriticalSection(&instance->run->starting);
    is_started = start(instance);
    if (settings->one_by_one && !is_started)
        LeaveCriticalSection(&instance->run->starting);
    can_go_on = is_started && warm_up(instance);
    barrier_pass(&instance->run->warm);
    instance->began = clock_seconds();
    for (int i = 0; can_go_on && i < settings->requests; i++)
        if (!settings->seconds || clock_seconds() - instance->began < settings->seconds)
            can_go_on = ask(instance, &instance->done);
        else
            break;
    instance->finished = clock_seconds();
    /* After a mishap the instance has to end by itself, while the others go on. */
    if (instance->had_mishap)
        await_end(instance, is_kill(settings->mishap) ? "killed" : "within the grace", settings->grace_ms);
    barrier_pass(&instance->run->measured);
    if (is_started && !instance->had_mishap)
        end(instance);
    return 0;
}

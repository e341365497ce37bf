/* Owns one instance from its start to its end: its requests, what goes wrong on purpose, what came of it.

   Does not own what all instances share. */

#ifndef INSTANCE_H
#define INSTANCE_H

#include <windows.h>

#include "channel.h"
#include "process.h"
#include "variables.h"

enum { FAULTS_TOLD_MAX = 5 };

/* Where all threads wait for each other. */
typedef struct {
    CRITICAL_SECTION lock;
    CONDITION_VARIABLE all_here;
    int missing;
} Barrier;

/* What all instances share. */
typedef struct {
    const Settings *settings;
    Variables variables;
    HANDLE job;
    /* Held from a start to its first response, with --one-by-one. */
    CRITICAL_SECTION starting;
    /* All are warm; all have done measuring. */
    Barrier warm, measured;
} Run;

typedef struct {
    Run *run;
    int number;
    Channel channel;
    Process process;
    HANDLE job;
    Random random;
    Request request;
    Response response;
    Expected expected;
    int asked, had_mishap;

    /* What is reported. Requests of the warm-up are counted apart. */
    int warmed, done, lost, mismatched, cut;
    char faults[FAULTS_TOLD_MAX][FAULT_BYTES];
    int fault_count;
    double first_response_ms, slowest_ms, ended_ms, began, finished;
    DWORD exit_code;
    const char *ended;
} Instance;

void barrier_make(Barrier *barrier, int count);
void barrier_pass(Barrier *barrier);

/* Seconds on a steady clock. */
double clock_seconds(void);

/* The life of an instance, as a thread. */
DWORD WINAPI instance_live(void *instance);

#endif

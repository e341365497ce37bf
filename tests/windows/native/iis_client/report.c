/* Owns the report; see report.h. */

#include "report.h"

#include <stdio.h>
#include <string.h>

static void print_text(const char *text)
{
    putchar('"');
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (*at == '"' || *at == '\\')
            printf("\\%c", *at);
        else if (*at < 0x20 || *at > 0x7e)
            printf("\\u%04x", *at);
        else
            putchar(*at);
    putchar('"');
}

static void print_seen(const Instance *instance)
{
    int headers = instance->run->settings->collect.count;
    printf("\"seen\": {");
    for (int i = 0; i < headers && instance->expected.seen; i++) {
        const Seen *seen = &instance->expected.seen[i];
        printf("%s", i ? ", " : "");
        print_text(seen->name);
        printf(": {");
        for (int k = 0; k < seen->length; k++) {
            printf("%s", k ? ", " : "");
            print_text(seen->values[k]);
            printf(": %d", seen->counts[k]);
        }
        printf("}");
    }
    printf("}");
}

static void print_instance(const Instance *instance)
{
    int told = instance->fault_count < FAULTS_TOLD_MAX ? instance->fault_count : FAULTS_TOLD_MAX;
    printf("{\"pid\": %lu, \"warmed\": %d, \"done\": %d, \"lost\": %d, \"mismatched\": %d, \"cut\": %d, ",
           instance->process.id, instance->warmed, instance->done, instance->lost, instance->mismatched,
           instance->cut);
    printf("\"first_response_ms\": %.3f, \"slowest_ms\": %.3f, ", instance->first_response_ms, instance->slowest_ms);
    printf("\"ended\": \"%s\", \"ended_ms\": %.0f, \"exit_code\": %lu, ", instance->ended, instance->ended_ms,
           instance->exit_code);
    print_seen(instance);
    printf(", \"faults\": [");
    for (int i = 0; i < told; i++) {
        printf("%s", i ? ", " : "");
        print_text(instance->faults[i]);
    }
    printf("]}");
}

static int is_well(const Instance *instance)
{
    const Settings *settings = instance->run->settings;
    int has_mishap = settings->mishap != MISHAP_NONE && instance->number < settings->mishap_instances;
    int is_through = settings->seconds || has_mishap || instance->done == settings->requests;
    int has_ended = !strcmp(instance->ended, "within the grace") || !strcmp(instance->ended, "killed");
    return !instance->lost && !instance->mismatched && is_through && has_ended;
}

int report(const Run *run, const Instance *instances, int left_in_job, double left_ms)
{
    int done = 0, lost = 0, mismatched = 0, cut = 0, well = left_in_job <= 0;
    double began = instances[0].began, finished = instances[0].finished;
    for (int i = 0; i < run->settings->instances; i++) {
        const Instance *each = &instances[i];
        done += each->done;
        lost += each->lost;
        mismatched += each->mismatched;
        cut += each->cut;
        well = well && is_well(each);
        began = each->began < began ? each->began : began;
        finished = each->finished > finished ? each->finished : finished;
    }
    printf("{\"ok\": %s, \"done\": %d, \"lost\": %d, ", well ? "true" : "false", done, lost);
    printf("\"mismatched\": %d, \"cut\": %d, \"seconds\": %.6f, ", mismatched, cut, finished - began);
    printf("\"per_second\": %.2f, ", finished > began ? done / (finished - began) : 0);
    if (left_in_job >= 0)
        printf("\"left_in_job\": %d, \"left_ms\": %.0f, ", left_in_job, left_ms);
    printf("\"instances\": [");
    for (int i = 0; i < run->settings->instances; i++) {
        printf("%s", i ? ",\n" : "\n");
        print_instance(&instances[i]);
    }
    printf("\n]}\n");
    return well;
}

/* Owns the bytes of one request: BEGIN_REQUEST, PARAMS and STDIN records, cut as the settings say.

   Does not own how they are written. */

#ifndef REQUEST_H
#define REQUEST_H

#include "settings.h"
#include "variables.h"
#include "wire.h"

/* A generator of its own for each instance, so that a run repeats by its seed. */
typedef struct {
    unsigned long long state;
} Random;

void random_seed(Random *random, int seed, int instance);

/* From 0 to below the limit. */
unsigned random_below(Random *random, unsigned limit);

typedef struct {
    Buffer bytes;
    Buffer pairs;
    /* How many bytes have gone when a stage is reached: STAGE_BEGIN to STAGE_SENT. */
    size_t stages[STAGE_SENT + 1];
    unsigned id;
    /* instance.number, unlike that of any other request of the run. */
    char token[32];
    /* Where in the endless pattern the body begins. */
    size_t body_start;
} Request;

/* Makes the pattern that bodies are taken from; once, before any thread. */
void body_pattern_make(void);

/* The pattern's bytes from `start`; as many as are in one piece. */
const unsigned char *body_pattern(size_t start, size_t *length);

void request_make(Request *request, const Settings *settings, const Variables *variables, Random *random,
                  int instance, int number);

#endif

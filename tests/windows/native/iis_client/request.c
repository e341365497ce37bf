/* Owns building requests; see request.h. */

#include "request.h"

#include <stdio.h>
#include <string.h>

/* Odd, so that no two bodies near each other begin alike. */
enum { PATTERN_BYTES = 1024 * 1024 + 7 };

/* PHP refuses more, and works behind IIS. */
enum { RECORD_CONTENT_BYTES = 65528 };

static unsigned char pattern[PATTERN_BYTES];

void random_seed(Random *random, int seed, int instance)
{
    random->state = 0x9E3779B97F4A7C15ull * ((unsigned)seed * 4096ull + (unsigned)instance + 1);
}

unsigned random_below(Random *random, unsigned limit)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (unsigned)((random->state >> 32) % limit);
}

void body_pattern_make(void)
{
    Random random;
    random_seed(&random, 0, 0);
    for (size_t i = 0; i < PATTERN_BYTES; i++)
        pattern[i] = (unsigned char)random_below(&random, 256);
}

const unsigned char *body_pattern(size_t start, size_t *length)
{
    size_t at = start % PATTERN_BYTES;
    if (*length > PATTERN_BYTES - at)
        *length = PATTERN_BYTES - at;
    return pattern + at;
}

/* 0 as the most: as much as a record holds. */
static size_t piece(const Settings *settings, Random *random, int most, size_t left)
{
    size_t length = most ? most : RECORD_CONTENT_BYTES;
    if (most && settings->random_cuts)
        length = 1 + random_below(random, most);
    return length < left ? length : left;
}

static unsigned padding(const Settings *settings, Random *random, int most)
{
    return settings->random_cuts ? random_below(random, most + 1) : (unsigned)most;
}

static void add_params(Request *request, const Settings *settings, Random *random)
{
    for (size_t at = 0, length; at < request->pairs.length; at += length) {
        length = piece(settings, random, settings->params_cut, request->pairs.length - at);
        record_add(&request->bytes, RECORD_PARAMS, request->id, request->pairs.bytes + at, length,
                   padding(settings, random, settings->params_padding));
    }
    record_add(&request->bytes, RECORD_PARAMS, request->id, NULL, 0, 0);
}

static void add_body(Request *request, const Settings *settings, Random *random)
{
    for (size_t at = 0, length; at < (size_t)settings->body; at += length) {
        length = piece(settings, random, settings->stdin_cut, settings->body - at);
        const unsigned char *bytes = body_pattern(request->body_start + at, &length);
        record_add(&request->bytes, RECORD_STDIN, request->id, bytes, length,
                   padding(settings, random, settings->stdin_padding));
    }
    record_add(&request->bytes, RECORD_STDIN, request->id, NULL, 0, 0);
}

void request_make(Request *request, const Settings *settings, const Variables *variables, Random *random,
                  int instance, int number)
{
    static const unsigned char BEGIN[8] = {0, ROLE_RESPONDER, FLAG_KEEP_CONNECTION};
    size_t params_start, body_start;
    sprintf(request->token, "%d.%d", instance, number);
    /* Both bytes of the id change, the first ids are near the greatest; 0 belongs to management records. */
    request->id = 1;
    if (settings->ids == IDS_ROTATING)
        request->id += (unsigned)((65530ull + instance * 9973ull + number * 4099ull) % 65535);
    request->body_start = (size_t)instance * 7919 + (size_t)number * 31;
    buffer_clear(&request->bytes);
    buffer_clear(&request->pairs);
    variables_encode(variables, request->token, &request->pairs);
    record_add(&request->bytes, RECORD_BEGIN_REQUEST, request->id, BEGIN, sizeof BEGIN, 0);
    params_start = request->bytes.length;
    add_params(request, settings, random);
    body_start = request->bytes.length;
    add_body(request, settings, random);
    request->stages[STAGE_BEGIN] = params_start;
    request->stages[STAGE_PARAMS] = (params_start + body_start) / 2;
    request->stages[STAGE_BODY] = (body_start + request->bytes.length) / 2;
    request->stages[STAGE_SENT] = request->bytes.length;
}

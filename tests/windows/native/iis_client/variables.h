/* Owns the server variables of a request: IIS's names, order and manner of filling them.

   Does not own their records. Every variable is always there; what is unknown is empty. */

#ifndef VARIABLES_H
#define VARIABLES_H

#include "settings.h"
#include "wire.h"

typedef struct {
    char *name;
    char *value;
    size_t value_length;
    /* Whether {token} stands in the value. */
    int has_token;
} Variable;

typedef struct {
    Variable *items;
    int count;
} Variables;

void variables_make(Variables *variables, const Settings *settings);

/* Name-value pairs, {token} replaced. */
void variables_encode(const Variables *variables, const char *token, Buffer *out);

/* A copy in UTF-8, or in the system's ANSI code page, as IIS sends what it holds as UTF-16. */
char *narrow(const wchar_t *wide, int code_page);

#endif

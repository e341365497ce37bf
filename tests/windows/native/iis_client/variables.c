/* Owns IIS's server variables; see variables.h. Names, order and values as in dumps of IIS 8.5 and 10. */

#include "variables.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define TOKEN "{token}"

char *narrow(const wchar_t *wide, int code_page)
{
    UINT page = code_page == CODE_PAGE_UTF8 ? CP_UTF8 : CP_ACP;
    int room = WideCharToMultiByte(page, 0, wide, -1, NULL, 0, NULL, NULL);
    char *bytes = malloc(room);
    WideCharToMultiByte(page, 0, wide, -1, bytes, room, NULL, NULL);
    return bytes;
}

static char *joined(const char *first, const char *second, const char *third)
{
    char *all = malloc(strlen(first) + strlen(second) + strlen(third) + 1);
    strcpy(all, first);
    strcat(all, second);
    return strcat(all, third);
}

/* Sets a variable, or adds it at the end. */
static void set_bytes(Variables *variables, const char *name, const char *value, size_t length)
{
    Variable *found = NULL;
    for (int i = 0; i < variables->count; i++)
        if (!strcmp(variables->items[i].name, name))
            found = &variables->items[i];
    if (!found) {
        variables->items = realloc(variables->items, (variables->count + 1) * sizeof *found);
        found = &variables->items[variables->count++];
        found->name = joined(name, "", "");
    }
    found->value = malloc(length + 1);
    memcpy(found->value, value, length);
    found->value[length] = 0;
    found->value_length = length;
    found->has_token = strstr(found->value, TOKEN) != NULL;
}

static void set(Variables *variables, const char *name, const char *value)
{
    set_bytes(variables, name, value, strlen(value));
}

static char *percent_encoded(const wchar_t *path)
{
    char *plain = narrow(path, CODE_PAGE_UTF8);
    char *encoded = malloc(strlen(plain) * 3 + 1), *end = encoded;
    for (const unsigned char *at = (const unsigned char *)plain; *at; at++)
        if (*at < 128 && (isalnum(*at) || strchr("/-._~!$&'()*+,;=:@", *at)))
            *end++ = (char)*at;
        else
            end += sprintf(end, "%%%02X", *at);
    *end = 0;
    return encoded;
}

static void set_headers(Variables *variables, const Settings *settings)
{
    char length[16];
    set(variables, "HTTP_CACHE_CONTROL", "max-age=0");
    set(variables, "HTTP_CONNECTION", "keep-alive");
    set(variables, "HTTP_ACCEPT", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
                                  "image/apng,*/*;q=0.8");
    set(variables, "HTTP_ACCEPT_ENCODING", "gzip, deflate, br, zstd");
    set(variables, "HTTP_ACCEPT_LANGUAGE", "de-AT,de;q=0.9,en-GB;q=0.8,en;q=0.7");
    set(variables, "HTTP_COOKIE", "sessionid=8fj2kq0x7l1mzv5t3n9b6c4d; csrftoken=Xk3Lm8Qw2Rt6Yp1Zs5Va9Bc4Df7Gh0J; "
                                  "consent=necessary%2Cstatistics; theme=dark");
    set(variables, "HTTP_HOST", "localhost");
    set(variables, "HTTP_REFERER", "http://localhost/news/archive/overview?page=2&order=newest");
    set(variables, "HTTP_USER_AGENT", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
                                      "(KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36");
    set(variables, "HTTP_UPGRADE_INSECURE_REQUESTS", "1");
    set(variables, "HTTP_SEC_CH_UA", "\"Chromium\";v=\"124\", \"Google Chrome\";v=\"124\", \"Not-A.Brand\";v=\"99\"");
    set(variables, "HTTP_SEC_CH_UA_MOBILE", "?0");
    set(variables, "HTTP_SEC_CH_UA_PLATFORM", "\"Windows\"");
    set(variables, "HTTP_SEC_FETCH_DEST", "document");
    set(variables, "HTTP_SEC_FETCH_MODE", "navigate");
    set(variables, "HTTP_SEC_FETCH_SITE", "same-origin");
    set(variables, "HTTP_SEC_FETCH_USER", "?1");
    if (settings->body) {
        sprintf(length, "%d", settings->body);
        set(variables, "HTTP_CONTENT_LENGTH", length);
        set(variables, "HTTP_CONTENT_TYPE", "application/octet-stream");
    }
    set(variables, "IIS_UrlRewriteModule", "7,1,1993,2351");
    set(variables, "WEBSOCKET_VERSION", "13");
}

static void set_fixed(Variables *variables, const Settings *settings)
{
    static const char *const EMPTY_AFTER_ROOT[] = {"AUTH_TYPE",   "AUTH_PASSWORD", "AUTH_USER",
                                                   "CERT_COOKIE", "CERT_FLAGS",    "CERT_ISSUER",
                                                   "CERT_SERIALNUMBER", "CERT_SUBJECT"};
    static const char *const EMPTY_AFTER_HTTPS[] = {"HTTPS_KEYSIZE", "HTTPS_SECRETKEYSIZE",
                                                    "HTTPS_SERVER_ISSUER", "HTTPS_SERVER_SUBJECT"};
    char length[16];
    char *root = narrow(settings->site, settings->code_page);
    char *path = narrow(settings->path, settings->code_page);
    char *query = narrow(settings->query, CODE_PAGE_UTF8);
    char *translated = joined(root, path, "");
    for (char *at = translated; *at; at++)
        if (*at == '/')
            *at = '\\';
    sprintf(length, "%d", settings->body);
    set(variables, "APPL_MD_PATH", "/LM/W3SVC/1/ROOT");
    set(variables, "APPL_PHYSICAL_PATH", joined(root, "\\", ""));
    for (size_t i = 0; i < sizeof EMPTY_AFTER_ROOT / sizeof *EMPTY_AFTER_ROOT; i++)
        set(variables, EMPTY_AFTER_ROOT[i], "");
    set(variables, "CONTENT_LENGTH", length);
    set(variables, "CONTENT_TYPE", settings->body ? "application/octet-stream" : "");
    set(variables, "DOCUMENT_ROOT", root);
    set(variables, "GATEWAY_INTERFACE", "CGI/1.1");
    set(variables, "HTTPS", "off");
    for (size_t i = 0; i < sizeof EMPTY_AFTER_HTTPS / sizeof *EMPTY_AFTER_HTTPS; i++)
        set(variables, EMPTY_AFTER_HTTPS[i], "");
    set(variables, "INSTANCE_ID", "1");
    set(variables, "INSTANCE_NAME", "DEFAULT WEB SITE");
    set(variables, "INSTANCE_META_PATH", "/LM/W3SVC/1");
    set(variables, "LOCAL_ADDR", "::1");
    set(variables, "LOGON_USER", "");
    set(variables, "PATH_INFO", path);
    set(variables, "PATH_TRANSLATED", translated);
    set(variables, "QUERY_STRING", query);
    set(variables, "REMOTE_ADDR", "::1");
    set(variables, "REMOTE_HOST", "::1");
    set(variables, "REMOTE_PORT", "29125");
    set(variables, "REMOTE_USER", "");
    set(variables, "REQUEST_METHOD", narrow(settings->method, CODE_PAGE_UTF8));
    set(variables, "REQUEST_URI", joined(percent_encoded(settings->path), *query ? "?" : "", query));
    set(variables, "SCRIPT_FILENAME", translated);
    set(variables, "SCRIPT_NAME", path);
    set(variables, "SERVER_NAME", "localhost");
    set(variables, "SERVER_PORT", "80");
    set(variables, "SERVER_PORT_SECURE", "0");
    set(variables, "SERVER_PROTOCOL", "HTTP/1.1");
    set(variables, "SERVER_SOFTWARE", "Microsoft-IIS/10.0");
    set(variables, "URL", path);
}

/* NAME=VALUE, the value as text or as hexadecimal digits. */
static void set_given(Variables *variables, const wchar_t *given, int is_hex)
{
    char *name = narrow(given, CODE_PAGE_UTF8);
    char *value = strchr(name, '=');
    size_t length = 0;
    if (!value) {
        fwprintf(stderr, L"iis_client: NAME=VALUE is wanted: %ls\n", given);
        exit(2);
    }
    *value++ = 0;
    if (!is_hex) {
        set(variables, name, value);
        return;
    }
    for (unsigned byte; sscanf(value + 2 * length, "%2x", &byte) == 1; length++)
        value[length] = (char)byte;
    set_bytes(variables, name, value, length);
}

static void remove_given(Variables *variables, const wchar_t *given)
{
    char *name = narrow(given, CODE_PAGE_UTF8);
    int kept = 0;
    for (int i = 0; i < variables->count; i++)
        if (strcmp(variables->items[i].name, name))
            variables->items[kept++] = variables->items[i];
    variables->count = kept;
}

void variables_make(Variables *variables, const Settings *settings)
{
    memset(variables, 0, sizeof *variables);
    set_headers(variables, settings);
    set_fixed(variables, settings);
    for (int i = 0; i < settings->variables.count; i++)
        set_given(variables, settings->variables.words[i], 0);
    for (int i = 0; i < settings->variables_hex.count; i++)
        set_given(variables, settings->variables_hex.words[i], 1);
    for (int i = 0; i < settings->without.count; i++)
        remove_given(variables, settings->without.words[i]);
}

void variables_encode(const Variables *variables, const char *token, Buffer *out)
{
    Buffer value = {0};
    for (int i = 0; i < variables->count; i++) {
        const Variable *each = &variables->items[i];
        const char *rest = each->value, *found;
        if (!each->has_token) {
            pair_add(out, each->name, strlen(each->name), each->value, each->value_length);
            continue;
        }
        buffer_clear(&value);
        for (; (found = strstr(rest, TOKEN)) != NULL; rest = found + strlen(TOKEN)) {
            buffer_add(&value, rest, found - rest);
            buffer_add(&value, token, strlen(token));
        }
        buffer_add(&value, rest, strlen(rest));
        pair_add(out, each->name, strlen(each->name), (char *)value.bytes, value.length);
    }
    buffer_free(&value);
}

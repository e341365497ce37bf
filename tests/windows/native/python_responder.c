/* Owns the second yardstick: the least that a FastCGI application on an inherited pipe can do, and run a Python app.

   `responder.c` with an interpreter in it: one pipe, one thread, blocking calls, params decoded into a dict, the app
   called, its one chunk sent in one write. What it costs more than `responder.c` is Python; what ours costs more than
   it is ours. Does not own correctness: a sane client and the app `measured` only.

   Python is loaded by its path (first argument), so that no header or import library of it is needed. */

#include "pipe_responder.h"

enum { BODY_MAX = 2 * 1024 * 1024 };

typedef struct object PyObject;
typedef PyObject *(*function)(PyObject *self, PyObject *args);
typedef struct { const char *name; function call; int flags; const char *doc; } method;

static void (*Py_Initialize)(void), (*Py_DecRef)(PyObject *), (*PyErr_Print)(void);
static PyObject *(*PyImport_ImportModule)(const char *), *(*PyObject_GetAttrString)(PyObject *, const char *);
static PyObject *(*PyUnicode_DecodeLatin1)(const char *, ptrdiff_t, const char *), *(*PyDict_Copy)(PyObject *);
static PyObject *(*PyUnicode_AsLatin1String)(PyObject *), *(*PyBytes_FromStringAndSize)(const char *, ptrdiff_t);
static PyObject *(*PyObject_CallFunctionObjArgs)(PyObject *, ...), *(*PyCFunction_New)(method *, PyObject *);
static PyObject *(*PyList_GetItem)(PyObject *, ptrdiff_t), *(*PyTuple_GetItem)(PyObject *, ptrdiff_t), *(*PyDict_New)(void);
static int (*PyDict_SetItem)(PyObject *, PyObject *, PyObject *);
static int (*PyDict_SetItemString)(PyObject *, const char *, PyObject *);
static ptrdiff_t (*PyList_Size)(PyObject *);
static int (*PyBytes_AsStringAndSize)(PyObject *, char **, ptrdiff_t *);

static unsigned char body[BODY_MAX];
static size_t body_length;
static char head[HEAD_BYTES];
static size_t head_length;
static PyObject *app, *bytes_io, *base, *start;

static void add_head(PyObject *text, const char *end)
{
    char *bytes;
    ptrdiff_t length;
    PyObject *encoded = PyUnicode_AsLatin1String(text);
    PyBytes_AsStringAndSize(encoded, &bytes, &length);
    memcpy(head + head_length, bytes, length);
    head_length += length;
    memcpy(head + head_length, end, 2);
    head_length += 2;
    Py_DecRef(encoded);
}

static PyObject *start_response(PyObject *self, PyObject *args)
{
    PyObject *headers = PyTuple_GetItem(args, 1);
    (void)self;
    memcpy(head, "Status: ", head_length = 8);
    add_head(PyTuple_GetItem(args, 0), "\r\n");
    for (ptrdiff_t at = 0, count = PyList_Size(headers); at < count; at++) {
        PyObject *pair = PyList_GetItem(headers, at);
        add_head(PyTuple_GetItem(pair, 0), ": ");
        add_head(PyTuple_GetItem(pair, 1), "\r\n");
    }
    memcpy(head + head_length, "\r\n", 2);
    head_length += 2;
    return PyDict_New();
}

static PyObject *make_environ(void)
{
    PyObject *made = PyDict_Copy(base), *bytes = PyBytes_FromStringAndSize((char *)body, body_length);
    PyObject *stream = PyObject_CallFunctionObjArgs(bytes_io, bytes, NULL);
    for (size_t at = 0; at < params_length;) {
        size_t name_length = take_length(&at), value_length = take_length(&at);
        PyObject *name = PyUnicode_DecodeLatin1((char *)params + at, name_length, NULL);
        PyObject *value = PyUnicode_DecodeLatin1((char *)params + at + name_length, value_length, NULL);
        PyDict_SetItem(made, name, value);
        Py_DecRef(name);
        Py_DecRef(value);
        at += name_length + value_length;
    }
    PyDict_SetItemString(made, "wsgi.input", stream);
    Py_DecRef(stream);
    Py_DecRef(bytes);
    return made;
}

static int answer(const unsigned char id[2])
{
    static char whole[LARGE_BYTES + sizeof head];
    char *chunk;
    ptrdiff_t length;
    int sent;
    PyObject *given = make_environ(), *chunks = PyObject_CallFunctionObjArgs(app, given, start, NULL);
    if (!chunks) {
        PyErr_Print();
        return 0;
    }
    PyBytes_AsStringAndSize(PyList_GetItem(chunks, 0), &chunk, &length);
    memcpy(whole, head, head_length);
    memcpy(whole + head_length, chunk, length);
    sent = send_answer(id, whole, head_length + length);
    Py_DecRef(chunks);
    Py_DecRef(given);
    return sent;
}

static int take_record(const unsigned char *header, const unsigned char *content, size_t length)
{
    switch (header[1]) {
    case BEGIN_REQUEST:
        params_length = body_length = 0;
        return 1;
    case PARAMS:
        if (params_length + length > sizeof params)
            return 0;
        memcpy(params + params_length, content, length);
        params_length += length;
        return 1;
    case STDIN:
        if (body_length + length > sizeof body)
            return 0;
        memcpy(body + body_length, content, length);
        body_length += length;
        return length || answer(header + 2);
    }
    return 1;
}

static void load_python(const char *path)
{
    HMODULE python = LoadLibraryExA(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (!python) {
        fprintf(stderr, "%s cannot be loaded: error %lu\n", path, GetLastError());
        exit(2);
    }
    FARPROC found;
#define FIND(name) found = GetProcAddress(python, #name), memcpy(&name, &found, sizeof found)
    FIND(Py_Initialize), FIND(Py_DecRef), FIND(PyErr_Print), FIND(PyImport_ImportModule), FIND(PyObject_GetAttrString);
    FIND(PyUnicode_DecodeLatin1), FIND(PyDict_Copy), FIND(PyUnicode_AsLatin1String), FIND(PyBytes_FromStringAndSize);
    FIND(PyObject_CallFunctionObjArgs), FIND(PyCFunction_New), FIND(PyList_GetItem), FIND(PyTuple_GetItem);
    FIND(PyDict_New), FIND(PyDict_SetItem), FIND(PyDict_SetItemString), FIND(PyList_Size), FIND(PyBytes_AsStringAndSize);
#undef FIND
}

int main(int count, char **arguments)
{
    static method start_method = {"start_response", start_response, 1 /* METH_VARARGS */, NULL};
    if (count != 2)
        return 2;
    load_python(arguments[1]);
    Py_Initialize();
    PyObject *measured = PyImport_ImportModule("measured");
    if (!measured || !(app = PyObject_GetAttrString(measured, "app"))) {
        PyErr_Print();
        return 2;
    }
    bytes_io = PyObject_GetAttrString(PyImport_ImportModule("io"), "BytesIO");
    base = PyDict_New();
    start = PyCFunction_New(&start_method, NULL);
    serve();
    return 0;
}

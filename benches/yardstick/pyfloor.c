/* Owns the yardstick: the least that FastCGI and CPython can cost together.

   One thread, epoll, params decoded into a dict by a table of ready-made keys, one write for a response. Measured
   beside our worker in `cargo xtask bench` and `cargo xtask instructions`. Does not own correctness: no exc_info, no
   write(), no multiplexing, requests of a sane client only. From Python: pyfloor.serve(descriptor, app). */
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define CAP (128 * 1024)
#define KT 1024
typedef struct { int fd, keep; size_t n; uint8_t *b; uint8_t *params; size_t pn; uint8_t *body; size_t bn, bcap; } Conn;
static struct { uint32_t h; uint32_t len; PyObject *s; } ktab[KT];
static PyObject *k_input, *k_errors, *base, *empty_str, *v_stderr, *bytesio;
static char hb[65536]; static size_t hn;

static uint32_t hash(const uint8_t *p, size_t n) {
    uint32_t h = 2166136261u ^ n;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 16777619u;
    return h;
}
static PyObject *key(const uint8_t *p, size_t n) { /* new reference */
    uint32_t h = hash(p, n), i = h & (KT - 1);
    for (int k = 0; k < 8; k++, i = (i + 1) & (KT - 1)) {
        if (!ktab[i].s) {
            PyObject *s = PyUnicode_DecodeLatin1((const char *)p, n, 0);
            if (!s) return 0;
            PyUnicode_InternInPlace(&s);
            ktab[i].h = h; ktab[i].len = n; ktab[i].s = Py_NewRef(s);
            return s;
        }
        if (ktab[i].h == h && ktab[i].len == n && !memcmp(PyUnicode_1BYTE_DATA(ktab[i].s), p, n)) return Py_NewRef(ktab[i].s);
    }
    return PyUnicode_DecodeLatin1((const char *)p, n, 0);
}
static int put(const char *p, size_t n) { if (hn + n > sizeof hb) return -1; memcpy(hb + hn, p, n); hn += n; return 0; }
static int puts_(PyObject *s) {
    if (!PyUnicode_Check(s) || PyUnicode_KIND(s) != 1) { PyErr_SetString(PyExc_TypeError, "header"); return -1; }
    return put((char *)PyUnicode_1BYTE_DATA(s), PyUnicode_GET_LENGTH(s));
}
static PyObject *start_response(PyObject *self, PyObject *const *a, Py_ssize_t n) {
    (void)self;
    if (n < 2 || !PyList_Check(a[1])) { PyErr_SetString(PyExc_TypeError, "start_response"); return 0; }
    hn = 8;
    put("Status: ", 8); if (puts_(a[0])) return 0; put("\r\n", 2);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(a[1]); i++) {
        PyObject *t = PyList_GET_ITEM(a[1], i);
        if (puts_(PyTuple_GET_ITEM(t, 0))) return 0;
        put(": ", 2);
        if (puts_(PyTuple_GET_ITEM(t, 1))) return 0;
        put("\r\n", 2);
    }
    put("\r\n", 2);
    Py_RETURN_NONE;
}
static PyMethodDef sr_def = {"start_response", (PyCFunction)(void (*)(void))start_response, METH_FASTCALL, 0};
static PyObject *sr;
static void head8(char *p, int type, size_t n) { p[0] = 1; p[1] = type; p[2] = 0; p[3] = 1; p[4] = n >> 8; p[5] = n; p[6] = p[7] = 0; }
static int writev_all(int fd, struct iovec *v, int n) {
    while (n) {
        ssize_t w = writev(fd, v, n);
        if (w < 0) { if (errno == EINTR) continue; if (errno == EAGAIN) { fd_set s; FD_ZERO(&s); FD_SET(fd, &s); Py_BEGIN_ALLOW_THREADS select(fd + 1, 0, &s, 0, 0); Py_END_ALLOW_THREADS continue; } return -1; }
        while (n && (size_t)w >= v->iov_len) { w -= v->iov_len; v++; n--; }
        if (n) { v->iov_base = (char *)v->iov_base + w; v->iov_len -= w; }
    }
    return 0;
}
static int send_part(int fd, const char *p, size_t n, int with_head, int last) {
    static char h[64][8]; struct iovec v[130]; int k = 0, r = 0; char tail[24];
    if (with_head) {
        size_t room = 65535 - (hn - 8), t = n < room ? n : room;
        head8(hb, 6, hn - 8 + t);
        v[k++] = (struct iovec){hb, hn};
        if (t) v[k++] = (struct iovec){(void *)p, t};
        p += t; n -= t;
    }
    while (n) {
        size_t t = n > 65528 ? 65528 : n;
        head8(h[r], 6, t); v[k++] = (struct iovec){h[r++], 8}; v[k++] = (struct iovec){(void *)p, t};
        p += t; n -= t;
        if (r == 60) { if (writev_all(fd, v, k)) return -1; k = r = 0; }
    }
    if (last) { head8(tail, 6, 0); head8(tail + 8, 3, 8); memset(tail + 16, 0, 8); v[k++] = (struct iovec){tail, 24}; }
    return writev_all(fd, v, k);
}
static int run(Conn *c, PyObject *app) { /* -1: close the connection */
    PyObject *env = PyDict_Copy(base), *res = 0, *io; int rc = -1;
    uint8_t *p = c->params, *e = p + c->pn;
    while (p < e) {
        size_t l[2];
        for (int i = 0; i < 2; i++) if (*p < 128) l[i] = *p++; else { l[i] = (p[0] & 0x7f) << 24 | p[1] << 16 | p[2] << 8 | p[3]; p += 4; }
        PyObject *k = key(p, l[0]), *v; p += l[0];
        v = l[1] ? PyUnicode_DecodeLatin1((char *)p, l[1], 0) : Py_NewRef(empty_str); p += l[1];
        PyDict_SetItem(env, k, v); Py_DECREF(k); Py_DECREF(v);
    }
    if (c->bn) { PyObject *b = PyBytes_FromStringAndSize((char *)c->body, c->bn); io = PyObject_CallOneArg(bytesio, b); Py_DECREF(b); }
    else io = PyObject_CallNoArgs(bytesio);
    PyDict_SetItem(env, k_input, io); Py_DECREF(io);
    PyObject *args[3] = {0, env, sr};
    hn = 8;
    res = PyObject_Vectorcall(app, args + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, 0);
    if (!res) goto done;
    if (PyList_CheckExact(res) && PyList_GET_SIZE(res) == 1 && PyBytes_CheckExact(PyList_GET_ITEM(res, 0))) {
        PyObject *b = PyList_GET_ITEM(res, 0);
        rc = send_part(c->fd, PyBytes_AS_STRING(b), PyBytes_GET_SIZE(b), 1, 1);
    } else {
        PyObject *it = PyObject_GetIter(res), *b; int first = 1; rc = 0;
        while (it && !rc && (b = PyIter_Next(it))) {
            if (PyBytes_GET_SIZE(b)) { rc = send_part(c->fd, PyBytes_AS_STRING(b), PyBytes_GET_SIZE(b), first, 0); first = 0; }
            Py_DECREF(b);
        }
        Py_XDECREF(it);
        if (!rc && !PyErr_Occurred()) rc = send_part(c->fd, "", 0, first, 1);
        PyObject *cl = PyObject_GetAttrString(res, "close");
        if (cl) { PyObject *x = PyObject_CallNoArgs(cl); Py_XDECREF(x); Py_DECREF(cl); } else PyErr_Clear();
    }
done:
    if (PyErr_Occurred()) { PyErr_Print(); rc = -1; }
    Py_XDECREF(res); Py_DECREF(env);
    return rc;
}
static int feed(Conn *c, PyObject *app) {
    size_t o = 0;
    while (c->n - o >= 8) {
        uint8_t *h = c->b + o; size_t l = h[4] << 8 | h[5], all = 8 + l + h[6];
        if (c->n - o < all) break;
        if (h[1] == 1) { c->keep = h[10] & 1; c->pn = c->bn = 0; }
        else if (h[1] == 4 && l) { memcpy(c->params + c->pn, h + 8, l); c->pn += l; }
        else if (h[1] == 5) {
            if (l) { if (c->bn + l > c->bcap) { c->bcap = (c->bn + l) * 2; c->body = realloc(c->body, c->bcap); } memcpy(c->body + c->bn, h + 8, l); c->bn += l; }
            else if (run(c, app) || !c->keep) return -1;
        }
        o += all;
    }
    memmove(c->b, c->b + o, c->n - o); c->n -= o;
    return 0;
}
static Conn *mk(int fd) { int one = 1; setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* no-op on unix sockets */
    Conn *c = calloc(1, sizeof *c); c->fd = fd; c->b = malloc(CAP); c->params = malloc(CAP); return c; }
static void end(Conn *c) { close(c->fd); free(c->b); free(c->params); free(c->body); free(c); }
static PyObject *serve(PyObject *self, PyObject *args) {
    int lfd; PyObject *app; (void)self;
    if (!PyArg_ParseTuple(args, "iO", &lfd, &app)) return 0;
    ssize_t r;
    int ep = epoll_create1(0); struct epoll_event ev[64], e = {.events = EPOLLIN, .data.ptr = 0};
    fcntl(lfd, F_SETFL, O_NONBLOCK | fcntl(lfd, F_GETFL)); epoll_ctl(ep, EPOLL_CTL_ADD, lfd, &e);
    for (;;) {
        int n; Py_BEGIN_ALLOW_THREADS n = epoll_wait(ep, ev, 64, -1); Py_END_ALLOW_THREADS
        if (PyErr_CheckSignals()) return 0;
        for (int i = 0; i < n; i++) {
            Conn *c = ev[i].data.ptr;
            if (!c) { int fd = accept4(lfd, 0, 0, SOCK_NONBLOCK); if (fd < 0) continue; e.data.ptr = mk(fd); epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e); continue; }
            r = recv(c->fd, c->b + c->n, CAP - c->n, 0);
            if (r < 0 && errno == EAGAIN) continue;
            if (r <= 0) { end(c); continue; }
            c->n += r;
            if (feed(c, app)) end(c);
        }
    }
}
static PyMethodDef methods[] = {{"serve", serve, METH_VARARGS, 0}, {0}};
static struct PyModuleDef mod = {PyModuleDef_HEAD_INIT, "pyfloor", 0, -1, methods, 0, 0, 0, 0};
PyMODINIT_FUNC PyInit_pyfloor(void) {
    PyObject *m = PyModule_Create(&mod), *io = PyImport_ImportModule("io");
    bytesio = PyObject_GetAttrString(io, "BytesIO");
    k_input = PyUnicode_InternFromString("wsgi.input"); k_errors = PyUnicode_InternFromString("wsgi.errors");
    empty_str = PyUnicode_FromString(""); v_stderr = PySys_GetObject("stderr");
    base = Py_BuildValue("{s(ii)sssOsOsOsO}", "wsgi.version", 1, 0, "wsgi.url_scheme", "http", "wsgi.multithread", Py_False,
                         "wsgi.multiprocess", Py_True, "wsgi.run_once", Py_False, "wsgi.errors", v_stderr);
    sr = PyCFunction_New(&sr_def, 0);
    return m;
}

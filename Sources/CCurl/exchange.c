#include "CCurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The types are those of curl.h, so a wrong argument does not compile. */
static struct {
    __typeof__(&curl_global_init) global_init;
    __typeof__(&curl_easy_init) easy_init;
    __typeof__(&curl_easy_setopt) easy_setopt;
    __typeof__(&curl_easy_getinfo) easy_getinfo;
    __typeof__(&curl_easy_cleanup) easy_cleanup;
    __typeof__(&curl_easy_strerror) easy_strerror;
    __typeof__(&curl_slist_append) slist_append;
    __typeof__(&curl_slist_free_all) slist_free_all;
    __typeof__(&curl_multi_init) multi_init;
    __typeof__(&curl_multi_add_handle) multi_add_handle;
    __typeof__(&curl_multi_remove_handle) multi_remove_handle;
    __typeof__(&curl_multi_perform) multi_perform;
    __typeof__(&curl_multi_poll) multi_poll;
    __typeof__(&curl_multi_info_read) multi_info_read;
    __typeof__(&curl_multi_cleanup) multi_cleanup;
} library;

static const char *open_library(void) {
    static void *handle;
    if (handle) return NULL;
    /* The names of Debian's libcurl4: with OpenSSL, else with GnuTLS. */
    void *opened = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!opened) opened = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!opened) return dlerror();
#define FIND(name) \
    if (!(library.name = (__typeof__(library.name))dlsym(opened, "curl_" #name))) return dlerror()
    FIND(global_init);
    FIND(easy_init);
    FIND(easy_setopt);
    FIND(easy_getinfo);
    FIND(easy_cleanup);
    FIND(easy_strerror);
    FIND(slist_append);
    FIND(slist_free_all);
    FIND(multi_init);
    FIND(multi_add_handle);
    FIND(multi_remove_handle);
    FIND(multi_perform);
    FIND(multi_poll);
    FIND(multi_info_read);
    FIND(multi_cleanup);
#undef FIND
    if (library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return "it could not be started";
    handle = opened;
    return NULL;
}

/* Bytes that come in, up to `most`. */
struct sink {
    char *bytes;
    size_t size;
    size_t most;
    int overflowed;
};

static size_t take(char *bytes, size_t unit, size_t count, void *context) {
    struct sink *sink = context;
    size_t size = unit * count;
    if (size > sink->most - sink->size) {
        sink->overflowed = 1;
        return 0;
    }
    char *grown = realloc(sink->bytes, sink->size + size + 1);
    if (!grown) return 0;
    memcpy(grown + sink->size, bytes, size);
    sink->bytes = grown;
    sink->size += size;
    return size;
}

static size_t take_header(char *bytes, size_t unit, size_t count, void *context) {
    struct sink *sink = context;
    /* Each answer, also "100 Continue", begins anew; only the last one counts. */
    if (unit * count > 5 && !memcmp(bytes, "HTTP/", 5)) sink->size = 0;
    return take(bytes, unit, count, context);
}

static void set_up(
    CURL *easy, const struct curl_exchange *exchange, struct curl_slist *headers,
    struct sink *head, struct sink *body, char *reason) {
#define SET(option, value) library.easy_setopt(easy, option, value)
    SET(CURLOPT_URL, exchange->url);
    SET(CURLOPT_PROTOCOLS_STR, exchange->plain ? "http,https" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CUSTOMREQUEST, exchange->method);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_CONNECTTIMEOUT_MS, exchange->connect_milliseconds);
    SET(CURLOPT_TIMEOUT_MS, exchange->total_milliseconds);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    SET(CURLOPT_ERRORBUFFER, reason);
    SET(CURLOPT_WRITEFUNCTION, take);
    SET(CURLOPT_WRITEDATA, body);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, head);
    if (exchange->body) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_size);
        SET(CURLOPT_POSTFIELDS, (const char *)exchange->body);
    }
#undef SET
}

static enum curl_outcome outcome(CURLcode code, const struct sink *head, const struct sink *body) {
    if (head->overflowed || body->overflowed) return CURL_TOO_LARGE;
    switch (code) {
    case CURLE_OK: return CURL_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT: return CURL_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT: return CURL_TIMED_OUT;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return CURL_TRUNCATED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE: return CURL_UNTRUSTED;
    default: return CURL_OTHER;
    }
}

/* Drives the one transfer until it is over or the caller wants to stop. */
static int drive(CURLM *multi, int stop, CURLcode *code) {
    struct curl_waitfd extra = {.fd = stop, .events = CURL_WAIT_POLLIN};
    int running = 1;
    while (running) {
        if (library.multi_perform(multi, &running) != CURLM_OK) return -1;
        if (!running) break;
        extra.revents = 0;
        if (library.multi_poll(multi, &extra, stop >= 0, 60000, NULL) != CURLM_OK) return -1;
        if (extra.revents) return 1;
    }
    int left = 0;
    CURLMsg *message = library.multi_info_read(multi, &left);
    if (!message || message->msg != CURLMSG_DONE) return -1;
    *code = message->data.result;
    return 0;
}

static void answer_from(
    const struct curl_exchange *exchange, CURL *easy, CURLM *multi, struct sink *head,
    struct sink *body, struct curl_answer *answer) {
    CURLcode code = CURLE_OK;
    library.multi_add_handle(multi, easy);
    int ended = drive(multi, exchange->stop, &code);
    library.multi_remove_handle(multi, easy);
    if (ended > 0) {
        answer->outcome = CURL_STOPPED;
    } else if (ended < 0) {
        answer->outcome = CURL_OTHER;
    } else {
        answer->outcome = outcome(code, head, body);
        if (code != CURLE_OK && !answer->reason[0])
            snprintf(answer->reason, sizeof answer->reason, "%s", library.easy_strerror(code));
        library.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer->status);
    }
}

void curl_exchange_run(const struct curl_exchange *exchange, struct curl_answer *answer) {
    memset(answer, 0, sizeof *answer);
    answer->outcome = CURL_OTHER;
    char reason[CURL_ERROR_SIZE] = "";
    const char *problem = open_library();
    if (problem) {
        answer->outcome = CURL_NO_LIBRARY;
        snprintf(answer->reason, sizeof answer->reason, "%s", problem);
        return;
    }
    struct sink head = {.most = exchange->most_headers}, body = {.most = exchange->most_body};
    struct curl_slist *headers = NULL;
    for (size_t index = 0; index < exchange->header_count; index++)
        headers = library.slist_append(headers, exchange->headers[index]);
    CURL *easy = library.easy_init();
    CURLM *multi = library.multi_init();
    if (easy && multi) {
        set_up(easy, exchange, headers, &head, &body, reason);
        answer_from(exchange, easy, multi, &head, &body, answer);
        if (reason[0]) snprintf(answer->reason, sizeof answer->reason, "%.255s", reason);
    }
    if (easy) library.easy_cleanup(easy);
    if (multi) library.multi_cleanup(multi);
    library.slist_free_all(headers);
    answer->headers = head.bytes;
    answer->headers_size = head.size;
    answer->body = (uint8_t *)body.bytes;
    answer->body_size = body.size;
}

void curl_forget(struct curl_answer *answer) {
    free(answer->headers);
    free(answer->body);
    answer->headers = NULL;
    answer->body = NULL;
}

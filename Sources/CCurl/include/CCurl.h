/* One HTTP exchange at a time through libcurl, which is opened when it is first needed: linked, it
 * would cost each start of a command several milliseconds. Redirects are not followed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct curl_exchange {
    const char *_Nonnull method;
    const char *_Nonnull url;
    /* "Name: value", count of them. */
    const char *_Nonnull const *_Nullable headers;
    size_t header_count;
    const uint8_t *_Nullable body;
    size_t body_size;
    long connect_milliseconds;
    /* Of the whole exchange. */
    long total_milliseconds;
    /* More than this in the body, or in all headers together, is an error. */
    size_t most_body;
    size_t most_headers;
    /* Becomes readable when the caller wants to give up; -1 for never. */
    int stop;
    /* Whether http:// is allowed besides https://. */
    int plain;
};

enum curl_outcome {
    CURL_ANSWERED,
    CURL_NO_LIBRARY,
    CURL_UNREACHABLE,
    CURL_TIMED_OUT,
    CURL_TRUNCATED,
    CURL_TOO_LARGE,
    CURL_UNTRUSTED,
    CURL_STOPPED,
    CURL_OTHER,
};

struct curl_answer {
    enum curl_outcome outcome;
    long status;
    /* Of the last answer's head, line ends included; both belong to the caller (curl_forget). */
    char *_Nullable headers;
    size_t headers_size;
    uint8_t *_Nullable body;
    size_t body_size;
    /* In words, when the outcome is not CURL_ANSWERED. */
    char reason[256];
};

void curl_exchange_run(
    const struct curl_exchange *_Nonnull exchange, struct curl_answer *_Nonnull answer);
void curl_forget(struct curl_answer *_Nonnull answer);

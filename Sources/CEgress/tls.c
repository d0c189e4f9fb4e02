/* TLS towards a broker's upstream: version 1.2 or later, the certificate checked against the name. */

#include "CEgress.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>


static void say(char *reason, size_t size, const char *fallback) {
    unsigned long error = ERR_peek_last_error();
    const char *words = error ? ERR_reason_error_string(error) : NULL;
    snprintf(reason, size, "%s", words ? words : fallback);
    ERR_clear_error();
}

struct egress_trust *egress_trust_make(const char *file, char *reason, size_t size) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context) {
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
        SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        if (SSL_CTX_load_verify_file(context, file) == 1) return (struct egress_trust *)context;
    }
    say(reason, size, "no certificates");
    SSL_CTX_free(context);
    return NULL;
}

struct egress_tls *egress_tls_make(struct egress_trust *trust, int number, const char *name, const char *address) {
    static const unsigned char protocols[] = "\x08http/1.1";
    SSL *tls = SSL_new((SSL_CTX *)trust);
    if (!tls) return NULL;
    bool done = SSL_set_fd(tls, number) == 1 && SSL_set_alpn_protos(tls, protocols, sizeof protocols - 1) == 0;
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (name) {
        done = done && SSL_set_tlsext_host_name(tls, name) == 1 && SSL_set1_host(tls, name) == 1;
    } else {
        done = done && address && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), address) == 1;
    }
    if (!done) {
        SSL_free(tls);
        return NULL;
    }
    SSL_set_connect_state(tls);
    return (struct egress_tls *)tls;
}

int egress_tls_shake(struct egress_tls *tls, char *reason, size_t size) {
    SSL *state = (SSL *)tls;
    ERR_clear_error();
    int result = SSL_do_handshake(state);
    if (result == 1) return 0;
    switch (SSL_get_error(state, result)) {
    case SSL_ERROR_WANT_READ: return EGRESS_TLS_READ;
    case SSL_ERROR_WANT_WRITE: return EGRESS_TLS_WRITE;
    default: break;
    }
    long verdict = SSL_get_verify_result(state);
    if (verdict != X509_V_OK) {
        snprintf(reason, size, "%s", X509_verify_cert_error_string(verdict));
        ERR_clear_error();
    } else {
        say(reason, size, "the connection was closed");
    }
    return -1;
}

static ssize_t outcome(SSL *state, int result) {
    switch (SSL_get_error(state, result)) {
    case SSL_ERROR_WANT_READ: return EGRESS_TLS_READ;
    case SSL_ERROR_WANT_WRITE: return EGRESS_TLS_WRITE;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: errno = ECONNRESET; return -1;
    }
}

ssize_t egress_tls_read(struct egress_tls *tls, uint8_t *bytes, size_t most) {
    ERR_clear_error();
    int result = SSL_read((SSL *)tls, bytes, (int)(most < 1 << 20 ? most : 1 << 20));
    return result > 0 ? result : outcome((SSL *)tls, result);
}

ssize_t egress_tls_write(struct egress_tls *tls, const uint8_t *bytes, size_t count) {
    ERR_clear_error();
    int result = SSL_write((SSL *)tls, bytes, (int)(count < 1 << 20 ? count : 1 << 20));
    return result > 0 ? result : outcome((SSL *)tls, result);
}

bool egress_tls_holds(struct egress_tls *tls) { return SSL_pending((SSL *)tls) > 0; }

void egress_tls_end(struct egress_tls *tls) {
    SSL_shutdown((SSL *)tls);
    SSL_free((SSL *)tls);
    ERR_clear_error();
}

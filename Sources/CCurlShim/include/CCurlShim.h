#ifndef LATCHKEY_CCURLSHIM_H
#define LATCHKEY_CCURLSHIM_H
#include <curl/curl.h>
#include <sys/auxv.h>
/* curl_*_setopt and curl_easy_getinfo are variadic macros, which Swift cannot call. */
static inline CURLcode lk_setopt_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode lk_setopt_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode lk_setopt_data_callback(
    CURL *handle, CURLoption option, size_t (*callback)(char *, size_t, size_t, void *)) {
    return curl_easy_setopt(handle, option, callback);
}
static inline CURLcode lk_setopt_tls_callback(
    CURL *handle, CURLcode (*callback)(CURL *, void *context, void *user)) {
    return curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, callback);
}
static inline CURLMcode lk_multi_setopt_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}
static inline CURLSHcode lk_share_setopt_long(CURLSH *handle, CURLSHoption option, long value) {
    return curl_share_setopt(handle, option, (curl_lock_data)value);
}
static inline CURLcode lk_getinfo_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode lk_getinfo_pointer(CURL *handle, CURLINFO info, void *value) {
    return curl_easy_getinfo(handle, info, value);
}
/* The transfer that a finished message tells of, and how it ended (a union in C). */
static inline CURLcode lk_message_result(const CURLMsg *message) { return message->data.result; }

/* glibc declares it in no header. */
extern int __nss_configure_lookup(const char *database, const char *service_line);
static inline int lk_nss_configure_hosts(void) { return __nss_configure_lookup("hosts", "files dns"); }
/* Whether this program is a static executable: the kernel then has no program interpreter to give the address of. */
static inline int lk_is_static_executable(void) { return getauxval(AT_BASE) == 0; }
#endif

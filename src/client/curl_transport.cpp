#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "base/environment.hpp"
#include "base/error_codes.hpp"
#include "base/http_fields.hpp"
#include "base/interruption.hpp"
#include "client/transports.hpp"

namespace osbot_aws::client {
namespace {

/// The functions of libcurl, loaded at the first request. Linking libcurl would load thirty libraries into every
/// program, and pack them with every handler.
struct Curl_Library {
    decltype(&::curl_global_init) global_init = nullptr;
    decltype(&::curl_easy_init) easy_init = nullptr;
    decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
    decltype(&::curl_easy_reset) easy_reset = nullptr;
    decltype(&::curl_easy_perform) easy_perform = nullptr;
    decltype(&::curl_easy_setopt) easy_setopt = nullptr;
    decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
    decltype(&::curl_slist_append) slist_append = nullptr;
    decltype(&::curl_slist_free_all) slist_free_all = nullptr;
    std::string missing;  ///< reason why it cannot be used; empty if it can

    template <class F>
    void find(void* library, F& function, const char* name) {
        function = reinterpret_cast<F>(::dlsym(library, name));
        if (function == nullptr) missing = fmt::format("libcurl.so.4 has no {}", name);
    }

    Curl_Library() {
        void* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            missing = fmt::format("libcurl is needed for endpoints other than the local engine: install libcurl4 ({})",
                                  ::dlerror());
            return;
        }
        find(library, global_init, "curl_global_init");
        find(library, easy_init, "curl_easy_init");
        find(library, easy_cleanup, "curl_easy_cleanup");
        find(library, easy_reset, "curl_easy_reset");
        find(library, easy_perform, "curl_easy_perform");
        find(library, easy_setopt, "curl_easy_setopt");
        find(library, easy_getinfo, "curl_easy_getinfo");
        find(library, slist_append, "curl_slist_append");
        find(library, slist_free_all, "curl_slist_free_all");
        // Without this, the first easy_init() of two threads would initialize older versions of libcurl twice.
        if (missing.empty()) global_init(CURL_GLOBAL_DEFAULT);
    }
};

const Curl_Library& curl() {
    static const Curl_Library library;
    return library;
}

/// Receives the body of a response.
struct Body_Sink {
    CURL* easy;
    wire::Response& response;
    const Send_Options& options;
    bool cancelled = false;  ///< on_body returned false

    std::size_t take(std::string_view piece) {
        long status = 0;
        if (options.on_body) curl().easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (!options.on_body || status / 100 != 2) {
            response.body.append(piece);
            return piece.size();
        }
        cancelled = !options.on_body(piece);
        return cancelled ? 0 : piece.size();
    }
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
    return static_cast<Body_Sink*>(to)->take({data, size * count});
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
    auto& response = *static_cast<wire::Response*>(to);
    std::string_view line(data, size * count);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
        response.headers = {};  // drop those of an earlier response: 100 Continue, or of a proxy
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
        const std::size_t value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
        response.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(value)));
    }
    return size * count;
}

/// Passes the body to curl in pieces, for requests that must not be sent twice. If a reused connection closes without a
/// response, curl repeats the request automatically, unless the body comes from a function, which it cannot rewind.
std::size_t read_body(char* to, std::size_t size, std::size_t count, void* from) {
    auto& rest = *static_cast<std::string_view*>(from);
    const std::size_t copied = rest.copy(to, size * count);
    rest.remove_prefix(copied);
    return copied;
}

/// Returns a header line. Curl omits a header written as "Name:", but sends an empty header for "Name;". Empty headers
/// are sent because they are signed.
std::string field_line(const std::string& name, const std::string& value) {
    return value.empty() ? name + ";" : fmt::format("{}: {}", name, base::field_value(value));
}

using Header_List = std::unique_ptr<curl_slist, decltype(Curl_Library::slist_free_all)>;

Header_List header_list(const wire::Request& request) {
    const Curl_Library& library = curl();
    curl_slist* headers = nullptr;
    for (const auto& [name, value] : request.headers)
        if (base::is_field_name(name)) headers = library.slist_append(headers, field_line(name, value).c_str());
    // By default, curl sends a form's content type.
    if (request.headers.find("Content-Type") == nullptr) headers = library.slist_append(headers, "Content-Type:");
    headers = library.slist_append(headers, "Expect:");  // avoids waiting for 100 Continue
    return {headers, library.slist_free_all};
}

Error error_of(CURLcode code, std::string_view url, std::string_view detail, bool connected, long proxy_status) {
    const auto network_error = [&](const char* name, std::string_view text) {
        return Error{name, fmt::format("{} \"{}\"{}{}", text, url, detail.empty() ? "" : ": ", detail), 0};
    };
    if (code == CURLE_COULDNT_RESOLVE_PROXY || proxy_status >= 300)
        return network_error(codes::proxy_connection, "Failed to connect by the proxy to");
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
            return network_error(codes::endpoint_connection, "Could not connect to the endpoint URL:");
        case CURLE_OPERATION_TIMEDOUT:
            if (!connected) return network_error(codes::connect_timeout, "Connect timeout on endpoint URL:");
            return network_error(codes::read_timeout, "Read timeout on endpoint URL:");
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CACERT_BADFILE:
            return network_error("SSLError", "SSL validation failed for");
        default:
            return network_error(codes::connection_closed,
                                 "Connection was closed before we received a valid response from endpoint URL:");
    }
}

/// libcurl ignores HTTP_PROXY in capitals, because a CGI program's caller can set it with a Proxy header. This is not a
/// CGI program, and botocore and other clients accept both.
std::string proxy_in_capitals(std::string_view url) {
    if (!url.starts_with("http:") || base::has_variable("http_proxy")) return "";
    return base::variable("HTTP_PROXY");
}

struct Upload {
    const On_Sent& on_sent;
    std::uint64_t size;
    std::string_view rest;  ///< of the body, not read yet by read_body()
};

/// libcurl calls this as bytes are sent, and at least once per second. Its own value of the total size is set late.
int on_transfer_progress(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
    const auto& [on_sent, size, rest] = *static_cast<const Upload*>(of);
    if (on_sent && size > 0 && sent > 0) on_sent(static_cast<std::uint64_t>(sent), size);
    return base::interruption != nullptr && base::interruption() ? 1 : 0;
}

class Curl_Transport final : public Transport {
public:
    explicit Curl_Transport(std::string ca_bundle) : ca_bundle_(std::move(ca_bundle)) {}
    ~Curl_Transport() override {
        if (easy_ != nullptr) curl().easy_cleanup(easy_);
    }

    Result<wire::Response> send(const wire::Request& request, const Send_Options& options) override {
        const Curl_Library& library = curl();
        if (!library.missing.empty()) return Error{"CurlMissing", library.missing, 0};
        if (easy_ == nullptr) easy_ = library.easy_init();
        library.easy_reset(easy_);  // resets the options and keeps the connection

        wire::Response response;
        Body_Sink sink{easy_, response, options};
        Upload upload{options.on_sent, request.body.size(), request.body.bytes()};
        char detail[CURL_ERROR_SIZE] = {};
        const std::string url = options.endpoint_url + request.target;
        const Header_List headers = header_list(request);
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_HTTPHEADER, headers.get());
        set(CURLOPT_ERRORBUFFER, static_cast<char*>(detail));
        set_connection(options, url);
        set_sinks(sink);
        set_body(request, options, upload);
        const CURLcode code = library.easy_perform(easy_);
        if (code == CURLE_OK || sink.cancelled) {
            response.status = static_cast<int>(info(CURLINFO_RESPONSE_CODE));
            return response;
        }
        if (code == CURLE_ABORTED_BY_CALLBACK) throw base::Interrupted();
        Error error = error_of(code, url, detail, is_connected(), info(CURLINFO_HTTP_CONNECTCODE));
        if (error.code == codes::connection_closed && !upload.rest.empty() && !options.repeatable)
            error.code = codes::endpoint_connection;  // the body was not sent completely
        return error;
    }

private:
    void set(CURLoption option, auto value) { curl().easy_setopt(easy_, option, value); }

    void set_connection(const Send_Options& options, const std::string& url) {
        set(CURLOPT_PATH_AS_IS, 1L);  // the signature covers the unchanged path
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
        if (options.on_body) {
            set(CURLOPT_LOW_SPEED_LIMIT, 1L);
            set(CURLOPT_LOW_SPEED_TIME,
                static_cast<long>(std::chrono::ceil<std::chrono::seconds>(options.read_timeout).count()));
        } else {
            set(CURLOPT_TIMEOUT_MS, static_cast<long>((options.connect_timeout + options.read_timeout).count()));
        }
        if (!ca_bundle_.empty()) set(CURLOPT_CAINFO, ca_bundle_.c_str());
        if (const std::string proxy = proxy_in_capitals(url); !proxy.empty()) set(CURLOPT_PROXY, proxy.c_str());
    }

    void set_sinks(Body_Sink& sink) {
        set(CURLOPT_WRITEFUNCTION, &take_body);
        set(CURLOPT_WRITEDATA, static_cast<void*>(&sink));
        set(CURLOPT_HEADERFUNCTION, &take_header);
        set(CURLOPT_HEADERDATA, static_cast<void*>(&sink.response));
    }

    void set_body(const wire::Request& request, const Send_Options& options, Upload& upload) {
        set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
        if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
        if (upload.size > 0 || request.method == "POST" || request.method == "PUT") {
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(upload.size));
            if (options.repeatable) set(CURLOPT_POSTFIELDS, upload.rest.data());
        }
        if (!options.repeatable) {
            set(CURLOPT_POST, 1L);
            set(CURLOPT_READFUNCTION, &read_body);
            set(CURLOPT_READDATA, static_cast<void*>(&upload.rest));
            if (upload.size == 0)
                set(CURLOPT_FRESH_CONNECT, 1L);  // an empty body does not prevent curl from repeating the request
        }
        if (base::interruption == nullptr && !options.on_sent) return;
        set(CURLOPT_XFERINFOFUNCTION, &on_transfer_progress);
        set(CURLOPT_XFERINFODATA, static_cast<const void*>(&upload));
        set(CURLOPT_NOPROGRESS, 0L);
    }

    /// Returns a number about the last transfer. CURLINFO_HTTP_CONNECTCODE is the status of the proxy, if one is used.
    long info(CURLINFO name) const {
        long value = 0;
        curl().easy_getinfo(easy_, name, &value);
        return value;
    }

    /// Returns whether the last transfer had a connection, so that it could send its request.
    bool is_connected() const {
        double send_start = 0;
        curl().easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME, &send_start);
        return send_start > 0;
    }

    std::string ca_bundle_;
    CURL* easy_ = nullptr;
};

}  // namespace

std::shared_ptr<Transport> make_curl_transport(std::string ca_bundle) {
    return std::make_shared<Curl_Transport>(std::move(ca_bundle));
}

}  // namespace osbot_aws::client

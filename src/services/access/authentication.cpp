#include "services/access/authentication.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "aws/models/models.hpp"
#include "services/access/access_errors.hpp"
#include "services/request_scope.hpp"
#include "wire/sigv4.hpp"

namespace osbot_aws::services {
namespace {

using Admitted = std::function<void(Result<Service_Request>)>;

/// The body of a larger request is hashed on a worker.
constexpr std::size_t hashed_on_loop_bytes_max = 256 * 1024;

/// The operations that the models of AWS mark with `authtype: none`: a token of another provider is in the input.
constexpr std::array<std::string_view, 2> unsigned_operations{"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"};

std::shared_ptr<const Caller> anonymous_of(const Account& account) {
    return std::make_shared<Caller>(
        Caller{.kind = Caller::Kind::anonymous, .account = account.id, .user_id = "", .arn = "", .name = ""});
}

/// Converts an error of wire::verify() to that of the service.
Error of_service(const aws::Service& service, const Error& error) {
    constexpr std::pair<std::string_view, Access_Problem> problems[] = {
        {"MissingAuthenticationTokenException", Access_Problem::no_signature},
        {"IncompleteSignatureException", Access_Problem::incomplete_signature},
        {"UnrecognizedClientException", Access_Problem::unknown_key},
        {"InvalidSignatureException", Access_Problem::bad_signature}};
    for (const auto& [code, problem] : problems) {
        if (error.code != code) continue;
        const bool has_own_text = problem == Access_Problem::no_signature || problem == Access_Problem::unknown_key;
        return access_error(service, problem, has_own_text ? "" : error.message);
    }
    return error;
}

bool is_s3(const aws::Service& service) { return &service == &aws::s3_model(); }

}  // namespace

Authentication::Authentication(Context& context, const Iam& iam, Access_Settings settings)
    : context_(context), iam_(iam), settings_(settings) {
    if (settings_.check_signatures) context_.keys.check_all();
}

/// Policies of buckets and of queues may permit requests of everyone.
bool Authentication::accepts_unsigned(const aws::Service& service, const aws::Route& route) const {
    const std::string_view name = service.name;
    const bool is_form = is_s3(service) && route.operation == nullptr;  // its policy is signed
    if (settings_.enforce_iam && (is_s3(service) || name == "sqs")) return true;
    if (is_form) return true;
    return name == "sts" && route.operation != nullptr &&
           std::ranges::find(unsigned_operations, std::string_view(route.operation->name)) != unsigned_operations.end();
}

Result<std::shared_ptr<const Caller>> Authentication::caller(const aws::Service& service, const Account& account,
                                                             const std::string& access_key_id,
                                                             std::string_view token) const {
    const bool is_session = account_of_session_key(access_key_id).has_value();
    const bool exists = is_session || is_root_key(access_key_id) || context_.keys.existing_secret(access_key_id);
    const User* user = iam_.user_of_key(access_key_id);
    const bool is_own = account_of_key(access_key_id).has_value();  // of a user that is deleted, or had the key
    if (!exists && (settings_.check_signatures || user != nullptr || is_own))
        return access_error(service, Access_Problem::unknown_key);
    if (!is_session && user != nullptr && !token.empty()) return access_error(service, Access_Problem::invalid_token);
    if (is_session) {
        const auto session = read_session_token(context_.keys, token);
        if (!session || session->access_key_id != access_key_id)
            return access_error(service, token.empty() ? Access_Problem::unknown_key : Access_Problem::invalid_token);
    }
    auto found = caller_of(iam_, account, access_key_id, is_session ? token : std::string_view());
    if (found) return std::make_shared<const Caller>(std::move(*found));
    return access_error(
        service, found.error().code == "ExpiredToken" ? Access_Problem::expired_token : Access_Problem::invalid_token);
}

Result<std::shared_ptr<const Caller>> Authentication::form_caller(const Account& account,
                                                                  const std::string& access_key_id,
                                                                  std::string_view token) const {
    if (access_key_id.empty() && settings_.enforce_iam) return anonymous_of(account);
    if (access_key_id.empty()) return access_error(aws::s3_model(), Access_Problem::no_signature);
    return caller(aws::s3_model(), account, access_key_id, token);
}

Result<std::shared_ptr<const Caller>> Authentication::caller(const aws::Service& service,
                                                             const Service_Request& sent) const {
    const std::string key = scope_of(sent.request).access_key_id;
    if (!key.empty()) return caller(service, sent.account, key, session_token_of(sent.request));
    if (accepts_unsigned(service, sent.route)) return anonymous_of(sent.account);
    return access_error(service, Access_Problem::no_signature);
}

void Authentication::admit(const aws::Service& service, Service_Request sent, Admitted done) {
    const bool is_preflight = is_s3(service) && sent.request.method == "OPTIONS";
    auto found = is_preflight ? anonymous_of(sent.account) : caller(service, sent);
    if (!found) return done(found.error());
    sent.caller = std::move(*found);
    const bool verifies = settings_.check_signatures && !is_s3(service) && sent.caller->kind != Caller::Kind::anonymous;
    if (!verifies) return done(std::move(sent));

    // The worker may not use the keys.
    const std::string key = scope_of(sent.request).access_key_id;
    const auto secret = context_.keys.existing_secret(key);
    struct Job {
        Service_Request sent;
        std::optional<Error> failure;
    };
    const auto job = std::make_shared<Job>(Job{std::move(sent), std::nullopt});
    const auto verify = [job, &service, key, secret, now = context_.now()] {
        // The signature must be that of the key by which the caller was determined.
        const auto secret_of = [&](std::string_view signer) { return signer == key ? secret : std::nullopt; };
        const auto verified = wire::verify(job->sent.request, service.name, secret_of, now);
        if (!verified) job->failure = of_service(service, verified.error());
    };
    const auto finish = [job, done = std::move(done)] {
        if (job->failure) return done(*job->failure);
        done(std::move(job->sent));
    };
    if (job->sent.request.body.size() > hashed_on_loop_bytes_max) return context_.loop.run_blocking(verify, finish);
    verify();
    finish();
}

}  // namespace osbot_aws::services

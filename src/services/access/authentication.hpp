#pragma once

#include <functional>
#include <memory>
#include <string>

#include "aws/model.hpp"
#include "services/iam/caller.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::services {

/// The checks of each request. Both are off by default: any key is accepted, and may do all.
struct Access_Settings {
    bool check_signatures = false;  ///< each key must exist, and each signature must be valid
    bool enforce_iam = false;       ///< policies decide

    bool any() const { return check_signatures || enforce_iam; }
};

/// Determines the sender of each request, and verifies its signature if the settings require it. Loop thread only.
///
/// The keys that exist are those of IAM's users, the temporary keys of STS and of functions, and those of each
/// account's root. If signatures are not checked, any other key is one of the root.
class Authentication {
public:
    Authentication(Context& context, const Iam& iam, Access_Settings settings);

    /// Sets the caller of a request, and then calls `done`, once, now or after a worker has hashed a large body. The
    /// signatures of S3 are verified by S3. Errors: those of access_error().
    void admit(const aws::Service& service, Service_Request sent, std::function<void(Result<Service_Request>)> done);

    /// Returns the caller with a key and a token. Errors: those of access_error().
    Result<std::shared_ptr<const Caller>> caller(const aws::Service& service, const Account& account,
                                                 const std::string& access_key_id, std::string_view token) const;

    /// Returns the caller of a form to S3, whose policy has the key; "": the form has none, and its caller is
    /// anonymous.
    Result<std::shared_ptr<const Caller>> form_caller(const Account& account, const std::string& access_key_id,
                                                      std::string_view token) const;

private:
    Result<std::shared_ptr<const Caller>> caller(const aws::Service& service, const Service_Request& sent) const;
    bool accepts_unsigned(const aws::Service& service, const aws::Route& route) const;

    Context& context_;
    const Iam& iam_;
    const Access_Settings settings_;
};

}  // namespace osbot_aws::services

#include "client/credentials.hpp"

#include "base/environment.hpp"
#include "base/local_error.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::chrono::minutes refresh_before_expiry{15};

class Static_Credentials final : public Credentials_Provider {
public:
    explicit Static_Credentials(Credentials credentials) : credentials_(std::move(credentials)) {}
    Result<Credentials> credentials() override { return credentials_; }

private:
    Credentials credentials_;
};

class Refreshed_Credentials final : public Credentials_Provider {
public:
    Refreshed_Credentials(std::function<Result<Credentials>()> fetch, const base::Clock& clock)
        : fetch_(std::move(fetch)), clock_(clock) {}

    Result<Credentials> credentials() override {
        if (cached_ && !expires_within(refresh_before_expiry)) return *cached_;
        auto fetched = fetch_();
        if (fetched) cached_ = std::move(*fetched);
        if (cached_ && !expires_within({})) return *cached_;
        if (!fetched) return fetched.error();
        return local_error("CredentialRetrievalError",
                           "Credentials were refreshed, but the refreshed credentials are still expired.");
    }

private:
    bool expires_within(std::chrono::minutes time) const {
        return cached_->expires_at && *cached_->expires_at <= clock_.now() + time;
    }

    std::function<Result<Credentials>()> fetch_;
    const base::Clock& clock_;
    std::optional<Credentials> cached_;
};

}  // namespace

std::shared_ptr<Credentials_Provider> static_credentials(Credentials credentials) {
    return std::make_shared<Static_Credentials>(std::move(credentials));
}

std::shared_ptr<Credentials_Provider> refreshed_credentials(std::function<Result<Credentials>()> fetch,
                                                            const base::Clock& clock) {
    return std::make_shared<Refreshed_Credentials>(std::move(fetch), clock);
}

std::string default_region(std::string_view profile) {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        if (std::string region = base::variable(name); !region.empty()) return region;
    }
    return setting(read_profile(profile.empty() ? profile_name() : std::string(profile)), "region");
}

}  // namespace osbot_aws::client

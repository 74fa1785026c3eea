#include "sdk/user_support.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>

#include "base/environment.hpp"
#include "base/error_codes.hpp"
#include "base/local_error.hpp"
#include "engine/host_runtimes.hpp"
#include "packing/cache_folder.hpp"
#include "packing/python_installer.hpp"
#include "packing/runtime_support.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

Result<bool> configured_flag(const std::string& name) {
    const std::string value = base::variable(name, "false");
    if (value == "true" || value == "false") return value == "true";
    return local_error(codes::configuration_error, "invalid {} '{}': expected true or false", name, value);
}

std::string configured_mode() { return base::variable("OSBOT_AWS_RUNTIME_SUPPORT", "auto"); }

class User_Support final : public services::Runtime_Support {
public:
    explicit User_Support(bool installs) : installs_(installs) {}

    fs::path find(const std::string& runtime) override {
        {
            const std::lock_guard lock(mutex_);
            if (const auto own = own_.find(runtime); own != own_.end()) return own->second.folder;
        }
        return packing::find_runtime_support(runtime, cache_);
    }

    Result<void> install(const std::string& runtime, const fs::path& interpreter) override {
        if (!installs_) return local_error("NotInstalled", "{}", problem(runtime));
        if (auto error = packing::recent_support_failure(runtime, cache_)) return *error;
        auto installed = packing::install_runtime_support(runtime, interpreter,
                                                          packing::Support_Versions::pinned_if_missing, cache_);
        if (!installed) return Error{installed.error().code, packing::one_line(installed.error().message), 0};
        const std::lock_guard lock(mutex_);
        if (installed->temporary) own_.emplace(runtime, std::move(*installed));
        return {};
    }

    std::string problem(const std::string& runtime) override {
        const std::string command = fmt::format("run `osbot local runtime install {}`", runtime);
        if (!packing::has_runtime_support(runtime)) return "osbot has no packages for " + runtime;
        if (const auto error = packing::last_support_failure(runtime, cache_))
            return fmt::format("{} ({}): {}", packing::one_line(error->message), error->code, command);
        if (!installs_) return "the engine only uses installed packages: " + command;
        return "the installation has not finished, or was stopped: " + command;
    }

private:
    bool installs_;
    const fs::path cache_ = packing::cache_folder();  // read once, also because find() is called on any thread
    std::mutex mutex_;
    std::map<std::string, packing::Installed_Packages> own_;  ///< of this engine, without a cache folder
};

}  // namespace

Result<std::shared_ptr<services::Runtime_Support>> user_runtime_support(std::string mode) {
    if (mode.empty()) mode = configured_mode();
    if (mode == "off") return std::shared_ptr<services::Runtime_Support>();
    if (mode != "auto" && mode != "installed")
        return local_error(codes::configuration_error,
                           "invalid OSBOT_AWS_RUNTIME_SUPPORT '{}': expected auto, installed or off", mode);
    return std::shared_ptr<services::Runtime_Support>(std::make_shared<User_Support>(mode == "auto"));
}

std::optional<std::string> runtime_without_support(const std::string& runtime) {
    if (configured_mode() != "auto" || !packing::has_runtime_support(runtime)) return std::nullopt;
    const auto nearest = engine::nearest_runtime(runtime);
    if (!nearest || !packing::find_runtime_support(nearest->identifier).empty()) return std::nullopt;
    return nearest->identifier;
}

Result<services::Access_Settings> user_access_settings() {
    services::Access_Settings settings;
    OSBOT_TRY(settings.check_signatures, configured_flag("OSBOT_AWS_CHECK_SIGNATURES"));
    OSBOT_TRY(settings.enforce_iam, configured_flag("OSBOT_AWS_ENFORCE_IAM"));
    return settings;
}

}  // namespace osbot_aws

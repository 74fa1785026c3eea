#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "packing/requirements.hpp"
#include "sdk/deploy_source.hpp"

namespace osbot_aws {

/// Steps of `osbot deploy` and `osbot package` that the API does not have.
struct Code_Steps {
    bool check = false;                      ///< reject code and runtimes that cannot work, before anything is sent
    bool packages_of_folder = false;         ///< install those that files of the folder list
    std::vector<std::string> packages = {};  ///< install these packages
    bool packages_in_zip = false;            ///< never create a layer
};

/// The settings that the options of `osbot deploy` name. An existing function keeps the others. Environment variables
/// are added to those of the function.
struct Named_Settings {
    bool handler = false, runtime = false, architecture = false, memory = false, timeout = false, layers = false;
};

/// The state of a Deploy_Lambda and the steps of a deployment (deploy_steps.cpp).
struct Deploy_Lambda::Impl {
    using Clock = std::chrono::steady_clock;

    Impl(Deploy_Source deploy_source, const Deploy_Options& options);

    /// Adds the code to the package at the first call.
    void fill() {
        if (source.fill) std::exchange(source.fill, nullptr)(package, function);
    }
    /// Runs all steps and returns the function's configuration. Throws Aws_Exception.
    Json deploy();

    /// Adds the code and the packages, and checks them. Throws Aws_Exception: NoCode, and those of the steps.
    void prepare_package();
    packing::Package::Zip pack();

    // ---- deploy_code.cpp
    void check_code(const packing::Package& contents);
    bool has_handler(const std::string& handler);
    void keep_handler(const std::string& handler);
    void add_packages();
    void add_node_packages();
    void report_packages(std::string_view from, const packing::Installed_Packages& installed, std::string_view place,
                         Clock::time_point start) const;
    std::optional<packing::Requirements> find_requirements();
    std::string add_packages_layer(const std::filesystem::path& folder, const packing::Requirements& requirements);

    // ---- deploy_settings.cpp
    void keep_settings(const Json& existing);

    // ---- deploy_steps.cpp
    Result<Json> find_existing() const;
    void resolve_role(const Json& existing);
    void prepare_code(packing::Package::Zip& zip);
    Json create(packing::Package::Zip zip);
    Json update(const Json& existing, packing::Package::Zip zip);
    Json wait_until_complete(Json configuration) const;
    Json wait_until_ready(const Json& configuration);
    void phase(std::string name, std::string detail, Clock::time_point start) const;

    Lambda function;
    packing::Package package;
    Deploy_Source source;
    Code_Steps steps;
    std::optional<Named_Settings> named;  ///< absent: all settings are sent, as by the API
    /// Cache of compressed files, for `osbot deploy --watch` on a local engine: unchanged files are not compressed
    /// again. Null: none.
    std::shared_ptr<packing::Packed_Files> packed_before;
    std::function<void(const Deploy_Phase&)> progress;
    std::string last_error;
    bool unchanged = false;
};

/// Returns the ARNs of the layer versions in a function's configuration.
std::vector<std::string> layer_arns(const Json& existing);

/// Returns a size for messages: "288 B", "1.25 MB".
std::string size_text(std::uint64_t bytes);

/// Returns the state of a deployment.
inline Deploy_Lambda::Impl& impl_of(Deploy_Lambda& deploy) { return *deploy.impl_; }

}  // namespace osbot_aws

#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "sdk/deploy_source.hpp"

namespace osbot_aws {

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

    packing::Package::Zip pack();
    void resolve_role(const Json& existing);
    void prepare_code(packing::Package::Zip& zip);
    Json create(packing::Package::Zip zip);
    Json update(const Json& existing, packing::Package::Zip zip);
    Json wait_until_ready(const Json& configuration);
    void phase(std::string name, std::string detail, Clock::time_point start) const;

    Lambda function;
    packing::Package package;
    Deploy_Source source;
    /// Cache of compressed files, for `osbot deploy --watch` on a local engine: unchanged files are not compressed
    /// again. Null: none.
    std::shared_ptr<packing::Packed_Files> packed_before;
    std::function<void(const Deploy_Phase&)> progress;
    std::string last_error;
    bool unchanged = false;
};

/// Returns the state of a deployment.
inline Deploy_Lambda::Impl& impl_of(Deploy_Lambda& deploy) { return *deploy.impl_; }

}  // namespace osbot_aws

#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "sdk/deploy_source.hpp"

namespace osbot_aws {

/// What a Deploy_Lambda holds, and the steps of a deploy (deploy_steps.cpp).
struct Deploy_Lambda::Impl {
    using Clock = std::chrono::steady_clock;

    Impl(Deploy_Source from, const Deploy_Options& options);

    /// Packs the code, once.
    void fill() {
        if (source.fill) std::exchange(source.fill, nullptr)(package, function);
    }
    /// The whole of it; answers the function's configuration. Throws Aws_Exception.
    Json deploy();

    packing::Package::Zip packed();
    void take_role(const Json& there);
    void take_code(packing::Package::Zip& zip);
    Json create(packing::Package::Zip zip);
    Json update(const Json& there, packing::Package::Zip zip);
    Json settled(const Json& seen);
    void phase(std::string name, std::string detail, Clock::time_point began) const;

    Lambda function;
    packing::Package package;
    Deploy_Source source;
    std::shared_ptr<packing::Packed_Files> packed_before;
    std::function<void(const Deploy_Phase&)> progress;
    std::string last_error;
    bool unchanged = false;
};

}  // namespace osbot_aws

#pragma once

#include <string>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Session.hpp>

#include "base/result.hpp"

namespace osbot_aws::cli {

/// Reports the error of a call about a function, and returns its exit code. If no function has this name, the error
/// names it, with the nearest existing name as a hint. Lists the functions only then.
int report_function_error(const Session& session, const std::string& function, const Error& error);

/// Calls `act`. An Aws_Exception of it is reported by report_function_error().
template <class Act>
int with_function_errors(const Session& session, const std::string& function, const Act& act) {
    try {
        return act();
    } catch (const Aws_Exception& exception) { return report_function_error(session, function, exception.error()); }
}

}  // namespace osbot_aws::cli

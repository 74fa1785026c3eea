#pragma once

#include "aws/model.hpp"
#include "base/result.hpp"

namespace osbot_aws::services {

struct Call;

/// Decides whether the caller of an operation may run it. Implemented by Authorization (access/).
class Authorizer {
public:
    /// Checks a call whose input is read. May set the account of the call to that of a resource that belongs to
    /// another account. Errors: AccessDenied, AccessDeniedException.
    virtual Result<void> authorize(const aws::Service& service, const aws::Operation& operation, Call& call) const = 0;

protected:
    ~Authorizer() = default;
};

}  // namespace osbot_aws::services

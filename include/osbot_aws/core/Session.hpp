#pragma once

#include <memory>
#include <string>

#include <osbot_aws/aws/session/Session_Kwargs_Lambda.hpp>

namespace osbot_aws {

/// One target for every service that an object uses. Copies share the connection.
///
/// The rule, resolved at the first call (docs/adr/0003-option-precedence.md): an explicit endpoint; else
/// OSBOT_AWS_TARGET=local|aws; else AWS when credentials are found; else the local engine: the daemon that owns the
/// state folder, or, when there is none, this process, for its lifetime.
///
/// Threads: copies share a connection, so they are for one thread at a time; sessions made apart are independent, and
/// for_another_thread() makes one for the same target. A process that fork() makes may use the sessions it inherits:
/// they connect anew, to its parent's engine when that was one in memory or in the parent's process.
class Session {
public:
    Session(Session_Kwargs_Lambda settings = {});  ///< Resolves nothing yet.
    /// A local engine of its own, in memory, in this process: it ends with the last copy of the session. For tests.
    static Session in_memory();
    /// in_memory(), unless the environment names a target: OSBOT_AWS_TARGET, AWS_ENDPOINT_URL and its kin. Credentials
    /// alone do not: tests must not find themselves on AWS.
    static Session for_tests();
    /// The same target, also one in memory, and a connection of its own.
    Session for_another_thread() const;

    /// One line for people: "local engine (http://127.0.0.1:4566)", "AWS, region eu-west-1".
    /// Errors: Aws_Exception: ConfigurationError, when the environment says something that can't be, e.g.
    /// OSBOT_AWS_TARGET=moon; NoRegionError, when AWS is meant and nothing names a region (set AWS_REGION);
    /// StateFolderError, when another process owns the local engine's state folder.
    std::string target() const;
    /// The local engine, ours. Errors: those of target(), here and below.
    bool is_local() const;
    std::string region() const;  ///< of its calls: eu-west-1; us-east-1 unless something names one, but on AWS
    /// Where other programs reach the target, e.g. as their AWS_ENDPOINT_URL: http://127.0.0.1:4566; empty: AWS.
    std::string endpoint_url() const;

    struct Impl;
    Impl& impl() const { return *impl_; }  ///< for the bodies in src/sdk

private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace osbot_aws

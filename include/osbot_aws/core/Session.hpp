#pragma once

#include <memory>
#include <string>

#include <osbot_aws/aws/session/Session_Kwargs_Lambda.hpp>

namespace osbot_aws {

/// The target and the connections of AWS calls. Copies share them.
///
/// The target is chosen at the first call, by the first of these that applies (docs/adr/0003-option-precedence.md):
/// 1. an explicit endpoint; 2. OSBOT_AWS_TARGET=local or aws; 3. AWS, if credentials are found; 4. the local engine.
/// The local engine is the daemon that owns the state folder. If no daemon is running, the engine runs in this process
/// until the process ends.
///
/// Threads: a session and its copies may be used by several threads at the same time. Each call in progress has its own
/// connection; up to 16 idle connections are retained (docs/reference/parallel_calls.md). After fork(), the child
/// process may use the inherited sessions: they open new connections. If the engine runs in the parent process, they
/// connect to it there.
class Session {
public:
    Session(Session_Kwargs_Lambda settings = {});  ///< Sends no request.
    /// Creates a session with its own local engine, which runs in this process and stores everything in memory. The
    /// engine stops when the last copy of the session is destroyed. For tests.
    static Session in_memory();
    /// Returns in_memory(), unless the environment or the profile names a target: OSBOT_AWS_TARGET, AWS_ENDPOINT_URL,
    /// AWS_ENDPOINT_URL_<SERVICE> or endpoint_url. Credentials alone do not select AWS, so that tests never run there
    /// by accident.
    static Session for_tests();
    /// Creates a session with the same settings, including an in-memory engine, and its own connections. It chooses its
    /// target again. Threads do not need it: they can share a session.
    Session for_another_thread() const;

    /// Describes the target in one line, e.g. "local engine (http://127.0.0.1:4566)" or "AWS, region eu-west-1".
    /// Errors: Aws_Exception: ConfigurationError for an invalid setting, e.g. OSBOT_AWS_TARGET=moon; NoRegionError if
    /// the target is AWS and no region is set (set AWS_REGION); StateFolderError if another process owns the state
    /// folder of the local engine.
    std::string target() const;
    /// Returns whether Lambda calls go to the local engine of this library. Errors: those of target().
    bool is_local() const;
    /// Returns the region of the calls. Without a configured region it is us-east-1, except on AWS, which needs one.
    /// Errors: those of target().
    std::string region() const;
    /// Returns the target's URL for other programs, e.g. for their AWS_ENDPOINT_URL: http://127.0.0.1:4566. Empty for
    /// AWS. Errors: those of target().
    std::string endpoint_url() const;

private:
    struct Impl;
    friend Impl& impl_of(const Session& session);
    std::shared_ptr<Impl> impl_;
};

}  // namespace osbot_aws

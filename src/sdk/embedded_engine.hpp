#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "client/transport.hpp"

namespace osbot_aws {

/// An engine in this process, shared by all of its sessions until the process ends, and the way to it.
struct Embedded_Engine {
    std::shared_ptr<client::Transport> transport;
    std::string endpoint_url;  ///< for other processes, e.g. function URLs
};

/// Engines of this process that begin from now on take container images in. A call of its own: the linker leaves the
/// readers of archives out of programs that don't make it, which are packed with each deploy.
void take_images();

/// Becomes the owner of the state folder. Errors: StateFolderError when another process owns it.
Result<Embedded_Engine> embedded_engine(const std::filesystem::path& state);

/// An engine for one session: it ends with the transport.
Result<Embedded_Engine> engine_in_memory();

/// How many fork()s lie between the process that loaded this library and this one. The engines of a parent are in the
/// child's memory without their threads: the child must neither use nor end them.
unsigned forks();

}  // namespace osbot_aws

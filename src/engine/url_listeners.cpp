#include "engine/url_listeners.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/characters.hpp"
#include "base/log.hpp"
#include "base/subprocess.hpp"

namespace osbot_aws::engine {
namespace {

// A resolver without a network may wait much longer. Then programs cannot use such names either.
constexpr std::chrono::milliseconds resolve_max{1000};

bool is_loopback(std::string_view address) { return address.starts_with("127.") || address == "::1"; }

}  // namespace

// A separate program, because getaddrinfo() cannot be cancelled.
bool names_below_localhost_resolve() {
    const auto found = base::run_program({.argv = {"getent", "ahosts", "id.lambda-url.us-east-1.localhost"},
                                          .environment = std::nullopt,
                                          .time_max = resolve_max});
    if (!found || found->exit_code != 0 || found->output.empty()) return false;
    for (std::string_view lines = found->output; !lines.empty();) {
        std::string_view line = base::take_until(lines, '\n');
        if (!is_loopback(base::take_until(line, ' '))) return false;
    }
    return true;
}

void Url_Listeners::when_known(std::function<void()> known) {
    if (form_ != Url_Form::automatic || names_resolve_) return known();
    waiting_.push_back(std::move(known));
    if (waiting_.size() == 1) check_names();
}

void Url_Listeners::check_names() {
    const auto resolve = std::make_shared<bool>(false);
    loop_.run_blocking([resolve, check = resolves_] { *resolve = check(); },
                       [this, resolve, alive = std::weak_ptr(alive_)] {
                           if (alive.expired()) return;
                           names_resolve_ = *resolve;
                           for (const auto& known : std::exchange(waiting_, {})) known();
                       });
}

std::uint16_t Url_Listeners::open(const std::string& id, std::uint16_t previous) {
    if (const auto found = ports_.find(id); found != ports_.end()) return found->second.number;
    const bool has_port =
        form_ == Url_Form::port || (form_ == Url_Form::automatic && (previous != 0 || !names_resolve_.value_or(true)));
    if (!has_port) return 0;
    if (ports_.size() >= ports_max_) {
        base::log_warning("the function URL {} has no port of its own: the limit is {} ports", id, ports_max_);
        return 0;
    }
    auto opened = serve_(id, previous);
    if (!opened && previous != 0) opened = serve_(id, 0);
    if (!opened) {
        base::log_warning("the function URL {} has no port of its own: {}", id, opened.error().message);
        return 0;
    }
    return ports_.emplace(id, std::move(*opened)).first->second.number;
}

void Url_Listeners::keep_only(const std::function<bool(const std::string& id)>& keeps) {
    std::erase_if(ports_, [&](const auto& entry) { return !keeps(entry.first); });
}

void Url_Listeners::stop() {
    alive_.reset();
    waiting_.clear();
    ports_.clear();
}

}  // namespace osbot_aws::engine

// Text that the client parses: profiles, command lines, URLs and times.
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "client/command_line.hpp"
#include "client/shared_files.hpp"
#include "fuzz.hpp"

using namespace osbot_aws;

std::vector<std::string> seeds() {
    return {"[default]\n" + repeated(3000, "a = b\n"), repeated(3000, "[profile a]\n"), repeated(5000, "'a' "),
            "http://" + std::string(5000, 'h') + ":65535/"};
}

void run_target(std::string_view bytes) {
    for (const auto& [title, section] : client::parse_shared_file(bytes))
        require(title.find('\n') == std::string::npos);
    if (const auto words = client::split_command(bytes)) {
        std::size_t size = 0;
        for (const auto& word : *words) size += word.size();
        require(size <= bytes.size());
    }
    if (const auto url = base::parse_url(bytes)) {
        require(!url->host.empty() && url->target.starts_with('/') && url->host.find('@') == std::string::npos);
        const auto again = base::parse_url(url->origin() + url->target);
        require(again && again->host == url->host && again->port == url->port && again->target == url->target);
    }
    if (const auto time = base::parse_iso8601(bytes); time && *time != base::Time::max())
        require(base::parse_iso8601(base::iso8601_ms_z(*time)) == time || *time < base::Time());
    require_linear_time(bytes, [](std::string_view longer) { (void)client::parse_shared_file(longer); });
    require_linear_time(bytes, [](std::string_view longer) { (void)client::split_command(longer); });
}

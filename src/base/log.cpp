// The only file that includes spdlog. It uses the external {fmt}, so that {fmt} is not compiled twice.
#define SPDLOG_FMT_EXTERNAL
#define SPDLOG_HEADER_ONLY
#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

namespace osbot_aws::base {
namespace {

constexpr std::size_t file_bytes_max = 10 << 20;

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink) {
    auto logger = std::make_shared<spdlog::logger>("osbot", std::move(sink));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    logger->set_level(spdlog::level::warn);
    logger->flush_on(spdlog::level::warn);
    return logger;
}

// Created on first use, so that a handler that logs nothing has no cost.
std::shared_ptr<spdlog::logger>& logger() {
    static std::shared_ptr<spdlog::logger> instance = make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    return instance;
}

spdlog::level::level_enum spdlog_level(Log_Level level) {
    switch (level) {
        case Log_Level::info:
            return spdlog::level::info;
        case Log_Level::warning:
            return spdlog::level::warn;
        case Log_Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

}  // namespace

void log(Log_Level level, std::string_view message) {
    logger()->log(spdlog_level(level), spdlog::string_view_t(message.data(), message.size()));
}

void log_level(Log_Level minimum) { logger()->set_level(spdlog_level(minimum)); }

void log_to_file(const std::filesystem::path& file) {
    const auto level = logger()->level();
    logger() = make_logger(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), file_bytes_max, 1));
    logger()->set_level(level);
}

}  // namespace osbot_aws::base

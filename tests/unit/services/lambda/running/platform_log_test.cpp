#include "services/lambda/running/platform_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "support/fake_loop.hpp"

namespace osbot_aws::services {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Platform_Log_Test : testing::Test {
    test_support::Fake_Clock clock;
    Function function;
    Log_Capture capture;
    Platform_Log log{function, clock, capture};
    const std::string id = "id-1";

    Platform_Log_Test() { function.runtime = "python3.11"; }
    std::vector<std::string> lines() {
        std::vector<std::string> lines;
        for (auto& event : capture.take()) lines.push_back(std::move(event.message));
        return lines;
    }
    std::vector<Json> records() {
        std::vector<Json> records;
        for (const std::string& line : lines()) records.push_back(Json::parse(line));
        return records;
    }
};

TEST_F(Platform_Log_Test, event_has_start_end_and_report) {
    log.init_start();
    log.start(id);
    log.report({.request_id = id, .duration_ms = 1.234, .memory_mb = 40});
    EXPECT_THAT(lines(), ElementsAre("INIT_START Runtime Version: python:3.11\n",
                                     "START RequestId: id-1 Version: $LATEST\n", "END RequestId: id-1\n",
                                     "REPORT RequestId: id-1\tDuration: 1.23 ms\tBilled Duration: 2 ms\t"
                                     "Memory Size: 128 MB\tMax Memory Used: 40 MB\t\n"));
}

TEST_F(Platform_Log_Test, start_is_written_once_for_each_event) {
    log.start(id);
    log.start(id);
    EXPECT_EQ(lines().size(), 1u);
    log.report({.request_id = id});
    log.report({.request_id = "id-2"});
    EXPECT_THAT(lines(), ElementsAre(testing::StartsWith("END"), testing::StartsWith("REPORT"),
                                     "START RequestId: id-2 Version: $LATEST\n", testing::StartsWith("END"),
                                     testing::StartsWith("REPORT")));
}

TEST_F(Platform_Log_Test, init_is_billed_and_reported_once) {
    log.init_ended(10.5);
    log.report({.request_id = id, .duration_ms = 1});
    log.report({.request_id = id, .duration_ms = 1});
    const auto reports = lines();
    EXPECT_THAT(reports.at(2), testing::HasSubstr("\tBilled Duration: 12 ms\t"));
    EXPECT_THAT(reports.at(2), testing::EndsWith("\tInit Duration: 10.50 ms\t\n"));
    EXPECT_THAT(reports.at(5), testing::HasSubstr("\tBilled Duration: 1 ms\t"));
    EXPECT_THAT(reports.at(5), testing::Not(testing::HasSubstr("Init Duration")));
}

TEST_F(Platform_Log_Test, failures_are_written_after_start_and_reported) {
    log.failure(id, "Runtime.ExitError", "RequestId: id-1 Error: Runtime exited");
    log.report({.request_id = id, .failed = true, .error_type = "Runtime.ExitError"});
    auto written = lines();
    EXPECT_EQ(written.at(1), "RequestId: id-1 Error: Runtime exited\nRuntime.ExitError\n");
    EXPECT_THAT(written.at(3), testing::EndsWith("\tStatus: error\tError Type: Runtime.ExitError\n"));

    log.failure(id, timed_out_type, "RequestId: id-1 Error: Task timed out after 3.00 seconds");
    log.report({.request_id = id, .failed = true, .error_type = timed_out_type});
    written = lines();
    EXPECT_THAT(written.at(1), testing::EndsWith("Z id-1 Task timed out after 3.00 seconds\n\n"));
    EXPECT_THAT(written.at(3), testing::EndsWith("\tStatus: timeout\n"));
}

TEST_F(Platform_Log_Test, failed_init_has_its_phase_and_status) {
    log.init_failed("init", 12.345, "Runtime.ExitError");
    log.init_failed("invoke", 3000, timed_out_type);
    EXPECT_THAT(lines(), ElementsAre("INIT_REPORT Init Duration: 12.35 ms\tPhase: init\tStatus: error\t"
                                     "Error Type: Runtime.ExitError\n",
                                     "INIT_REPORT Init Duration: 3000.00 ms\tPhase: invoke\tStatus: timeout\n"));
}

TEST_F(Platform_Log_Test, json_records_follow_the_telemetry_schema) {
    function.log_format = "JSON";
    log.init_start();
    log.init_ended(10.5);
    log.start(id);
    log.failure(id, timed_out_type, "the report contains it");
    log.report({id, 3000, true, timed_out_type, 40});
    log.init_failed("init", 12.3456, "Runtime.ExitError");
    const auto written = records();
    ASSERT_EQ(written.size(), 4u);
    EXPECT_EQ(written[0]["record"], Json::parse(R"({"initializationType": "on-demand", "phase": "init",
                                                    "runtimeVersion": "python:3.11"})"));
    EXPECT_EQ(written[1]["type"], "platform.start");
    EXPECT_EQ(written[1]["record"], Json::parse(R"({"requestId": "id-1", "version": "$LATEST"})"));
    EXPECT_EQ(written[2]["record"], Json::parse(R"({"requestId": "id-1", "status": "timeout",
        "errorType": "Sandbox.Timedout", "metrics": {"durationMs": 3000.0, "billedDurationMs": 3011,
        "memorySizeMB": 128, "maxMemoryUsedMB": 40, "initDurationMs": 10.5}})"));
    EXPECT_EQ(written[3]["record"], Json::parse(R"({"initializationType": "on-demand", "phase": "init",
        "status": "error", "errorType": "Runtime.ExitError", "metrics": {"durationMs": 12.346}})"));
}

TEST_F(Platform_Log_Test, json_records_name_provisioned_concurrency) {
    function.log_format = "JSON";
    Platform_Log provisioned(function, clock, capture, nullptr, Init_Type::provisioned);
    provisioned.init_start();
    provisioned.init_failed("init", 1, "Runtime.ExitError");
    const auto written = records();
    ASSERT_EQ(written.size(), 2u);
    for (const Json& each : written) EXPECT_EQ(each["record"]["initializationType"], "provisioned-concurrency");
}

TEST_F(Platform_Log_Test, json_at_level_warn_has_only_failures) {
    function.log_format = "JSON";
    function.system_log_level = "WARN";
    log.init_start();
    log.start(id);
    log.report({.request_id = id});
    EXPECT_THAT(lines(), IsEmpty());
    log.report({.request_id = id, .failed = true});
    EXPECT_EQ(records().at(0)["record"]["status"], "error");
}

// The lines are those that users of AWS have published, with tabs: "RESTORE_REPORT Restore Duration: 511.25 ms".
TEST_F(Platform_Log_Test, restore_is_billed_and_reported_once) {
    Platform_Log restored{function, clock, capture, nullptr, Init_Type::snap_start};
    restored.init_ended(10.5);
    restored.restore_start();
    restored.restore_ended(20.25);
    restored.report({.request_id = id, .duration_ms = 1.5});
    const auto written = lines();
    EXPECT_EQ(written.at(0), "INIT_REPORT Init Duration: 10.50 ms\n");
    EXPECT_EQ(written.at(1), "RESTORE_START Runtime Version: python:3.11\n");
    EXPECT_EQ(written.at(2), "RESTORE_REPORT Restore Duration: 20.25 ms\n");
    EXPECT_THAT(written.at(5), testing::HasSubstr("\tBilled Duration: 22 ms\t"));
    EXPECT_THAT(written.at(5), testing::EndsWith("MB\tRestore Duration: 20.25 ms\tBilled Restore Duration: 21 ms\t\n"));
    restored.report({.request_id = id});
    EXPECT_THAT(lines().back(), testing::Not(testing::HasSubstr("Restore")));
}

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-restore-errors
TEST_F(Platform_Log_Test, failed_restore_has_its_status) {
    log.restore_ended(1236.04, timed_out_type);
    log.restore_ended(1236.04, "Runtime.ExitError");
    EXPECT_THAT(lines(), ElementsAre("RESTORE_REPORT Restore Duration: 1236.04 ms\tStatus: timeout\n",
                                     "RESTORE_REPORT Restore Duration: 1236.04 ms\tStatus: error\tError Type: "
                                     "Runtime.ExitError\n"));
}

TEST_F(Platform_Log_Test, json_log_has_records_of_the_restore) {
    function.log_format = "JSON";
    Platform_Log restored{function, clock, capture, nullptr, Init_Type::snap_start};
    restored.init_ended(10.5);
    restored.restore_start();
    restored.restore_ended(20.25);
    restored.report({.request_id = id, .duration_ms = 1});
    const auto written = records();
    ASSERT_GE(written.size(), 4u);
    EXPECT_EQ(written[0]["type"], "platform.initReport");
    EXPECT_EQ(written[0]["record"]["initializationType"], "snap-start");
    EXPECT_EQ(written[1]["type"], "platform.restoreStart");
    EXPECT_EQ(written[2]["record"], Json::parse(R"({"status": "success", "metrics": {"durationMs": 20.25}})"));
    EXPECT_EQ(written.back()["record"]["metrics"]["restoreDurationMs"], 20.25);
    EXPECT_EQ(written.back()["record"]["metrics"]["billedRestoreDurationMs"], 21);
}

}  // namespace
}  // namespace osbot_aws::services

#include "cli/output/request_line.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/time_text.hpp"

namespace osbot_aws::cli {
namespace {

const base::Time noon = base::from_unix_ms(43'200'000);

TEST(Request_Line, shows_method_operation_status_and_time) {
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_EQ(request_line({"POST", "lambda Invoke", 200, std::chrono::microseconds(1'250)}, noon),
              "12:00:00   POST lambda Invoke 200 1.2 ms");
}

TEST(Request_Line, marks_errors) {
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_EQ(request_line({"GET", "lambda GetFunction", 404, std::chrono::microseconds(300)}, noon),
              "12:00:00 ! GET lambda GetFunction 404 0.3 ms");
}

}  // namespace
}  // namespace osbot_aws::cli

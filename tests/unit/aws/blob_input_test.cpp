#include <gtest/gtest.h>

#include "aws/input.hpp"
#include "aws/json_text.hpp"
#include "aws/models/models.hpp"
#include "base/encoding.hpp"

namespace osbot_aws::aws {
namespace {

Result<Input_With_Blob> read(const std::string& text) {
    wire::Request request{.method = "POST", .target = "/2015-03-31/functions", .headers = {}, .body = {}};
    request.body = text;
    return read_input_with_blob(lambda_model(), find_route(lambda_model(), request), request);
}

/// Returns the blob, or the message of the error.
std::optional<std::string> blob_in(const std::string& text) {
    const auto input = read(text);
    return input ? input->blob : input.error().message;
}

TEST(Blob_Input_Test, decodes_blob_and_omits_it_from_input) {
    EXPECT_EQ(blob_in(R"({"Code": {"ZipFile" : "Zm9v"}, "FunctionName": "f"})"), "foo");
    EXPECT_EQ(blob_in(R"({"Code":{"ZipFile":""}})"), "");
    EXPECT_EQ(blob_in(R"({"Code":{}})"), std::nullopt);
    EXPECT_EQ(blob_in(R"({"Code":{"ZipFile":null}})"), std::nullopt);
    EXPECT_EQ(blob_in(R"({"Code":{"ZipFile":"Zm9\/"}})"), base::base64_decode("Zm9/"))
        << "the JSON parser decodes escapes";
    EXPECT_EQ(blob_in(R"({"Code":{"ZipFile":"!"}})"), "ZipFile can not be converted to a Blob: it is not base64");
    EXPECT_EQ(blob_in(R"({"Code":{"ZipFile":7}})"), "ZipFile can not be converted to a Blob");
    EXPECT_EQ(read(R"({"Code":{"ZipFile":"Zm9v","S3Key":"k"}})")->input, Json({{"Code", {{"S3Key", "k"}}}}));
}

TEST(Blob_Input_Test, other_member_with_the_name_keeps_its_text) {
    const auto input = read(
        R"({"Environment":{"Variables":{"ZipFile":"Zm9v"}},"Description":"\"ZipFile\": \"x\"","Code":{"ZipFile":"YmFy"}})");
    EXPECT_EQ(input->input, Json({{"Environment", {{"Variables", {{"ZipFile", "Zm9v"}}}}},
                                  {"Description", "\"ZipFile\": \"x\""},
                                  {"Code", Json::object()}}));
    EXPECT_EQ(input->blob, "bar");
}

TEST(Blob_Input_Test, invalid_json_fails_as_in_other_requests) {
    for (const char* text : {R"({"Code":{"ZipFile":"Zm9v"})", R"({"Code":{"ZipFile":"Zm9v)", R"(["ZipFile", 1])"})
        EXPECT_EQ(read(text).error().message, parse_json_object(text).error().message) << text;
}

TEST(Blob_Input_Test, model_knows_inputs_with_blobs) {
    const auto has = [](const char* operation) {
        return has_blob(lambda_model(), lambda_model().shape(lambda_model().find_operation(operation)->input));
    };
    for (const char* operation : {"CreateFunction", "UpdateFunctionCode", "PublishLayerVersion"})
        EXPECT_TRUE(has(operation)) << operation;
    for (const char* operation : {"CreateAlias", "Invoke"}) EXPECT_FALSE(has(operation)) << operation;
}

}  // namespace
}  // namespace osbot_aws::aws
